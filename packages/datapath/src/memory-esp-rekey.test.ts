import { formatHex } from '@causeway/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DatapathEvent } from './datapath-event.ts'
import { prefix } from './datapath-fixture.suite.ts'
import { makeEspKeys, makeSa } from './esp-peer.suite.ts'
import type { EspSa } from './flow.ts'
import { textPacket } from './inner-packet.suite.ts'
import { createMemoryDatapath, type MemoryDatapath } from './memory-datapath.ts'
import { MemoryNetwork } from './memory-network.ts'

/** What the network and the two ends do next; `at` chooses among what is on the way. */
type Step =
  | { readonly type: 'send'; readonly from: 0 | 1 }
  | { readonly type: 'deliver' | 'double' | 'lose'; readonly at: number }
  | { readonly type: 'rekey' }

const ADDRESSES = ['192.0.2.1', '192.0.2.9'] as const
const INNER = ['198.51.100.7', '10.8.0.2'] as const

/** Both ends' SAs of the n-th key: each receives by the SPI to which the other sends. */
function saPair(generation: number): readonly [EspSa, EspSa] {
  const channel = {
    cipher: 'AES-GCM-128',
    extendedSequence: generation % 2 === 0,
    spi: 0x1000 + generation,
    sendSpi: 0x2000 + generation,
  } as const
  const keys = makeEspKeys(channel, generation)
  const ours = makeSa(channel, keys, { replayWindow: 1024 })
  const theirs = { ...ours, keyId: ours.sendSpi, sendSpi: ours.keyId, send: keys.receive, receive: keys.send }
  return [ours, theirs]
}

/** A packet that the network holds. */
interface Held {
  readonly deliver: () => void
  delivered: boolean
}

interface End {
  readonly datapath: MemoryDatapath
  readonly flow: number
}

/** Two ends over a network that keeps what is sent until it is told what becomes of it. */
class Scene {
  readonly events: DatapathEvent[] = []
  readonly ends: readonly [End, End]
  /** Packets that the hosts sent, by end. */
  readonly sent: readonly [string[], string[]] = [[], []]
  lost = 0
  doubled = 0
  readonly #held: Held[] = []
  readonly #network = new MemoryNetwork((packet, deliver) =>
    this.#held.push({ deliver: () => deliver(packet), delivered: false }),
  )
  readonly #rekeying: Generator<void>

  constructor() {
    this.ends = [this.#openEnd(0), this.#openEnd(1)]
    this.#rekeying = rekeys(this.ends, () => this.deliverAll())
    this.#rekeying.next()
  }

  take(step: Step, text: string): void {
    if (step.type === 'rekey') this.#rekeying.next()
    else if (step.type === 'send') this.#send(step.from, text)
    else if (this.#held.length > 0) this.#decide(step.type, step.at % this.#held.length)
  }

  deliverAll(): void {
    while (this.#held.length > 0) this.#decide('deliver', 0)
  }

  #send(from: 0 | 1, text: string): void {
    const packet = textPacket(INNER[from], INNER[from === 0 ? 1 : 0], text)
    this.ends[from].datapath.tunWrite(packet)
    this.sent[from].push(formatHex(packet))
  }

  #decide(what: 'deliver' | 'double' | 'lose', at: number): void {
    const held = this.#held[at] as Held
    if (what !== 'double') this.#held.splice(at, 1)
    else this.doubled++
    if (what === 'lose') this.lost += held.delivered ? 0 : 1
    else held.deliver()
    held.delivered = true
  }

  #openEnd(side: 0 | 1): End {
    const other = side === 0 ? 1 : 0
    const onEvents = (batch: readonly DatapathEvent[]) => this.events.push(...batch)
    const datapath = createMemoryDatapath({ workers: 1, onEvents }, this.#network)
    datapath.openTun({ name: 'tun%d', mtu: 1500 })
    const [local, remote] = [ADDRESSES[side], ADDRESSES[other]].map(text => prefix(text).address)
    if (!local || !remote) throw new TypeError('both are addresses')
    const { id } = datapath.openPort({ address: local, port: 4500, protocol: 'ike-esp' })
    const path = { type: 'udp', port: id, remote: { address: remote, port: 4500 } } as const
    const limits = { clampBytes: 1400, innerMtu: 1400, idleTimeoutSeconds: 0 }
    const flow = datapath.openFlow({ protocol: 'esp', path, ...limits })
    datapath.changeRoutes([{ type: 'add', prefix: prefix(INNER[other]), flow }])
    return { datapath, flow }
  }
}

/*
 * RFC 7296 §2.8, as the two ends carry it out between themselves:
 *
 *   responder  installs the next pair, receives by both
 *   initiator  installs the next pair, sends by it, receives by both
 *   responder  sends by the next pair
 *   both       remove the old pair once nothing of it is on the way
 */
function* rekeys([initiator, responder]: readonly [End, End], drained: () => void): Generator<void> {
  for (let generation = 1; ; generation++) {
    const [ours, theirs] = saPair(generation)
    responder.datapath.installKey(responder.flow, theirs)
    if (generation === 1) responder.datapath.selectKey(responder.flow, theirs.keyId)
    else yield
    initiator.datapath.installKey(initiator.flow, ours)
    initiator.datapath.selectKey(initiator.flow, ours.keyId)
    yield
    if (generation === 1) continue
    responder.datapath.selectKey(responder.flow, theirs.keyId)
    yield
    drained()
    const [old, oldTheirs] = saPair(generation - 1)
    initiator.datapath.removeKey(initiator.flow, old.keyId)
    responder.datapath.removeKey(responder.flow, oldTheirs.keyId)
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('send' as const), from: fc.constantFrom(0, 1) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('deliver' as const), at: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('double', 'lose'), at: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rekey' as const) }) },
) as fc.Arbitrary<Step>

test('however packets are reordered, doubled or lost, each arrives once over any number of rekeys', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 400 }), steps => {
      const scene = new Scene()
      for (const [i, now] of steps.entries()) scene.take(now, `packet ${i}`)
      scene.deliverAll()
      const { ends, sent, events } = scene
      const arrived = ends.map(({ datapath }) => datapath.tunRead().map(formatHex))
      for (const from of [0, 1] as const) {
        const got = arrived[1 - from] ?? []
        expect(new Set(got).size).toBe(got.length)
        expect(got.filter(packet => !sent[from].includes(packet))).toEqual([])
      }
      expect(arrived.flat().length).toBe(sent.flat().length - scene.lost)
      const counters = ends.map(({ datapath, flow }) => datapath.counters(flow))
      for (const { authenticationFailures, sendDrops } of counters)
        expect([authenticationFailures, sendDrops]).toEqual([0, 0])
      expect(counters.reduce((sum, { replays }) => sum + replays, 0)).toBeLessThanOrEqual(scene.doubled)
      expect(ends.map(({ datapath }) => datapath.totals().unknownFlow)).toEqual([0, 0])
      expect(events.filter(({ type }) => type !== 'rejected')).toEqual([])
    }),
    { numRuns: 60 },
  )
})
