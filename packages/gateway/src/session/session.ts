import { randomBytes } from 'node:crypto'
import type { FlowCounters } from '@causeway/datapath'
import { formatIpAddress } from '@causeway/wire'
import type { Credentials, Identity, SessionTerms, TunnelType } from '../authentication/identity.ts'
import type { Listener, SessionRecord } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'
import type { UserPlan } from './user-plan.ts'

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
  /** What its user gets as a member of a group, or as everybody. */
  readonly plan: UserPlan
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

/** What a session list shows. */
export function sessionRecord(session: Session): SessionRecord {
  const counters = session.counters()
  return {
    id: session.id,
    user: session.identity.user,
    identity: session.identity.description,
    thumbprint: session.identity.thumbprint,
    ...(session.plan.group !== undefined && { group: session.plan.group }),
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
  selectorMismatchesReceived: 0,
  selectorMismatchesSent: 0,
  natDrops: 0,
}

/** What two flows have carried together. */
export function sumOfCounters(a: FlowCounters, b: FlowCounters): FlowCounters {
  return {
    packetsReceived: a.packetsReceived + b.packetsReceived,
    bytesReceived: a.bytesReceived + b.bytesReceived,
    packetsSent: a.packetsSent + b.packetsSent,
    bytesSent: a.bytesSent + b.bytesSent,
    authenticationFailures: a.authenticationFailures + b.authenticationFailures,
    replays: a.replays + b.replays,
    sourceViolations: a.sourceViolations + b.sourceViolations,
    refused: a.refused + b.refused,
    sendDrops: a.sendDrops + b.sendDrops,
    selectorMismatchesReceived: a.selectorMismatchesReceived + b.selectorMismatchesReceived,
    selectorMismatchesSent: a.selectorMismatchesSent + b.selectorMismatchesSent,
    natDrops: a.natDrops + b.natDrops,
  }
}
