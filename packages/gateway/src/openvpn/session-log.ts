import type { FlowCounters } from '@causeway/datapath'
import type { Path, SessionEvent } from '@causeway/openvpn'
import { formatEndpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import { leaseAddresses, type Session } from '../session/session-table.ts'

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

/** What is logged of OpenVPN sessions: one line for each connect, refusal and close. No secrets. */
export class SessionLog {
  readonly #log: Logger

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
}

function outerOf(path: Path | undefined): string | undefined {
  return path && formatEndpoint(path.remote)
}
