import { formatHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, openGateway } from './datapath-fixture.suite.ts'
import {
  ECHO_REQUEST,
  LCP_ECHO,
  pppIp,
  restNow,
  SstpClient,
  type SstpClientOptions,
  sstpData,
} from './datapath-sstp-fixture.suite.ts'
import {
  connectSstpTls,
  openTlsPair,
  SstpTlsClient,
  TLS_1_2,
  TLS_1_3,
  TLS_FORMS,
  type TlsForm,
} from './datapath-sstp-tls-peer.suite.ts'

/** More than any bound on a stream's waiting output. */
const FLOOD_BYTES = 64 * 1024 * 1024

export function describeSstpTls(harness: Harness): void {
  const connect = (form?: TlsForm, options?: Partial<SstpClientOptions>) =>
    connectSstpTls(harness.fixture, form, options)
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
        await restNow(harness.fixture, cut)
        const records = [one, ECHO_REQUEST, two].map(bytes => client.peer.write(bytes))
        const bytes = new Uint8Array(Buffer.concat(records))
        size = bytes.length
        client.inputRecords(bytes.subarray(0, cut))
        client.inputRecords(bytes.subarray(cut))
        await gateway.expectHost(packets)
      }
      expect(times).toBeGreaterThan(100)
      await eventually(harness.fixture, 'control', () => client.control().length === times)
    })

    test('SSTP packets may be cut anywhere between records', async () => {
      const { gateway, client } = await connect(form)
      const packets = [client.toHost('one'), client.toHost('two')]
      const bytes = new Uint8Array(Buffer.concat(packets.map(packet => sstpData(pppIp(packet)))))
      for (let cut = 1; cut < bytes.length; cut++) {
        client.input(bytes.subarray(0, cut))
        client.input(bytes.subarray(cut))
        await gateway.expectHost(packets)
      }
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
      const texts = toSend(60)
      await sendAll(client, texts)
      await client.expectPackets(texts.map(text => client.fromHost(text)))
      expect(client.recordBytes.length).toBeLessThanOrEqual(12)
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

  test('a chunk of no bytes is nothing', async () => {
    const { gateway, client } = await connect()
    client.inputRecords(new Uint8Array(0))
    client.send(client.toHost('whole'))
    client.inputRecords(new Uint8Array(0))
    await gateway.expectHost([client.toHost('whole')])
    expect(eventsOf(harness.fixture, 'stream-ended')).toEqual([])
  })

  test('a flow may be closed before and after its stream, with all that waits', async () => {
    const { gateway, client } = await connect()
    const { datapath } = harness.fixture
    await sendAll(client, ['one', 'two'])
    datapath.closeFlow(client.flow)
    client.send(client.toHost('late'))
    await eventually(harness.fixture, 'the count', () => datapath.totals().unknownFlow === 1)
    expect(client.takePackets()).toHaveLength(2)
    const next = new SstpTlsClient(harness.fixture, await openTlsPair(TLS_1_3))
    next.openFlow()
    await sendAll(next, ['three'])
    datapath.closeStream(next.stream)
    harness.fixture.tunWrite(next.fromHost('gone'))
    await eventually(harness.fixture, 'a drop', () => next.counters.sendDrops === 1)
    datapath.closeFlow(next.flow)
    const last = new SstpTlsClient(harness.fixture, await openTlsPair(TLS_1_3))
    last.openFlow()
    await last.expectNothingBefore(gateway)
  })
}
