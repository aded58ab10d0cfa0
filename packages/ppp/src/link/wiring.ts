import { type Instant, Outbox, TimerTable, TokenBucket } from '@causeway/engine'
import type { WireFault } from '@causeway/wire'
import { COURTESIES_PER_SECOND } from '../limits.ts'
import type { PppReply } from '../link-command.ts'
import type { PppOptions } from '../link-options.ts'
import type { PppEvent, PppOutput, PppRequest } from '../link-output.ts'
import { type ControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { writeFrame } from '../wire/frame.ts'

export type TimerName =
  /** The restart timers of the control protocols (RFC 1661 §4.6). */
  | 'lcp'
  | 'ipcp'
  | 'ipv6cp'
  /** The next Echo-Request. */
  | 'echo'
  /** An authentication packet without answer is repeated. */
  | 'repeat'
  /** Authentication must have ended. */
  | 'authentication'
  /** A network protocol must be open. */
  | 'network'

/** What the parts of one link share: the time, timers, the queue of outputs, open requests. */
export class Wiring {
  readonly options: PppOptions
  readonly timers: TimerTable<TimerName> = new TimerTable()
  readonly #outbox = new Outbox<PppOutput>()
  readonly #requests = new Map<number, (reply: PppReply) => void>()
  readonly #courtesies = new TokenBucket(COURTESIES_PER_SECOND)
  #requestId = 0
  /** Of the present call. */
  now: Instant = 0

  constructor(options: PppOptions) {
    this.options = options
  }

  poll(): PppOutput | undefined {
    return this.#outbox.take()
  }

  put(output: PppOutput): void {
    this.#outbox.put(output)
  }

  send(protocol: number, information: Uint8Array): void {
    this.put({ type: 'send', frame: writeFrame({ protocol, information }) })
  }

  sendPacket(protocol: number, packet: ControlPacket): void {
    this.send(protocol, writeControlPacket(packet))
  }

  event(event: PppEvent): void {
    this.put({ type: 'event', event })
  }

  drop(reason: string): void {
    this.event({ type: 'dropped', reason })
  }

  /** Without the place of the fault: reasons are counted, and a peer must not choose how many there are. */
  dropFault(what: string, { kind, field }: WireFault): void {
    this.drop(`${what}: ${kind} ${field}`)
  }

  setTimer(name: TimerName, milliseconds: number): void {
    this.timers.set(name, this.now + milliseconds)
  }

  /** Whether an answer that the peer need not get may be sent: so many a second. */
  mayAnswer(): boolean {
    return this.#courtesies.take(this.now)
  }

  /** Asks the outside. `take` gets the reply, unless the request is withdrawn by the id that this gives. */
  ask(request: PppRequest, take: (reply: PppReply) => void): number {
    const id = ++this.#requestId
    this.#requests.set(id, take)
    this.put({ type: 'request', id, request })
    return id
  }

  /** A reply nobody waits for any more does nothing. */
  answer(id: number, reply: PppReply): void {
    const take = this.#requests.get(id)
    this.#requests.delete(id)
    take?.(reply)
  }

  withdraw(id: number | undefined): void {
    if (id !== undefined) this.#requests.delete(id)
  }

  /** Nothing is waited for any more. */
  rest(): void {
    this.timers.clearAll()
    this.#requests.clear()
  }
}
