import type { CryptoPort } from '@causeway/crypto'
import type { Path } from './path.ts'
import type { PeerTerms } from './peer-terms.ts'

/** What an engine is made of: one for all roles, sessions of either role beside each other. */
export interface Ikev2Options {
  readonly crypto: CryptoPort
  /**
   * For peers that come to us, asked anew for each first message, forged ones too, so it has to be quick. A peer whose
   * address is known gets the terms of its connection, any other the common ones; who it is shows only in IKE_AUTH.
   * `undefined`: nobody is answered.
   */
  readonly responder: (path: Path) => PeerTerms | undefined
  /** Vendor ids to send; none by default. */
  readonly vendorIds?: readonly Uint8Array[]
  readonly limits?: Partial<Ikev2Limits>
}

/** What strangers may take up; each has its default in `limits.ts`. */
export interface Ikev2Limits {
  /** Half-open IKE SAs in all; beyond, the one that has waited longest gives way. */
  readonly halfOpenTotal: number
  /** Half-open IKE SAs of a /24 or /64; beyond, it gets no answer. */
  readonly halfOpenPerPrefix: number
  /** From so many half-open IKE SAs on everyone is asked for a cookie (RFC 7296 §2.6). */
  readonly cookieTotal: number
  /** From so many of a /24 or /64 on it is asked for one. */
  readonly cookiePerPrefix: number
  /** How long authentication may take, in milliseconds. */
  readonly halfOpenMs: number
}
