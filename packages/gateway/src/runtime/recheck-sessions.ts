import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type { SessionTable } from '../session/session-table.ts'
import { type PlanConfiguration, planOf, samePlan } from '../session/user-plan.ts'

/** Sessions judged between two turns of the event loop: some milliseconds of chain validation. */
const SESSIONS_PER_TURN = 32

/** Ends every session that the policy would no longer let in. Asks no user. */
export async function recheckSessions(
  sessions: SessionTable,
  policy: AuthenticationPolicy,
  log: Logger,
): Promise<void> {
  for (const [i, session] of sessions.all().entries()) {
    if (i % SESSIONS_PER_TURN === SESSIONS_PER_TURN - 1) await nextTurn()
    const verdict = policy.recheck(session.credentials, session.identity)
    if (verdict.type === 'allow') continue
    log.warn(
      { session: session.id, user: session.identity.user, reason: verdict.reason },
      'session withdrawn',
    )
    sessions.end(session, 'admin-reset', 'auth-failed', verdict.userReason)
  }
}

/** Holds every session to the limits that its user has now. One that would get another group or reach comes anew. */
export function replanSessions(sessions: SessionTable, configuration: PlanConfiguration, log: Logger): void {
  for (const session of sessions.all()) {
    const { id, identity, plan } = session
    const next = planOf(configuration, identity, session.terms)
    if (samePlan(plan, next)) {
      sessions.hold(session, next.limits)
      continue
    }
    log.info({ session: id, user: identity.user, group: next.group, before: plan.group }, 'session replanned')
    sessions.end(session, 'admin-reset', 'restart', 'what its policy group may reach has changed')
  }
}
