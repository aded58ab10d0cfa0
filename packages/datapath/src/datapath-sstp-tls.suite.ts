import { formatHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { StreamTls } from './datapath.ts'
import type { Gateway, Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, openGateway } from './datapath-fixture.suite.ts'
import { codeOf, wrong } from './datapath-misuse.suite.ts'
import {
  cutSstp,
  ECHO_REQUEST,
  LCP_ECHO,
  pppIp,
  SstpClient,
  type SstpClientOptions,
  sstpData,
} from './datapath-sstp-fixture.suite.ts'
import {
  openTlsPair,
  SstpTlsClient,
  TLS_1_2,
  TLS_1_3,
  TLS_FORMS,
  type TlsForm,
} from './datapath-sstp-tls-peer.suite.ts'

/** More than any bound on a stream's waiting output. */
const FLOOD_BYTES = 64 * 1024 * 1024
/** What TLS tells the peer of an end that was in order. */
const CLOSED = 'the peer closed the TLS connection'

interface Connected {
  readonly gateway: Gateway
  readonly client: SstpTlsClient
}

export function describeSstpTls(harness: Harness): void {
  const connect = async (
    form: TlsForm = TLS_1_3,
    options: Partial<SstpClientOptions> = {},
  ): Promise<Connected> => {
    const gateway = await openGateway(harness.fixture)
    const client = new SstpTlsClient(harness.fixture, await openTlsPair(form), options)
    client.openFlow()
    return { gateway, client }
  }
  const toSend = (count: number) => Array.from({ length: count }, (_, i) => `${i} `.padEnd(1200, 'x'))
  /** Waits until all that the host sends has been put into the stream. */
  const sendAll = async (client: SstpTlsClient, texts: readonly string[]) => {
    for (const text of texts) harness.fixture.tunWrite(client.fromHost(text))
    await eventually(harness.fixture, 'all in the stream', () => client.counters.packetsSent === texts.length)
  }

  test.each(TLS_FORMS)('$version with $cipher carries both ways', async form => {
    const { gateway, client } = await connect(form)
    for (const round of ['first', 'second', 'third']) {
      client.send(client.toHost(round))
      client.input(ECHO_REQUEST)
      await gateway.expectHost([client.toHost(round)])
      harness.fixture.tunWrite(client.fromHost(round))
      await client.expectPackets([client.fromHost(round)])
    }
    await eventually(harness.fixture, 'control', () => client.control().length === 3)
    harness.fixture.datapath.streamControl(client.stream, [LCP_ECHO, ECHO_REQUEST])
    expect(client.takePackets()).toEqual([LCP_ECHO, ECHO_REQUEST])
    expect(eventsOf(harness.fixture, 'stream-fault')).toEqual([])
  })

  describe.each([TLS_1_2, TLS_1_3])('$version:', form => {
    test('records may be cut at every offset', async () => {
      const { gateway, client } = await connect(form)
      const packets = [client.toHost('one'), client.toHost('two')]
      const [one, two] = packets.map(packet => sstpData(pppIp(packet))) as [Uint8Array, Uint8Array]
      let times = 0
      for (let cut = 0, size = 1; cut <= size; cut++, times++) {
        const records = [one, ECHO_REQUEST, two].map(bytes => client.peer.write(bytes))
        const bytes = new Uint8Array(Buffer.concat(records))
        size = bytes.length
        client.inputRecords(bytes.subarray(0, cut))
        client.inputRecords(bytes.subarray(cut))
      }
      expect(times).toBeGreaterThan(100)
      await gateway.expectHost(Array.from({ length: times }, () => packets).flat())
      await eventually(harness.fixture, 'control', () => client.control().length === times)
    })

    test('SSTP packets may be cut anywhere between records', async () => {
      const { gateway, client } = await connect(form)
      const packets = [client.toHost('one'), client.toHost('two')]
      const bytes = new Uint8Array(Buffer.concat(packets.map(packet => sstpData(pppIp(packet)))))
      for (let cut = 1; cut < bytes.length; cut++) {
        client.input(bytes.subarray(0, cut))
        client.input(bytes.subarray(cut))
      }
      await gateway.expectHost(Array.from({ length: bytes.length - 1 }, () => packets).flat())
    })

    test('what was plaintext before, and a record that is cut, go on', async () => {
      const gateway = await openGateway(harness.fixture)
      const { server, peer } = await openTlsPair(form)
      const packet = sstpData(LCP_ECHO.subarray(4))
      const records = peer.write(packet.subarray(5))
      server.input(records.subarray(0, 7))
      const client = new SstpClient(harness.fixture)
      client.input(ECHO_REQUEST, packet.subarray(0, 5))
      harness.fixture.datapath.attachTls(client.stream, server)
      client.openFlow()
      harness.fixture.datapath.streamInput(client.stream, records.subarray(7))
      await eventually(harness.fixture, 'control', () => client.control().length === 2)
      expect(client.control().map(formatHex)).toEqual([ECHO_REQUEST, packet].map(formatHex))
      const ip = client.toHost('behind')
      harness.fixture.datapath.streamInput(client.stream, peer.write(sstpData(pppIp(ip))))
      await gateway.expectHost([ip])
    })

    test('records are as full as they can be', async () => {
      const { client } = await connect(form)
      const texts = toSend(100)
      await sendAll(client, texts)
      await client.expectPackets(texts.map(text => client.fromHost(text)))
      expect(client.recordBytes.length).toBeLessThanOrEqual(20)
    })

    test('with a record for each packet there are as many as packets', async () => {
      const { client } = await connect(form, { recordPerPacket: true })
      const texts = toSend(30)
      await sendAll(client, texts)
      harness.fixture.datapath.streamControl(client.stream, [ECHO_REQUEST, LCP_ECHO])
      const packets = await client.receive(32)
      expect(packets.slice(0, 30)).toEqual(texts.map(text => sstpData(pppIp(client.fromHost(text)))))
      expect(packets.slice(30)).toEqual([ECHO_REQUEST, LCP_ECHO])
      expect(client.recordBytes).toHaveLength(32)
    })

    test('an end tells the peer, behind all that waited', async () => {
      const { client } = await connect(form)
      const { datapath } = harness.fixture
      await sendAll(client, ['last'])
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

  test('a slow reader loses data, which is counted, but never control', async () => {
    const { client } = await connect()
    const large = client.fromHost('x'.repeat(1300))
    let written = 0
    const flood = () => {
      for (let i = 0; i < 64; i++, written++) harness.fixture.tunWrite(large)
      if (written * large.length > FLOOD_BYTES) throw new Error('the output has no bound')
    }
    await eventually(harness.fixture, 'a drop', () => {
      if (client.counters.sendDrops > 0) return true
      flood()
      return false
    })
    await eventually(harness.fixture, 'all accounted for', () => {
      const { packetsSent, sendDrops } = client.counters
      return packetsSent + sendDrops === written
    })
    const control = Array.from({ length: 200 }, (_, i) => Uint8Array.of(0x10, 1, 0, 8, 0, i, 0, 0))
    harness.fixture.datapath.streamControl(client.stream, control)
    const packets = client.takePackets()
    expect(packets.slice(-200).map(formatHex)).toEqual(control.map(formatHex))
    expect(packets.slice(0, -200)).toHaveLength(client.counters.packetsSent)
    harness.fixture.tunWrite(client.fromHost('room again'))
    await client.expectPackets([client.fromHost('room again')])
  })

  test('what came by TLS puts idle off', async () => {
    const { client } = await connect(TLS_1_3, { flow: { idleTimeoutSeconds: 2 } })
    for (let i = 1; i <= 3; i++) {
      await harness.fixture.advance(900)
      client.input(ECHO_REQUEST)
      await eventually(harness.fixture, 'control', () => client.control().length === i)
    }
    expect(eventsOf(harness.fixture, 'idle')).toEqual([])
    await harness.fixture.advance(2600)
    await eventOf(harness.fixture, 'idle')
  })

  test('clients behind TLS reach each other', async () => {
    const { client } = await connect(TLS_1_2)
    const other = new SstpTlsClient(harness.fixture, await openTlsPair(TLS_1_3), { addresses: ['10.8.0.3'] })
    other.openFlow()
    harness.fixture.datapath.configure({ clientToClient: true })
    const packet = client.toHost('hello')
    packet.set([10, 8, 0, 3], 16)
    client.send(packet)
    await other.expectPackets([packet])
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
