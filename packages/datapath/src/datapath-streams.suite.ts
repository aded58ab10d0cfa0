import { formatHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import {
  eventOf,
  eventsOf,
  eventually,
  frame,
  openGateway,
  openStreamClient,
  PLAIN_CHANNEL,
} from './datapath-fixture.suite.ts'
import { type Channel, openPacket } from './datapath-peer.suite.ts'
import { textPacket } from './inner-packet.suite.ts'

const CONTROL = Uint8Array.of(4 << 3, 1, 2, 3, 4, 5)
const V1_CHANNEL: Channel = { cipher: 'AES-256-GCM', format: 'standard', keyId: 0 }
/** More than any bound on a stream's waiting output. */
const FLOOD_BYTES = 64 * 1024 * 1024

export function describeStreams(harness: Harness): void {
  const connect = async (channel: Channel = PLAIN_CHANNEL) => {
    const gateway = await openGateway(harness.fixture)
    const client = openStreamClient(gateway, { channel })
    return { gateway, client, datapath: harness.fixture.datapath }
  }

  test.each([
    ['P_DATA_V1', V1_CHANNEL],
    ['P_DATA_V2', PLAIN_CHANNEL],
    ['CBC', { ...V1_CHANNEL, cipher: 'AES-256-CBC', digest: 'SHA256' } as const],
    ['epoch', { ...PLAIN_CHANNEL, format: 'epoch' } as const],
  ])('carries %s both ways', async (_, channel) => {
    const { gateway, client } = await connect(channel)
    client.send(client.toHost('up'))
    await gateway.expectHost([client.toHost('up')])
    harness.fixture.tunWrite(client.fromHost('down'))
    await client.expectPayloads([client.fromHost('down')])
  })

  test('frames may be cut at every offset', async () => {
    const { gateway, client, datapath } = await connect()
    const packets = [client.toHost('one'), client.toHost('two')]
    const size = 2 * frame(client.seal(client.toHost('one'))).length + frame(CONTROL).length
    for (let cut = 0; cut <= size; cut++) {
      const [one, two] = packets.map(packet => frame(client.seal(packet)))
      const bytes = Buffer.concat([one as Uint8Array, frame(CONTROL), two as Uint8Array])
      datapath.streamInput(client.stream, bytes.subarray(0, cut))
      datapath.streamInput(client.stream, bytes.subarray(cut))
    }
    await gateway.expectHost(Array.from({ length: size + 1 }, () => packets).flat())
    await eventually(
      harness.fixture,
      'every control packet',
      () => eventsOf(harness.fixture, 'control').length === size + 1,
    )
  })

  test('frames may come byte by byte, and many in one chunk', async () => {
    const { gateway, client, datapath } = await connect()
    const packets = ['1', '2', '3', '4'].map(text => client.toHost(text))
    for (const byte of frame(client.seal(packets[0] as Uint8Array)))
      datapath.streamInput(client.stream, Uint8Array.of(byte))
    const rest = packets.slice(1).map(packet => frame(client.seal(packet)))
    datapath.streamInput(client.stream, Buffer.concat(rest))
    await gateway.expectHost(packets)
  })

  test('the chunk handed down may be used again at once', async () => {
    const { gateway, client, datapath } = await connect()
    const bytes = frame(client.seal(client.toHost('borrowed')))
    const chunk = new Uint8Array(bytes.length - 3)
    chunk.set(bytes.subarray(0, chunk.length))
    datapath.streamInput(client.stream, chunk)
    chunk.fill(0xee)
    datapath.streamInput(client.stream, bytes.subarray(chunk.length))
    await gateway.expectHost([client.toHost('borrowed')])
  })

  test('a control packet comes up with its stream', async () => {
    const { client, datapath } = await connect()
    datapath.streamInput(client.stream, frame(CONTROL))
    expect(await eventOf(harness.fixture, 'control')).toEqual({
      type: 'control',
      stream: client.stream,
      bytes: CONTROL,
    })
  })

  test.each([
    ['zero', Uint8Array.of(0, 0)],
    ['far too large', Uint8Array.of(0xff, 0xff)],
  ])('a frame length %s is a fault, after which the stream is dead', async (_, bytes) => {
    const { client, datapath } = await connect()
    datapath.streamInput(client.stream, Buffer.concat([frame(CONTROL), bytes, frame(CONTROL)]))
    const fault = await eventOf(harness.fixture, 'stream-fault')
    expect(fault.stream).toBe(client.stream)
    expect(fault.reason).not.toBe('')
    expect(eventsOf(harness.fixture, 'control')).toHaveLength(1)
    datapath.streamInput(client.stream, frame(CONTROL))
    datapath.streamInput(client.stream, Uint8Array.of(0, 0))
    await harness.fixture.settle()
    expect(eventsOf(harness.fixture, 'control')).toHaveLength(1)
    expect(eventsOf(harness.fixture, 'stream-fault')).toHaveLength(1)
  })

  test('output is told of once, and again after the taker found nothing', async () => {
    const { client, datapath } = await connect()
    const told = () => eventsOf(harness.fixture, 'stream-output').length
    datapath.streamControl(client.stream, [CONTROL])
    datapath.streamControl(client.stream, [CONTROL, CONTROL])
    await eventually(harness.fixture, 'told', () => told() === 1)
    expect(client.takePackets()).toHaveLength(3)
    await harness.fixture.settle()
    expect(told()).toBe(1)
    datapath.streamControl(client.stream, [CONTROL])
    await eventually(harness.fixture, 'told again', () => told() === 2)
    expect(datapath.takeStreamOutput(client.stream)).toEqual(frame(CONTROL))
    expect(datapath.takeStreamOutput(client.stream)).toBeUndefined()
  })

  test('a stream with nothing to write gives nothing', async () => {
    const { client, datapath } = await connect()
    expect(datapath.takeStreamOutput(client.stream)).toBeUndefined()
  })

  test('control and data leave in the order they were put', async () => {
    const { client, datapath } = await connect()
    harness.fixture.tunWrite(client.fromHost('first'))
    await eventOf(harness.fixture, 'stream-output')
    datapath.streamControl(client.stream, [CONTROL])
    const packets = client.takePackets()
    expect(packets).toHaveLength(2)
    expect(openPacket(client.channel, client.keys.send, packets[0] as Uint8Array).payload).toEqual(
      client.fromHost('first'),
    )
    expect(packets[1]).toEqual(CONTROL)
  })

  test('a slow reader loses data, which is counted, but never control', async () => {
    const { client, datapath } = await connect()
    const large = client.fromHost('x'.repeat(1400))
    let written = 0
    const flood = () => {
      for (let i = 0; i < 64; i++, written++) harness.fixture.tunWrite(large)
      if (written * large.length > FLOOD_BYTES) throw new Error('the output has no bound')
    }
    await eventually(harness.fixture, 'a drop', () => {
      if (datapath.counters(client.flow).sendDrops > 0) return true
      flood()
      return false
    })
    const accounted = () => {
      const { packetsSent, sendDrops } = datapath.counters(client.flow)
      return packetsSent + sendDrops === written
    }
    await eventually(harness.fixture, 'all accounted for', accounted)
    const control = Array.from({ length: 50 }, (_, i) => Uint8Array.of(4 << 3, i))
    datapath.streamControl(client.stream, control)
    const packets = client.takePackets()
    expect(packets.slice(-50).map(formatHex)).toEqual(control.map(formatHex))
    const data = packets.slice(0, -50)
    expect(data).toHaveLength(datapath.counters(client.flow).packetsSent)
    // What was dropped has used up no packet id: old peers take none out of sequence over TCP.
    const ids = data.map(packet => openPacket(client.channel, client.keys.send, packet).packetId)
    expect(ids).toEqual(data.map((_, i) => i + 1))
    harness.fixture.tunWrite(client.fromHost('room again'))
    await client.expectPayloads([client.fromHost('room again')])
  })

  test('two streams do not mix', async () => {
    const gateway = await openGateway(harness.fixture)
    const a = openStreamClient(gateway, { addresses: ['10.8.0.2'], channel: V1_CHANNEL, seed: 1 })
    const b = openStreamClient(gateway, { addresses: ['10.8.0.3'], channel: V1_CHANNEL, seed: 2 })
    a.send(a.toHost('a'))
    await gateway.expectHost([a.toHost('a')])
    b.send(b.toHost('b'))
    await gateway.expectHost([b.toHost('b')])
    harness.fixture.tunWrite(b.fromHost('for b'))
    await b.expectPayloads([b.fromHost('for b')])
    expect(a.takePackets()).toEqual([])
  })

  test('a client on a stream and one on UDP reach each other', async () => {
    const gateway = await openGateway(harness.fixture)
    const a = openStreamClient(gateway, { addresses: ['10.8.0.2'], seed: 1 })
    const b = await gateway.connect({
      addresses: ['10.8.0.3'],
      seed: 2,
      channel: { ...PLAIN_CHANNEL, peerId: 6 },
    })
    harness.fixture.datapath.configure({ clientToClient: true })
    a.send(textPacket('10.8.0.2', '10.8.0.3', 'over TCP'))
    await b.expectPayloads([textPacket('10.8.0.2', '10.8.0.3', 'over TCP')])
    b.send(textPacket('10.8.0.3', '10.8.0.2', 'over UDP'))
    await a.expectPayloads([textPacket('10.8.0.3', '10.8.0.2', 'over UDP')])
  })

  test('a flow can move from one stream to another', async () => {
    const { client, datapath } = await connect()
    const second = datapath.openStream({ framing: 'openvpn' })
    datapath.moveFlow(client.flow, { type: 'stream', stream: second })
    harness.fixture.tunWrite(client.fromHost('moved'))
    const bytes = await eventually(harness.fixture, 'output', () => datapath.takeStreamOutput(second))
    const opened = openPacket(client.channel, client.keys.send, bytes.subarray(2))
    expect(opened.payload).toEqual(client.fromHost('moved'))
    expect(client.takePackets()).toEqual([])
  })

  test('a replay over a stream is refused too', async () => {
    const { gateway, client, datapath } = await connect()
    const packet = client.seal(client.toHost('once'))
    client.sendRaw(packet)
    client.sendRaw(packet)
    await gateway.expectHost([client.toHost('once')])
    await client.expectNothingBefore()
    expect(datapath.counters(client.flow).replays).toBe(1)
  })

  test('after its stream is closed a flow drops what it should send', async () => {
    const { client, datapath } = await connect()
    datapath.closeStream(client.stream)
    harness.fixture.tunWrite(client.fromHost('gone'))
    await eventually(harness.fixture, 'a drop', () => datapath.counters(client.flow).sendDrops === 1)
  })
}
