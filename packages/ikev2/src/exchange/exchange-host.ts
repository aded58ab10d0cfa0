import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import type { Path } from '../path.ts'
import type { Payload } from '../wire/payload.ts'

/** What marks a message beside its SPIs and the I flag. */
export interface MessageMark {
  readonly exchange: number
  readonly response: boolean
  readonly messageId: number
}

/** What the exchanges of an IKE SA need of it. */
export interface ExchangeHost {
  readonly crypto: CryptoPort
  /** How many tasks may wait. */
  readonly taskLimit: number
  /** Protects a message: one datagram, or its fragments in order. */
  seal(mark: MessageMark, payloads: readonly Payload[]): readonly Uint8Array[]
  /** Sends by this path, or by the present one. */
  send(datagrams: readonly Uint8Array[], path?: Path): void
  drop(reason: string, now: Instant): void
  /** A request was repeated to the end without a response. */
  silent(now: Instant): void
  /** The IKE SA is over. */
  end(reason: string, byPeer: boolean, now: Instant): void
  /** A deadline has changed. */
  reschedule(): void
}
