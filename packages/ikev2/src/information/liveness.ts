import type { Instant } from '@causeway/engine'
import { LIVENESS_ANSWER_MS } from '../limits.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { createLivenessTask } from './liveness-task.ts'

/**
 * No authentic IKE message has come for `livenessSeconds`. ESP counts as a sign of life too (RFC 7296 §2.4), so
 * the datapath is asked first.
 */
export function checkLiveness(sa: LiveIkeSa, now: Instant): void {
  if (sa.state !== 'established') return
  sa.timers.set('liveness', now + 1000 * sa.terms.livenessSeconds)
  // A request that is under way is a question for life itself.
  if (sa.exchanges.requests.outstanding && sa.terms.livenessTimeoutSeconds === undefined) return
  if (sa.children.all.size === 0) {
    question(sa, now)
    return
  }
  sa.surroundings.request(sa.session, { type: 'traffic' }, now, (reply, at) => {
    if (sa.state !== 'established') return
    const received = reply?.type === 'traffic' ? reply.packetsReceived : 0
    const alive = received > sa.packetsReceived
    sa.packetsReceived = received
    if (alive) sa.heardAt = at
    else question(sa, at)
  })
}

/** Asks the peer for a sign of life. When none comes, retransmission ends the session. */
export function probe(sa: LiveIkeSa, now: Instant): void {
  sa.exchanges.begin(createLivenessTask(sa), now)
}

/** The peer is silent: it is asked, or given up where it has been asked for long enough. */
function question(sa: LiveIkeSa, now: Instant): void {
  const { requests } = sa.exchanges
  if (!requests.outstanding) probe(sa, now)
  const { livenessTimeoutSeconds } = sa.terms
  if (livenessTimeoutSeconds === undefined) return
  const end = Math.max(
    sa.heardAt + 1000 * livenessTimeoutSeconds,
    (requests.waitingSince ?? now) + LIVENESS_ANSWER_MS,
  )
  if (now >= end) sa.silent(now)
  else sa.timers.set('liveness', end)
}
