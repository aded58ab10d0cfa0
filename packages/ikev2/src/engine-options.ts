import type { CryptoPort } from '@causeway/crypto'
import type { PeerTerms } from './peer-terms.ts'

/** What an engine is made of: one for all roles, sessions of either role beside each other. */
export interface Ikev2Options {
  readonly crypto: CryptoPort
  /** For peers that come to us, asked anew for each; `undefined`: nobody is answered. */
  readonly responder: () => PeerTerms | undefined
  /** Vendor ids to send; none by default. */
  readonly vendorIds?: readonly Uint8Array[]
  readonly limits?: Partial<Ikev2Limits>
}

export interface Ikev2Limits {
  readonly halfOpenTotal: number
  readonly halfOpenPerPrefix: number
  readonly cookieTotal: number
  readonly cookiePerPrefix: number
  readonly halfOpenMs: number
}
