import { expect, test } from 'vitest'
import { GCM_CHANNEL } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { endpoint, openGateway, PLAIN_CHANNEL } from './datapath-fixture.suite.ts'
import { codeOf, wrong } from './datapath-misuse.suite.ts'
import { makeKeys, makeSlot } from './datapath-peer.suite.ts'
import { connectSstp, ECHO_REQUEST, SstpClient } from './datapath-sstp-fixture.suite.ts'
import { makeEspKeys, makeSa } from './esp-peer.suite.ts'
import type { FlowOptions, SstpFlowOptions } from './flow.ts'

/** An id that is never given out. */
const NO_ID = 987_654

const TERMS = {
  protocol: 'sstp',
  clampBytes: 1400,
  innerMtu: 1400,
  compressAddressControl: false,
  compressProtocol: false,
  idleTimeoutSeconds: 0,
} as const

export function describeSstpMisuse(harness: Harness): void {
  const open = (options: FlowOptions) => codeOf(() => harness.fixture.datapath.openFlow(options))

  const badFlows: readonly [string, Partial<SstpFlowOptions>][] = [
    ['an inner MTU of 575', { innerMtu: 575 }],
    ['an inner MTU that no SSTP packet holds', { innerMtu: 4088 }],
    ['a fractional inner MTU', { innerMtu: 1400.5 }],
    ['a clamp below every MTU', { clampBytes: 100 }],
    ['a negative idle time', { idleTimeoutSeconds: -1 }],
    ['no word on address and control', { compressAddressControl: wrong(undefined) }],
    ['a number for the protocol field', { compressProtocol: wrong(1) }],
    ['an unknown protocol', { protocol: wrong('l2tp') }],
  ]
  test.each(badFlows)('a flow with %s is refused', async (_, change) => {
    const { stream } = new SstpClient(harness.fixture)
    expect(open({ ...TERMS, path: { type: 'stream', stream }, ...change })).toBe('ERR_DATAPATH_ARGUMENT')
    expect(open({ ...TERMS, path: { type: 'stream', stream } })).toBe('nothing thrown')
  })

  test('a flow goes by a stream of its own framing, and by no port', async () => {
    const gateway = await openGateway(harness.fixture)
    const { datapath } = harness.fixture
    const openVpn = { clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0 } as const
    const { stream } = new SstpClient(harness.fixture)
    const otherStream = datapath.openStream({ framing: 'openvpn' })
    const udp = { type: 'udp', port: gateway.port, remote: endpoint('127.0.0.1', 999) } as const
    expect(open({ ...TERMS, path: udp })).toBe('ERR_DATAPATH_ARGUMENT')
    expect(open({ ...TERMS, path: { type: 'stream', stream: otherStream } })).toBe('ERR_DATAPATH_PROTOCOL')
    expect(open({ ...TERMS, path: { type: 'stream', stream: NO_ID } })).toBe('ERR_DATAPATH_UNKNOWN_STREAM')
    expect(open({ ...openVpn, path: { type: 'stream', stream } })).toBe('ERR_DATAPATH_PROTOCOL')
  })

  test('a flow moves to a stream of its own framing, and to no port', async () => {
    const { gateway, client } = await connectSstp(harness.fixture)
    const { datapath } = harness.fixture
    const otherStream = datapath.openStream({ framing: 'openvpn' })
    const udp = { type: 'udp', port: gateway.port, remote: endpoint('127.0.0.1', 999) } as const
    const move = (path: SstpFlowOptions['path']) => codeOf(() => datapath.moveFlow(client.flow, path))
    expect(move(udp)).toBe('ERR_DATAPATH_PROTOCOL')
    expect(move({ type: 'stream', stream: otherStream })).toBe('ERR_DATAPATH_PROTOCOL')
    expect(move({ type: 'stream', stream: NO_ID })).toBe('ERR_DATAPATH_UNKNOWN_STREAM')
    await client.expectNothingBefore(gateway)
  })

  test('a flow takes no keys and no payloads that are not IP', async () => {
    const { client } = await connectSstp(harness.fixture)
    const { datapath } = harness.fixture
    const slot = makeSlot(PLAIN_CHANNEL, makeKeys(PLAIN_CHANNEL))
    const sa = makeSa(GCM_CHANNEL, makeEspKeys(GCM_CHANNEL))
    expect(codeOf(() => datapath.installKey(client.flow, slot))).toBe('ERR_DATAPATH_KEY')
    expect(codeOf(() => datapath.installKey(client.flow, sa))).toBe('ERR_DATAPATH_KEY')
    expect(codeOf(() => datapath.selectKey(client.flow, 0))).toBe('ERR_DATAPATH_UNKNOWN_KEY')
    expect(codeOf(() => datapath.removeKey(client.flow, 0))).toBe('ERR_DATAPATH_UNKNOWN_KEY')
    expect(codeOf(() => datapath.sendInband(client.flow, Uint8Array.of(1)))).toBe('ERR_DATAPATH_PROTOCOL')
  })

  test('a stream with a bad option is refused', () => {
    const options = { framing: 'sstp', recordPerPacket: wrong<boolean>('yes') } as const
    expect(codeOf(() => harness.fixture.datapath.openStream(options))).toBe('ERR_DATAPATH_ARGUMENT')
  })

  test('a closed or unknown stream takes nothing', () => {
    const { datapath } = harness.fixture
    const { stream } = new SstpClient(harness.fixture)
    datapath.closeStream(stream)
    for (const id of [stream, NO_ID]) {
      const calls = [
        () => datapath.streamInput(id, ECHO_REQUEST),
        () => datapath.streamControl(id, [ECHO_REQUEST]),
        () => datapath.takeStreamOutput(id),
        () => datapath.endStream(id),
        () => datapath.closeStream(id),
      ]
      expect(calls.map(codeOf)).toEqual(calls.map(() => 'ERR_DATAPATH_UNKNOWN_STREAM'))
    }
  })

  test('with the datapath closed a stream is not ended', () => {
    const { stream } = new SstpClient(harness.fixture)
    harness.fixture.datapath.close()
    expect(codeOf(() => harness.fixture.datapath.endStream(stream))).toBe('ERR_DATAPATH_CLOSED')
  })
}
