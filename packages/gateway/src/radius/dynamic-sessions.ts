import type { AuthorizationChange, DynamicReply, DynamicRequest, SessionSelector } from '@causeway/radius'
import { type IpAddress, sameIpAddress } from '@causeway/wire'
import type { Session } from '../session/session.ts'
import type { SessionTable } from '../session/session-table.ts'
import { accountingSessionId, accountingUserName, placeOf } from './accounting-record.ts'

/** What a server's request ends or changes. */
export interface DynamicSessionsOptions {
  readonly sessions: Pick<SessionTable, 'all' | 'end' | 'limit'>
  /** Its Calling-Station-Id, as the servers know it. */
  readonly stationOf: (session: Session) => string
  /** How often a session is reported from now on. */
  readonly reportEvery: (session: Session, seconds: number) => void
  readonly unixSeconds: () => number
}

/** RFC 2869 §5.16. */
const SHORTEST_INTERIM_SECONDS = 60

/** Carries out what a RADIUS server asks of sessions (RFC 5176): of all that fit, or of none. */
export function carryOut(options: DynamicSessionsOptions, request: DynamicRequest): DynamicReply {
  const refusal = request.type === 'change' ? refusalOf(request.change) : undefined
  if (refusal) return refusal
  const meant = options.sessions.all().filter(session => fits(options, session, request.session))
  if (meant.length === 0) return { type: 'refused', cause: 'session-context-not-found' }
  for (const session of meant) {
    if (request.type === 'change') change(options, session, request.change)
    else options.sessions.end(session, 'admin-reset', 'halt', 'disconnected by the RADIUS server')
  }
  return { type: 'done' }
}

/** Everything that is given has to fit (RFC 5176 §3). What the gateway never tells a server of a session fits none. */
function fits({ stationOf }: DynamicSessionsOptions, session: Session, selector: SessionSelector): boolean {
  const { lease } = session
  const { userName, sessionId, callingStation, calledStation, nasPort, nasPortId, ...rest } = selector
  const { framedAddress, framedIpv6Address, ...untold } = rest
  const place = placeOf(session, stationOf(session))
  return (
    Object.values(untold).every(value => value === undefined) &&
    (userName === undefined || userName === accountingUserName(session)) &&
    (sessionId === undefined || sessionId === accountingSessionId(session)) &&
    (callingStation === undefined || callingStation === place.callingStation) &&
    (calledStation === undefined || calledStation === place.calledStation) &&
    (nasPort === undefined || nasPort === place.port) &&
    (nasPortId === undefined || nasPortId === place.portId) &&
    (framedAddress === undefined || isAddress(lease.ipv4?.address, framedAddress)) &&
    (framedIpv6Address === undefined || isAddress(lease.ipv6?.address, framedIpv6Address))
  )
}

function isAddress(leased: IpAddress | undefined, asked: IpAddress): boolean {
  return leased !== undefined && sameIpAddress(leased, asked)
}

/** Why a change cannot be made, whatever the session. 0 could mean at once or never: it is not guessed. */
function refusalOf(asked: AuthorizationChange): DynamicReply | undefined {
  const { sessionTimeoutSeconds, idleTimeoutSeconds, interimSeconds, ...unsupported } = asked
  if (Object.values(unsupported).some(list => list.length > 0))
    return { type: 'refused', cause: 'unsupported-attribute' }
  const given = [sessionTimeoutSeconds, idleTimeoutSeconds, interimSeconds].filter(
    value => value !== undefined,
  )
  if (given.length === 0) return { type: 'refused', cause: 'missing-attribute' }
  const isTooOften = interimSeconds !== undefined && interimSeconds < SHORTEST_INTERIM_SECONDS
  if (given.includes(0) || isTooOften) return { type: 'refused', cause: 'invalid-attribute-value' }
  return undefined
}

/** Times count from now on. The end that another method gave a session is not RADIUS's to put off. */
function change(
  { sessions, reportEvery, unixSeconds }: DynamicSessionsOptions,
  session: Session,
  { sessionTimeoutSeconds, idleTimeoutSeconds, interimSeconds }: AuthorizationChange,
): void {
  const { accounting, endsAt } = session.terms
  const latest = accounting ? undefined : endsAt
  sessions.limit(session, {
    ...(sessionTimeoutSeconds !== undefined && {
      endsAt: Math.min(unixSeconds() + sessionTimeoutSeconds, latest ?? Number.POSITIVE_INFINITY),
    }),
    ...(idleTimeoutSeconds !== undefined && { idleSeconds: idleTimeoutSeconds }),
  })
  if (interimSeconds !== undefined) reportEvery(session, interimSeconds)
}
