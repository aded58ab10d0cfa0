import type { Instant } from '@causeway/engine'
import type { TrafficSelector } from '@causeway/wire'
import type { ChildId } from '../output.ts'
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
  /** When it is to be rekeyed, and when it ends if nobody has. `undefined`: never. */
  rekeyAt: Instant | undefined
  expireAt: Instant | undefined
}

/** The Child SAs of a session, by the SPI they receive by. They outlive the IKE SA that made them. */
export interface Children {
  readonly all: ReadonlyMap<number, ChildSa>
  bySendSpi(spi: number): ChildSa | undefined
  /** Deadline of the earliest rekey or expiry. */
  nextTimeout(): Instant | undefined
}
