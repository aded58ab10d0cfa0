/**
 * Every length and count of an EAP conversation that the other side could otherwise choose. Times are
 * the lower layer's: it owns retransmission and the deadline of the whole (RFC 3748 §4.3).
 */

/** Identity, and the Name of MSCHAPv2: a network access identifier has at most 253 (RFC 7542 §2.2). */
export const NAME_BYTES = 256
/** Text that is only shown: Notification, MSCHAPv2's failure message. */
export const SHOWN_BYTES = 1024

/** Bounds that a deployment may want otherwise. */
export interface EapLimits {
  /** TLS data in one packet of ours. Fits an IKE message of 1,280 bytes and PPP's default of 1,500. */
  readonly fragmentBytes: number
  /** One TLS message of the other side, all its fragments together. */
  readonly tlsMessageBytes: number
  /** Packets taken in, and answers sent again. */
  readonly rounds: number
  /** Bytes of all packets taken in. */
  readonly conversationBytes: number
}

/** Ours, not a specification's. */
export const EAP_LIMITS: EapLimits = {
  fragmentBytes: 1000,
  tlsMessageBytes: 64 * 1024,
  rounds: 128,
  conversationBytes: 256 * 1024,
}

/** A packet of two bytes a time would take a day; one past EAP's own Length cannot be written. */
export const FRAGMENT_BYTES_RANGE = { least: 64, most: 60_000 } as const
