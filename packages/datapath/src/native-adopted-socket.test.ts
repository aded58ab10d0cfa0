import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DatapathEvent } from './datapath-event.ts'
import type { StreamId } from './ids.ts'
import { createNativeDatapath, type NativeDatapath } from './native-datapath.ts'

const CONTROL = 4 << 3
/** More than this process will have. */
const NO_DESCRIPTOR = 1 << 24

let server: Server
let peer: Socket
let adopted: Socket
let datapath: NativeDatapath
let stream: StreamId
let events: DatapathEvent[]
let noticed: () => void

beforeEach(async () => {
  server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  peer = connect((server.address() as { readonly port: number }).port, '127.0.0.1')
  adopted = (await once(server, 'connection'))[0] as Socket
  events = []
  const onEvents = (batch: readonly DatapathEvent[]): void => {
    events.push(...batch)
    noticed()
  }
  datapath = createNativeDatapath({ workers: 1, onEvents }) as NativeDatapath
  stream = datapath.openStream({ framing: 'openvpn' })
})

afterEach(() => {
  datapath.close()
  adopted.destroy()
  peer.destroy()
  server.close()
})

test('frames cut anywhere come up as control packets, in order', async () => {
  adopt()
  const packets = Array.from({ length: 200 }, (_, i) => Uint8Array.of(CONTROL, ...new Uint8Array(i)))
  const bytes = Buffer.concat(packets.map(frame))
  for (let at = 0; at < bytes.length; at += 97) peer.write(bytes.subarray(at, at + 97))
  await until(() => events.length === packets.length)
  expect(events).toEqual(packets.map(packet => ({ type: 'control', stream, bytes: packet })))
})

test('what is queued before and after is written, and no event asks for it', async () => {
  const packets = Array.from({ length: 100 }, (_, i) => new Uint8Array(1000).fill(i))
  datapath.streamControl(stream, packets.slice(0, 50))
  adopt()
  datapath.streamControl(stream, packets.slice(50))
  expect(await received(100 * 1002)).toEqual(Buffer.concat(packets.map(frame)))
  expect(events).toEqual([])
})

test('a peer that reads late gets all, and the end of writing gives what is left', async () => {
  adopt()
  const packet = new Uint8Array(16_000).fill(7)
  const count = 1_000
  for (let i = 0; i < count; i++) datapath.streamControl(stream, [packet])
  // The event after it shows that the writing before it was tried.
  peer.write(frame(Uint8Array.of(CONTROL)))
  await until(() => events.length === 1)
  const rest = datapath.takeStreamOutput(stream)
  expect(rest?.length).toBeGreaterThan(0)
  if (rest) adopted.write(rest)
  const all = await received(count * 16_002)
  for (let i = 0; i < count; i++) expect(all.readUInt16BE(i * 16_002)).toBe(16_000)
})

test('the end of the connection is told once', async () => {
  adopt()
  peer.end(frame(Uint8Array.of(CONTROL)))
  await until(() => events.length === 2)
  expect(events.map(event => event.type)).toEqual(['control', 'stream-ended'])
})

test('a frame that nobody sends is a fault', async () => {
  adopt()
  peer.write(Uint8Array.of(0, 0))
  await until(() => events.length === 1)
  expect(events[0]).toMatchObject({ type: 'stream-fault', stream })
})

test('where the system gives no descriptor nothing changes', () => {
  expect(datapath.adoptSocket(stream, NO_DESCRIPTOR)).toBe(false)
  datapath.streamControl(stream, [Uint8Array.of(CONTROL)])
  expect(datapath.takeStreamOutput(stream)).toEqual(new Uint8Array(frame(Uint8Array.of(CONTROL))))
  adopt()
})

function adopt(): void {
  const { _handle } = adopted as unknown as { readonly _handle: { readonly fd: number } }
  expect(datapath.adoptSocket(stream, _handle.fd)).toBe(true)
}

function frame(packet: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(packet.length >> 8, packet.length & 255), packet])
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>(resolve => (noticed = resolve))
}

async function received(length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of peer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if (chunks.reduce((sum, { length: bytes }) => sum + bytes, 0) >= length) break
  }
  return Buffer.concat(chunks)
}
