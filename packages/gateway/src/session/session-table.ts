import { randomBytes } from 'node:crypto'
import type { FlowCounters } from '@causeway/datapath'
import type { TerminateCause } from '@causeway/radius'
import { formatIpAddress } from '@causeway/wire'
import type { Credentials, Identity, SessionTerms, TunnelType } from '../authentication/identity.ts'
import type { Listener, SessionRecord } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'
import type { Clock } from '../runtime/clock.ts'
import { SessionDeadlines, type SessionTimes } from './session-deadlines.ts'

/**
 * How a session ends: `halt`: do not come back; `restart`: come back; `auth-failed`: the credentials
 * are no longer good.
 */
export type EndManner = 'halt' | 'restart' | 'auth-failed'

/** An established session of any protocol, with what its driver lends to the gateway. */
export interface Session {
  readonly id: string
  readonly identity: Identity
  readonly protocol: TunnelType
  readonly transport: Listener['transport']
  readonly cipher: string
  readonly clientVersion: string
  readonly lease: Lease
  /** Limits of its own. */
  readonly terms: SessionTerms
  /** Unix seconds. */
  readonly startedAt: number
  /** What it was let in with, without any password, to be judged again when policy changes. */
  readonly credentials: Credentials
  /** Outer address and port as text; changes when the client floats. */
  outer(): string
  counters(): FlowCounters
  /** Tells the peer and closes. */
  end(manner: EndManner, reason: string): void
}

/** Hears of the sessions of a table. */
export interface SessionWitness {
  began(session: Session): void
  /** Nothing of it passes any more: its counters are final. They are of use only during the call. */
  ended(session: Session, cause: TerminateCause): void
}

/** The sessions of a gateway, whatever their protocol. */
export class SessionTable {
  readonly #sessions = new Map<string, Session>()
  /** Not shown any more; they may still be saying goodbye. */
  readonly #leaving = new Map<string, Session>()
  readonly #causes = new Map<string, TerminateCause>()
  readonly #deadlines: SessionDeadlines
  #witness: SessionWitness | undefined

  constructor(clock: Clock) {
    this.#deadlines = new SessionDeadlines(clock, (id, cause) => this.explain(id, cause))
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Tells the witness of sessions to come, and how they and those that are here end. */
  watchedBy(witness: SessionWitness): void {
    this.#witness = witness
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session)
    this.#deadlines.watch(session)
    this.#witness?.began(session)
  }

  /** Why a session is about to end; the first word counts. Without any, it was lost. */
  explain(id: string, cause: TerminateCause): void {
    if (this.#causes.has(id) || !(this.#sessions.has(id) || this.#leaving.has(id))) return
    this.#causes.set(id, cause)
  }

  /** Ends a session for this cause. */
  end(session: Session, cause: TerminateCause, manner: EndManner, reason: string): void {
    this.explain(session.id, cause)
    session.end(manner, reason)
  }

  /** Other limits of a session from now on; what is not given stays. */
  limit(session: Session, limits: SessionTimes): void {
    this.#deadlines.change(session, limits)
  }

  /** Shows a session no more. {@link remove} has to follow. */
  unlist(id: string): void {
    const session = this.#sessions.get(id)
    if (!session) return
    this.#sessions.delete(id)
    this.#leaving.set(id, session)
    this.#deadlines.forget(id)
  }

  /** Forgets a session, listed or not. Only when its flows are closed. */
  remove(id: string): void {
    this.unlist(id)
    const session = this.#leaving.get(id)
    if (!session) return
    const cause = this.#causes.get(id) ?? 'lost-carrier'
    this.#leaving.delete(id)
    this.#causes.delete(id)
    this.#witness?.ended(session, cause)
  }

  /** Forgets all of them. */
  clear(): void {
    for (const id of [...this.#sessions.keys(), ...this.#leaving.keys()]) this.remove(id)
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  all(): readonly Session[] {
    return [...this.#sessions.values()]
  }
}

/** What a session list shows. */
export function sessionRecord(session: Session): SessionRecord {
  const counters = session.counters()
  return {
    id: session.id,
    user: session.identity.user,
    identity: session.identity.description,
    thumbprint: session.identity.thumbprint,
    protocol: session.protocol,
    transport: session.transport,
    cipher: session.cipher,
    outer: session.outer(),
    innerAddresses: leaseAddresses(session.lease),
    startedAt: session.startedAt,
    clientVersion: session.clientVersion,
    bytesReceived: counters.bytesReceived,
    bytesSent: counters.bytesSent,
    packetsReceived: counters.packetsReceived,
    packetsSent: counters.packetsSent,
  }
}

/** The inner addresses of a lease as text. */
export function leaseAddresses(lease: Lease): string[] {
  return [lease.ipv4, lease.ipv6].flatMap(leased => (leased ? [formatIpAddress(leased.address)] : []))
}

const SESSION_ID_BYTES = 6

/** A session's id in lists and logs. */
export function newSessionId(): string {
  return randomBytes(SESSION_ID_BYTES).toString('hex')
}

/** Of a session whose flow is not open yet. */
export const NO_COUNTERS: FlowCounters = {
  packetsReceived: 0,
  bytesReceived: 0,
  packetsSent: 0,
  bytesSent: 0,
  authenticationFailures: 0,
  replays: 0,
  sourceViolations: 0,
  refused: 0,
  sendDrops: 0,
}
