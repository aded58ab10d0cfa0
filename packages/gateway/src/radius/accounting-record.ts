import {
  type AccountingCounters,
  type AccountingRecord,
  type NamedAttribute,
  type SessionPlace,
  sessionAttributes,
  type TerminateCause,
  VALUES,
} from '@causeway/radius'
import type { Session } from '../session/session.ts'
import { sessionPlace } from './peer-attributes.ts'
import type { AccountingQuestion } from './radius-service.ts'

/** What of a session is the same in all its records. */
export interface ReportedSession {
  readonly session: Session
  /** Calling-Station-Id. */
  readonly station: string
}

/** What a record tells beside that. */
export interface RecordNews {
  readonly status: Extract<AccountingRecord['status'], 'start' | 'interim' | 'stop'>
  readonly sessionSeconds: number
  readonly terminateCause?: TerminateCause
}

/** Acct-Session-Id: with the second of its beginning, so that no session of another run has the same. */
export function accountingSessionId({ id, startedAt }: Session): string {
  return `${startedAt.toString(16)}-${id}`
}

/** User-Name: in the words of the server that let the session in. */
export function accountingUserName({ terms, identity }: Session): string {
  return terms.accounting?.userName ?? identity.user
}

/** The address of a session's client, as Calling-Station-Id has it when it signs in. */
export function outerAddress(session: Session): string {
  const outer = session.outer()
  return outer.slice(0, outer.lastIndexOf(':')).replace(/^\[|\]$/g, '')
}

/** How RADIUS names the place of a session: as when it signed in. */
export function placeOf({ id, protocol, credentials }: Session, station: string): SessionPlace {
  return { ...sessionPlace({ ...credentials, tunnel: protocol, session: id }), callingStation: station }
}

/** A record of a session as it is now. */
export function recordOf(
  { session, station }: ReportedSession,
  { status, ...news }: RecordNews,
): AccountingQuestion {
  const { terms, lease } = session
  const addresses = [lease.ipv4, lease.ipv6].flatMap(leased => (leased ? [leased.address] : []))
  return {
    record: {
      status,
      sessionId: accountingSessionId(session),
      userName: accountingUserName(session),
      ...(terms.accounting && { classes: terms.accounting.classes }),
      addresses,
      ...(status !== 'start' && { ...news, counters: countersOf(session) }),
    },
    attributes: [...sessionAttributes(placeOf(session, station)), authenticOf(session)],
  }
}

/** That the gateway has begun or is about to end (RFC 2866 §5.1); `sessionId` is no session's. */
export function gatewayRecord(status: 'on' | 'off', sessionId: string): AccountingQuestion {
  return { record: { status, sessionId }, attributes: [] }
}

/** Acct-Authentic (RFC 2866 §5.6). */
function authenticOf({ terms }: Session): NamedAttribute {
  const { radius, local } = VALUES.acctAuthentic
  return { name: 'Acct-Authentic', value: terms.accounting ? radius : local }
}

/** Input is what came from the client. */
function countersOf(session: Session): AccountingCounters {
  const { bytesReceived, bytesSent, packetsReceived, packetsSent } = session.counters()
  return {
    inputOctets: BigInt(bytesReceived),
    outputOctets: BigInt(bytesSent),
    inputPackets: BigInt(packetsReceived),
    outputPackets: BigInt(packetsSent),
  }
}
