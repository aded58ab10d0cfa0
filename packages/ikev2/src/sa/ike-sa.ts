import type { Instant } from '@causeway/engine'
import type { Authentication } from '../auth/authentication.ts'
import type { Children } from '../child/children.ts'
import type { AskedAddresses } from '../configuration-payload.ts'
import type { Exchanges } from '../exchange/exchanges.ts'
import type { SessionId } from '../ids.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import type { IkeKeys } from '../protection/ike-keys.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * - `initial`: IKE_SA_INIT is done (keys are there), IKE_AUTH is not.
 * - `established`: authenticated.
 * - `replaced`: rekeyed; it only waits to be deleted, and its Child SAs are the successor's.
 * - `deleting`: we have asked the peer to delete it.
 * - `gone`: out of all tables; a late callback finds this and does nothing.
 */
export type IkeSaState = 'initial' | 'established' | 'replaced' | 'deleting' | 'gone'

/** What the peer has shown that it can do. */
export interface PeerAbilities {
  fragmentation: boolean
  mobike: boolean
  childless: boolean
  /** Hash numbers of SIGNATURE_HASH_ALGORITHMS (RFC 7427 §4: 1 SHA-1, 2 SHA-256, 3 SHA-384, 4 SHA-512, 5 identity). */
  signatureHashes: ReadonlySet<number>
  vendorIds: readonly Uint8Array[]
  software: string
  /** AUTH_LIFETIME (RFC 4478), of a responder: it wants a new authentication within so many seconds. */
  authLifetimeSeconds: number | undefined
  /** Of which families it has asked for an address, in the configuration request of an initiator. */
  askedAddresses: AskedAddresses
}

/** Who is behind a NAT, as far as is known. It changes when a peer moves. */
export interface NatSituation {
  local: boolean
  remote: boolean
}

/** What IKE_SA_INIT left that AUTH is computed over (RFC 7296 §2.15). Dropped once established. */
export interface InitialMessages {
  /** The whole first messages, as they were sent, that led to the keys. */
  readonly initiator: Uint8Array
  readonly responder: Uint8Array
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
}

/** One IKE SA from the moment it has keys. */
export interface IkeSa {
  readonly session: SessionId
  /** Our role in this IKE SA: who sent the request that created it. It gives the I flag and the keys' directions. */
  readonly role: 'initiator' | 'responder'
  /**
   * Our role in the session's first IKE SA; rekeying may turn `role` round, but not this. MOBIKE's initiator,
   * and who makes the next authentication.
   */
  readonly sessionRole: 'initiator' | 'responder'
  /** 8 bytes each. */
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
  /** A responder's may change once, when it knows who the peer is. */
  terms: PeerTerms
  readonly suite: IkeSuite
  readonly keys: IkeKeys
  readonly surroundings: Surroundings
  /** Requests and responses with their windows, both ways. */
  readonly exchanges: Exchanges
  /** Child SAs; a successor takes them over whole, and its predecessor is left with an empty table. */
  children: Children
  readonly peer: PeerAbilities
  readonly nat: NatSituation
  state: IkeSaState
  path: Path
  initial: InitialMessages | undefined
  /** IKE_AUTH under way, in either role; set by its first message. Dropped once established. */
  authentication: Authentication | undefined
  /**
   * Called when the peer uses an IKE SA of which we do not know yet whether it survives (RFC 7296 §2.8.2), by any
   * request but DELETE: so it does.
   */
  claim: ((now: Instant) => void) | undefined
  /** The last moment at which an authentic message came, or at which packets were seen to have come. */
  heardAt: Instant
}
