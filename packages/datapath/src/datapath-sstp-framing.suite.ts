import { formatHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, HOST_4 } from './datapath-fixture.suite.ts'
import {
  connectSstp,
  ECHO_REQUEST,
  LCP_ECHO,
  LONGEST_PACKET,
  pppIp,
  restNow,
  type SstpClient,
  sstpData,
} from './datapath-sstp-fixture.suite.ts'
import { ipPacket } from './inner-packet.suite.ts'

/** Control packets that came up, once there are so many. */
async function controlOf(client: SstpClient, count: number): Promise<string[]> {
  await eventually(client.fixture, `${count} control packets`, () => client.control().length >= count)
  return client.control().map(formatHex)
}

export function describeSstpFraming(harness: Harness): void {
  const connect = () => connectSstp(harness.fixture)

  test('packets may be cut at every offset', async () => {
    const { gateway, client } = await connect()
    const packets = [client.toHost('one'), client.toHost('two')]
    const [one, two] = packets.map(packet => sstpData(pppIp(packet))) as [Uint8Array, Uint8Array]
    const bytes = new Uint8Array(Buffer.concat([one, ECHO_REQUEST, two, LCP_ECHO]))
    for (let cut = 0; cut <= bytes.length; cut++) {
      await restNow(harness.fixture, cut)
      client.input(bytes.subarray(0, cut))
      client.input(bytes.subarray(cut))
      await gateway.expectHost(packets)
    }
    const times = bytes.length + 1
    const control = Array.from({ length: times }, () => [ECHO_REQUEST, LCP_ECHO].map(formatHex)).flat()
    expect(await controlOf(client, 2 * times)).toEqual(control)
  })

  test('packets may come byte by byte, and many in one chunk', async () => {
    const { gateway, client } = await connect()
    const packets = ['1', '2', '3', '4'].map(text => client.toHost(text))
    for (const byte of sstpData(pppIp(packets[0] as Uint8Array))) client.input(Uint8Array.of(byte))
    client.input(...packets.slice(1).map(packet => sstpData(pppIp(packet))))
    await gateway.expectHost(packets)
  })

  test('a chunk of no bytes is nothing', async () => {
    const { gateway, client } = await connect()
    const bytes = sstpData(pppIp(client.toHost('whole')))
    for (const piece of [bytes.subarray(0, 2), bytes.subarray(2, 9), bytes.subarray(9)]) {
      client.input(new Uint8Array(0))
      client.input(piece)
    }
    client.input(new Uint8Array(0))
    await gateway.expectHost([client.toHost('whole')])
  })

  test('the chunk handed down may be used again at once', async () => {
    const { gateway, client } = await connect()
    const bytes = sstpData(pppIp(client.toHost('borrowed')))
    const chunk = bytes.slice(0, bytes.length - 3)
    harness.fixture.datapath.streamInput(client.stream, chunk)
    chunk.fill(0xee)
    client.input(bytes.subarray(chunk.length))
    await gateway.expectHost([client.toHost('borrowed')])
  })

  test('the longest packet that the header can tell is taken, as data and as control', async () => {
    const { gateway, client } = await connect()
    const ip = ipPacket('10.8.0.2', HOST_4, new Uint8Array(LONGEST_PACKET - 8 - 20).fill(7))
    const control = new Uint8Array(LONGEST_PACKET).fill(9)
    control.set([0x10, 0x01, LONGEST_PACKET >> 8, LONGEST_PACKET & 0xff])
    client.input(sstpData(pppIp(ip)), control)
    await gateway.expectHost([ip])
    expect(await controlOf(client, 1)).toEqual([formatHex(control)])
  })

  test('reserved bits mean nothing', async () => {
    const { gateway, client } = await connect()
    const data = sstpData(pppIp(client.toHost('reserved')))
    data[1] = 0xfe
    data[2] = (data[2] as number) | 0xf0
    const control = ECHO_REQUEST.slice()
    control[1] = 0xff
    control[2] = 0xa0
    client.input(data, control)
    await gateway.expectHost([client.toHost('reserved')])
    expect(await controlOf(client, 1)).toEqual([formatHex(control)])
  })

  describe('what is not IP comes up whole, header and all:', () => {
    const packets: readonly [string, Uint8Array][] = [
      ['a control message', ECHO_REQUEST],
      ['a control message that looks like IP', Uint8Array.of(0x10, 1, 0, 10, 0xff, 3, 0, 0x21, 0x45, 0)],
      ['a control message of its header alone', Uint8Array.of(0x10, 1, 0, 4)],
      ['a data packet of its header alone', sstpData(new Uint8Array(0))],
      ['LCP', LCP_ECHO],
      ['LCP without address and control', sstpData(Uint8Array.of(0xc0, 0x21, 9, 1, 0, 4))],
      ['IPCP', sstpData(Uint8Array.of(0xff, 3, 0x80, 0x21, 1, 1, 0, 4))],
      ['IPV6CP', sstpData(Uint8Array.of(0x80, 0x57, 1, 1, 0, 4))],
      ['a protocol of one byte', sstpData(Uint8Array.of(0xff, 3, 0x23, 1, 2))],
      ['a protocol that ends with 21', sstpData(Uint8Array.of(0x02, 0x21, 0x45))],
      ['address and control alone', sstpData(Uint8Array.of(0xff, 3))],
      ['half of the address and control', sstpData(Uint8Array.of(0xff))],
      ['half of a protocol', sstpData(Uint8Array.of(0xff, 3, 0))],
      ['another address', sstpData(Uint8Array.of(0xfe, 3, 0, 0x21, 0x45))],
    ]
    test.each(packets)('%s', async (_, packet) => {
      const { gateway, client } = await connect()
      client.input(packet)
      expect(await controlOf(client, 1)).toEqual([formatHex(packet)])
      await client.expectNothingBefore(gateway)
      expect(client.counters).toMatchObject({ packetsReceived: 1, refused: 0, sourceViolations: 0 })
    })
  })

  test('control and IP keep their order apart', async () => {
    const { gateway, client } = await connect()
    const controls = Array.from({ length: 20 }, (_, i) => Uint8Array.of(0x10, 1, 0, 8, 0, i, 0, 0))
    const packets = controls.map((_, i) => client.toHost(`${i}`))
    client.input(...controls.flatMap((control, i) => [control, sstpData(pppIp(packets[i] as Uint8Array))]))
    await gateway.expectHost(packets)
    expect(await controlOf(client, 20)).toEqual(controls.map(formatHex))
  })

  const faults: readonly [string, Uint8Array][] = [
    ['of version 2.0', Uint8Array.of(0x20, 0, 0, 8)],
    ['of version 1.1', Uint8Array.of(0x11, 1, 0, 8)],
    ['of version 0', Uint8Array.of(0, 0, 0, 8)],
    ['of no bytes', Uint8Array.of(0x10, 1, 0, 0)],
    ['shorter than its header', Uint8Array.of(0x10, 0, 0, 3)],
    ['shorter than its header beside reserved bits', Uint8Array.of(0x10, 0, 0xf0, 3)],
  ]
  test.each(faults)('a packet %s is a fault, after which the stream is dead', async (_, bytes) => {
    const { gateway, client } = await connect()
    client.input(ECHO_REQUEST, sstpData(pppIp(client.toHost('before'))), bytes, ECHO_REQUEST)
    const fault = await eventOf(harness.fixture, 'stream-fault')
    expect(fault.stream).toBe(client.stream)
    expect(fault.reason).not.toBe('')
    await gateway.expectHost([client.toHost('before')])
    expect(await controlOf(client, 1)).toHaveLength(1)
    client.input(ECHO_REQUEST, bytes)
    client.send(client.toHost('after'))
    await harness.fixture.settle()
    expect(client.control()).toHaveLength(1)
    expect(eventsOf(harness.fixture, 'stream-fault')).toHaveLength(1)
    expect(harness.fixture.tunRead()).toEqual([])
  })

  test('a fault is seen as soon as the header is there', async () => {
    const { client } = await connect()
    client.input(Uint8Array.of(0x10, 0, 0))
    await harness.fixture.settle()
    expect(eventsOf(harness.fixture, 'stream-fault')).toEqual([])
    client.input(Uint8Array.of(2))
    await eventOf(harness.fixture, 'stream-fault')
  })

  test('a dead stream sends nothing more', async () => {
    const { client } = await connect()
    client.input(Uint8Array.of(0x99, 0, 0, 4))
    await eventOf(harness.fixture, 'stream-fault')
    harness.fixture.datapath.streamControl(client.stream, [ECHO_REQUEST])
    harness.fixture.tunWrite(client.fromHost('dead'))
    await eventually(harness.fixture, 'a drop', () => client.counters.sendDrops === 1)
    expect(client.takePackets()).toEqual([])
  })
}
