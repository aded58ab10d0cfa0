import { formatHex } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { PppEvent } from '../link-output.ts'
import { createDuo, meet } from '../testing/duo.suite.ts'
import { LoneLink, openLcp } from '../testing/lone-link.suite.ts'
import { clientOptions, serverOptions } from '../testing/options.suite.ts'

const METHODS = ['eap', 'chap-mschapv2', 'pap'] as const
const PAP_GOOD = '05 616c696365 0d 636f727265637420686f727365'
const PAP_WRONG = '05 616c696365 01 78'
const RESPONSE = `31 ${'07'.repeat(16)} ${'00'.repeat(8)} ${'5a'.repeat(24)} 00 616c696365`
const PROOF = formatHex(new TextEncoder().encode(`S=${'0123456789ABCDEF0123'.repeat(2)} M=Welcome`))

/** What a client is asked for. */
const ASKS = { eap: '0304c227', 'chap-mschapv2': '0305c22381', pap: '0304c023' }

const server = (method: (typeof METHODS)[number], more = {}) =>
  new LoneLink(serverOptions(1, { authentication: [method] }), more)

function client(method: (typeof METHODS)[number], more = {}): LoneLink {
  const lone = new LoneLink(clientOptions(1), more)
  openLcp(lone, `${ASKS[method]} 0506 11223344`)
  return lone
}

const has = (events: readonly PppEvent[], type: PppEvent['type']) => events.some(event => event.type === type)

describe.each(METHODS)('%s', method => {
  it('refuses who proves nothing, and both ends know', () => {
    const duo = createDuo({ server: { authentication: [method] }, clientOutside: { isFalse: true } })
    meet(duo)
    expect(duo.server.find('closed')).toMatchObject({ refused: true, byPeer: false })
    expect(duo.client.find('closed')).toBeDefined()
    for (const { events } of [duo.client, duo.server]) expect(has(events, 'authenticated')).toBe(false)
  })

  it('has no network layer before its end', () => {
    const lone = new LoneLink(serverOptions(1, { authentication: [method] }))
    openLcp(lone)
    lone.heard()
    lone.say('ipcp', 1, 1, '0306 00000000')
    lone.say('ipv6cp', 1, 1, '010a 0000000000000005')
    lone.say('ipcp', 5, 2)
    lone.frame(Uint8Array.of(0x21, 0x45, 0))
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toHaveLength(4)
  })

  it('must end in time', () => {
    const lone = server(method)
    openLcp(lone)
    for (let i = 0; i < 80; i++) {
      lone.say('lcp', 9, i, '11223344')
      lone.wait(1000)
    }
    expect(lone.closed).toMatchObject({ refused: false, byPeer: false })
    expect(has(lone.events, 'authenticated')).toBe(false)
    expect(lone.link.nextTimeout()).toBeUndefined()
  })

  it('takes nothing of another protocol', () => {
    const lone = server(method)
    openLcp(lone)
    lone.heard()
    const others = METHODS.filter(other => other !== method)
    for (const other of others)
      lone.say(({ eap: 'eap', 'chap-mschapv2': 'chap', pap: 'pap' } as const)[other], 2, 1, PAP_GOOD)
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toEqual(others.map(() => 'an authentication that is not agreed on'))
  })
})

describe('PAP of a server', () => {
  it('judges one password, under the newest identifier it came by', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    lone.say('pap', 1, 7, PAP_WRONG)
    lone.say('pap', 1, 8, PAP_GOOD)
    expect(lone.heard()).toEqual([expect.stringMatching(/^pap 3 7 15/), expect.stringMatching(/^lcp 5 /)])
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'wrong password', refused: true })
  })

  it('answers a repetition under its own identifier, and another password not at all', () => {
    const lone = server('pap', { answersLate: 'pap' })
    openLcp(lone)
    lone.heard()
    lone.say('pap', 1, 7, PAP_GOOD)
    lone.say('pap', 1, 8, PAP_GOOD)
    lone.say('pap', 1, 9, PAP_WRONG)
    expect(lone.drops).toEqual(['a second password while the first is judged'])
    lone.command({ type: 'reply', id: 1, reply: { type: 'allow', keys: undefined } })
    expect(lone.heard()[0]).toBe('pap 2 8 00')
  })

  it('says its Ack again, whatever is asked then', () => {
    const lone = server('pap')
    openLcp(lone)
    lone.say('pap', 1, 7, PAP_GOOD)
    lone.heard()
    lone.say('pap', 1, 8, PAP_GOOD)
    lone.say('pap', 1, 9, PAP_WRONG)
    expect(lone.heard()).toEqual(['pap 2 8 00', 'pap 2 9 00'])
    expect(lone.events.filter(({ type }) => type === 'authenticated')).toHaveLength(1)
  })

  it.each(['', '05', '05 616c696365', '05 616c696365 0d 00'])('is not moved by a cut request: %s', data => {
    const lone = server('pap')
    openLcp(lone)
    lone.heard()
    lone.say('pap', 1, 7, data)
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toHaveLength(1)
  })
})

describe('PAP of a client', () => {
  it('repeats its password under new identifiers, and takes the answer to any', () => {
    const lone = client('pap')
    lone.wait(7000)
    const sent = lone.heard().filter(packet => packet.startsWith('pap'))
    expect(sent.map(packet => packet.split(' ')[2])).toEqual(['1', '2', '3'])
    lone.say('pap', 2, 9)
    expect(has(lone.events, 'authenticated')).toBe(false)
    lone.say('pap', 2, 1)
    expect(has(lone.events, 'authenticated')).toBe(true)
  })

  it('gives up when nobody answers', () => {
    const lone = client('pap')
    lone.wait(59_000)
    expect(lone.closed).toMatchObject({ reason: 'the server does not answer the password', refused: false })
    expect(lone.heard().filter(packet => packet.startsWith('pap'))).toHaveLength(10)
  })
})

describe('CHAP of a server', () => {
  function challenged(more = {}): { readonly lone: LoneLink; readonly identifier: number } {
    const lone = server('chap-mschapv2', more)
    openLcp(lone)
    const [challenge] = lone.heard().filter(packet => packet.startsWith('chap'))
    return { lone, identifier: Number(challenge?.split(' ')[2]) }
  }

  it('has a challenge of 16 bytes and its name', () => {
    const lone = server('chap-mschapv2')
    openLcp(lone)
    expect(lone.heard().at(-1)).toMatch(/^chap 1 \d+ 10[0-9a-f]{32}676174657761792e74657374$/)
  })

  it('repeats the same challenge while there is no response, and no longer', () => {
    const { lone, identifier } = challenged()
    lone.wait(7000)
    expect(new Set(lone.heard()).size).toBe(1)
    lone.say('chap', 2, identifier, RESPONSE)
    lone.acknowledge('ipcp')
    lone.say('ipcp', 1, 1, '0306 0a09004d')
    lone.heard()
    lone.wait(600_000)
    expect(lone.heard().filter(packet => packet.startsWith('chap'))).toEqual([])
  })

  it('proves itself and says so again', () => {
    const { lone, identifier } = challenged()
    lone.say('chap', 2, identifier, RESPONSE)
    expect(lone.heard()[0]).toBe(`chap 3 ${identifier} ${PROOF}`)
    lone.say('chap', 2, identifier, RESPONSE)
    expect(lone.heard()).toEqual([`chap 3 ${identifier} ${PROOF}`])
    expect(lone.events.filter(({ type }) => type === 'authenticated')).toHaveLength(1)
  })

  it('refuses by the message of RFC 2759 §6', () => {
    const { lone, identifier } = challenged()
    lone.say('chap', 2, identifier, RESPONSE.replace('5a', '5b'))
    const failure = lone.heard()[0]?.split(' ') ?? []
    expect(failure.slice(0, 3)).toEqual(['chap', '4', `${identifier}`])
    const message = Buffer.from(failure[3] ?? '', 'hex').toString()
    expect(message).toMatch(/^E=691 R=0 C=[0-9A-F]{32} V=3 M=Authentication failed$/)
  })

  it('lets nobody in whom it cannot answer', () => {
    for (const authenticatorResponse of [undefined, '', `S=${'0'.repeat(39)}`, `S=${'0'.repeat(40)} M=x`]) {
      const allow = {
        type: 'allow',
        keys: undefined,
        ...(authenticatorResponse !== undefined && { authenticatorResponse }),
      } as const
      const { lone, identifier } = challenged({ replies: { 'chap-mschapv2': allow } })
      lone.say('chap', 2, identifier, RESPONSE)
      expect(lone.heard()[0]).toMatch(/^chap 4 /)
      expect(has(lone.events, 'authenticated')).toBe(false)
    }
  })

  it('asks about one response alone, and under its own identifier', () => {
    const { lone, identifier } = challenged()
    lone.say('chap', 2, (identifier + 1) & 0xff, RESPONSE)
    lone.say('chap', 2, identifier, '10 00')
    lone.say('chap', 3, identifier, PROOF)
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toHaveLength(3)
    lone.say('chap', 2, identifier, RESPONSE.replace('5a', '5b'))
    lone.say('chap', 2, identifier, RESPONSE)
    expect(has(lone.events, 'authenticated')).toBe(false)
  })
})

describe('CHAP of a client', () => {
  const CHALLENGE = `10 ${'09'.repeat(16)} 6777`

  it('answers a challenge, and again when that comes again', () => {
    const lone = client('chap-mschapv2')
    lone.heard()
    lone.say('chap', 1, 5, CHALLENGE)
    lone.say('chap', 1, 5, CHALLENGE)
    const [first, second, ...none] = lone.heard()
    expect(first).toMatch(/^chap 2 5 31(07){16}(00){8}(5a){24}00/)
    expect([second, none]).toEqual([first, []])
  })

  it('trusts who proves it knows the password', () => {
    const lone = client('chap-mschapv2')
    lone.say('chap', 1, 5, CHALLENGE)
    lone.say('chap', 3, 5, PROOF)
    expect(has(lone.events, 'authenticated')).toBe(true)
    lone.heard()
    lone.say('chap', 1, 6, CHALLENGE)
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toEqual(['CHAP Challenge after the verdict'])
  })

  it.each([
    ['no proof at all', '4d3d6869'],
    ['half a proof', PROOF.slice(0, 40)],
    ['a wrong proof', PROOF.replace('30', '31')],
  ])('goes where there is %s', (_, message) => {
    const lone = client('chap-mschapv2')
    lone.say('chap', 1, 5, CHALLENGE)
    lone.say('chap', 3, 5, message)
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ refused: true, byPeer: false })
    expect(has(lone.events, 'authenticated')).toBe(false)
  })

  it('does not take a success that nothing was answered for', () => {
    const lone = client('chap-mschapv2')
    lone.say('chap', 3, 5, PROOF)
    lone.say('chap', 1, 5, CHALLENGE)
    lone.say('chap', 3, 6, PROOF)
    expect(has(lone.events, 'authenticated')).toBe(false)
    expect(lone.drops).toHaveLength(2)
  })

  it('shows why it was refused, without what cannot be shown', () => {
    const lone = client('chap-mschapv2')
    lone.say('chap', 1, 5, CHALLENGE)
    lone.say('chap', 4, 5, '453d36343820521b')
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'the server refuses: E=648 R?' })
  })

  it('answers so many challenges at most', () => {
    const lone = client('chap-mschapv2')
    lone.heard()
    for (let i = 0; i < 1000; i++) lone.say('chap', 1, i & 0xff, CHALLENGE)
    expect(lone.heard().length).toBeLessThanOrEqual(10 + 50)
  })
})

describe('EAP', () => {
  const ROLES = { server: [1, 3, 4], client: [2] } as const

  it.each(['server', 'client'] as const)('lets a %s hear what is for it alone', role => {
    const lone = role === 'server' ? server('eap') : client('eap')
    if (role === 'server') openLcp(lone)
    lone.heard()
    for (const code of [...ROLES[role], 0, 5]) lone.say('eap', code, 1, 'ff')
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toHaveLength(ROLES[role].length + 2)
  })

  it('is repeated where the lower layer loses, so many times', () => {
    const lone = new LoneLink(serverOptions(1, { authentication: ['eap'], eapRepeatMilliseconds: 1000 }))
    openLcp(lone)
    lone.heard()
    lone.wait(30_000)
    expect(lone.heard().filter(packet => packet === 'eap 1 1 ff')).toHaveLength(5)
    expect(lone.closed).toMatchObject({ reason: 'the peer does not answer EAP', refused: false })
    expect(lone.outside.eapsOpen).toBe(0)
  })

  it('is not repeated where it is reliable', () => {
    const lone = server('eap')
    openLcp(lone)
    lone.heard()
    lone.wait(29_000)
    expect(lone.heard()).toEqual([])
  })

  it('is over once it has ended', () => {
    const lone = server('eap')
    openLcp(lone)
    lone.say('eap', 2, 1, 'ff42')
    lone.heard()
    lone.say('eap', 2, 1, 'ff42')
    lone.command({ type: 'eap-failure', reason: 'late' })
    expect([lone.heard(), lone.closed]).toEqual([[], undefined])
  })

  it('is closed with the link', () => {
    const lone = server('eap')
    openLcp(lone)
    expect(lone.outside.eapsOpen).toBe(1)
    lone.command({ type: 'down', reason: 'cut' })
    expect(lone.outside.eapsOpen).toBe(0)
    expect(lone.closed).toMatchObject({ reason: 'cut' })
  })
})
