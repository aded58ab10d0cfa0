import type { Instant } from '@causeway/engine'
import type { TrafficSelector } from '@causeway/wire'
import type { ChildId } from '../ids.ts'
import type { AgreedEspSuite } from '../proposal/suite.ts'

/**
 * - `installed`: carries traffic.
 * - `rekeying`: we have asked for a successor.
 * - `rekeyed`: a successor is there; it still receives until it is deleted.
 * - `deleting`: we have asked the peer to delete it.
 */
export type ChildSaState = 'installed' | 'rekeying' | 'rekeyed' | 'deleting'

/** One pair of ESP SAs under an IKE SA. */
export interface ChildSa {
  /** Shared by all that replace each other: the flow in the datapath. */
  readonly id: ChildId
  readonly receiveSpi: number
  readonly sendSpi: number
  readonly suite: AgreedEspSuite
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
  state: ChildSaState
  /** We send with it: the selected one of its flow. */
  sending: boolean
  /**
   * When it is to be rekeyed; once `rekeyed`, when we delete it if the peer has not. When it ends if nobody has
   * rekeyed it. `undefined`: never.
   */
  rekeyAt: Instant | undefined
  expireAt: Instant | undefined
  /** How often in a row the peer has put off our rekeying (TEMPORARY_FAILURE). */
  refusals: number
}

/** What the Child SAs of a session may carry: the grant of a responder, the terms of an initiator. */
export interface ChildScope {
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
}

/**
 * The Child SAs of a session, by the SPI they receive by. They outlive the IKE SA that made them. A plain table:
 * what leaves the engine is the business of `install-child.ts` and `close-child.ts`.
 */
export interface Children {
  readonly all: ReadonlyMap<number, ChildSa>
  /** Set when the peer is authenticated; until then nothing may be carried. */
  scope: ChildScope
  add(child: ChildSa): void
  /** `false`: it was not there. */
  remove(receiveSpi: number): boolean
  bySendSpi(spi: number): ChildSa | undefined
  /** All that replace each other, in the order in which they came. */
  ofChild(id: ChildId): readonly ChildSa[]
  /** Deadline of the earliest rekey or expiry. */
  nextTimeout(): Instant | undefined
}
