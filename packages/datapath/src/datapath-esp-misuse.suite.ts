import { expect, test } from 'vitest'
import type { Datapath } from './datapath.ts'
import { GCM_CHANNEL, NEXT_CHANNEL, openEspGateway } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { endpoint, PLAIN_CHANNEL } from './datapath-fixture.suite.ts'
import { codeOf, wrong } from './datapath-misuse.suite.ts'
import { makeKeys, makeSlot } from './datapath-peer.suite.ts'
import { EVERYTHING, makeEspKeys, makeSa, selector } from './esp-peer.suite.ts'
import type { EspFlowOptions, EspSa } from './flow.ts'
import type { PortId } from './ids.ts'

export function describeEspMisuse(harness: Harness): void {
  const keys = makeEspKeys(GCM_CHANNEL)
  const sa = makeSa(NEXT_CHANNEL, makeEspKeys(NEXT_CHANNEL))
  const cbc = { cipher: 'AES-CBC-256', integrity: 'HMAC-SHA256-128' } as const
  const cbcSa = makeSa({ ...NEXT_CHANNEL, ...cbc }, makeEspKeys({ ...NEXT_CHANNEL, ...cbc }))
  const localOf = (...local: EspSa['selectors']['local']) => ({ selectors: { local, remote: EVERYTHING } })
  const withSelector = (more: object) => localOf(selector('10.0.0.0/8', more))

  const badSas: readonly [string, Partial<EspSa>, EspSa?][] = [
    ['a reserved SPI to receive by', { keyId: 255 }],
    ['SPI 0 to receive by', { keyId: 0 }],
    ['an SPI of 33 bits', { keyId: 2 ** 32 }],
    ['a fractional SPI', { keyId: 300.5 }],
    ['a reserved SPI to send to', { sendSpi: 1 }],
    ['an unknown cipher', { cipher: wrong('3DES') }],
    ['a cipher from the prototype', { cipher: wrong('constructor') }],
    ['integrity beside GCM', { integrity: 'HMAC-SHA256-128' }],
    ['CBC without integrity', { cipher: 'AES-CBC-256' }],
    ['an unknown integrity', { integrity: wrong('HMAC-MD5-96') }, cbcSa],
    ['a key too short', { send: { ...keys.send, cipherKey: new Uint8Array(31) } }],
    ['a key too long', { receive: { ...keys.receive, cipherKey: new Uint8Array(33) } }],
    ['a salt within the key', { receive: { ...keys.receive, cipherKey: new Uint8Array(36) } }],
    ['a salt of 8 bytes', { send: { ...keys.send, integrityKey: new Uint8Array(8) } }],
    ['no keys', { send: wrong(undefined) }],
    [
      'an HMAC key of another length',
      { receive: { ...cbcSa.receive, integrityKey: new Uint8Array(20) } },
      cbcSa,
    ],
    ['a replay window of 31', { replayWindow: 31 }],
    ['a replay window of 1025', { replayWindow: 1025 }],
    ['extended numbers that are neither', { extendedSequence: wrong(1) }],
    ['a negative limit', { packetLimit: -1 }],
    ['a fractional hard limit', { hardByteLimit: 0.5 }],
    ['no limit at all', { hardPacketLimit: wrong(undefined) }],
    ['no selectors', { selectors: wrong(undefined) }],
    ['no local selectors', localOf()],
    ['too many selectors', localOf(...Array(256).fill(selector('10.0.0.0/8')))],
    ['selectors that are no list', { selectors: { local: wrong('any'), remote: EVERYTHING } }],
    ['a range of addresses that runs backwards', withSelector({ start: selector('11.0.0.0/8').start })],
    ['a range over both families', withSelector({ end: selector('::/0').end })],
    ['a range of ports that runs backwards', withSelector({ startPort: 2, endPort: 1 })],
    ['a port of 17 bits', withSelector({ endPort: 65536 })],
    ['a protocol of 9 bits', withSelector({ protocol: 256 })],
    ['an address of 5 bytes', withSelector({ start: { family: 4, bytes: new Uint8Array(5) } })],
  ]
  test.each(badSas)('an SA with %s is refused', async (_, change, base = sa) => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const install = (given: EspSa) => harness.fixture.datapath.installKey(client.flow, given)
    expect(codeOf(() => install({ ...base, ...change }))).toBe('ERR_DATAPATH_ARGUMENT')
    expect(codeOf(() => install(base))).toBe('nothing thrown')
    client.send(client.toHost('as before'))
    await gateway.expectHost([client.toHost('as before')])
  })

  const badFlows: readonly [string, Partial<EspFlowOptions>][] = [
    ['an inner MTU below 576', { innerMtu: 575 }],
    ['an inner MTU above 9000', { innerMtu: 9001 }],
    ['no inner MTU', { innerMtu: wrong(undefined) }],
    ['a negative idle time', { idleTimeoutSeconds: -1 }],
    ['a clamp below every MTU', { clampBytes: 100 }],
    ['an unknown protocol', { protocol: wrong('ah') }],
    ['an unknown kind of peer', { peer: wrong('router') }],
  ]
  test.each(badFlows)('a flow with %s is refused', async (_, change) => {
    const gateway = await openEspGateway(harness.fixture)
    const open = () => gateway.connectEsp({ flow: change })
    expect(await rejectionCode(open)).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test("a path's own address of the other family is refused", async () => {
    const gateway = await openEspGateway(harness.fixture)
    const path = { type: 'udp', port: gateway.port, remote: gateway.local } as const
    const local = endpoint('::1', 1).address
    const open = () => gateway.connectEsp({ flow: { path: { ...path, local } } })
    expect(await rejectionCode(open)).toBe('ERR_DATAPATH_ARGUMENT')
    const send = () =>
      harness.fixture.datapath.sendDatagrams(gateway.port, [
        { remote: gateway.local, local, bytes: Uint8Array.of(1) },
      ])
    expect(codeOf(send)).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test('an ESP flow does not go over a stream', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const stream = harness.fixture.datapath.openStream({ framing: 'openvpn' })
    const path = { type: 'stream', stream } as const
    expect(await rejectionCode(() => gateway.connectEsp({ flow: { path } }))).toBe('ERR_DATAPATH_ARGUMENT')
    const client = await gateway.connectEsp()
    const move = () => harness.fixture.datapath.moveFlow(client.flow, path)
    expect(codeOf(move)).toBe('ERR_DATAPATH_PROTOCOL')
  })

  test('a path goes by a port of the flow’s protocol', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const client = await gateway.connectEsp()
    const { address } = gateway.local
    const open = (protocol: 'openvpn' | 'ike') => datapath.openPort({ address, port: 0, protocol }).id
    const remote = client.peer.endpoint
    const moves = [open('openvpn'), open('ike')].map(
      port => () => datapath.moveFlow(client.flow, { type: 'udp', port, remote }),
    )
    expect(moves.map(codeOf)).toEqual(['ERR_DATAPATH_PROTOCOL', 'ERR_DATAPATH_PROTOCOL'])
    const zero = { address: remote.address, port: 0 }
    const toPortZero = () => datapath.moveFlow(client.flow, { type: 'udp', port: gateway.port, remote: zero })
    expect(codeOf(toPortZero)).toBe('ERR_DATAPATH_PROTOCOL')
    expect(codeOf(() => openVpnFlow(datapath, gateway.port))).toBe('ERR_DATAPATH_PROTOCOL')
    client.send(client.toHost('as before'))
    await gateway.expectHost([client.toHost('as before')])
  })

  test('a key of the other protocol is refused', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const client = await gateway.connectEsp()
    const slot = makeSlot(PLAIN_CHANNEL, makeKeys(PLAIN_CHANNEL))
    expect(codeOf(() => datapath.installKey(client.flow, slot))).toBe('ERR_DATAPATH_KEY')
    const { address } = gateway.local
    const port = datapath.openPort({ address, port: 0, protocol: 'openvpn' }).id
    const flow = openVpnFlow(datapath, port)
    expect(codeOf(() => datapath.installKey(flow, sa))).toBe('ERR_DATAPATH_KEY')
  })

  test('an SPI belongs to one flow at a time', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const client = await gateway.connectEsp()
    const other = await gateway.connectEsp({ channel: NEXT_CHANNEL, addresses: ['10.8.0.3'] })
    const taken = makeSa(GCM_CHANNEL, keys)
    expect(codeOf(() => datapath.installKey(other.flow, taken))).toBe('ERR_DATAPATH_KEY')
    client.send(client.toHost('still its own'))
    await gateway.expectHost([client.toHost('still its own')])
    datapath.removeKey(client.flow, GCM_CHANNEL.spi)
    expect(codeOf(() => datapath.installKey(other.flow, taken))).toBe('nothing thrown')
  })

  test('an SPI that is not installed cannot be selected or removed', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const client = await gateway.connectEsp()
    await gateway.connectEsp({ channel: NEXT_CHANNEL, addresses: ['10.8.0.3'] })
    // Neither one that nobody has nor one of another flow.
    for (const spi of [0xdeadbeef, NEXT_CHANNEL.spi, 3]) {
      expect(codeOf(() => datapath.selectKey(client.flow, spi))).toBe('ERR_DATAPATH_UNKNOWN_KEY')
      expect(codeOf(() => datapath.removeKey(client.flow, spi))).toBe('ERR_DATAPATH_UNKNOWN_KEY')
    }
    expect(codeOf(() => datapath.selectKey(client.flow, 2 ** 32))).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test('an ESP flow sends nothing in-band', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const send = () => harness.fixture.datapath.sendInband(client.flow, Uint8Array.of(1))
    expect(codeOf(send)).toBe('ERR_DATAPATH_PROTOCOL')
  })

  test('a raw ESP port has no port number', () => {
    const { address } = endpoint('127.0.0.1', 1)
    const open = () => harness.fixture.datapath.openPort({ address, port: 4500, protocol: 'esp' })
    expect(codeOf(open)).toBe('ERR_DATAPATH_ARGUMENT')
  })
}

function openVpnFlow(datapath: Datapath, port: PortId): number {
  const path = { type: 'udp', port, remote: endpoint('127.0.0.1', 9) } as const
  return datapath.openFlow({ path, clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0 })
}

/** The code with which opening a client fails. */
async function rejectionCode(open: () => Promise<unknown>): Promise<string> {
  const failure = await open().then(
    () => undefined,
    (error: unknown) => error,
  )
  return codeOf(() => {
    if (failure) throw failure
  })
}
