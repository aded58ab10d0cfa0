import { expect, test } from 'vitest'
import type { Datapath } from './datapath.ts'
import { DatapathError, type DatapathErrorCode } from './datapath-error.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { openGateway, PLAIN_CHANNEL, prefix } from './datapath-fixture.suite.ts'
import { makeKeys, makeSlot } from './datapath-peer.suite.ts'
import type { OpenVpnFlowOptions, OpenVpnKeySlot } from './flow.ts'

/** An id that is never given out. */
const NO_ID = 987_654

/** The code of the DatapathError that a call throws. */
export function codeOf(call: () => unknown): DatapathErrorCode | 'nothing thrown' {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(DatapathError)
    return (error as DatapathError).code
  }
  return 'nothing thrown'
}

/** Passes values that the types would refuse. */
export function wrong<T>(value: unknown): T {
  return value as T
}

export function describeMisuse(harness: Harness): void {
  const slot = makeSlot(PLAIN_CHANNEL, makeKeys(PLAIN_CHANNEL))

  const unknownIds: readonly [string, DatapathErrorCode, (datapath: Datapath) => unknown][] = [
    ['closePort', 'ERR_DATAPATH_UNKNOWN_PORT', datapath => datapath.closePort(NO_ID)],
    ['sendDatagrams', 'ERR_DATAPATH_UNKNOWN_PORT', datapath => datapath.sendDatagrams(NO_ID, [])],
    ['closeStream', 'ERR_DATAPATH_UNKNOWN_STREAM', datapath => datapath.closeStream(NO_ID)],
    [
      'streamInput',
      'ERR_DATAPATH_UNKNOWN_STREAM',
      datapath => datapath.streamInput(NO_ID, new Uint8Array(1)),
    ],
    ['streamControl', 'ERR_DATAPATH_UNKNOWN_STREAM', datapath => datapath.streamControl(NO_ID, [])],
    ['takeStreamOutput', 'ERR_DATAPATH_UNKNOWN_STREAM', datapath => datapath.takeStreamOutput(NO_ID)],
    ['closeFlow', 'ERR_DATAPATH_UNKNOWN_FLOW', datapath => datapath.closeFlow(NO_ID)],
    ['counters', 'ERR_DATAPATH_UNKNOWN_FLOW', datapath => datapath.counters(NO_ID)],
    ['installKey', 'ERR_DATAPATH_UNKNOWN_FLOW', datapath => datapath.installKey(NO_ID, slot)],
    ['selectKey', 'ERR_DATAPATH_UNKNOWN_FLOW', datapath => datapath.selectKey(NO_ID, 0)],
    ['removeKey', 'ERR_DATAPATH_UNKNOWN_FLOW', datapath => datapath.removeKey(NO_ID, 0)],
    ['sendInband', 'ERR_DATAPATH_UNKNOWN_FLOW', datapath => datapath.sendInband(NO_ID, new Uint8Array(1))],
    [
      'changeRoutes',
      'ERR_DATAPATH_UNKNOWN_FLOW',
      datapath => datapath.changeRoutes([{ type: 'add', prefix: prefix('10.0.0.0/8'), flow: NO_ID }]),
    ],
    [
      'openFlow on a stream',
      'ERR_DATAPATH_UNKNOWN_STREAM',
      datapath =>
        datapath.openFlow({
          path: { type: 'stream', stream: NO_ID },
          clampBytes: 1400,
          pingIntervalSeconds: 0,
          idleTimeoutSeconds: 0,
        }),
    ],
  ]
  test.each(unknownIds)('%s with an unknown id throws %s', async (_, code, call) => {
    expect(codeOf(() => call(harness.fixture.datapath))).toBe(code)
  })

  test('ids are not taken again, and closed ones are unknown', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    const stream = datapath.openStream({ framing: 'openvpn' })
    datapath.closeFlow(client.flow)
    datapath.closeStream(stream)
    expect(codeOf(() => datapath.counters(client.flow))).toBe('ERR_DATAPATH_UNKNOWN_FLOW')
    expect(codeOf(() => datapath.closeFlow(client.flow))).toBe('ERR_DATAPATH_UNKNOWN_FLOW')
    expect(codeOf(() => datapath.takeStreamOutput(stream))).toBe('ERR_DATAPATH_UNKNOWN_STREAM')
    expect(datapath.openStream({ framing: 'openvpn' })).not.toBe(stream)
    expect((await gateway.connect()).flow).not.toBe(client.flow)
  })

  test('a key id that is not installed cannot be selected or removed', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    expect(codeOf(() => datapath.selectKey(client.flow, 4))).toBe('ERR_DATAPATH_UNKNOWN_KEY')
    expect(codeOf(() => datapath.removeKey(client.flow, 4))).toBe('ERR_DATAPATH_UNKNOWN_KEY')
  })

  test('a peer-id belongs to one flow at a time', async () => {
    const gateway = await openGateway(harness.fixture)
    await gateway.connect()
    const path = { type: 'udp', port: gateway.port, remote: gateway.local } as const
    const options = { path, peerId: 5, clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0 }
    expect(codeOf(() => harness.fixture.datapath.openFlow(options))).toBe('ERR_DATAPATH_PEER_ID_IN_USE')
  })

  test('the TUN device opens once', async () => {
    await openGateway(harness.fixture)
    const open = () => harness.fixture.datapath.openTun({ name: 'cwtest%d', mtu: 1500 })
    expect(codeOf(open)).toBe('ERR_DATAPATH_TUN_OPEN')
  })

  test('a UDP port that is taken is refused with the reason', async () => {
    const gateway = await openGateway(harness.fixture)
    const peer = await harness.fixture.openPeer(4)
    const { address, port } = peer.endpoint
    const open = () => harness.fixture.datapath.openPort({ address, port, protocol: 'openvpn' })
    expect(codeOf(open)).toBe('ERR_DATAPATH_SYSTEM')
    expect(gateway.local.port).not.toBe(port)
  })

  test('one bad change of routes leaves all of them undone', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const change = () =>
      harness.fixture.datapath.changeRoutes([
        { type: 'remove', prefix: prefix('10.8.0.2') },
        { type: 'add', prefix: prefix('10.9.0.0/16'), flow: NO_ID },
      ])
    expect(codeOf(change)).toBe('ERR_DATAPATH_UNKNOWN_FLOW')
    harness.fixture.tunWrite(client.fromHost('still routed'))
    await client.expectPayloads([client.fromHost('still routed')])
  })

  const badSlots: readonly [string, Partial<OpenVpnKeySlot>][] = [
    ['a key too short', { send: { ...slot.send, cipherKey: new Uint8Array(31) } }],
    ['a key too long', { receive: { ...slot.receive, cipherKey: new Uint8Array(33) } }],
    ['an implicit IV of 12 bytes', { send: { ...slot.send, authKey: new Uint8Array(12) } }],
    ['an epoch slot with an implicit IV', { format: 'epoch' }],
    ['a digest beside an AEAD', { digest: 'SHA256' }],
    ['CBC without a digest', { cipher: 'AES-256-CBC' }],
    ['CBC with an HMAC key of another length', { cipher: 'AES-256-CBC', digest: 'SHA1' }],
    ['an unknown cipher', { cipher: wrong('BF-CBC') }],
    ['a cipher from the prototype', { cipher: wrong('constructor') }],
    ['an unknown digest', { cipher: 'AES-256-CBC', digest: wrong('MD5') }],
    ['an unknown compression', { compression: wrong('lz4') }],
    ['a key id of 8', { keyId: wrong(8) }],
    ['a negative limit', { packetLimit: -1 }],
    ['a fractional limit', { byteLimit: 0.5 }],
  ]
  test.each(badSlots)('a slot with %s is refused', async (_, change) => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const install = () => harness.fixture.datapath.installKey(client.flow, { ...slot, ...change })
    expect(codeOf(install)).toBe('ERR_DATAPATH_ARGUMENT')
    client.send(client.toHost('as before'))
    await gateway.expectHost([client.toHost('as before')])
  })

  const badFlows: readonly [string, Partial<OpenVpnFlowOptions>][] = [
    ['a peer-id of 25 bits', { peerId: 0x1000000 }],
    ['the peer-id that means none', { peerId: 0xffffff }],
    ['a clamp below every MTU', { clampBytes: 100 }],
    ['a negative ping interval', { pingIntervalSeconds: -1 }],
    ['a fractional idle time', { idleTimeoutSeconds: 1.5 }],
    ['an unknown path', { path: wrong({ type: 'carrier-pigeon' }) }],
  ]
  test.each(badFlows)('a flow with %s is refused', async (_, change) => {
    const gateway = await openGateway(harness.fixture)
    const path = { type: 'udp', port: gateway.port, remote: gateway.local } as const
    const options = { path, clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0, ...change }
    expect(codeOf(() => harness.fixture.datapath.openFlow(options))).toBe('ERR_DATAPATH_ARGUMENT')
  })

  const badSource = { address: prefix('10.0.0.1').address, length: 8 }
  const badCalls: readonly [string, (datapath: Datapath) => unknown][] = [
    ['an interface name of 16 characters', d => d.openTun({ name: 'a'.repeat(16), mtu: 1500 })],
    ['an empty interface name', d => d.openTun({ name: '', mtu: 1500 })],
    ['an interface name with a slash', d => d.openTun({ name: '../tun', mtu: 1500 })],
    ['an interface name with two formats', d => d.openTun({ name: 'tun%d%s', mtu: 1500 })],
    ['an MTU below 1280', d => d.openTun({ name: 'tun%d', mtu: 1279 })],
    ['an MTU above 9000', d => d.openTun({ name: 'tun%d', mtu: 9001 })],
    [
      'a port number of 65536',
      d => d.openPort({ address: prefix('127.0.0.1').address, port: 65536, protocol: 'openvpn' }),
    ],
    [
      'an address of 5 bytes',
      d => d.openPort({ address: { family: 4, bytes: new Uint8Array(5) }, port: 0, protocol: 'openvpn' }),
    ],
    [
      'an unknown protocol',
      d => d.openPort({ address: prefix('127.0.0.1').address, port: 0, protocol: wrong('sip') }),
    ],
    ['an unknown framing', d => d.openStream({ framing: wrong('netstring') })],
    ['an unknown setting value', d => d.configure({ clientToClient: wrong('yes') })],
    ['a limit below nothing', d => d.configure({ throughputBytesPerSecond: -1 })],
    ['a limit in parts of bytes', d => d.configure({ throughputBytesPerSecond: 0.5 })],
    [
      'a prefix with bits past its length',
      d => d.changeRoutes([{ type: 'remove', prefix: { address: prefix('10.0.0.1').address, length: 8 } }]),
    ],
    [
      'a prefix of 33 bits',
      d => d.changeRoutes([{ type: 'remove', prefix: { address: prefix('10.0.0.0').address, length: 33 } }]),
    ],
    [
      'a source with bits past its length',
      d => d.changeRoutes([{ type: 'remove', prefix: prefix('10.0.0.0/8'), source: badSource }]),
    ],
    [
      'a source of another family',
      d => d.changeRoutes([{ type: 'remove', prefix: prefix('10.0.0.0/8'), source: prefix('::/0') }]),
    ],
    ['a metric of 65536', d => d.changeRoutes([{ type: 'remove', prefix: prefix('::/0'), metric: 65536 }])],
    ['a metric below 0', d => d.changeRoutes([{ type: 'remove', prefix: prefix('::/0'), metric: -1 }])],
    ['an unknown value of transit', d => d.configure({ siteToClient: wrong(1) })],
    [
      'an unknown route change',
      d => d.changeRoutes([wrong({ type: 'twist', prefix: prefix('10.0.0.0/8') })]),
    ],
  ]
  test.each(badCalls)('%s is refused', async (_, call) => {
    expect(codeOf(() => call(harness.fixture.datapath))).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test('a datagram or control packet without bytes is refused', async () => {
    const gateway = await openGateway(harness.fixture)
    const { datapath } = harness.fixture
    const stream = datapath.openStream({ framing: 'openvpn' })
    const empty = new Uint8Array(0)
    const send = () => datapath.sendDatagrams(gateway.port, [{ remote: gateway.local, bytes: empty }])
    expect(codeOf(send)).toBe('ERR_DATAPATH_ARGUMENT')
    expect(codeOf(() => datapath.streamControl(stream, [empty]))).toBe('ERR_DATAPATH_ARGUMENT')
    expect(codeOf(() => datapath.streamInput(stream, wrong('text')))).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test('closing twice is allowed; anything else afterwards throws', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    datapath.close()
    datapath.close()
    const calls: (() => unknown)[] = [
      () => datapath.openTun({ name: 'cwtest%d', mtu: 1500 }),
      () => datapath.openStream({ framing: 'openvpn' }),
      () => datapath.counters(client.flow),
      () => datapath.closeFlow(client.flow),
      () => datapath.changeRoutes([]),
      () => datapath.configure({}),
      () => datapath.totals(),
    ]
    expect(calls.map(codeOf)).toEqual(calls.map(() => 'ERR_DATAPATH_CLOSED'))
  })
}
