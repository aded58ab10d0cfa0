import type { Instant } from '@causeway/engine'
import { sameBytes } from '@causeway/wire'
import { ACKS_PER_CONTROL, CONTROL_PACKET_BYTES } from '../limits.ts'
import type { Path } from '../path.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import type { ControlOpcode } from '../wire/opcode.ts'
import type { ControlWrap, Unwrapped } from '../wrap/control-wrap.ts'
import { PacketStamps, StampReplayGuard } from '../wrap/packet-stamps.ts'
import type { SessionHost } from './host.ts'
import type { KeyChannel } from './key-channel.ts'
import { earlier, type KeyLane, type LanePacket } from './key-lane.ts'

/** Header, ack count, acks with the remote session id, and the message id: before the payload. */
const FIXED_BYTES = 9 + 1 + 4 * ACKS_PER_CONTROL + 8 + 4

/** A wrap with the counts of its two directions. */
interface WrapState {
  readonly wrap: ControlWrap
  readonly stamps: PacketStamps
  readonly guard: StampReplayGuard
}

export interface ControlChannelOptions {
  /** 8 bytes. */
  readonly ownId: Uint8Array
  readonly path: Path
  readonly wrap: ControlWrap
  /** The last packet id that was used with the wrap before this channel. */
  readonly lastPacketId: number
}

/** One session's control packets: both session ids, the wraps, and the path they go by. */
export class ControlChannel {
  readonly ownId: Uint8Array
  path: Path
  readonly #host: SessionHost
  readonly #first: WrapState
  #renegotiation: WrapState | undefined
  #remoteId: Uint8Array | undefined

  constructor(host: SessionHost, options: ControlChannelOptions) {
    this.#host = host
    this.ownId = options.ownId
    this.path = options.path
    this.#first = wrapState(options.wrap, options.path, options.lastPacketId)
  }

  /** The wrap of the session's first key. */
  get wrap(): ControlWrap {
    return this.#first.wrap
  }

  get remoteId(): Uint8Array | undefined {
    return this.#remoteId
  }

  /** The peer's session id is known now; it never changes. */
  meet(remoteId: Uint8Array): void {
    this.#remoteId ??= remoteId.slice()
  }

  /** Key ids above 0 are wrapped with this from now on (dynamic tls-crypt). */
  wrapRenegotiations(wrap: ControlWrap): void {
    this.#renegotiation ??= wrapState(wrap, this.path, 0)
  }

  /** Unwraps a packet of this session. A string is the reason why it must be dropped. */
  open(bytes: Uint8Array): ControlPacket | string {
    const state = this.#stateFor((bytes[0] ?? 0) & 7)
    const result = state.wrap.unwrap(bytes)
    if (result.type === 'fault') return `control packet: ${result.reason}`
    return this.#admit(result, state)
  }

  /** Takes in a packet that was unwrapped with this channel's first wrap before there was a channel. */
  admitFirst(unwrapped: Unwrapped): ControlPacket | string {
    return this.#admit(unwrapped, this.#first)
  }

  /** Sends all that the lanes have due. Gives the next moment at which one has more. */
  flush(channels: readonly KeyChannel[], now: Instant): Instant | undefined {
    let deadline: Instant | undefined
    for (const { lane } of channels) {
      this.#flush(lane, now)
      deadline = earlier(deadline, lane.deadline())
    }
    return deadline
  }

  #flush(lane: KeyLane, now: Instant): void {
    const payloadBytes = (opcode: ControlOpcode): number =>
      CONTROL_PACKET_BYTES - FIXED_BYTES - this.#stateFor(lane.keyId).wrap.overheadBytes(opcode)
    for (;;) {
      const packet = lane.takeOutgoing(now, payloadBytes)
      if (!packet) return
      this.#host.outbox.put({ type: 'send', path: this.path, bytes: this.#seal(packet) })
    }
  }

  #admit({ packet, stamp }: Unwrapped, state: WrapState): ControlPacket | string {
    const { sessionId, remoteSessionId } = packet
    if (this.#remoteId && !sameBytes(sessionId, this.#remoteId)) return 'control packet: another session'
    if (remoteSessionId && !sameBytes(remoteSessionId, this.ownId)) return 'control packet: another session'
    if (stamp && !state.guard.accept(stamp)) return 'control packet: replayed'
    return packet
  }

  #seal({ opcode, keyId, acks, messageId, payload }: LanePacket): Uint8Array {
    const { wrap, stamps } = this.#stateFor(keyId)
    const packet: ControlPacket = {
      opcode,
      keyId,
      sessionId: this.ownId,
      acks,
      ...(acks.length > 0 && this.#remoteId && { remoteSessionId: this.#remoteId }),
      ...(messageId !== undefined && { packetId: messageId }),
      payload,
    }
    return wrap.wrap(packet, stamps.next(this.#host.unixSeconds()))
  }

  /** Key id 0 is always the first negotiation and no other ever has it. */
  #stateFor(keyId: number): WrapState {
    return (keyId > 0 ? this.#renegotiation : undefined) ?? this.#first
  }
}

function wrapState(wrap: ControlWrap, path: Path, lastPacketId: number): WrapState {
  const order = path.type === 'stream' ? 'strict' : 'window'
  return { wrap, stamps: new PacketStamps(lastPacketId), guard: new StampReplayGuard(order) }
}
