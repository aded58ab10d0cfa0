import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatHex, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OutgoingDatagram, PortInfo } from './datapath.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { FlowPath } from './flow.ts'
import type { FlowId, StreamId } from './ids.ts'
import { textPacket } from './inner-packet.suite.ts'
import { loadNativeAddon } from './native-addon.ts'
import { createNativeTestDatapath, type NativeTestDatapath } from './native-test-datapath.ts'

const SERVER = '10.8.0.1'
const CLIENT = '10.8.0.2'
/** Steps of a millisecond after which an expectation has failed. */
const MOST_STEPS = 3000

/** One of two datapaths that talk to each other. */
class End {
  readonly events: DatapathEvent[] = []
  readonly native: NativeTestDatapath
  readonly port: PortInfo
  flow: FlowId = 0

  constructor(workers: number) {
    this.native = createNativeTestDatapath({ workers, onEvents: batch => this.events.push(...batch) })
    this.native.datapath.openTun({ name: 'pair%d', mtu: 1500 })
    this.port = this.native.datapath.openPort({ address: address('127.0.0.1'), port: 0, protocol: 'openvpn' })
  }

  /** Opens the flow to the other end, which uses the same two keys the other way around. */
  open(path: FlowPath, keys: readonly [number, number], peer: string): void {
    const { datapath } = this.native
    const options = { path, peerId: 3, clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0 }
    this.flow = datapath.openFlow(options)
    datapath.installKey(this.flow, {
      keyId: 0,
      cipher: 'AES-256-GCM',
      format: 'standard',
      send: { cipherKey: new Uint8Array(32).fill(keys[0]), authKey: new Uint8Array(8) },
      receive: { cipherKey: new Uint8Array(32).fill(keys[1]), authKey: new Uint8Array(8) },
      compression: 'none',
      packetLimit: 0,
      byteLimit: 0,
    })
    datapath.selectKey(this.flow, 0)
    datapath.changeRoutes([{ type: 'add', prefix: prefix(`${peer}/32`), flow: this.flow }])
  }
}

describe('two native datapaths', () => {
  let server: End
  let client: End

  beforeEach(() => {
    server = new End(2)
    client = new End(2)
  })
  afterEach(() => {
    server.native.datapath.close()
    client.native.datapath.close()
  })

  function connectUdp(): void {
    server.open({ type: 'udp', port: server.port.id, remote: client.port.local }, [1, 2], CLIENT)
    client.open({ type: 'udp', port: client.port.id, remote: server.port.local }, [2, 1], SERVER)
  }

  test('bursts of every size arrive whole and in order', async () => {
    connectUdp()
    for (const size of [1, 100, 1000, 1372]) {
      const sent = Array.from({ length: 300 }, (_, i) =>
        textPacket(SERVER, CLIENT, `${i}`.padStart(size, '.')),
      )
      for (const packet of sent) server.native.tunWrite(packet)
      expect((await arrived(client, sent.length)).map(formatHex)).toEqual(sent.map(formatHex))
    }
    expect(client.native.datapath.counters(client.flow)).toMatchObject({ packetsReceived: 1200, replays: 0 })
    expect(server.native.datapath.counters(server.flow)).toMatchObject({ packetsSent: 1200, sendDrops: 0 })
  })

  test('a packet larger than the outer datagram may be is dropped and counted', async () => {
    connectUdp()
    server.native.tunWrite(textPacket(SERVER, CLIENT, '.'.repeat(65_490)))
    await until(() => server.native.datapath.counters(server.flow).sendDrops === 1)
    expect(server.native.datapath.counters(server.flow).packetsSent).toBe(0)
  })

  test('packet ids never wrap: the slot asks for its successor, then stops', async () => {
    connectUdp()
    const { native, flow } = client
    native.setNextId(flow, 0, 0xffff_fffe)
    for (let i = 0; i < 4; i++) native.tunWrite(textPacket(CLIENT, SERVER, `packet ${i}`))
    expect(await arrived(server, 2)).toHaveLength(2)
    await until(() => native.datapath.counters(flow).sendDrops === 2)
    await until(() => client.events.length > 0)
    expect(client.events).toEqual([{ type: 'soft-limit', flow, keyId: 0 }])
  })

  test('streams carry bursts whole and in order, cut anywhere', async () => {
    const streams = [server, client].map(end => end.native.datapath.openStream({ framing: 'openvpn' }))
    const [down, up] = streams as [StreamId, StreamId]
    server.open({ type: 'stream', stream: down }, [1, 2], CLIENT)
    client.open({ type: 'stream', stream: up }, [2, 1], SERVER)
    const sent = Array.from({ length: 200 }, (_, i) => textPacket(SERVER, CLIENT, `${i}`.padStart(900, '.')))
    for (const packet of sent) server.native.tunWrite(packet)
    const got: Uint8Array[] = []
    await until(() => {
      const bytes = server.native.datapath.takeStreamOutput(down) ?? new Uint8Array(0)
      for (let at = 0; at < bytes.length; at += 777) {
        client.native.datapath.streamInput(up, bytes.subarray(at, at + 777))
      }
      got.push(...client.native.tunRead())
      return got.length >= sent.length
    })
    expect(got.map(formatHex)).toEqual(sent.map(formatHex))
  })

  test.each([
    ['0.0.0.0', '127.0.0.3'],
    ['::', '::1'],
  ])('a port bound to %s tells that a packet was sent to %s', async (any, ours) => {
    const { datapath } = server.native
    const opened = datapath.openPort({ address: address(any), port: 0, protocol: 'openvpn' })
    const peer = client.native.datapath.openPort({ address: address(any), port: 0, protocol: 'openvpn' })
    const bytes = Uint8Array.of(7 << 3, 1, 2, 3)
    const remote = { address: address(ours), port: opened.local.port }
    client.native.datapath.sendDatagrams(peer.id, [{ remote, bytes }])
    await until(() => server.events.length === 1)
    const [event] = server.events
    expect(event).toMatchObject({ type: 'datagram', port: opened.id, local: address(ours), bytes })
    if (event?.type !== 'datagram') return
    datapath.sendDatagrams(opened.id, [{ remote: event.remote, local: address(ours), bytes }])
    await until(() => client.events.length === 1)
    expect(client.events[0]).toMatchObject({ type: 'datagram', port: peer.id, remote, bytes })
  })

  test('a port that another datapath has is refused', () => {
    const { port, address } = server.port.local
    const open = () => client.native.datapath.openPort({ address, port, protocol: 'openvpn' })
    const cause = expect.objectContaining({ code: 'EADDRINUSE' })
    expect(open).toThrowError(expect.objectContaining({ code: 'ERR_DATAPATH_SYSTEM', cause }))
    expect(open).toThrowError(`cannot open UDP port 127.0.0.1:${port}: bind: Address already in use`)
  })

  test('noise of every length on port, stream and TUN device harms nothing', async () => {
    connectUdp()
    const stream = client.native.datapath.openStream({ framing: 'openvpn' })
    const noise = randomSource(7)
    const datagrams: OutgoingDatagram[] = []
    for (let length = 1; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, () => noise() & 0xff)
      client.native.tunWrite(bytes)
      // P_DATA_V2 and P_DATA_V1 of the key and peer that exist, and any other opcode.
      if (length % 3 < 2) bytes.set(length % 3 === 0 ? [9 << 3, 0, 0, 3].slice(0, length) : [6 << 3])
      datagrams.push({ remote: client.port.local, bytes })
      client.native.datapath.streamInput(stream, Uint8Array.of(length >> 8, length & 0xff, ...bytes))
    }
    server.native.datapath.sendDatagrams(server.port.id, datagrams)
    server.native.tunWrite(textPacket(SERVER, CLIENT, 'still here'))
    const [packet] = await arrived(client, 1)
    expect(packet).toEqual(textPacket(SERVER, CLIENT, 'still here'))
    const { authenticationFailures, packetsReceived } = client.native.datapath.counters(client.flow)
    expect({ authenticationFailures, packetsReceived }).toEqual({
      // Too short to have a tag and a payload: 4 + 4 + 16 bytes and less.
      authenticationFailures: 99 - 8,
      packetsReceived: 1,
    })
  })
})

test('closing ends the threads and leaves no descriptor, and none is inherited', async () => {
  const threads = readdirSync('/proc/self/task').length
  const before = new Set(descriptors())
  const end = new End(3)
  const opened = descriptors().filter(fd => !before.has(fd))
  expect(opened.length).toBeGreaterThan(8)
  for (const fd of opened) expect(isInherited(fd), `descriptor ${fd}`).toBe(false)
  end.native.datapath.close()
  expect(descriptors().filter(fd => !before.has(fd))).toEqual([])
  await until(() => readdirSync('/proc/self/task').length <= threads)
})

test('an addon that is not built is named in one line', () => {
  expect(() => loadNativeAddon('./no-such-addon.node')).toThrowError(
    expect.objectContaining({
      code: 'ERR_DATAPATH_UNSUPPORTED',
      message: 'native addon not built: run `npm run build:native`',
    }),
  )
})

/** Numbers of a linear congruential generator (Numerical Recipes), always the same for a seed. */
function randomSource(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 16
  }
}

async function arrived(end: End, count: number): Promise<Uint8Array[]> {
  const packets: Uint8Array[] = []
  await until(() => packets.push(...end.native.tunRead()) >= count)
  return packets
}

async function until(holds: () => boolean): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (holds()) return
    await sleep(1)
  }
  throw new Error('did not happen')
}

/** Open descriptors but for the one that lists them. */
function descriptors(): string[] {
  return readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) !== ''
    } catch {
      return false
    }
  })
}

/** Whether a descriptor would be open in a program started from here: no O_CLOEXEC. */
function isInherited(fd: string): boolean {
  const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))
  return (Number.parseInt(flags?.[1] ?? '0', 8) & 0o2000000) === 0
}

function address(text: string) {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new TypeError(text)
  return parsed
}

function prefix(text: string): IpPrefix {
  const parsed = parseIpPrefix(text)
  if (!parsed) throw new TypeError(text)
  return parsed
}
