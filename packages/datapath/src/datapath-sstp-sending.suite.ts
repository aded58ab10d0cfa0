import { formatHex, internetChecksum } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, HOST_4, HOST_6 } from './datapath-fixture.suite.ts'
import {
  connectSstp,
  ECHO_REQUEST,
  LCP_ECHO,
  LONGEST_PACKET,
  PPP_FORMS,
  pppIp,
  SstpClient,
  sstpData,
} from './datapath-sstp-fixture.suite.ts'
import { ipPacket, textPacket } from './inner-packet.suite.ts'

/** More than any bound on a stream's waiting output. */
const FLOOD_BYTES = 64 * 1024 * 1024
const DONT_FRAGMENT = 0x40
/** SSTP's header and PPP's in full. */
const FULL_HEADERS = 8

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** A packet of so many bytes whose body can be told at every place. */
function sized(source: string, destination: string, length: number): Uint8Array {
  const header = source.includes(':') ? 40 : 20
  const body = Uint8Array.from({ length: length - header }, (_, i) => (i * 7) & 0xff)
  return ipPacket(source, destination, body)
}

/** The packet with "don't fragment". */
function unfragmentable(packet: Uint8Array): Uint8Array {
  const copy = packet.slice()
  copy[6] = DONT_FRAGMENT
  const view = new DataView(copy.buffer)
  view.setUint16(10, 0)
  view.setUint16(10, internetChecksum(copy.subarray(0, 20)))
  return copy
}

export function describeSstpSending(harness: Harness): void {
  const connect = (innerMtu = 1400) => connectSstp(harness.fixture, { flow: { innerMtu } })
  const toldToHost = () =>
    eventually(harness.fixture, 'a message for the host', () => harness.fixture.tunRead()[0])

  test.each(PPP_FORMS)(
    'goes out as agreed, address and control: $addressControl, long protocol: $longProtocol',
    async form => {
      const { client } = await connectSstp(harness.fixture, {
        flow: { compressAddressControl: !form.addressControl, compressProtocol: !form.longProtocol },
      })
      const packets = [client.fromHost('four'), textPacket(HOST_6, 'fd00::2', 'six')]
      for (const packet of packets) harness.fixture.tunWrite(packet)
      await client.expectPackets(packets, form)
      expect(client.counters).toMatchObject({
        packetsSent: 2,
        bytesSent: packets.reduce((sum, { length }) => sum + length, 0),
        sendDrops: 0,
      })
    },
  )

  test('the largest inner packet fills the largest SSTP packet', async () => {
    const { client } = await connect(LONGEST_PACKET - FULL_HEADERS)
    const packet = sized(HOST_4, '10.8.0.2', LONGEST_PACKET - FULL_HEADERS)
    harness.fixture.tunWrite(packet)
    const [sent] = await client.receive(1)
    expect(sent).toHaveLength(LONGEST_PACKET)
    expect(sent).toEqual(sstpData(pppIp(packet)))
  })

  test('a packet larger than the MTU goes in fragments', async () => {
    const { client } = await connect(600)
    const packet = sized(HOST_4, '10.8.0.2', 1500)
    harness.fixture.tunWrite(packet)
    const fragments = (await client.receive(3)).map(sent => sent.subarray(FULL_HEADERS))
    const body = fragments.map(fragment => fragment.subarray(20))
    expect(new Uint8Array(Buffer.concat(body))).toEqual(packet.subarray(20))
    let at = 0
    for (const [i, fragment] of fragments.entries()) {
      expect(fragment.length).toBeLessThanOrEqual(600)
      expect(word(fragment, 2)).toBe(fragment.length)
      expect(internetChecksum(fragment.subarray(0, 20))).toBe(0)
      expect(word(fragment, 6)).toBe((i === fragments.length - 1 ? 0 : 0x2000) | (at / 8))
      at += fragment.length - 20
    }
    expect(client.counters).toMatchObject({ packetsSent: fragments.length, sendDrops: 0 })
  })

  test('a packet that may not be fragmented is dropped, and the host is told the MTU', async () => {
    const { client } = await connect(1300)
    const packet = unfragmentable(sized(HOST_4, '10.8.0.2', 1400))
    harness.fixture.tunWrite(packet)
    const message = await toldToHost()
    expect(message.subarray(12, 20)).toEqual(Uint8Array.of(...packet.slice(16, 20), ...packet.slice(12, 16)))
    expect([message[9], message[20], message[21], word(message, 26)]).toEqual([1, 3, 4, 1300])
    harness.fixture.tunWrite(sized(HOST_6, 'fd00::2', 1400))
    const icmp = (await toldToHost()).subarray(40)
    expect([icmp[0], icmp[1], word(icmp, 6)]).toEqual([2, 0, 1300])
    expect(client.counters).toMatchObject({ packetsSent: 0, sendDrops: 2 })
  })

  test('IPv6 packets of 1280 bytes go by a smaller path', async () => {
    const { client } = await connect(576)
    const packet = sized(HOST_6, 'fd00::2', 1280)
    harness.fixture.tunWrite(packet)
    await client.expectPackets([packet])
  })

  test('a client whose packet is too big for another client is told by its own flow', async () => {
    const { client } = await connect(1500)
    const other = new SstpClient(harness.fixture, { addresses: ['10.8.0.3'], flow: { innerMtu: 1000 } })
    other.openFlow()
    harness.fixture.datapath.configure({ clientToClient: true })
    client.send(unfragmentable(sized('10.8.0.2', '10.8.0.3', 1400)))
    const [sent] = await client.receive(1)
    const message = (sent as Uint8Array).subarray(FULL_HEADERS)
    expect([message[9], message[20], message[21], word(message, 26)]).toEqual([1, 3, 4, 1000])
    expect(other.counters).toMatchObject({ packetsSent: 0, sendDrops: 1 })
  })

  test('control packets go as they are, in order with data', async () => {
    const { client } = await connect()
    const { datapath } = harness.fixture
    harness.fixture.tunWrite(client.fromHost('first'))
    await eventOf(harness.fixture, 'stream-output')
    datapath.streamControl(client.stream, [ECHO_REQUEST, LCP_ECHO])
    const packets = client.takePackets()
    expect(packets).toEqual([sstpData(pppIp(client.fromHost('first'))), ECHO_REQUEST, LCP_ECHO])
  })

  test('control packets go before a flow is open', async () => {
    const client = new SstpClient(harness.fixture)
    harness.fixture.datapath.streamControl(client.stream, [ECHO_REQUEST])
    expect(await eventOf(harness.fixture, 'stream-output')).toEqual({
      type: 'stream-output',
      stream: client.stream,
    })
    expect(client.takePackets()).toEqual([ECHO_REQUEST])
  })

  test('the packets handed down may be used again at once', async () => {
    const client = new SstpClient(harness.fixture)
    const packet = ECHO_REQUEST.slice()
    harness.fixture.datapath.streamControl(client.stream, [packet])
    packet.fill(0xee)
    expect(client.takePackets()).toEqual([ECHO_REQUEST])
  })

  test('output is told of once, and again after the taker found nothing', async () => {
    const { client } = await connect()
    const { datapath } = harness.fixture
    const told = () => eventsOf(harness.fixture, 'stream-output').length
    datapath.streamControl(client.stream, [ECHO_REQUEST])
    datapath.streamControl(client.stream, [ECHO_REQUEST])
    await eventually(harness.fixture, 'told', () => told() === 1)
    expect(client.takePackets()).toHaveLength(2)
    await harness.fixture.settle()
    expect(told()).toBe(1)
    harness.fixture.tunWrite(client.fromHost('more'))
    await eventually(harness.fixture, 'told again', () => told() === 2)
    await client.expectPackets([client.fromHost('more')])
  })

  test('a slow reader loses data, which is counted, but never control', async () => {
    const { client } = await connect()
    const { datapath } = harness.fixture
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
    datapath.streamControl(client.stream, control)
    const packets = client.takePackets()
    expect(packets.slice(-200).map(formatHex)).toEqual(control.map(formatHex))
    const data = packets.slice(0, -200)
    expect(data).toHaveLength(client.counters.packetsSent)
    expect(new Set(data.map(formatHex))).toEqual(new Set([formatHex(sstpData(pppIp(large)))]))
    harness.fixture.tunWrite(client.fromHost('room again'))
    await client.expectPackets([client.fromHost('room again')])
  })

  test('two streams do not mix', async () => {
    const { client: a } = await connect()
    const b = new SstpClient(harness.fixture, { addresses: ['10.8.0.3'] })
    b.openFlow()
    harness.fixture.tunWrite(b.fromHost('for b'))
    await b.expectPackets([b.fromHost('for b')])
    expect(a.takePackets()).toEqual([])
  })

  test('after its stream is closed a flow drops what it should send', async () => {
    const { client } = await connect()
    harness.fixture.datapath.closeStream(client.stream)
    harness.fixture.tunWrite(client.fromHost('gone'))
    await eventually(harness.fixture, 'a drop', () => client.counters.sendDrops === 1)
    expect(harness.fixture.datapath.closeFlow(client.flow)).toMatchObject({ sendDrops: 1, packetsSent: 0 })
  })
}
