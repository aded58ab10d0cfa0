import type { CryptoPort } from '@causeway/crypto'
import type { PppAuthentication } from './authentication.ts'

/** What both ends of a link are made of. */
interface CommonOptions {
  readonly crypto: Pick<CryptoPort, 'random' | 'equal'>
  /** Largest information field that we can take: our MRU, 576 to 4091. */
  readonly mru: number
  /** Send an LCP Echo-Request after so long without one; the link fails after `echoFailures` without answer. 0: never. */
  readonly echoMilliseconds: number
  readonly echoFailures: number
  /** Restart timer of negotiations (RFC 1661 §4.6). */
  readonly restartMilliseconds: number
  /** Configure-Requests without answer before giving up (Max-Configure). */
  readonly maxConfigure: number
  /** Configure-Naks before a Reject takes their place (Max-Failure). */
  readonly maxFailure: number
  /** From the link's beginning until the end of authentication. */
  readonly authenticationMilliseconds: number
  /** From the end of authentication until a network protocol is open. */
  readonly networkMilliseconds: number
  /** Repeat an unanswered EAP request so often. 0: never, where the lower layer is reliable (RFC 3748 §4.3). */
  readonly eapRepeatMilliseconds: number
}

/** The end that lets peers in. */
export interface PppServerOptions extends CommonOptions {
  readonly role: 'server'
  /** In order of preference: the first is asked for, and on a Nak the first of the others that the peer wants. Never empty. */
  readonly authentication: readonly PppAuthentication[]
  /** Name in a CHAP challenge. */
  readonly name: string
  /**
   * Let the peer begin, for so long: a first Configure-Request that comes before the peer's end is set up may be lost
   * or, where that end is a terminal, come back. Absent: begin at once.
   */
  readonly patienceMilliseconds?: number
}

/** The end that wants in. */
export interface PppClientOptions extends CommonOptions {
  readonly role: 'client'
  /** What it agrees to, in order of preference. Never empty. */
  readonly authentication: readonly PppAuthentication[]
  /** Network protocols to ask for. */
  readonly ipv4: boolean
  readonly ipv6: boolean
}

export type PppOptions = PppServerOptions | PppClientOptions

/** Our own choice where the lower layer is a reliable stream. */
export const PPP_DEFAULTS = {
  echoMilliseconds: 30_000,
  echoFailures: 3,
  restartMilliseconds: 3_000,
  maxConfigure: 10,
  maxFailure: 5,
  authenticationMilliseconds: 60_000,
  networkMilliseconds: 30_000,
  eapRepeatMilliseconds: 0,
} as const
