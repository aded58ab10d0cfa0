import type { Instant } from '@causeway/engine'
import type { KeyId } from '../data-channel.ts'
import { ACKS_PER_ACK, ACKS_PER_CONTROL, TLS_BACKLOG_BYTES } from '../limits.ts'
import type { TlsId } from '../output.ts'
import { type ControlOpcode, OPCODES } from '../wire/opcode.ts'
import { PendingAcks } from './pending-acks.ts'
import { type ReceiveVerdict, ReceiveWindow } from './receive-window.ts'
import { SendWindow } from './send-window.ts'

/** What a lane wants sent: a message with acknowledgements, or acknowledgements alone. */
export interface LanePacket {
  readonly opcode: ControlOpcode
  readonly keyId: KeyId
  readonly acks: readonly number[]
  /** Absent for acknowledgements alone. */
  readonly messageId: number | undefined
  readonly payload: Uint8Array
}

export interface KeyLaneOptions {
  readonly keyId: KeyId
  readonly tls: TlsId
  /** The path neither loses nor reorders. */
  readonly reliablePath: boolean
  /** Id of the first message to send and to receive: 1 where the reset exchange was stateless. */
  readonly firstSend: number
  readonly firstReceive: number
  /** Opcode of message 1 (P_CONTROL_WKC_V1 where the server asked for the wrapped key again). */
  readonly secondOpcode?: ControlOpcode
}

/**
 * The reliable channel of one key id: carries one TLS connection's records in control packets,
 * in order and exactly once, over a path that may lose, repeat and reorder.
 */
export class KeyLane {
  readonly keyId: KeyId
  readonly tls: TlsId
  readonly #send: SendWindow
  readonly #receive: ReceiveWindow
  readonly #acks = new PendingAcks()
  #secondOpcode: ControlOpcode
  #nextSend: number
  /** TLS records not yet in the send window. */
  #backlog: Uint8Array[] = []
  #backlogBytes = 0

  constructor(options: KeyLaneOptions) {
    this.keyId = options.keyId
    this.tls = options.tls
    this.#send = new SendWindow(options.firstSend, options.reliablePath)
    this.#receive = new ReceiveWindow(options.firstReceive)
    this.#secondOpcode = options.secondOpcode ?? OPCODES.CONTROL_V1
    this.#nextSend = options.firstSend
  }

  /** The server wants the wrapped client key again with message 1. */
  resendWrappedKey(): void {
    this.#secondOpcode = OPCODES.CONTROL_WKC_V1
  }

  /** Whether the peer has acknowledged all, and nothing waits. */
  get settled(): boolean {
    return this.#send.empty && this.#backlogBytes === 0
  }

  /** Sends the opening message of the lane: a hard or soft reset. */
  open(opcode: ControlOpcode, payload: Uint8Array, now: Instant): void {
    this.#nextSend++
    this.#send.push(opcode, payload, now)
  }

  /** Queues TLS records. `false`: the peer leaves too much unacknowledged. */
  enqueue(records: Uint8Array): boolean {
    this.#backlogBytes += records.length
    if (this.#backlogBytes > TLS_BACKLOG_BYTES) return false
    this.#backlog.push(records.slice())
    return true
  }

  /** Takes a packet's acknowledgements and message in. */
  receive(
    packet: {
      readonly acks: readonly number[]
      readonly messageId: number | undefined
      readonly payload: Uint8Array
    },
    now: Instant,
  ): ReceiveVerdict {
    this.#send.acknowledge(packet.acks, now)
    if (packet.messageId === undefined) return 'accepted'
    const verdict = this.#receive.offer(packet.messageId, packet.payload)
    if (verdict !== 'beyond-window') this.#acks.add(packet.messageId, now)
    return verdict
  }

  /** Acknowledges a message that was received outside the lane (the client's reset). */
  acknowledgeLater(messageId: number, now: Instant): void {
    this.#acks.add(messageId, now)
  }

  /** The next message's payload in order, when it is there. */
  takeReceived(): Uint8Array | undefined {
    return this.#receive.take()
  }

  /** The next packet to send now; payloads are cut to `payloadBytes(opcode)`. */
  takeOutgoing(now: Instant, payloadBytes: (opcode: ControlOpcode) => number): LanePacket | undefined {
    this.#fillWindow(now, payloadBytes)
    const message = this.#send.takeDue(now)
    if (message) return { ...message, keyId: this.keyId, acks: this.#acks.take(ACKS_PER_CONTROL) }
    if (!this.#acks.isDue(now)) return undefined
    const acks = this.#acks.take(ACKS_PER_ACK)
    return {
      opcode: OPCODES.ACK_V1,
      keyId: this.keyId,
      acks,
      messageId: undefined,
      payload: new Uint8Array(),
    }
  }

  /** Whether the peer stopped acknowledging. */
  exhausted(now: Instant): boolean {
    return this.#send.exhausted(now)
  }

  deadline(): Instant | undefined {
    return earlier(this.#send.deadline(), this.#acks.deadline())
  }

  #fillWindow(now: Instant, payloadBytes: (opcode: ControlOpcode) => number): void {
    while (this.#backlogBytes > 0 && this.#send.open) {
      const opcode = this.#nextSend++ === 1 ? this.#secondOpcode : OPCODES.CONTROL_V1
      this.#send.push(opcode, this.#takeBacklog(payloadBytes(opcode)), now)
    }
  }

  #takeBacklog(limit: number): Uint8Array {
    const taken = new Uint8Array(Math.min(limit, this.#backlogBytes))
    let at = 0
    while (at < taken.length) {
      const [head] = this.#backlog as [Uint8Array]
      const part = head.subarray(0, taken.length - at)
      taken.set(part, at)
      at += part.length
      if (part.length === head.length) this.#backlog.shift()
      else this.#backlog[0] = head.subarray(part.length)
    }
    this.#backlogBytes -= taken.length
    return taken
  }
}

/** The earlier of two deadlines, either of which may be unset. */
export function earlier(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined) return b
  return b === undefined || a <= b ? a : b
}
