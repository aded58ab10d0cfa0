import type { ControlPacket } from '../wire/control-packet.ts'
import type { ControlOpcode } from '../wire/opcode.ts'
import type { ControlWrap, PacketStamp, WrapFaultReason, WrapKind } from './control-wrap.ts'
import { PacketStamps, StampReplayGuard } from './packet-stamps.ts'

export interface WrapSessionOptions {
  readonly wrap: ControlWrap
  /** `window` over datagrams, `strict` over a stream. */
  readonly order: 'window' | 'strict'
  /** The last number of a stamp already sent; see {@link PacketStamps}. */
  readonly lastPacketId?: number
}

/** A wrap in use by one session: it stamps what is sent and refuses replays of what is received. */
export class WrapSession {
  readonly wrap: ControlWrap
  readonly #stamps: PacketStamps
  readonly #replays: StampReplayGuard

  constructor(options: WrapSessionOptions) {
    this.wrap = options.wrap
    this.#stamps = new PacketStamps(options.lastPacketId)
    this.#replays = new StampReplayGuard(options.order)
  }

  get kind(): WrapKind {
    return this.wrap.kind
  }

  /** Bytes that wrapping adds to a packet of this opcode. */
  overheadBytes(opcode: ControlOpcode): number {
    return this.wrap.overheadBytes(opcode)
  }

  /** Wraps a packet with the next stamp. `unixSeconds`: wall-clock time. */
  seal(packet: ControlPacket, unixSeconds: number): Uint8Array {
    return this.wrap.wrap(packet, this.#stamps.next(unixSeconds))
  }

  /** The packet, when it is authentic and no replay; otherwise why it must be dropped. */
  open(bytes: Uint8Array): ControlPacket | WrapFaultReason | 'replay' {
    const unwrapped = this.wrap.unwrap(bytes)
    if (unwrapped.type === 'fault') return unwrapped.reason
    return this.notes(unwrapped.stamp) ? unwrapped.packet : 'replay'
  }

  /** Marks a stamp as seen, for a packet that was unwrapped before the session was there. */
  notes(stamp: PacketStamp | undefined): boolean {
    return stamp === undefined || this.#replays.accept(stamp)
  }
}
