import type { KeyId } from './ids.ts'
import type { InnerPacket } from './memory-inner-packet.ts'
import type { Opened } from './memory-packet-format.ts'

/** A limit that a slot has come to, as the event is called. */
export type ReachedLimit = 'soft-limit' | 'hard-limit'

/** An installed key: OpenVPN's slot, or a pair of ESP SAs. */
export interface MemorySlot {
  readonly keyId: KeyId
  /** Grows with each installation in a flow, so that slots have an order. */
  readonly sequence: number
  /** The packet for a payload, or `undefined` when the key is used up. */
  seal(payload: Uint8Array): Uint8Array | undefined
  open(packet: Uint8Array): Opened
  /** Whether the slot may carry this inner packet, received (`in`) or to be sent (`out`). */
  admits(inner: InnerPacket, direction: 'in' | 'out'): boolean
  /** The limits come to since the last call; each is told once. */
  reachedLimits(): readonly ReachedLimit[]
}
