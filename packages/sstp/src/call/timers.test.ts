import { describe, expect, it } from 'vitest'
import { SstpError } from '../sstp-error.ts'
import { authenticated, Bench, CALL, CERTIFICATE, LINK_OPENED, REQUEST } from '../testing/bench.suite.ts'
import { writeControlPacket } from '../wire/packet.ts'

const TIMES = { negotiationMilliseconds: 20_000, helloMilliseconds: 30_000 }

describe('a peer that does not go on', () => {
  const stages: readonly (readonly [string, 'server' | 'client', (bench: Bench) => Bench, string])[] = [
    ['asks for no call', 'server', b => b.open(), 'no Call Connect Request in time'],
    ['does not authenticate', 'server', b => b.toBinding(), 'not authenticated in time'],
    [
      'sends no Call Connected',
      'server',
      b => b.toBinding().linkSays(LINK_OPENED, authenticated()),
      'no Call Connected in time',
    ],
    ['does not answer', 'client', b => b.open(), 'no answer to Call Connect Request'],
    ['does not authenticate us', 'client', b => b.toBinding(), 'not authenticated in time'],
  ]

  it.each(stages)('%s (%s): aborted by the negotiation timer', (_, role, begin, reason) => {
    const bench = begin(new Bench(role, TIMES)).forget().wait(19_999)
    expect(bench.outputs).toEqual([])
    expect(bench.wait(1).sent).toEqual(['call-abort 2 NEGOTIATION_TIMEOUT'])
    expect(bench.wait(3_000).closed).toMatchObject({ reason, byPeer: false, refused: false })
    expect(bench.wait(2_000).engine.sizes).toMatchObject({ calls: 0, requests: 0 })
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })

  it('has the whole time anew once its call is accepted, and not by asking badly', () => {
    const bad = writeControlPacket({ type: 'call-connect-request', protocol: 2 })
    const asking = new Bench('server', TIMES).open().wait(15_000).receive(bad).wait(4_999)
    expect(asking.sent).toEqual(['call-connect-nak'])
    expect(asking.wait(1).sent).toContain('call-abort 2 NEGOTIATION_TIMEOUT')
    const good = new Bench('server', TIMES).open().wait(15_000).receive(REQUEST).wait(19_999)
    expect(good.sent).toEqual(['call-connect-ack'])
    expect(good.wait(1).sent).toContain('call-abort 2 NEGOTIATION_TIMEOUT')
  })

  it('does not gain time by a Call Connected that is held', () => {
    const bench = new Bench('server', TIMES).toBinding().wait(15_000)
    bench.receive(bench.callConnected()).wait(5_000)
    expect(bench.sent.at(-1)).toBe('call-abort 2 NEGOTIATION_TIMEOUT')
  })

  it('has the time of its link too', () => {
    const bench = new Bench('server', TIMES).toBinding()
    bench.link.deadline = 4_000
    bench.frame(0xc0, 0x21).wait(5_000)
    expect(bench.link.timeouts).toBe(1)
  })
})

describe.each(['server', 'client'] as const)('hello of a %s', role => {
  const connected = () => new Bench(role, TIMES).toConnected().forget()

  it('asks a silent peer for a sign of life, and leaves it without a word when there is none', () => {
    const bench = connected().wait(29_999)
    expect(bench.outputs).toEqual([])
    expect(bench.wait(1).sent).toEqual(['echo-request'])
    expect(bench.wait(29_999).closed).toBeUndefined()
    bench.wait(1)
    expect(bench.story).toEqual(['echo-request', 'close-flow', 'closed', 'close-connection'])
    expect(bench.closed).toMatchObject({ reason: 'no answer to an echo', byPeer: false })
  })

  it('goes on for as long as there are answers', () => {
    const bench = connected()
    for (let i = 0; i < 100; i++) bench.wait(30_000).receive({ type: 'echo-response' })
    expect(bench.sent).toEqual(Array(100).fill('echo-request'))
    expect(bench.closed).toBeUndefined()
  })

  it('is put off by any packet, and answers what is asked', () => {
    const bench = connected().wait(29_000).frame(0xc0, 0x21).wait(29_000).receive({ type: 'echo-request' })
    bench.wait(29_999)
    expect(bench.sent).toEqual(['echo-response'])
    expect(bench.wait(1).sent).toEqual(['echo-response', 'echo-request'])
    // Any sign of life will do.
    expect(bench.frame(0xc0, 0x21).wait(30_000).closed).toBeUndefined()
  })
})

describe('a thousand calls that are abandoned', () => {
  const CALLS = 1_000

  it.each(['opening', 'binding', 'authenticated', 'connected'] as const)('while %s leave nothing', stage => {
    const bench = new Bench('server', TIMES)
    for (let call = 0; call < CALLS; call++) {
      const receive = (bytes: Uint8Array) => bench.engine.handleDatagram({ path: call, bytes }, bench.now)
      bench.command({ type: 'connection-opened', call, certificate: CERTIFICATE })
      if (stage === 'opening') continue
      receive(writeControlPacket(REQUEST))
      bench.drain()
      const callConnected = bench.callConnected()
      bench.link.will({ type: 'request', id: 1, request: { type: 'network' } })
      if (stage !== 'binding') bench.link.will({ type: 'event', event: authenticated() })
      receive(Uint8Array.of(0x10, 0, 0, 6, 0xc0, 0x21))
      if (stage === 'connected') receive(callConnected)
      bench.drain().forget()
    }
    expect(bench.engine.sizes.calls).toBe(CALLS)
    expect(bench.engine.sizes.requests).toBe(stage === 'opening' ? 0 : CALLS)
    bench.wait(100_000)
    expect(bench.outputs.filter(({ type }) => type === 'close-connection')).toHaveLength(CALLS)
    expect(bench.engine.sizes).toEqual({ calls: 0, deadlines: 0, requests: 0 })
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })

  it('by connections that close leave nothing at once', () => {
    const bench = new Bench('server', TIMES)
    for (let call = 0; call < CALLS; call++) {
      bench.command({ type: 'connection-opened', call, certificate: CERTIFICATE })
      bench.command({ type: 'connection-closed', call, reason: 'reset' })
    }
    expect(bench.engine.sizes).toMatchObject({ calls: 0, requests: 0 })
    expect(bench.engine.sizes.deadlines).toBeLessThan(100)
  })
})

describe('settings', () => {
  it.each([
    [{ authentication: [] }],
    [{ tunnelMtu: 575 }],
    [{ tunnelMtu: 4088 }],
    [{ tunnelMtu: Number.NaN }],
    [{ helloMilliseconds: 0 }],
    [{ negotiationMilliseconds: 0 }],
    [{ bindingHashes: [] }],
  ])('%j make no call', settings => {
    expect(() => new Bench('server', settings).open()).toThrow(SstpError)
  })

  it('become the options of the link', () => {
    const { options } = new Bench('server', { ...TIMES, tunnelMtu: 1500, name: 'gw' }).toBinding().link
    expect(options).toMatchObject({
      role: 'server',
      mru: 1500,
      name: 'gw',
      echoMilliseconds: 0,
      authenticationMilliseconds: 20_000,
    })
    expect(new Bench('client', { ipv6: false }).toBinding().link.options).toMatchObject({
      role: 'client',
      ipv4: true,
      ipv6: false,
    })
  })

  it('are asked for each call, and a number that is taken opens no second call', () => {
    const bench = new Bench('client').open().open()
    expect(bench.sent).toEqual(['call-connect-request'])
    bench.command({ type: 'connection-closed', call: CALL, reason: 'reset' }).open()
    expect(bench.sent).toEqual(['call-connect-request', 'call-connect-request'])
  })
})
