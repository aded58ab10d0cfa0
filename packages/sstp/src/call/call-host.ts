import type { CryptoPort } from '@causeway/crypto'
import type { Engine, Instant } from '@causeway/engine'
import type { PppCommand, PppOptions, PppOutput } from '@causeway/ppp'
import type { CallId } from '../sstp-command.ts'
import type { SstpOutput } from '../sstp-output.ts'

/** A PPP link. */
export type PppLink = Engine<undefined, PppCommand, PppOutput>

/** What calls share. */
export interface CallHost {
  readonly role: 'server' | 'client'
  readonly crypto: Pick<CryptoPort, 'random' | 'equal' | 'hmac' | 'hash'>
  readonly createLink: (options: PppOptions) => PppLink
  put(output: SstpOutput): void
  /** Counts what was dropped. */
  drop(call: CallId, reason: string, now: Instant): void
  /** The engine's id for a request of this call's link. */
  requestId(call: CallId, linkId: number): number
  /** The call is over, and to be forgotten. */
  ended(call: CallId): void
}
