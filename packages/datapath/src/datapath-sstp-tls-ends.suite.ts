import { describe, expect, test } from 'vitest'
import type { StreamTls } from './datapath.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, openGateway } from './datapath-fixture.suite.ts'
import { codeOf, wrong } from './datapath-misuse.suite.ts'
import {
  cutSstp,
  ECHO_REQUEST,
  LCP_ECHO,
  pppIp,
  SstpClient,
  sstpData,
} from './datapath-sstp-fixture.suite.ts'
import {
  connectSstpTls,
  openTlsPair,
  SstpTlsClient,
  TLS_1_2,
  TLS_1_3,
  type TlsForm,
} from './datapath-sstp-tls-peer.suite.ts'

/** What TLS tells the peer of an end that was in order. */
const CLOSED = 'the peer closed the TLS connection'

export function describeSstpTlsEnds(harness: Harness): void {
  const connect = (form?: TlsForm) => connectSstpTls(harness.fixture, form)

  describe.each([TLS_1_2, TLS_1_3])('$version:', form => {
    test('an end tells the peer, behind all that waited', async () => {
      const { client } = await connect(form)
      const { datapath } = harness.fixture
      harness.fixture.tunWrite(client.fromHost('last'))
      await eventually(harness.fixture, 'it in the stream', () => client.counters.packetsSent === 1)
      datapath.streamControl(client.stream, [LCP_ECHO])
      datapath.endStream(client.stream)
      datapath.endStream(client.stream)
      datapath.streamControl(client.stream, [ECHO_REQUEST])
      harness.fixture.tunWrite(client.fromHost('late'))
      await eventually(harness.fixture, 'a drop', () => client.counters.sendDrops === 1)
      await eventOf(harness.fixture, 'stream-output')
      expect(client.takePackets()).toEqual([sstpData(pppIp(client.fromHost('last'))), LCP_ECHO])
      expect(client.peer.failure).toBe(CLOSED)
      expect(eventsOf(harness.fixture, 'stream-fault')).toEqual([])
    })

    test('an end with nothing waiting is told of', async () => {
      const { client } = await connect(form)
      expect(client.takePackets()).toEqual([])
      harness.fixture.datapath.endStream(client.stream)
      await eventOf(harness.fixture, 'stream-output')
      expect(client.takePackets()).toEqual([])
      expect(client.peer.failure).toBe(CLOSED)
    })

    test("the peer's end in order ends the stream, after all that came before", async () => {
      const { gateway, client } = await connect(form)
      const packet = client.toHost('last')
      const records = [client.peer.write(sstpData(pppIp(packet))), client.peer.end()]
      client.inputRecords(new Uint8Array(Buffer.concat(records)))
      await gateway.expectHost([packet])
      expect(await eventOf(harness.fixture, 'stream-ended')).toEqual({
        type: 'stream-ended',
        stream: client.stream,
      })
      client.inputRecords(Uint8Array.of(1, 2, 3))
      await harness.fixture.settle()
      expect(eventsOf(harness.fixture, 'stream-ended')).toHaveLength(1)
      expect(eventsOf(harness.fixture, 'stream-fault')).toEqual([])
    })

    test('a record that is not authentic is a fault, of which the peer is told', async () => {
      const { gateway, client } = await connect(form)
      client.send(client.toHost('good'))
      await gateway.expectHost([client.toHost('good')])
      const record = client.peer.write(sstpData(pppIp(client.toHost('forged'))))
      record[20] = (record[20] as number) ^ 1
      client.inputRecords(record)
      const fault = await eventOf(harness.fixture, 'stream-fault')
      expect(fault.stream).toBe(client.stream)
      expect(fault.reason).not.toBe('')
      client.inputRecords(client.peer.write(ECHO_REQUEST))
      expect(client.takePackets()).toEqual([])
      expect(client.peer.failure).toMatch(/alert|peer/)
      expect(client.control()).toEqual([])
      expect(harness.fixture.tunRead()).toEqual([])
      expect(eventsOf(harness.fixture, 'stream-fault')).toHaveLength(1)
    })
  })

  test('what is no TLS is a fault', async () => {
    const { client } = await connect()
    client.inputRecords(sstpData(pppIp(client.toHost('plain'))))
    await eventOf(harness.fixture, 'stream-fault')
    expect(harness.fixture.tunRead()).toEqual([])
  })

  test('what is no SSTP inside TLS is a fault', async () => {
    const { gateway, client } = await connect()
    client.input(
      sstpData(pppIp(client.toHost('before'))),
      Uint8Array.of(0x50, 0x4f, 0x53, 0x54),
      ECHO_REQUEST,
    )
    await gateway.expectHost([client.toHost('before')])
    await eventOf(harness.fixture, 'stream-fault')
    expect(client.control()).toEqual([])
  })

  test.each(['stream', 'datapath'] as const)('the connection ends with its %s', async what => {
    await openGateway(harness.fixture)
    const { datapath } = harness.fixture
    const pair = await openTlsPair(TLS_1_3)
    const { stream } = new SstpTlsClient(harness.fixture, pair)
    if (what === 'stream') datapath.closeStream(stream)
    else datapath.close()
    expect(pair.server.write(ECHO_REQUEST)).toEqual({})
    expect(pair.server.input(pair.peer.write(ECHO_REQUEST))).toEqual({})
  })

  describe('attachTls refuses', () => {
    const refusal = (stream: number, tls: StreamTls) =>
      codeOf(() => harness.fixture.datapath.attachTls(stream, tls))

    test('a second connection', async () => {
      const { gateway, client } = await connect()
      const { server } = await openTlsPair(TLS_1_3)
      expect(refusal(client.stream, server)).toBe('ERR_DATAPATH_PROTOCOL')
      client.send(client.toHost('the first goes on'))
      await gateway.expectHost([client.toHost('the first goes on')])
    })

    test('another framing, and leaves the connection to the caller', async () => {
      const { server, peer } = await openTlsPair(TLS_1_3)
      const stream = harness.fixture.datapath.openStream({ framing: 'openvpn' })
      expect(refusal(stream, server)).toBe('ERR_DATAPATH_PROTOCOL')
      peer.input(server.write(ECHO_REQUEST).records ?? new Uint8Array(0))
      expect(peer.read()).toEqual(ECHO_REQUEST)
    })

    test('a stream with something to write, until that is taken', async () => {
      const { server, peer } = await openTlsPair(TLS_1_3)
      const client = new SstpClient(harness.fixture)
      harness.fixture.datapath.streamControl(client.stream, [LCP_ECHO])
      expect(refusal(client.stream, server)).toBe('ERR_DATAPATH_PROTOCOL')
      expect(client.takePackets()).toEqual([LCP_ECHO])
      expect(refusal(client.stream, server)).toBe('nothing thrown')
      harness.fixture.datapath.streamControl(client.stream, [ECHO_REQUEST])
      peer.input(client.takeBytes())
      expect(cutSstp(peer.read())).toEqual([ECHO_REQUEST])
    })

    test('an unknown stream', async () => {
      const { server } = await openTlsPair(TLS_1_3)
      expect(refusal(987_654, server)).toBe('ERR_DATAPATH_UNKNOWN_STREAM')
    })

    test.each([
      ['nothing', undefined],
      ['no connection', {}],
      ['half a connection', { input: () => ({}), write: () => ({}) }],
    ])('%s', (_, tls) => {
      const { stream } = new SstpClient(harness.fixture)
      expect(refusal(stream, wrong(tls))).toBe('ERR_DATAPATH_ARGUMENT')
    })
  })
}
