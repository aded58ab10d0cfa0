import { setTimeout as sleep } from 'node:timers/promises'
import { type Endpoint, formatHex, parseIpAddress } from '@causeway/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OutgoingDatagram, PortInfo, PortOptions } from './datapath.ts'
import type { DatapathEvent } from './datapath-event.ts'
import { prefix } from './datapath-fixture.suite.ts'
import { EVERYTHING } from './esp-peer.suite.ts'
import type { EspKeys, EspSa } from './flow.ts'
import type { FlowId } from './ids.ts'
import { textPacket } from './inner-packet.suite.ts'
import { createNativeTestDatapath, type NativeTestDatapath } from './native-test-datapath.ts'

const INNER = { server: '10.8.0.1', client: '10.8.0.2' } as const
const SPI = { server: 0xc0000001, client: 0xc0000002 } as const
/** Steps of a millisecond after which an expectation has failed. */
const MOST_STEPS = 3000

type Role = 'server' | 'client'
type Shape = Partial<Pick<EspSa, 'cipher' | 'integrity' | 'extendedSequence' | 'replayWindow'>>

const other = { server: 'client', client: 'server' } as const

/** One of two native datapaths that talk ESP to each other, with two workers. */
class End {
  readonly role: Role
  readonly events: DatapathEvent[] = []
  readonly native: NativeTestDatapath
  readonly port: PortInfo
  flow: FlowId = 0

  constructor(role: Role, address: string, protocol: PortOptions['protocol']) {
    this.role = role
    this.native = createNativeTestDatapath({ workers: 2, onEvents: batch => this.events.push(...batch) })
    this.native.datapath.openTun({ name: 'pair%d', mtu: 1500 })
    this.port = this.native.datapath.openPort({ address: addressOf(address), port: 0, protocol })
  }

  open(remote: Endpoint, shape: Shape = {}): void {
    const { datapath } = this.native
    const path = { type: 'udp', port: this.port.id, remote } as const
    const limits = { clampBytes: 1400, innerMtu: 1400, idleTimeoutSeconds: 0 }
    this.flow = datapath.openFlow({ protocol: 'esp', path, ...limits })
    datapath.installKey(this.flow, pairOf(this.role, shape))
    datapath.selectKey(this.flow, SPI[this.role])
    const peer = prefix(INNER[other[this.role]])
    datapath.changeRoutes([{ type: 'add', prefix: peer, flow: this.flow }])
  }

  /** An inner packet to the other end. */
  packet(text: string): Uint8Array {
    return textPacket(INNER[this.role], INNER[other[this.role]], text)
  }

  /** Waits until exactly these packets have come, in this order. */
  async expectArrived(packets: readonly Uint8Array[]): Promise<void> {
    const got: Uint8Array[] = []
    await until(() => {
      got.push(...this.native.tunRead())
      return got.length >= packets.length
    })
    expect(got.map(formatHex)).toEqual(packets.map(formatHex))
  }
}

describe('two native datapaths over ESP', () => {
  let ends: { readonly server: End; readonly client: End }

  function connect(
    protocol: PortOptions['protocol'],
    addresses: readonly [string, string],
    shape?: Shape,
  ): void {
    const [server, client] = [
      new End('server', addresses[0], protocol),
      new End('client', addresses[1], protocol),
    ]
    ends = { server, client }
    server.open(client.port.local, shape)
    client.open(server.port.local, shape)
  }

  afterEach(() => {
    ends.server.native.datapath.close()
    ends.client.native.datapath.close()
  })

  describe.each([
    ['AES-GCM-256', undefined, ['127.0.0.1', '127.0.0.1']],
    ['AES-GCM-128', undefined, ['::1', '::1']],
    ['AES-CBC-256', 'HMAC-SHA256-128', ['127.0.0.1', '127.0.0.1']],
  ] as const)('%s %s over %s', (cipher, integrity, addresses) => {
    beforeEach(() =>
      connect('ike-esp', addresses, { cipher, ...(integrity ? { integrity } : {}), replayWindow: 1024 }),
    )

    test('bursts of every size arrive whole and in order', async () => {
      const { server, client } = ends
      for (const size of [1, 2, 3, 4, 100, 1000, 1372]) {
        const sent = Array.from({ length: 300 }, (_, i) => server.packet(`${i}`.padStart(size, '.')))
        for (const packet of sent) server.native.tunWrite(packet)
        await client.expectArrived(sent)
      }
      const received = client.native.datapath.counters(client.flow)
      expect(received).toMatchObject({ packetsReceived: 2100, replays: 0, authenticationFailures: 0 })
      expect(server.native.datapath.counters(server.flow)).toMatchObject({ packetsSent: 2100, sendDrops: 0 })
    })
  })

  describe('one pair', () => {
    beforeEach(() => connect('ike-esp', ['127.0.0.1', '127.0.0.1']))

    test('sequence numbers never wrap: the SA asks for its successor, then is spent', async () => {
      const { server, client } = ends
      const { native, flow } = client
      native.setNextId(flow, SPI.client, 0xffff_fffe)
      const sent = Array.from({ length: 4 }, (_, i) => client.packet(`packet ${i}`))
      for (const packet of sent) native.tunWrite(packet)
      await server.expectArrived(sent.slice(0, 2))
      await until(() => native.datapath.counters(flow).sendDrops === 2 && client.events.length === 2)
      expect(client.events).toEqual([
        { type: 'soft-limit', flow, keyId: SPI.client },
        { type: 'hard-limit', flow, keyId: SPI.client },
      ])
    })

    test('the successor takes over without a packet lost', async () => {
      const { server, client } = ends
      const next = { server: 0xd0000001, client: 0xd0000002 }
      const sent = Array.from({ length: 200 }, (_, i) => server.packet(`packet ${i}`))
      for (const packet of sent.slice(0, 100)) server.native.tunWrite(packet)
      for (const end of [client, server]) {
        const { datapath } = end.native
        const sa = pairOf(end.role)
        datapath.installKey(end.flow, { ...sa, keyId: next[end.role], sendSpi: next[other[end.role]] })
        datapath.selectKey(end.flow, next[end.role])
      }
      for (const packet of sent.slice(100)) server.native.tunWrite(packet)
      await client.expectArrived(sent)
      for (const end of [client, server]) end.native.datapath.removeKey(end.flow, SPI[end.role])
      const last = client.packet('by the new SA alone')
      client.native.tunWrite(last)
      await server.expectArrived([last])
      expect(client.events).toEqual([])
    })

    test('noise of every length on port and TUN device harms nothing', async () => {
      const { server, client } = ends
      const noise = randomSource(7)
      const datagrams: OutgoingDatagram[] = []
      for (let length = 1; length < 300; length++) {
        const bytes = Uint8Array.from({ length }, () => noise() & 0xff)
        client.native.tunWrite(bytes)
        // ESP of the SA that exists, but for every third.
        if (length % 3 > 0) bytes.set([0xc0, 0, 0, 2].slice(0, length))
        else bytes[0] = 0x11
        datagrams.push({ remote: client.port.local, bytes })
      }
      const plain = server.native.datapath.openPort({
        address: addressOf('127.0.0.1'),
        port: 0,
        protocol: 'ike',
      })
      server.native.datapath.sendDatagrams(plain.id, datagrams)
      server.native.tunWrite(server.packet('still here'))
      await client.expectArrived([server.packet('still here')])
      // Too short for an SPI and a number, or for IV, trailer and ICV: less than 8, or less than 34 bytes.
      const tooShort = 7 + 17
      const strange = 97
      await until(() => client.native.datapath.counters(client.flow).authenticationFailures === 178)
      await until(() => client.native.datapath.totals().unknownFlow === strange)
      expect(client.native.datapath.totals().malformed).toBe(tooShort)
      expect(tooShort + strange + 178).toBe(datagrams.length)
      expect(client.native.datapath.counters(client.flow).packetsReceived).toBe(1)
      await until(() => client.events.some(({ type }) => type === 'unknown-spi'))
    })
  })

  test('extended numbers go on over the end of the low half', async () => {
    connect('ike-esp', ['127.0.0.1', '127.0.0.1'], { extendedSequence: true })
    const { server, client } = ends
    client.native.setNextId(client.flow, SPI.client, 2 ** 32 - 100)
    const sent = Array.from({ length: 300 }, (_, i) => client.packet(`packet ${i}`))
    for (const packet of sent) client.native.tunWrite(packet)
    await server.expectArrived(sent)
    expect(client.events).toEqual([])
    expect(client.native.datapath.counters(client.flow)).toMatchObject({ packetsSent: 300, sendDrops: 0 })
  })

  // A raw socket needs CAP_NET_RAW, which the tests of a packaged build may lack; CI has it.
  describe.skipIf(!mayOpenRaw())('raw ESP', () => {
    test.each([
      ['127.0.0.1', '127.0.0.2'],
      // One address for both: each end hears the other's packets too, and knows its own by their SPI.
      ['::1', '::1'],
    ] as const)('between %s and %s', async (first, second) => {
      connect('esp', [first, second])
      const { server, client } = ends
      expect(server.port.local.port).toBe(0)
      const sent = Array.from({ length: 100 }, (_, i) => server.packet(`packet ${i}`))
      for (const packet of sent) server.native.tunWrite(packet)
      await client.expectArrived(sent)
      const answer = client.packet('and back')
      client.native.tunWrite(answer)
      await server.expectArrived([answer])
      expect(client.events.filter(({ type }) => type === 'float')).toEqual([])
    })
  })
})

/** The pair of SAs of one end. */
function pairOf(role: Role, shape: Shape = {}): EspSa {
  const { integrity } = shape
  const keys = (fill: number): EspKeys => ({
    cipherKey: new Uint8Array(Number((shape.cipher ?? 'AES-GCM-256').slice(-3)) / 8).fill(fill),
    integrityKey: new Uint8Array(integrity ? 32 : 4).fill(fill),
  })
  const [send, receive] = role === 'server' ? [keys(1), keys(2)] : [keys(2), keys(1)]
  return {
    keyId: SPI[role],
    sendSpi: SPI[other[role]],
    cipher: 'AES-GCM-256',
    extendedSequence: false,
    replayWindow: 64,
    ...shape,
    send,
    receive,
    selectors: { local: EVERYTHING, remote: EVERYTHING },
    packetLimit: 0,
    byteLimit: 0,
    hardPacketLimit: 0,
    hardByteLimit: 0,
  }
}

function mayOpenRaw(): boolean {
  const { datapath } = createNativeTestDatapath({ workers: 1, onEvents: () => {} })
  try {
    datapath.openPort({ address: addressOf('127.0.0.1'), port: 0, protocol: 'esp' })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_DATAPATH_SYSTEM', cause: { code: 'EPERM' } })
    return false
  } finally {
    datapath.close()
  }
}

/** Numbers of a linear congruential generator (Numerical Recipes), always the same for a seed. */
function randomSource(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 16
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (holds()) return
    await sleep(1)
  }
  throw new Error('did not happen')
}

function addressOf(text: string) {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new TypeError(text)
  return parsed
}
