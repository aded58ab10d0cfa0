import { describe, expect, it } from 'vitest'
import {
  authenticated,
  Bench,
  CALL,
  CERTIFICATE,
  CLIENT_KEYS,
  crypto,
  IPV4_OPENED,
  IPV6_OPENED,
  LINK_OPENED,
  REQUEST,
} from '../testing/bench.suite.ts'
import { parseSstpPacket, writeControlPacket } from '../wire/packet.ts'

const server = () => new Bench('server')
const refused = (reason: string) => ({ reason, byPeer: false, refused: true })

/** As PAP leaves it. */
const NO_KEYS = { send: new Uint8Array(16), receive: new Uint8Array(16) }

function withBit(packet: Uint8Array, at: number): Uint8Array {
  const changed = packet.slice()
  changed[at] = (changed[at] as number) ^ 1
  return changed
}

describe('a call at the server', () => {
  //  client                         server
  //  CALL_CONNECT_REQUEST  ------>
  //                        <------  CALL_CONNECT_ACK {3, nonce}, then PPP
  //  ... LCP, authentication ...
  //  CALL_CONNECTED        ------>  verified
  //  ... IPCP ...                   open-flow
  it('opens the flow once it is authenticated, bound and has a network protocol, and not before', () => {
    const bench = server().open()
    expect(bench.outputs).toEqual([])
    bench.receive(REQUEST)
    expect(bench.messages).toMatchObject([{ type: 'call-connect-ack', request: { hashProtocols: 3 } }])
    expect(bench.link.commands).toEqual([{ type: 'open' }])
    bench.linkSays(LINK_OPENED, authenticated()).receive(bench.callConnected()).linkSays(IPV4_OPENED)
    expect(bench.story).toEqual(['call-connect-ack', 'authenticated', 'bound', 'open-flow', 'ipv4-opened'])
    expect(bench.outputs).toContainEqual({
      type: 'open-flow',
      call: CALL,
      terms: { mtu: 1300, compressProtocol: true, compressAddressControl: false },
    })
    expect(bench.events).toContainEqual({
      type: 'bound',
      hash: 'SHA256',
      keyed: true,
      authentication: 'chap-mschapv2',
    })
  })

  it('opens the flow once, whatever opens after it', () => {
    const bench = server().toConnected().linkSays(IPV6_OPENED)
    expect(bench.story.slice(-3)).toEqual(['open-flow', 'ipv4-opened', 'ipv6-opened'])
  })

  it('tells of no network before the binding holds', () => {
    const bench = server().toBinding().linkSays(LINK_OPENED, authenticated(), IPV4_OPENED, IPV6_OPENED)
    expect(bench.story).toEqual(['call-connect-ack', 'authenticated'])
    bench.receive(bench.callConnected())
    expect(bench.story.slice(2)).toEqual(['bound', 'open-flow', 'ipv4-opened', 'ipv6-opened'])
  })

  it('forgets a network that has closed before the binding holds', () => {
    const bench = server().toBinding()
    bench.linkSays(LINK_OPENED, authenticated(), IPV6_OPENED, { type: 'ipv6-closed' })
    bench.receive(bench.callConnected())
    expect(bench.story.at(-1)).toBe('bound')
  })

  it('carries PPP frames both ways, and never IP', () => {
    const bench = server().open().frame(0xc0, 0x21, 1)
    expect(bench.events).toEqual([{ type: 'dropped', reason: 'a PPP frame before the call', count: 1 }])
    bench.receive(REQUEST).forget().frame(0xc0, 0x21, 2).frame(0xff, 3, 0, 0x21, 0x45).frame(0x57, 0x60)
    expect(bench.link.frames).toEqual([Uint8Array.of(0xc0, 0x21, 2)])
    expect(bench.events).toEqual([{ type: 'dropped', reason: 'IP before the flow is open', count: 1 }])
    bench.linkSays({ type: 'send', frame: Uint8Array.of(0xc0, 0x21, 3) })
    const last = bench.outputs.at(-1)
    if (last?.type !== 'send') throw new Error('nothing sent')
    expect(parseSstpPacket(last.packet)).toEqual({ type: 'data', frame: Uint8Array.of(0xc0, 0x21, 3) })
  })

  it('drops a frame of PPP that no packet can carry', () => {
    const bench = server()
      .toBinding()
      .linkSays({ type: 'send', frame: new Uint8Array(4092) })
    expect(bench.events).toEqual([{ type: 'dropped', reason: 'a PPP frame too long to send', count: 1 }])
  })

  it('passes requests under ids of its own, and each reply to its link', () => {
    const bench = server()
      .toBinding()
      .linkSays({ type: 'request', id: 5, request: { type: 'network' } })
    const asked = bench.outputs.at(-1)
    if (asked?.type !== 'request') throw new Error('nothing asked')
    const reply = { type: 'deny', reason: 'full' } as const
    bench.command({ type: 'reply', id: asked.id + 1, reply }).command({ type: 'reply', id: asked.id, reply })
    bench.command({ type: 'reply', id: asked.id, reply })
    expect(bench.link.commands).toEqual([{ type: 'open' }, { type: 'reply', id: 5, reply }])
  })

  it('passes EAP both ways, and closes it with the call', () => {
    const bench = server().toBinding().forget()
    bench.linkSays({ type: 'eap-start' }, { type: 'eap-packet', packet: Uint8Array.of(1) })
    bench.command({ type: 'eap-packet', call: CALL, packet: Uint8Array.of(2) })
    bench.command({ type: 'eap-success', call: CALL, keys: undefined })
    bench.command({ type: 'eap-failure', call: CALL, reason: 'no' })
    expect(bench.link.commands.slice(1)).toEqual([
      { type: 'eap-packet', packet: Uint8Array.of(2) },
      { type: 'eap-success', keys: undefined },
      { type: 'eap-failure', reason: 'no' },
    ])
    bench.command({ type: 'connection-closed', call: CALL, reason: 'reset' })
    expect(bench.story).toEqual(['eap-start', 'eap-packet', 'eap-close', 'closed'])
  })

  it('takes 32 random bytes as each nonce', () => {
    const nonces = Array.from({ length: 3 }, () => server().toBinding().nonce())
    expect(new Set(nonces.map(String)).size).toBe(3)
    expect(nonces.map(({ length }) => length)).toEqual([32, 32, 32])
  })
})

describe('Call Connected', () => {
  const binding = (settings = {}) => new Bench('server', settings).toBinding().linkSays(LINK_OPENED)

  it.each(['SHA1', 'SHA256'] as const)('holds by %s', hash => {
    const bench = binding().linkSays(authenticated())
    bench.receive(bench.callConnected(CLIENT_KEYS, hash))
    expect(bench.events.at(-1)).toMatchObject({ type: 'bound', hash })
  })

  it('holds when it came before authentication has ended', () => {
    const bench = binding()
    bench.receive(bench.callConnected())
    expect(bench.events).toEqual([])
    bench.linkSays(authenticated(), IPV4_OPENED)
    expect(bench.story.slice(1)).toEqual(['authenticated', 'bound', 'open-flow', 'ipv4-opened'])
  })

  it('holds by zeros where authentication gave no keys, and says so', () => {
    const pap = binding().linkSays({ type: 'authenticated', method: 'pap', keys: undefined })
    pap.receive(pap.callConnected(NO_KEYS))
    expect(pap.events.at(-1)).toEqual({ type: 'bound', hash: 'SHA256', keyed: false, authentication: 'pap' })
  })

  it.each(['eap', 'chap-mschapv2'] as const)('is not waited for when %s gave no keys', method => {
    const bench = binding().linkSays({ type: 'authenticated', method, keys: undefined }, IPV4_OPENED)
    bench.receive(bench.callConnected(NO_KEYS))
    expect(bench.story).not.toContain('bound')
    expect(bench.wait(3_000).closed).toMatchObject(refused(`crypto binding: ${method} gave no keys`))
  })

  it('does not hold by zeros where authentication gave keys', () => {
    const bench = binding().linkSays(authenticated())
    bench.receive(bench.callConnected(NO_KEYS))
    expect(bench.closed).toBeUndefined()
    expect(bench.wait(3_000).closed).toMatchObject(refused('crypto binding: another compound MAC'))
  })

  it('does not hold by keys where authentication gave none', () => {
    const bench = binding().linkSays({ type: 'authenticated', method: 'pap', keys: undefined })
    bench.receive(bench.callConnected())
    expect(bench.wait(3_000).closed).toMatchObject(refused('crypto binding: another compound MAC'))
  })

  it('is judged by the first keys, even when their event was overwritten', () => {
    const bench = binding().linkSays(authenticated())
    const told = bench.events.at(-1)
    if (told?.type !== 'authenticated' || !told.keys) throw new Error('no keys')
    told.keys.send.fill(0xdb)
    told.keys.receive.fill(0xdb)
    bench.linkSays(authenticated({ send: new Uint8Array(16), receive: new Uint8Array(16) }))
    bench.receive(bench.callConnected())
    expect(bench.events.at(-1)).toMatchObject({ type: 'bound' })
  })

  describe.each([
    ['before', (bench: Bench, packet: Uint8Array) => bench.receive(packet).linkSays(authenticated())],
    ['after', (bench: Bench, packet: Uint8Array) => bench.linkSays(authenticated()).receive(packet)],
  ])('that is wrong, %s authentication has ended', (_, send) => {
    it.each([
      ['another compound MAC', 80],
      ['another compound MAC', 111],
      ['another certificate', 48],
      ['another certificate', 79],
      ['another nonce', 16],
      ['another nonce', 47],
      ['a hash that was not offered', 15],
    ])('is aborted: %s (byte %i)', (reason, at) => {
      const bench = binding()
      send(bench, withBit(bench.callConnected(), at))
      expect(bench.sent).toContain('call-abort 3 VALUE_NOT_SUPPORTED')
      expect(bench.story).not.toContain('bound')
      bench.wait(3_000)
      expect(bench.closed).toMatchObject(refused(`crypto binding: ${reason}`))
      expect(bench.story.slice(-2)).toEqual(['closed', 'close-connection'])
    })
  })

  it('of another call is a replay', () => {
    const earlier = binding().linkSays(authenticated())
    const replayed = earlier.callConnected()
    expect(earlier.receive(replayed).events.at(-1)).toMatchObject({ type: 'bound' })
    const bench = binding().linkSays(authenticated()).receive(replayed)
    expect(bench.wait(3_000).closed).toMatchObject(refused('crypto binding: another nonce'))
  })

  it('by a client that saw the certificate of a middleman does not hold', () => {
    const bench = new Bench('server')
    const own = { sha1: new Uint8Array(20).fill(1), sha256: new Uint8Array(32).fill(2) }
    bench.open(own).receive(REQUEST).linkSays(LINK_OPENED, authenticated())
    expect(CERTIFICATE.sha256).not.toEqual(own.sha256)
    bench.receive(bench.callConnected()).wait(3_000)
    expect(bench.closed).toMatchObject(refused('crypto binding: another certificate'))
  })

  it('comes once: a second one that is held, or after it held, aborts the call', () => {
    const held = binding()
    held.receive(held.callConnected()).receive(held.callConnected())
    expect(held.sent.at(-1)).toBe('call-abort 2 UNACCEPTED_FRAME_RECEIVED')
    expect(held.wait(3_000).closed).toMatchObject(refused('a second Call Connected'))
    const bound = server().toConnected()
    bound.receive(bound.callConnected())
    expect(bound.sent.at(-1)).toBe('call-abort 2 UNACCEPTED_FRAME_RECEIVED')
    expect(bound.wait(3_000).closed).toMatchObject({ reason: 'unexpected call-connected', refused: false })
  })

  it('has a hash that the operator allows', () => {
    const bench = binding({ bindingHashes: ['SHA256'] }).linkSays(authenticated())
    expect(bench.messages).toMatchObject([{ request: { hashProtocols: 2 } }])
    bench.receive(bench.callConnected(CLIENT_KEYS, 'SHA1')).wait(3_000)
    expect(bench.closed).toMatchObject(refused('crypto binding: a hash that was not offered'))
  })

  it('without its attribute aborts as §3.3.5.2.3 says', () => {
    const bench = binding().receive(Uint8Array.of(0x10, 1, 0, 8, 0, 4, 0, 0))
    expect(bench.sent.at(-1)).toBe('call-abort 2 ATTRIB_NOT_SUPPORTED_IN_MSG')
  })

  it('compares nonce, certificate and MAC through the port that takes constant time', () => {
    const compared: number[] = []
    const bench = new Bench(
      'server',
      {},
      {
        equal: (a, b) => {
          compared.push(a.length)
          return crypto.equal(a, b)
        },
      },
    )
    bench.toBinding().linkSays(LINK_OPENED, authenticated())
    bench.receive(bench.callConnected())
    expect(compared).toEqual([32, 32, 32])
  })
})

describe('a Call Connect Request that is not acceptable', () => {
  const bad = writeControlPacket({ type: 'call-connect-request', protocol: 2 })

  it('is answered by a negative acknowledgment, three times, and then by an abort', () => {
    const bench = server().open().receive(bad).receive(bad).receive(bad)
    expect(bench.messages).toEqual(
      Array(3).fill({
        type: 'call-connect-nak',
        statuses: [{ attribute: 1, status: 4, value: Uint8Array.of(0, 2) }],
      }),
    )
    bench.receive(bad)
    expect(bench.sent.at(-1)).toBe('call-abort 2 RETRY_COUNT_EXCEEDED')
    expect(bench.wait(3_000).closed).toMatchObject(refused('no acceptable Call Connect Request'))
  })

  it('may be followed by a good one', () => {
    const bench = server().open().receive(bad).receive(REQUEST)
    expect(bench.sent).toEqual(['call-connect-nak', 'call-connect-ack'])
    expect(bench.links).toHaveLength(1)
  })
})
