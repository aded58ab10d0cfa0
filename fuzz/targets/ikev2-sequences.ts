import { createPermissiveCrypto } from '@causeway/crypto-node/seeded'
import type { Ikev2Command, Ikev2Output, Ikev2Reply, Path, SessionId } from '@causeway/ikev2'
import { createIkev2, type Ikev2Engine } from '../../packages/ikev2/src/engine/ikev2-engine.ts'
import { FakeGateway } from '../../packages/ikev2/src/testing/fake-gateway.ts'
import { plainRoutes, type Route } from '../../packages/ikev2/src/testing/routes.suite.ts'
import { letIn, RESPONDER_TERMS, TERMS, trust } from '../../packages/ikev2/src/testing/terms.suite.ts'
import { Script } from '../script.ts'
import type { FuzzTarget } from '../target.ts'

/** Steps of one input: enough for a few exchanges after the first two. */
const MOST_STEPS = 200
/** Packets under way; more are lost. */
const MOST_PACKETS = 32
/** What one session and its successors may hold, whatever its peer says: IKE SAs, SPIs of ESP, open requests. */
const MOST_HELD = { ikeSas: 24, spis: 160, requests: 16 }
/** Longer than any deadline of these terms. */
const REST_MS = 700_000

interface Packet {
  readonly to: Peer
  readonly path: Path
  readonly bytes: Uint8Array
}

/** An engine with its gateway, and what its outputs have promised. */
class Peer {
  readonly engine: Ikev2Engine
  readonly gateway: FakeGateway
  readonly #name: keyof Route
  readonly #routes: readonly Route[]
  readonly #allowed = new Set<SessionId>()
  readonly #decides: () => Ikev2Reply | undefined
  #asking: SessionId | undefined

  constructor(name: keyof Route, routes: readonly Route[], decides: () => Ikev2Reply | undefined) {
    const terms = () => (name === 'responder' ? { ...RESPONDER_TERMS, ...TIMES } : undefined)
    this.engine = createIkev2({ crypto: createPermissiveCrypto(name), responder: terms })
    this.#name = name
    this.#routes = routes
    this.#decides = decides
    this.gateway = new FakeGateway(() => this.#decide())
  }

  /** Takes all outputs; gives what was sent. Errors: `Error` when an output breaks its word. */
  drain(now: number, other: Peer): Packet[] {
    const packets: Packet[] = []
    for (let output = this.engine.poll(); output; output = this.engine.poll()) {
      this.#require(output)
      this.gateway.handle(output, {
        send: (bytes, by) => {
          const path = this.#routes.find(route => route[this.#name].port === by.port)?.[other.#name]
          if (path) packets.push({ to: other, path, bytes })
        },
        command: command => this.engine.handleCommand(command, now),
      })
    }
    return packets
  }

  #decide(): Ikev2Reply | undefined {
    const reply = this.#decides()
    if (this.#asking !== undefined && (reply?.type === 'allow' || reply?.type === 'trust'))
      this.#allowed.add(this.#asking)
    return reply
  }

  #require(output: Ikev2Output): void {
    if (output.type === 'request') this.#asking = output.session
    const opens = output.type === 'install-sa' || output.type === 'open-flow'
    if (opens && !this.#allowed.has(output.session))
      throw new Error(`${output.type} for session ${output.session}, which nobody has let in`)
    const { ikeSaCount, espSpiCount, openRequestCount } = this.engine
    const within =
      ikeSaCount <= MOST_HELD.ikeSas &&
      espSpiCount <= MOST_HELD.spis &&
      openRequestCount <= MOST_HELD.requests
    if (!within) throw new Error(`too much is held: ${ikeSaCount} ${espSpiCount} ${openRequestCount}`)
  }
}

const TIMES = { livenessSeconds: 60, childRekeySeconds: 50, ikeRekeySeconds: 90, childLifetimeSeconds: 200 }

/** Two engines, the packets between them, and a script that delivers, changes, loses and repeats these. */
class Stage {
  readonly #script: Script
  readonly #initiator: Peer
  readonly #responder: Peer
  #packets: Packet[] = []
  #now = 0

  constructor(input: Uint8Array) {
    this.#script = new Script(input)
    const routes = plainRoutes()
    const asked = { type: 'authenticate' } as Parameters<typeof letIn>[0]
    const denies = (this.#script.next() & 3) === 1
    const deny: Ikev2Reply = { type: 'deny', reason: 'as the script has it' }
    this.#initiator = new Peer('initiator', routes, () => trust(asked))
    this.#responder = new Peer('responder', routes, () => (denies ? deny : letIn(asked)))
    const [plain, encapsulated] = routes as [Route, Route]
    this.#command(this.#initiator, {
      type: 'connect',
      session: 1,
      path: plain.initiator,
      encapsulatedPath: encapsulated.initiator,
      terms: { ...TERMS, ...TIMES },
    })
  }

  play(): void {
    for (let left = MOST_STEPS; left > 0 && !this.#script.isOver; left--) this.#step()
    this.#rest()
  }

  #step(): void {
    const act = this.#script.next()
    switch (act % 8) {
      case 0:
      case 1:
        this.#deliver(packet => packet.bytes)
        return
      case 2:
        this.#deliver(({ bytes }) => this.#changed(bytes))
        return
      case 3:
        this.#deliver(({ bytes }) => bytes.subarray(0, this.#script.u16() % (bytes.length + 1)))
        return
      case 4:
        this.#shuffle()
        return
      case 5:
        this.#wait(this.#script.next() * 500)
        return
      case 6:
        this.#command(this.#peer(act), this.#chosenCommand(this.#peer(act)))
        return
      default:
        this.#inject()
    }
  }

  #peer(act: number): Peer {
    return act & 8 ? this.#initiator : this.#responder
  }

  #deliver(make: (packet: Packet) => Uint8Array): void {
    const packet = this.#packets.shift()
    if (!packet) return
    packet.to.engine.handleDatagram({ path: packet.path, bytes: make(packet).slice() }, this.#now)
    this.#collect()
  }

  /** AES-GCM and CTR: what is changed in the ciphertext changes the same place of what was said. */
  #changed(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice()
    for (let left = 1 + (this.#script.next() % 4); left > 0; left--) {
      const at = this.#script.u16() % copy.length
      copy[at] = (copy[at] as number) ^ this.#script.next()
    }
    return copy
  }

  /** The next packet is lost, repeated, or overtaken by the others. */
  #shuffle(): void {
    const packet = this.#packets.shift()
    const fate = this.#script.next() % 3
    if (!packet || fate === 0) return
    if (fate === 1) this.#packets.unshift(packet, packet)
    else this.#packets.push(packet)
  }

  #wait(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let turns = 0; turns < 1000; turns++) {
      const deadlines = [this.#initiator, this.#responder].map(
        ({ engine }) => engine.nextTimeout() ?? Infinity,
      )
      const at = Math.min(...deadlines)
      if (at > end) break
      this.#now = Math.max(this.#now, at)
      for (const { engine } of [this.#initiator, this.#responder]) engine.handleTimeout(this.#now)
      this.#collect()
    }
    this.#now = end
  }

  #command(peer: Peer, command: Ikev2Command): void {
    peer.engine.handleCommand(command, this.#now)
    this.#collect()
  }

  #chosenCommand({ gateway }: Peer): Ikev2Command {
    const [[child, flow] = [1, undefined]] = [...gateway.flows]
    const session = flow?.session ?? 1
    const receiveSpi = flow?.selected ?? 0
    const { local, remote } = TERMS
    const commands: readonly Ikev2Command[] = [
      { type: 'rekey-child', session, child },
      { type: 'rekey-ike', session },
      { type: 'delete-child', session, child },
      { type: 'create-child', session, local, remote },
      { type: 'soft-limit', child, receiveSpi },
      { type: 'hard-limit', child, receiveSpi },
      { type: 'probe', session },
      { type: 'disconnect', session, reason: 'as the script has it' },
    ]
    return commands[this.#script.next() % commands.length] as Ikev2Command
  }

  /** Bytes of the script itself, as a packet under the header of the last one. */
  #inject(): void {
    const model = this.#packets.at(-1)
    if (!model) return
    const length = this.#script.next()
    const bytes = Uint8Array.from({ length: 28 + length }, (_, i) =>
      i < 28 ? (model.bytes[i] ?? 0) : this.#script.next(),
    )
    new DataView(bytes.buffer).setUint32(24, bytes.length)
    this.#packets.unshift({ ...model, bytes })
  }

  #collect(): void {
    const sent = [
      ...this.#initiator.drain(this.#now, this.#responder),
      ...this.#responder.drain(this.#now, this.#initiator),
    ]
    this.#packets = [...this.#packets, ...sent].slice(0, MOST_PACKETS)
  }

  /** Nothing passes any more: in time nothing may be left. Errors: `Error` when something is. */
  #rest(): void {
    this.#packets = []
    for (const peer of [this.#initiator, this.#responder])
      for (let session = 0; session < 8; session++)
        this.#command(peer, { type: 'disconnect', session, reason: 'the end' })
    this.#wait(REST_MS)
    for (const { engine, gateway } of [this.#initiator, this.#responder]) {
      const { ikeSaCount, espSpiCount, openRequestCount } = engine
      const left = [ikeSaCount, espSpiCount, openRequestCount, gateway.flows.size]
      if (left.some(count => count > 0)) throw new Error(`left behind: ${left.join(' ')}`)
    }
  }
}

/** Delivers what is sent: both IKE_SA_INIT, both IKE_AUTH. */
const MEET = [0, 0, 0, 0, 0, 0]

/**
 * Messages of two live engines without locks (`createPermissiveCrypto`), delivered, changed inside their protection,
 * lost, repeated and reordered: nothing throws, what is held is bounded and goes, and nobody gets an SA whom nobody
 * has let in.
 */
export const ikev2Sequences: FuzzTarget = {
  name: 'ikev2-sequences',
  seeds: () =>
    [
      [0, ...MEET],
      [1, ...MEET],
      ...[0, 1, 2, 3, 4, 5, 6, 7].map(command => [
        0,
        ...MEET,
        6,
        command,
        0,
        0,
        0,
        0,
        14,
        command,
        0,
        0,
        0,
        0,
      ]),
      [0, ...MEET, 6, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, ...MEET, 6, 1, 14, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, ...MEET, 6, 0, 2, 0, 0, 40, 255, 0, 0, 5, 4, 0, 0, 14, 1, 2, 1, 0, 60, 3, 0, 33, 1, 0, 0],
      [0, ...MEET, 6, 1, 7, 8, 41, 0, 0, 8, 1, 2, 3, 4, 0, 0, 0, 5, 20, 0, 0, 0],
    ].map(bytes => Uint8Array.from(bytes)),
  run: input => new Stage(input).play(),
}
