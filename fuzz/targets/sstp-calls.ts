import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { SstpCommand, SstpOutput, SstpSettings } from '@causeway/sstp'
import { formatHex, WireFault } from '@causeway/wire'
import { SstpCalls } from '../../packages/sstp/src/sstp-engine.ts'
import { CERTIFICATE, SETTINGS } from '../../packages/sstp/src/testing/bench.suite.ts'
import { Outside } from '../../packages/sstp/src/testing/outside.suite.ts'
import { parseSstpPacket, writeDataPacket } from '../../packages/sstp/src/wire/packet.ts'
import { Script } from '../script.ts'
import type { FuzzTarget } from '../target.ts'

type Role = 'client' | 'server'
type Method = SstpSettings['authentication'][number]

/** Steps of one input: enough for some calls after one another. */
const MOST_STEPS = 300
/** Packets under way; more are lost. */
const MOST_PACKETS = 64
/** Longer than every deadline of a call together. */
const REST_MS = 400_000
/** What a call may have asked and not heard of. */
const MOST_REQUESTS = 4

const METHODS: readonly (readonly Method[])[] = [['eap'], ['chap-mschapv2'], ['pap'], SETTINGS.authentication]

/** An engine, its outside, and what its outputs have promised of the call that there is. */
class Peer {
  readonly engine: SstpCalls
  readonly role: Role
  readonly #outside: Outside
  /** Call Connected messages as the client made them. */
  readonly #proofs: Set<string>
  #delivered = new Set<string>()
  #isBound = false
  #hasFlow = false
  #hadFlow = false
  #isClosed = true

  constructor(role: Role, authentication: readonly Method[], isStranger: boolean, proofs: Set<string>) {
    const settings = () => ({ ...SETTINGS, authentication })
    this.engine = new SstpCalls({ role, crypto: createSeededCrypto(role), settings })
    this.role = role
    this.#outside = new Outside(role, { isStranger: isStranger && role === 'client' })
    this.#proofs = proofs
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  open(call: number, now: number): Uint8Array[] {
    this.#isClosed = false
    this.#isBound = false
    this.#hadFlow = false
    this.#delivered = new Set()
    return this.command({ type: 'connection-opened', call, certificate: CERTIFICATE }, now)
  }

  command(command: SstpCommand, now: number): Uint8Array[] {
    this.engine.handleCommand(command, now)
    return this.#drain(now)
  }

  receive(call: number, bytes: Uint8Array, now: number): Uint8Array[] {
    this.#delivered.add(formatHex(bytes))
    this.engine.handleDatagram({ path: call, bytes }, now)
    return this.#drain(now)
  }

  timeout(now: number): Uint8Array[] {
    this.engine.handleTimeout(now)
    return this.#drain(now)
  }

  /** Takes all outputs, and gives what was sent. Errors: `Error` when an output breaks its word. */
  #drain(now: number): Uint8Array[] {
    const sent: Uint8Array[] = []
    for (let output = this.engine.poll(); output; output = this.engine.poll()) {
      this.#check(output)
      if (output.type === 'send') sent.push(output.packet)
      else if (output.type !== 'close-connection') {
        for (const command of this.#outside.answer(output)) this.engine.handleCommand(command, now)
      }
    }
    const { calls, requests } = this.engine.sizes
    this.#require(calls <= 1 && requests <= MOST_REQUESTS * calls, 'holds too much')
    return sent
  }

  #check(output: SstpOutput): void {
    this.#require(!this.#isClosed || output.type === 'close-connection', `${output.type} after the end`)
    switch (output.type) {
      case 'send':
        this.#checkPacket(output.packet)
        return
      case 'open-flow':
        this.#require(this.#isBound && !this.#hadFlow, 'opens a flow that is not bound, or twice')
        this.#hasFlow = true
        this.#hadFlow = true
        return
      case 'close-flow':
        this.#require(this.#hasFlow, 'closes a flow that is not open')
        this.#hasFlow = false
        return
      case 'event':
        if (output.event.type === 'bound') this.#checkBound()
        if (output.event.type !== 'closed') return
        this.#require(!this.#hasFlow, 'ends with its flow open')
        this.#isClosed = true
        return
      default:
        return
    }
  }

  #checkPacket(packet: Uint8Array): void {
    const parsed = parseSstpPacket(packet)
    if (parsed instanceof WireFault) throw new Error(`${this.role} sent what is no packet: ${parsed}`)
    if (parsed.type === 'data') return
    this.#require(parsed.message.type !== 'invalid', 'sent what is no message')
    if (parsed.message.type === 'call-connected') this.#proofs.add(formatHex(packet))
  }

  /** Nobody but the client can make what a server takes. */
  #checkBound(): void {
    const isProven = [...this.#delivered].some(packet => this.#proofs.has(packet))
    this.#require(this.role === 'client' || isProven, 'took a binding that nobody made')
    this.#isBound = true
  }

  #require(holds: boolean, what: string): void {
    if (!holds) throw new Error(`the ${this.role} ${what}`)
  }
}

/** A client, a server and a stream between them in which the script meddles. */
class Stage {
  readonly #script: Script
  readonly #client: Peer
  readonly #server: Peer
  #packets: { readonly to: Peer; readonly bytes: Uint8Array }[] = []
  #call = 1
  #now = 0

  constructor(input: Uint8Array) {
    this.#script = new Script(input)
    const choice = this.#script.next()
    const methods = METHODS[choice % METHODS.length] ?? SETTINGS.authentication
    const proofs = new Set<string>()
    this.#client = new Peer('client', methods, choice >= 0xe0, proofs)
    this.#server = new Peer('server', methods, false, proofs)
    this.#open()
  }

  play(): void {
    for (let step = 0; step < MOST_STEPS && !this.#script.isOver; step++) this.#step()
    this.#packets = []
    this.#pass(REST_MS)
    for (const { role, engine } of [this.#client, this.#server]) {
      const { calls, deadlines, requests } = engine.sizes
      const isEmpty = calls === 0 && deadlines === 0 && requests === 0
      if (!isEmpty || engine.nextTimeout() !== undefined) throw new Error(`the ${role} keeps what is over`)
    }
  }

  #step(): void {
    const script = this.#script
    const first = this.#packets[0]
    switch (script.next() % 16) {
      case 8:
        this.#packets.shift()
        return
      case 9:
        if (first) this.#deliver(first.to, first.bytes.slice())
        return
      case 10:
        if (first) first.bytes[((script.next() << 8) | script.next()) % first.bytes.length] = script.next()
        return
      case 11:
        this.#packets.reverse()
        return
      case 12:
        this.#deliver(this.#anyone(), controlPacket(script.bytes(script.next())))
        return
      case 13:
        this.#deliver(this.#anyone(), writeDataPacket(script.bytes(script.next())))
        return
      case 14:
        this.#pass(((script.next() << 8) | script.next()) * 2)
        return
      case 15:
        this.#command(script.next())
        return
      default:
        if (first) this.#deliver(first.to, (this.#packets.shift() ?? first).bytes)
        else this.#pass(100)
    }
  }

  #open(): void {
    this.#packets = []
    this.#put(this.#server, this.#client.open(this.#call, this.#now))
    this.#put(this.#client, this.#server.open(this.#call, this.#now))
  }

  /** Someone leaves, a connection breaks, or a new one begins where the old one is over. */
  #command(choice: number): void {
    const who = choice % 2 === 0 ? this.#client : this.#server
    const call = this.#call
    if (choice % 8 < 4) {
      this.#put(
        this.#other(who),
        who.command({ type: 'disconnect', call, reason: 'as the script has it' }, this.#now),
      )
      return
    }
    for (const peer of [this.#client, this.#server])
      peer.command({ type: 'connection-closed', call, reason: 'broken' }, this.#now)
    this.#call++
    this.#open()
  }

  #anyone(): Peer {
    return this.#script.next() % 4 === 0 ? this.#client : this.#server
  }

  #other(peer: Peer): Peer {
    return peer === this.#client ? this.#server : this.#client
  }

  #deliver(to: Peer, bytes: Uint8Array): void {
    this.#put(this.#other(to), to.receive(this.#call, bytes, this.#now))
  }

  #put(to: Peer, packets: readonly Uint8Array[]): void {
    const room = MOST_PACKETS - this.#packets.length
    this.#packets.push(...packets.slice(0, Math.max(0, room)).map(bytes => ({ to, bytes })))
  }

  #pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (const peer of [this.#client, this.#server]) {
      let at = peer.engine.nextTimeout()
      for (let i = 0; at !== undefined && at <= end; i++) {
        if (i > 1_000) throw new Error(`the ${peer.role} does not come to rest`)
        this.#put(this.#other(peer), peer.timeout(Math.max(at, this.#now)))
        at = peer.engine.nextTimeout()
      }
    }
    this.#now = end
  }
}

function controlPacket(body: Uint8Array): Uint8Array {
  const packet = writeDataPacket(body)
  packet[1] = 1
  return packet
}

/** Deliveries of a whole call; the first byte chooses how the client authenticates. */
const LIFE_STEPS = 40
const life = (method: number, ...more: readonly number[]): Uint8Array =>
  Uint8Array.from([method, ...Array<number>(LIFE_STEPS).fill(0), ...more])

/** Two engines through whatever a stream between them may bring. */
export const sstpCalls: FuzzTarget = {
  name: 'sstp-calls',
  seeds: () => [
    ...[0, 1, 2, 3, 0xe0, 0xe1, 0xe2].map(method => life(method)),
    // Left by the client, by the server, by both; broken off and begun anew; silence.
    ...[0, 1].map(who => life(1, 15, who, ...Array<number>(20).fill(0))),
    life(0, 15, 0, 15, 1, ...Array<number>(20).fill(0)),
    life(2, 15, 4, ...Array<number>(LIFE_STEPS).fill(0)),
    life(3, 14, 0xff, 0xff, 0, 0, 14, 0xff, 0xff, 0, 0),
  ],
  run: input => new Stage(input).play(),
}
