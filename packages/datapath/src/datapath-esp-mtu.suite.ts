import { formatHex, internetChecksum } from '@causeway/wire'
import { expect, test } from 'vitest'
import { type EspClient, NEXT_CHANNEL, openEspGateway } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventually, HOST_4, HOST_6 } from './datapath-fixture.suite.ts'
import { ipPacket, MSS_OPTIONS, tcpPacket } from './inner-packet.suite.ts'

const MTU = 1300
const DONT_FRAGMENT = 0x40
const SYN = 0x02

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** A packet of so many bytes whose body can be told at every place. */
function sized(source: string, destination: string, length: number): Uint8Array {
  const header = source.includes(':') ? 40 : 20
  return ipPacket(
    source,
    destination,
    Uint8Array.from({ length: length - header }, (_, i) => (i * 7) & 0xff),
  )
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

/** Puts fragments together again, having checked that they fit, join and are in themselves right. */
function reassemble(fragments: readonly Uint8Array[], mtu: number): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const [i, fragment] of fragments.entries()) {
    const header = 4 * ((fragment[0] as number) & 15)
    expect(fragment.length).toBeLessThanOrEqual(mtu)
    expect(word(fragment, 2)).toBe(fragment.length)
    expect(internetChecksum(fragment.subarray(0, header))).toBe(0)
    expect(word(fragment, 6) >> 13).toBe(i === fragments.length - 1 ? 0 : 1)
    expect(8 * (word(fragment, 6) & 0x1fff)).toBe(at)
    parts.push(fragment.subarray(header))
    at += fragment.length - header
  }
  return new Uint8Array(Buffer.concat(parts))
}

export function describeEspMtu(harness: Harness): void {
  const connect = async (innerMtu = MTU) => {
    const gateway = await openEspGateway(harness.fixture)
    return { gateway, client: await gateway.connectEsp({ flow: { innerMtu } }) }
  }
  const counters = (client: EspClient) => harness.fixture.datapath.counters(client.flow)
  const toldToHost = () =>
    eventually(harness.fixture, 'a message for the host', () => harness.fixture.tunRead()[0])

  test('a packet of just the MTU goes whole, in either family', async () => {
    const { client } = await connect()
    const packets = [
      sized(HOST_4, '10.8.0.2', MTU),
      sized(HOST_6, 'fd00::2', MTU),
      unfragmentable(sized(HOST_4, '10.8.0.2', MTU)),
    ]
    for (const packet of packets) harness.fixture.tunWrite(packet)
    await client.expectPayloads(packets)
  })

  test.each([
    [MTU + 1, MTU],
    [1500, MTU],
    [1500, 576],
    [1500, 1003],
  ])('%i bytes are fragmented to fit %i before they are encrypted', async (length, innerMtu) => {
    const { client } = await connect(innerMtu)
    const packet = sized(HOST_4, '10.8.0.2', length)
    harness.fixture.tunWrite(packet)
    const room = (innerMtu - 20) & ~7
    // The last fragment may fill the MTU where the others must end at a multiple of eight.
    const count = 1 + Math.ceil(Math.max(0, length - 20 - (innerMtu - 20)) / room)
    const opened = await client.receive(count)
    const fragments = opened.map(({ payload }) => payload)
    expect(formatHex(reassemble(fragments, innerMtu))).toBe(formatHex(packet.subarray(20)))
    for (const fragment of fragments) {
      expect(word(fragment, 4)).toBe(word(packet, 4))
      expect(fragment.subarray(8, 10)).toEqual(packet.subarray(8, 10))
      expect(fragment.subarray(12, 20)).toEqual(packet.subarray(12, 20))
    }
    expect(counters(client)).toMatchObject({
      packetsSent: fragments.length,
      bytesSent: fragments.reduce((sum, { length }) => sum + length, 0),
      sendDrops: 0,
    })
  })

  test('a packet that may not be fragmented is dropped, and the host is told the MTU', async () => {
    const { client } = await connect()
    const packet = unfragmentable(sized(HOST_4, '10.8.0.2', 1500))
    harness.fixture.tunWrite(packet)
    const message = await toldToHost()
    expect(internetChecksum(message.subarray(0, 20))).toBe(0)
    expect(word(message, 2)).toBe(message.length)
    expect(message[9]).toBe(1)
    // From the address written to, to the one that wrote.
    expect(message.subarray(12, 16)).toEqual(packet.subarray(16, 20))
    expect(message.subarray(16, 20)).toEqual(packet.subarray(12, 16))
    const icmp = message.subarray(20)
    expect(internetChecksum(icmp)).toBe(0)
    expect([icmp[0], icmp[1], word(icmp, 6)]).toEqual([3, 4, MTU])
    const quoted = icmp.subarray(8)
    expect(quoted.length).toBeGreaterThanOrEqual(28)
    expect(message.length).toBeLessThanOrEqual(576)
    expect(quoted).toEqual(packet.subarray(0, quoted.length))
    expect(counters(client)).toMatchObject({ packetsSent: 0, sendDrops: 1 })
  })

  test('an IPv6 packet that does not fit is dropped, and the host is told the MTU', async () => {
    const { client } = await connect()
    const packet = sized(HOST_6, 'fd00::2', 1500)
    harness.fixture.tunWrite(packet)
    const message = await toldToHost()
    expect(word(message, 4)).toBe(message.length - 40)
    expect([message[0], message[6]]).toEqual([0x60, 58])
    expect(message.subarray(8, 24)).toEqual(packet.subarray(24, 40))
    expect(message.subarray(24, 40)).toEqual(packet.subarray(8, 24))
    const icmp = message.subarray(40)
    const length = Uint8Array.of(0, 0, icmp.length >> 8, icmp.length & 255, 0, 0, 0, 58)
    expect(internetChecksum(Buffer.concat([message.subarray(8, 40), length, icmp]))).toBe(0)
    expect([icmp[0], icmp[1], word(icmp, 4), word(icmp, 6)]).toEqual([2, 0, 0, MTU])
    expect(message.length).toBeLessThanOrEqual(1280)
    const quoted = icmp.subarray(8)
    expect(quoted.length).toBeGreaterThanOrEqual(48)
    expect(quoted).toEqual(packet.subarray(0, quoted.length))
    expect(counters(client)).toMatchObject({ packetsSent: 0, sendDrops: 1 })
  })

  test('IPv6 packets of 1280 bytes go by a smaller path, and of more the host hears 1280', async () => {
    const { client } = await connect(576)
    const packet = sized(HOST_6, 'fd00::2', 1280)
    harness.fixture.tunWrite(packet)
    await client.expectPayloads([packet])
    harness.fixture.tunWrite(sized(HOST_6, 'fd00::2', 1281))
    const icmp = (await toldToHost()).subarray(40)
    expect([icmp[0], word(icmp, 6)]).toEqual([2, 1280])
  })

  test('an ICMP error that is too big is dropped without an answer', async () => {
    const { client } = await connect()
    const error = Uint8Array.from({ length: 1480 }, (_, i) => (i === 0 ? 3 : 0))
    harness.fixture.tunWrite(unfragmentable(ipPacket(HOST_4, '10.8.0.2', error, 1)))
    await eventually(harness.fixture, 'a drop', () => counters(client).sendDrops === 1)
    harness.fixture.tunWrite(client.fromHost('marker'))
    await client.expectPayloads([client.fromHost('marker')])
    expect(harness.fixture.tunRead()).toEqual([])
  })

  test('of many packets that are too big the host is told some, and later more', async () => {
    const { client } = await connect()
    const flood = async (drops: number) => {
      for (let i = 0; i < 40; i++) harness.fixture.tunWrite(sized(HOST_6, 'fd00::2', 1400))
      await eventually(harness.fixture, 'all dropped', () => counters(client).sendDrops === drops)
      return harness.fixture.tunRead().length
    }
    const told = await flood(40)
    expect(told).toBeGreaterThanOrEqual(5)
    expect(told).toBeLessThan(25)
    await harness.fixture.advance(1500)
    expect(await flood(80)).toBeGreaterThanOrEqual(5)
  })

  test('a client whose packet is too big for another client is told by its own flow', async () => {
    const { client: a } = await connect(1500)
    harness.fixture.datapath.configure({ clientToClient: true })
    const b = await a.gateway.connectEsp({
      channel: NEXT_CHANNEL,
      seed: 5,
      addresses: ['10.8.0.3'],
      flow: { innerMtu: 1000 },
    })
    const packet = unfragmentable(sized('10.8.0.2', '10.8.0.3', 1400))
    a.send(packet)
    const [opened] = await a.receive(1)
    const message = opened?.payload ?? new Uint8Array(28)
    expect(message.subarray(12, 20)).toEqual(
      Uint8Array.from([...packet.subarray(16, 20), ...packet.subarray(12, 16)]),
    )
    expect([message[9], message[20], message[21], word(message, 26)]).toEqual([1, 3, 4, 1000])
    expect(counters(b)).toMatchObject({ packetsSent: 0, sendDrops: 1 })
    expect(harness.fixture.tunRead()).toEqual([])
  })

  test('the MSS of TCP is clamped both ways', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ flow: { clampBytes: 1340 } })
    harness.fixture.tunWrite(tcpPacket(HOST_4, '10.8.0.2', SYN, MSS_OPTIONS.even))
    const [opened] = await client.receive(1)
    expect(word(opened?.payload ?? new Uint8Array(44), 42)).toBe(1300)
    client.send(tcpPacket('10.8.0.2', HOST_4, SYN, MSS_OPTIONS.even))
    const packet = await eventually(harness.fixture, 'a packet', () => harness.fixture.tunRead()[0])
    expect(word(packet, 42)).toBe(1300)
  })
}
