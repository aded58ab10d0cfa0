import { describe, expect, it } from 'vitest'
import { createDuo, meet } from '../testing/duo.suite.ts'
import { authenticated, LoneLink, openLcp } from '../testing/lone-link.suite.ts'
import { address, clientOptions, NETWORK, serverOptions } from '../testing/options.suite.ts'

const server = (more = {}, outside = {}) =>
  new LoneLink(serverOptions(1, { authentication: ['pap'], ...more }), outside)

function client(more = {}): LoneLink {
  const lone = new LoneLink(clientOptions(1, more))
  openLcp(lone, '0304c023 0506 11223344')
  lone.heard()
  lone.say('pap', 2, 1)
  return lone
}

/** A server's IPCP with an authenticated peer, nothing yet said. */
function ready(more = {}, outside = {}): LoneLink {
  const lone = server(more, outside)
  authenticated(lone)
  lone.heard()
  return lone
}

describe('IPCP of a server', () => {
  it('gives the address and the name servers that the outside has given', () => {
    const lone = ready()
    lone.say('ipcp', 1, 1, '0306 00000000 8106 00000000 8306 00000000')
    expect(lone.heard()).toEqual(['ipcp 3 1 03060a09004d81060a09003583060a090036'])
    lone.say('ipcp', 1, 2, '0306 0a09004d 8106 0a090035 8306 0a090036')
    expect(lone.heard()).toEqual(['ipcp 2 2 03060a09004d81060a09003583060a090036'])
  })

  it('rejects what Windows asks for besides', () => {
    const lone = ready()
    lone.say('ipcp', 1, 1, '0206 002d0f01 0306 00000000 8106 00000000 8206 00000000 8406 00000000')
    expect(lone.heard()).toEqual(['ipcp 4 1 0206002d0f01820600000000840600000000'])
  })

  it('rejects a second name server where there is one, and compression, and old addresses', () => {
    const lone = ready({}, { network: { ipv4: { ...NETWORK.ipv4, dnsServers: [address('10.9.0.53')] } } })
    lone.say('ipcp', 1, 1, '8106 00000000 8306 00000000')
    lone.say('ipcp', 1, 2, '010a 0a09004d 0a090001')
    expect(lone.heard()).toEqual(['ipcp 4 1 830600000000', 'ipcp 4 2 010a0a09004d0a090001'])
  })

  it('asks for the address where none is named', () => {
    const lone = ready()
    lone.say('ipcp', 1, 1, '')
    expect(lone.heard()).toEqual(['ipcp 3 1 03060a09004d'])
  })

  it('gives up a peer that insists on another, after Max-Failure Naks', () => {
    const lone = ready({}, { network: { ipv4: NETWORK.ipv4 } })
    for (let i = 1; i <= 5; i++) lone.say('ipcp', 1, i, '0306 0a090001')
    expect(lone.heard()).toEqual([1, 2, 3, 4, 5].map(i => `ipcp 3 ${i} 03060a09004d`))
    lone.say('ipcp', 1, 6, '0306 0a090001')
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: 'ipv4: the peer insists on another address', refused: true })
    expect(lone.outside.find('ipv4-opened')).toBeUndefined()
  })

  it('keeps to its own address, whatever the peer would like', () => {
    const lone = ready()
    lone.say('ipcp', 3, 1, '0306 0a090063')
    expect(lone.heard()).toEqual(['ipcp 1 2 03060a090001'])
  })

  it('goes on without telling it where the peer rejects that', () => {
    const lone = ready()
    lone.say('ipcp', 4, 1, '0306 0a090001')
    expect(lone.heard()).toEqual(['ipcp 1 2'])
  })

  it('negotiated again comes to the same, and is not told of twice', () => {
    const lone = server()
    authenticated(lone)
    lone.acknowledge('ipcp')
    lone.say('ipcp', 1, 1, '0306 0a09004d')
    for (let i = 2; i < 5; i++) {
      lone.say('ipcp', 1, i, '0306 0a09004d')
      lone.acknowledge('ipcp')
    }
    expect(lone.events.filter(({ type }) => type === 'ipv4-opened')).toHaveLength(1)
    expect(lone.outside.find('ipv4-closed')).toBeUndefined()
  })
})

describe('IPV6CP of a server', () => {
  it('gives the interface identifier that the outside has given', () => {
    const lone = ready()
    lone.say('ipv6cp', 1, 1, '010a 0000000000000000')
    lone.say('ipv6cp', 1, 2, '')
    lone.say('ipv6cp', 1, 3, '0204 004f')
    lone.say('ipv6cp', 1, 4, '010a 000000000000004d')
    expect(lone.heard()).toEqual([
      'ipv6cp 3 1 010a000000000000004d',
      'ipv6cp 3 2 010a000000000000004d',
      'ipv6cp 4 3 0204004f',
      'ipv6cp 2 4 010a000000000000004d',
    ])
  })

  it('negotiated again comes to the same, whatever became of what was told', () => {
    const lone = server()
    authenticated(lone)
    lone.acknowledge('ipv6cp')
    lone.say('ipv6cp', 1, 1, '010a 000000000000004d')
    lone.outside.find('ipv6-opened')?.local.fill(0xdb)
    lone.outside.find('ipv6-opened')?.peer.fill(0xdb)
    lone.say('ipv6cp', 1, 2, '010a 000000000000004d')
    lone.acknowledge('ipv6cp')
    lone.wait(5_000)
    expect(lone.outside.find('ipv6-closed')).toBeUndefined()
    expect(lone.drops).toEqual([])
  })

  it('is rejected whole where the network has none, and IPCP likewise', () => {
    const without = ready({}, { network: { ipv4: NETWORK.ipv4 } })
    without.say('ipv6cp', 1, 1, '010a 0000000000000005')
    expect(without.heard()).toMatchObject([expect.stringMatching(/^lcp 8 \d+ 80570101000e010a0{15}5$/)])
    const alone = ready({}, { network: { ipv6: NETWORK.ipv6 } })
    alone.say('ipcp', 1, 1, '0306 00000000')
    expect(alone.heard()).toMatchObject([expect.stringMatching(/^lcp 8 \d+ 80210101000a030600000000$/)])
  })
})

describe('a client', () => {
  it('takes addresses and name servers, and no other', () => {
    const lone = client({ ipv6: false })
    expect(lone.heard()).toEqual(['ipcp 1 1 030600000000810600000000830600000000'])
    lone.say('ipcp', 1, 1, '0306 0a090001')
    lone.say('ipcp', 3, 1, '0306 0a09004d 8106 0a090035 8306 00000000 8206 0a090001')
    expect(lone.heard()).toEqual(['ipcp 2 1 03060a090001', 'ipcp 1 2 03060a09004d81060a090035'])
    lone.say('ipcp', 2, 2, '0306 0a09004d 8106 0a090035')
    expect(lone.outside.find('ipv4-opened')).toEqual({
      type: 'ipv4-opened',
      local: address('10.9.0.77'),
      peer: address('10.9.0.1'),
      dnsServers: [address('10.9.0.53')],
    })
  })

  it.each([
    ['agrees to none', (lone: LoneLink) => lone.acknowledge('ipcp')],
    ['rejects that it has one', (lone: LoneLink) => lone.say('ipcp', 4, 1, '0306 00000000')],
    ['names one of nobody', (lone: LoneLink) => lone.say('ipcp', 3, 1, '0306 7f000001')],
  ])('does without IPv4 when the server gives no address but %s', (_, speak) => {
    const lone = client({ ipv6: false })
    speak(lone)
    lone.wait(30_000)
    expect(lone.closed).toMatchObject({ reason: expect.stringMatching(/^ipv4: the server /), refused: true })
    expect(lone.outside.find('ipv4-opened')).toBeUndefined()
  })

  it('goes when the server negotiates other addresses in mid-session', () => {
    const lone = client({ ipv6: false })
    lone.say('ipcp', 1, 1, '0306 0a090001')
    lone.say('ipcp', 3, 1, '0306 0a09004d 8106 0a090035 8306 0a090036')
    lone.acknowledge('ipcp')
    expect(lone.outside.find('ipv4-opened')).toBeDefined()
    lone.say('ipcp', 1, 2, '0306 0a090002')
    lone.acknowledge('ipcp')
    lone.wait(30_000)
    expect(lone.outside.find('ipv4-closed')).toBeDefined()
    expect(lone.closed).toMatchObject({ reason: 'ipv4: the addresses have changed' })
  })

  it('never has the server’s interface identifier', () => {
    const lone = client({ ipv4: false })
    const own = lone.heard()[0]?.split(' ')[3] ?? ''
    lone.say('ipv6cp', 1, 1, own)
    expect(lone.heard()[0]).toMatch(/^ipv6cp 3 1 010a(?!0{16})/)
  })
})

describe('the network of a link', () => {
  it('is asked for once, for both families', () => {
    const duo = createDuo({ server: { authentication: ['chap-mschapv2'] }, thinkMilliseconds: 700 })
    meet(duo)
    expect(duo.pair.clock.now).toBeLessThan(3000)
    expect([duo.client.drops, duo.server.drops]).toEqual([[], []])
  })

  it('may be refused', () => {
    const duo = createDuo({ serverOutside: { deniesNetwork: true } })
    meet(duo)
    expect(duo.server.find('closed')).toMatchObject({ reason: 'no address is left', refused: true })
    expect(duo.client.find('closed')).toMatchObject({ reason: 'the peer ends it: refused', byPeer: true })
  })

  it('is waited for: the newest request of each family is kept, and answered then', () => {
    const lone = ready({}, { answersLate: 'network' })
    lone.say('ipcp', 1, 1, '0306 0a090001')
    lone.say('ipcp', 1, 2, '0306 00000000')
    lone.say('ipv6cp', 1, 3, '010a 000000000000004d')
    lone.say('ipcp', 5, 4)
    lone.say('ipcp', 1, 5, '0306 00000000'.repeat(90))
    expect(lone.heard()).toEqual([])
    expect(lone.drops).toEqual(['ipv4: not yet', 'ipv4: not yet'])
    lone.command({ type: 'reply', id: 2, reply: { type: 'network', network: NETWORK } })
    expect(lone.heard()).toEqual([
      'ipcp 1 1 03060a090001',
      'ipv6cp 1 1 010a0000000000000001',
      'ipcp 3 2 03060a09004d',
      'ipv6cp 2 3 010a000000000000004d',
    ])
  })

  it('may lack what is kept: that protocol is rejected', () => {
    const lone = ready({}, { answersLate: 'network' })
    lone.say('ipv6cp', 1, 3, '010a 000000000000004d')
    lone.command({ type: 'reply', id: 2, reply: { type: 'network', network: { ipv4: NETWORK.ipv4 } } })
    expect(lone.heard().at(-1)).toMatch(/^lcp 8 \d+ 80570103000e010a000000000000004d$/)
  })

  it('is waited for by a client too, while it judges its server’s proof', () => {
    const lone = new LoneLink(clientOptions(1, { ipv6: false }), { answersLate: 'mschapv2-success' })
    openLcp(lone, '0305 c22381 0506 11223344')
    lone.say('chap', 1, 5, `10 ${'09'.repeat(16)}`)
    lone.say('ipcp', 1, 1, '0306 0a090001')
    lone.say('chap', 3, 5, `533d${'30'.repeat(40)}`)
    lone.say('ipcp', 1, 2, '0306 0a090001')
    lone.heard()
    expect(lone.drops).toEqual(['ipv4: before authentication'])
    lone.command({ type: 'reply', id: 2, reply: { type: 'trusted', keys: undefined } })
    expect(lone.heard()).toEqual(['ipcp 1 1 030600000000810600000000830600000000', 'ipcp 2 2 03060a090001'])
  })

  it('is not begun when its answer comes after the link’s end', () => {
    const lone = ready({}, { answersLate: 'network' })
    lone.command({ type: 'close', reason: 'enough' })
    lone.heard()
    lone.command({ type: 'reply', id: 2, reply: { type: 'network', network: NETWORK } })
    expect(lone.heard()).toEqual([])
  })

  it('must be open in time', () => {
    const lone = ready()
    for (let i = 0; i < 29; i++) {
      lone.wait(1000)
      lone.say('ipcp', 9, 1)
    }
    expect(lone.closed).toBeUndefined()
    lone.wait(30_000)
    expect(lone.closed).toBeDefined()
    expect(lone.link.nextTimeout()).toBeUndefined()
  })

  it('goes on with one family when the peer closes the other, and ends with the last', () => {
    const lone = server()
    authenticated(lone)
    for (const protocol of ['ipcp', 'ipv6cp'] as const) lone.acknowledge(protocol)
    lone.say('ipcp', 1, 1, '0306 0a09004d')
    lone.say('ipv6cp', 1, 1, '010a 000000000000004d')
    lone.say('ipcp', 5, 2)
    expect([lone.outside.find('ipv4-closed'), lone.outside.find('ipv6-closed')]).toEqual([
      { type: 'ipv4-closed' },
      undefined,
    ])
    lone.heard()
    lone.say('ipcp', 1, 3, '0306 0a09004d')
    expect(lone.heard()).toEqual([])
    lone.wait(10_000)
    lone.say('ipcp', 1, 4, '0306 0a09004d')
    expect(lone.heard()).toEqual([])
    expect(lone.closed).toBeUndefined()
    lone.say('ipv6cp', 5, 2)
    lone.wait(10_000)
    expect(lone.closed).toMatchObject({ byPeer: true, reason: 'ipv6: the peer ends it' })
  })

  it('is asked of nobody without need: no network, no families, wrong lengths', () => {
    const reply = (network: object) => {
      const lone = server({}, { network })
      openLcp(lone)
      lone.say('pap', 1, 1, `05 616c696365 0d 636f727265637420686f727365`)
    }
    expect(() => reply({})).toThrow(expect.objectContaining({ code: 'ERR_PPP_NETWORK' }))
    const ipv6 = { local: new Uint8Array(8), peer: new Uint8Array(7) }
    expect(() => reply({ ipv6 })).toThrow(expect.objectContaining({ code: 'ERR_PPP_NETWORK' }))
    const ipv4 = { ...NETWORK.ipv4, peer: address('2001:db8::1') }
    expect(() => reply({ ipv4 })).toThrow(expect.objectContaining({ code: 'ERR_PPP_NETWORK' }))
  })
})
