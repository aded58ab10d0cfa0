import type { FlowCounters } from '@causeway/datapath'
import { type Endpoint, formatEndpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import type { TunnelType } from '../authentication/identity.ts'
import { type GatewayObserver, NO_OBSERVER } from '../observation/gateway-observer.ts'
import { RefusalTally } from './refusal-tally.ts'
import { leaseAddresses, type Session } from './session.ts'

/** A session that has ended, for its last line. */
export interface ClosedSession {
  readonly id: string
  readonly user: string
  readonly outer: Endpoint
  readonly reason: string
  readonly byPeer: boolean
  readonly counters: FlowCounters
}

/** Packets that were dropped for one reason. */
export interface DroppedPackets {
  readonly reason: string
  readonly count: number
}

const REFUSAL_INTERVAL_MILLISECONDS = 30_000

/**
 * What is logged of sessions of one protocol: one line for each connect, refusal and close. No secrets.
 * Strangers choose how often they are refused: past a number of lines in each interval
 * ({@link RefusalTally}), refusals are told by one line at its end.
 */
export class SessionLog {
  readonly #log: Logger
  readonly #protocol: TunnelType
  readonly #observer: GatewayObserver
  #refusals = new RefusalTally()
  /** Goes off at the end of the interval; `undefined` while nobody was refused. */
  #interval: NodeJS.Timeout | undefined

  /** @param observer is told of all refusals and drops, of those too that have no line. */
  constructor(log: Logger, protocol: TunnelType, observer: GatewayObserver = NO_OBSERVER) {
    this.#log = log
    this.#protocol = protocol
    this.#observer = observer
  }

  /** @param agreed what the protocol agreed on, as plain values. */
  connected(session: Session, agreed: Readonly<Record<string, unknown>>): void {
    const { id, identity, lease, transport } = session
    const who = { session: id, user: identity.user, identity: identity.description }
    const where = { inner: leaseAddresses(lease), outer: session.outer(), transport }
    this.#log.info({ ...who, ...where, ...agreed }, `${identity.user} connected`)
  }

  closed({ id, user, outer, reason, byPeer, counters }: ClosedSession): void {
    const { bytesReceived, bytesSent } = counters
    const context = {
      session: id,
      user,
      outer: formatEndpoint(outer),
      reason,
      byPeer,
      bytesReceived,
      bytesSent,
    }
    this.#log.info(context, `${user} disconnected: ${reason}`)
  }

  refused(outer: Endpoint | undefined, reason: string): void {
    this.#observer.refused(this.#protocol)
    this.#interval ??= setTimeout(() => this.close(), REFUSAL_INTERVAL_MILLISECONDS).unref()
    if (this.#refusals.admit(outer?.address))
      this.#log.warn({ outer: outer && formatEndpoint(outer), reason }, `client refused: ${reason}`)
  }

  renewalRefused(session: string, user: string, reason: string): void {
    this.#log.warn({ session, user, reason }, `renegotiation refused: ${reason}`)
  }

  rekeyed(session: string | undefined, what: Readonly<Record<string, unknown>>): void {
    this.#log.debug({ session, ...what }, 'rekeyed')
  }

  moved(session: string | undefined, outer: Endpoint | undefined): void {
    this.#log.debug({ session, outer: outer && formatEndpoint(outer) }, 'client moved')
  }

  /** Those of no session are all that is seen of a client with a wrong control channel key. */
  dropped(session: string | undefined, { reason, count }: DroppedPackets): void {
    this.#observer.dropped(this.#protocol, reason, count)
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
