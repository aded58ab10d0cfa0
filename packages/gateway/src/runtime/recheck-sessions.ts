import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type { SessionTable } from '../session/session-table.ts'

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
