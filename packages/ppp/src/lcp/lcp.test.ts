import { formatHex } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { authenticated, LoneLink, openLcp, PLAIN_REQUEST } from '../testing/lone-link.suite.ts'
import { clientOptions, serverOptions } from '../testing/options.suite.ts'

const server = (...methods: ('eap' | 'chap-mschapv2' | 'pap')[]) =>
  new LoneLink(serverOptions(1, methods.length > 0 ? { authentication: methods } : {}))
const client = (...methods: ('eap' | 'chap-mschapv2' | 'pap')[]) =>
  new LoneLink(clientOptions(1, methods.length > 0 ? { authentication: methods } : {}))

describe('options of LCP', () => {
  // Windows asks by: MRU 1500, magic number, PFC, ACFC, callback, MRRU, endpoint discriminator.
  const WINDOWS = '0104 05dc 0506 4a5b6c7d 0702 0802'
  const REJECTED = '0d03 06 1104 064e 1317 01 0102030405060708090a0b0c0d0e0f1011121314'

  it('that nobody needs are rejected, and those alone', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 1, 0, WINDOWS + REJECTED)
    expect(lone.heard()).toEqual([`lcp 4 0 ${REJECTED.replaceAll(' ', '')}`])
    lone.say('lcp', 1, 1, WINDOWS)
    expect(lone.heard()).toEqual([`lcp 2 1 ${WINDOWS.replaceAll(' ', '')}`])
  })

  // pppd asks by: control character map, magic number, PFC, ACFC.
  it('of a peer behind characters are agreed to: RFC 1662 §6 has it so', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 1, 1, '0206 00000000 0506 4a5b6c7d 0702 0802')
    lone.say('lcp', 1, 2, '0205 000000')
    expect(lone.heard()).toEqual(['lcp 2 1 02060000000005064a5b6c7d07020802', 'lcp 4 2 0205000000'])
  })

  it('are told of when LCP is open', () => {
    const lone = server()
    openLcp(lone, WINDOWS)
    expect(lone.events).toEqual([
      {
        type: 'link-opened',
        peerMru: 1500,
        compressProtocol: true,
        compressAddressControl: true,
        authentication: 'eap',
      },
    ])
  })

  it('have their defaults when nothing is said', () => {
    const lone = server()
    openLcp(lone, '')
    expect(lone.events).toMatchObject([
      { peerMru: 1500, compressProtocol: false, compressAddressControl: false },
    ])
  })

  it('with values that cannot be are answered by better ones', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 1, 1, '0104 0100')
    lone.say('lcp', 1, 2, '0103 01')
    lone.say('lcp', 1, 3, '0703 00')
    expect(lone.heard()).toEqual(['lcp 3 1 01040240', 'lcp 3 2 010405dc', 'lcp 3 3 0702'])
    lone.say('lcp', 1, 4, '0506 00000000')
    expect(lone.heard()[0]).toMatch(/^lcp 3 4 0506/)
  })

  it('may stand in a request once', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 1, 1, '0702 0702')
    expect(lone.heard()).toEqual(['lcp 4 1 0702'])
  })

  it('of ours give way when the peer rejects them', () => {
    const lone = server('pap')
    lone.command({ type: 'open' })
    const asked = lone.request('lcp')
    lone.heard()
    const magic = [...asked.data.subarray(8, 14)].map(byte => byte.toString(16).padStart(2, '0')).join('')
    lone.say('lcp', 4, asked.identifier, `01040578 ${magic} 0702 0802`)
    expect(lone.heard()).toEqual([`lcp 1 ${asked.identifier + 1} 0304c023`])
  })

  it('of ours are not rejected by what they never were', () => {
    const lone = server('pap')
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 4, 1, '0d03 06')
    lone.say('lcp', 2, 1, '0104 0578')
    lone.say('lcp', 3, 9, '0104 0578')
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toHaveLength(3)
  })

  it('end after Max-Failure Naks by a Reject', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    for (let i = 1; i <= 6; i++) lone.say('lcp', 1, i, '0104 0100')
    const codes = lone.heard().map(packet => packet.slice(0, 7))
    expect(codes).toEqual(['lcp 3 1', 'lcp 3 2', 'lcp 3 3', 'lcp 3 4', 'lcp 3 5', 'lcp 4 6'])
  })

  it('end when the peer never comes to terms, and nothing is sent for ever', () => {
    const lone = server()
    lone.command({ type: 'open' })
    for (let i = 0; i < 1000; i++) lone.say('lcp', 1, i & 0xff, '0d03 06')
    expect(lone.heard().length).toBeLessThan(20)
    lone.wait(60_000)
    expect(lone.closed).toMatchObject({ reason: 'the peer does not come to terms', refused: true })
  })

  it('end when the peer refuses all that is asked', () => {
    const lone = client()
    lone.command({ type: 'open' })
    for (let i = 0; i < 1000; i++) lone.say('lcp', 3, lone.request('lcp').identifier, '0104 0400')
    expect(lone.heard().length).toBeLessThan(30)
    lone.wait(60_000)
    expect(lone.closed).toMatchObject({ reason: 'the peer refuses all that we ask for' })
  })
})

describe('the choice of authentication', () => {
  const NAK = { eap: '0304c227', 'chap-mschapv2': '0305c22381', pap: '0304c023', md5: '0305c22305' }

  it('is what the peer wants of what the server takes', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.say('lcp', 3, 1, NAK.pap)
    lone.say('lcp', 1, 1, PLAIN_REQUEST)
    lone.acknowledge('lcp')
    expect(lone.outside.find('link-opened')).toMatchObject({ authentication: 'pap' })
  })

  it('is the next of the server when the peer wants what it does not take', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.say('lcp', 3, 1, NAK.md5)
    expect(lone.heard()[1]).toContain(NAK['chap-mschapv2'])
  })

  it('is none when all have been offered', () => {
    const lone = server('eap', 'pap')
    lone.command({ type: 'open' })
    lone.say('lcp', 3, 1, NAK.md5)
    lone.say('lcp', 3, 2, NAK.eap)
    lone.wait(10_000)
    const reason = 'no authentication in common: we offer eap, pap; the peer wants eap'
    expect(lone.closed).toMatchObject({ reason, refused: true })
  })

  it('is never none at all: a peer that rejects the option is refused', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.say('lcp', 4, 1, NAK.eap)
    lone.wait(10_000)
    expect(lone.closed).toMatchObject({ refused: true })
    expect(lone.outside.find('link-opened')).toBeUndefined()
  })

  it('is the client’s too: it proposes its own, and goes where it is insisted on another', () => {
    const lone = client('chap-mschapv2')
    lone.command({ type: 'open' })
    lone.heard()
    for (let i = 1; i <= 5; i++) lone.say('lcp', 1, i, NAK.pap)
    expect(lone.heard()).toEqual([1, 2, 3, 4, 5].map(i => `lcp 3 ${i} ${NAK['chap-mschapv2']}`))
    lone.say('lcp', 1, 6, NAK.pap)
    lone.wait(10_000)
    expect(lone.closed).toMatchObject({ reason: 'no authentication in common' })
  })

  it('is asked for by a client to which a server asks nothing', () => {
    const lone = client('eap')
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 1, 1, PLAIN_REQUEST)
    expect(lone.heard()).toEqual([`lcp 3 1 ${NAK.eap}`])
  })

  it('is not the peer’s to ask of a server', () => {
    const lone = server()
    lone.command({ type: 'open' })
    lone.heard()
    lone.say('lcp', 1, 1, NAK.pap)
    expect(lone.heard()).toEqual([`lcp 4 1 ${NAK.pap}`])
  })
})

describe('a looped link', () => {
  it('that is looped no longer goes on: a terminal echoes until its pppd begins', () => {
    const lone = server('pap')
    lone.command({ type: 'open' })
    for (let i = 0; i < 4; i++) {
      for (const packet of lone.heard()) {
        const [, code, identifier, data] = packet.split(' ')
        lone.say('lcp', Number(code), Number(identifier), data)
      }
      expect(lone.heard()).toEqual([])
      lone.wait(3000)
    }
    lone.acknowledge('lcp')
    lone.say('lcp', 1, 1, PLAIN_REQUEST)
    expect(lone.outside.find('link-opened')).toBeDefined()
  })

  it('is what a peer has that asks for our own magic number again and again', () => {
    const lone = server()
    lone.command({ type: 'open' })
    const own = formatHex(lone.request('lcp').data.subarray(8, 14))
    lone.heard()
    for (let i = 1; i <= 6; i++) lone.say('lcp', 1, i, own)
    lone.wait(30_000)
    expect(lone.closed?.reason).toMatch(/^the link is looped back/)
  })

  it('is found by its own magic number', () => {
    const lone = server()
    lone.command({ type: 'open' })
    for (let i = 0; i < 100 && !lone.closed; i++)
      for (const packet of lone.heard()) {
        const [, code, identifier, data] = packet.split(' ')
        lone.say('lcp', Number(code), Number(identifier), data)
      }
    lone.wait(30_000)
    expect(lone.closed).toBeDefined()
    expect(lone.outside.find('link-opened')).toBeUndefined()
  })
})

describe('LCP when it is open', () => {
  it('takes no second answer to its request', () => {
    const lone = server('chap-mschapv2')
    openLcp(lone)
    lone.acknowledge('lcp')
    expect(lone.drops).toEqual(['LCP: Configure-Ack of nothing asked'])
    expect(lone.events).toHaveLength(1)
  })

  it('answers an Echo-Request with its own magic number and the same data', () => {
    const lone = server('pap')
    lone.command({ type: 'open' })
    const own = [...lone.request('lcp').data.subarray(10, 14)].map(byte => byte.toString(16).padStart(2, '0'))
    lone.acknowledge('lcp')
    lone.say('lcp', 1, 1, PLAIN_REQUEST)
    lone.heard()
    lone.say('lcp', 9, 77, '11223344 cafe')
    expect(lone.heard()).toEqual([`lcp 10 77 ${own.join('')}cafe`])
    lone.say('lcp', 9, 78, `${own.join('')} cafe`)
    expect(lone.heard()).toEqual([])
  })

  it('answers no more echoes than so many a second', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    for (let i = 0; i < 10_000; i++) lone.say('lcp', 9, i & 0xff, '11223344')
    expect(lone.heard().length).toBeLessThanOrEqual(50)
  })

  it('asks for signs of life, and ends without', () => {
    const lone = server('pap')
    authenticated(lone)
    lone.acknowledge('ipcp')
    lone.say('ipcp', 1, 1, '0306 0a09004d')
    lone.heard()
    lone.wait(30_000)
    const [echo] = lone.heard().filter(packet => packet.startsWith('lcp 9'))
    lone.say('lcp', 10, Number(echo?.split(' ')[2]), '11223344')
    lone.wait(89_999)
    expect(lone.heard().filter(packet => packet.startsWith('lcp 9'))).toHaveLength(2)
    expect(lone.closed).toBeUndefined()
    lone.wait(60_000)
    expect(lone.closed).toMatchObject({ reason: 'no answer to Echo-Requests', byPeer: false })
  })

  it('rejects an unknown code and goes on', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    lone.say('lcp', 99, 5, 'abcd')
    expect(lone.heard()).toMatchObject([expect.stringMatching(/^lcp 7 \d+ 63050006abcd$/)])
    for (let i = 0; i < 1000; i++) lone.say('lcp', 99, 5, 'ab'.repeat(1000))
    const rejects = lone.heard()
    expect(rejects.length).toBeLessThan(50)
    expect(Math.max(...rejects.map(packet => packet.length))).toBeLessThan(600)
    expect(lone.closed).toBeUndefined()
  })

  it('lets Discard-Request, Identification and Time-Remaining pass', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    lone.say('lcp', 11, 1, '11223344')
    lone.say('lcp', 13, 1, '11223344 00000e10')
    lone.say('lcp', 12, 1, '11223344 4d535241535635 2e3230')
    for (let i = 0; i < 100; i++) lone.say('lcp', 12, 2, '11223344 4d535241532d302d484f5354 0a')
    expect(lone.heard()).toEqual([])
    const texts = lone.events.flatMap(event => (event.type === 'identification' ? [event.text] : []))
    expect(texts).toEqual(['MSRASV5.20', 'MSRAS-0-HOST?', 'MSRAS-0-HOST?', 'MSRAS-0-HOST?'])
  })

  it('acknowledges its peer’s last request again when that comes again', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    lone.say('lcp', 1, 1, PLAIN_REQUEST)
    expect(lone.heard()).toEqual([`lcp 2 1 ${PLAIN_REQUEST.replaceAll(' ', '')}`])
    expect(lone.events).toHaveLength(1)
  })

  it('negotiates anew before authentication, but not for ever', () => {
    const lone = server('chap-mschapv2')
    openLcp(lone)
    for (let i = 2; i < 100 && !lone.closed; i++) {
      lone.say('lcp', 1, i, PLAIN_REQUEST)
      if (!lone.closed) lone.acknowledge('lcp')
    }
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'the peer negotiates without end' })
    expect(lone.events.filter(({ type }) => type === 'link-opened').length).toBeLessThan(10)
  })

  it('ends when the peer negotiates anew after authentication', () => {
    const lone = server('pap')
    authenticated(lone)
    lone.say('lcp', 1, 9, PLAIN_REQUEST)
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'LCP anew after authentication', refused: true })
  })

  it('ends when the peer rejects a code that it needs, not when another', () => {
    const lone = server('pap')
    authenticated(lone)
    lone.say('lcp', 7, 1, '0c010004')
    lone.wait(1000)
    expect(lone.outside.find('closed')).toBeUndefined()
    lone.say('lcp', 7, 2, '01010004')
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'the peer rejects what it needs', byPeer: true })
  })
})

describe('protocols that are not spoken', () => {
  const CCP = 0x80fd

  it('are rejected after authentication, before it in silence', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    lone.say(CCP, 1, 1, '1206 01000020')
    expect(lone.heard()).toEqual([])
    lone.say('pap', 1, 1, `05 616c696365 0d 636f727265637420686f727365`)
    lone.heard()
    lone.say(CCP, 1, 1, '1206 01000020')
    expect(lone.heard()).toMatchObject([expect.stringMatching(/^lcp 8 \d+ 80fd0101000a120601000020$/)])
  })

  it('are rejected so many times a second, and not in full length', () => {
    const lone = server('pap')
    authenticated(lone)
    lone.heard()
    for (let i = 0; i < 1000; i++) lone.say(CCP, 1, 1, 'ff'.repeat(1000))
    const rejects = lone.heard()
    expect(rejects.length).toBeLessThanOrEqual(50)
    expect(Math.max(...rejects.map(packet => packet.length))).toBeLessThan(600)
  })

  it('at the peer end what needs them', () => {
    const lone = server('pap')
    authenticated(lone)
    lone.say('lcp', 8, 1, '8021 01010004')
    expect(lone.closed).toBeUndefined()
    lone.say('lcp', 8, 2, '8057 01010004')
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'ipv6: rejected by the peer', byPeer: true })
  })

  it('at the peer may be authentication’s', () => {
    const lone = server('chap-mschapv2')
    openLcp(lone)
    lone.say('lcp', 8, 1, 'c223 01010004')
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'the peer rejects what the link needs', byPeer: true })
  })
})
