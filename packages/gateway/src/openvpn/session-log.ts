import type { FlowCounters } from '@causeway/datapath'
import type { Path, SessionEvent } from '@causeway/openvpn'
import { formatEndpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import { leaseAddresses, type Session } from '../session/session-table.ts'
import { RefusalTally } from './refusal-tally.ts'

type Established = Extract<SessionEvent, { readonly type: 'established' }>
type Dropped = Extract<SessionEvent, { readonly type: 'dropped' }>

/** A session that has ended, for its last line. */
export interface ClosedSession {
  readonly id: string
  readonly user: string
  readonly path: Path
  readonly reason: string
  readonly byPeer: boolean
  readonly counters: FlowCounters
}

const REFUSAL_INTERVAL_MILLISECONDS = 30_000

/**
 * What is logged of OpenVPN sessions: one line for each connect, refusal and close. No secrets.
 * Strangers choose how often they are refused: past a number of lines in each interval
 * ({@link RefusalTally}), refusals are told by one line at its end.
 */
export class SessionLog {
  readonly #log: Logger
  #refusals = new RefusalTally()
  /** Goes off at the end of the interval; `undefined` while nobody was refused. */
  #interval: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  connected({ id, identity, lease, transport, outer }: Session, established: Established): void {
    const { type: _, ...agreed } = established
    const who = { session: id, user: identity.user, identity: identity.description }
    const where = { inner: leaseAddresses(lease), outer: outer(), transport }
    this.#log.info({ ...who, ...where, ...agreed }, `${identity.user} connected`)
  }

  closed({ id, user, path, reason, byPeer, counters }: ClosedSession): void {
    const { bytesReceived, bytesSent } = counters
    const context = { session: id, user, outer: outerOf(path), reason, byPeer, bytesReceived, bytesSent }
    this.#log.info(context, `${user} disconnected: ${reason}`)
  }

  refused(path: Path | undefined, reason: string): void {
    this.#interval ??= setTimeout(() => this.close(), REFUSAL_INTERVAL_MILLISECONDS).unref()
    if (this.#refusals.admit(path?.remote.address))
      this.#log.warn({ outer: outerOf(path), reason }, `client refused: ${reason}`)
  }

  renewalRefused(session: string, user: string, reason: string): void {
    this.#log.warn({ session, user, reason }, `renegotiation refused: ${reason}`)
  }

  renegotiated(session: string | undefined, keyId: number): void {
    this.#log.debug({ session, keyId }, 'key renegotiated')
  }

  moved(session: string | undefined, path: Path | undefined): void {
    this.#log.debug({ session, outer: outerOf(path) }, 'client moved')
  }

  /** Those of no session are all that is seen of a client with a wrong control channel key. */
  dropped(session: string | undefined, { reason, count }: Dropped): void {
    const text = `${count} packets dropped: ${reason}`
    if (session === undefined) this.#log.info({ reason, count }, text)
    else this.#log.debug({ session, reason, count }, text)
  }

  /** Tells what is still untold. Nothing is logged by itself after it. */
  close(): void {
    clearTimeout(this.#interval)
    this.#interval = undefined
    const { untold } = this.#refusals
    this.#refusals = new RefusalTally()
    if (untold)
      this.#log.warn(
        untold,
        `${untold.count} more refusals, ${untold.fromNetwork} of them from ${untold.network}`,
      )
  }
}

function outerOf(path: Path | undefined): string | undefined {
  return path && formatEndpoint(path.remote)
}
