import type { Instant } from '@causeway/engine'
import type { Path } from '../path.ts'
import { moveTo, usesMobike } from '../sa/follow-path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { createLivenessTask } from './liveness-task.ts'
import { createUpdateTask } from './update-addresses.ts'

/**
 * Our own address has changed: all goes by the new path at once, what is unanswered is sent again there, and
 * MOBIKE's initiator tells the peer (RFC 4555 §3.5). Without MOBIKE a peer that is not behind a NAT itself follows
 * the next authentic message; a sign of life is asked for, so that there is one.
 */
export function usePath(sa: LiveIkeSa, path: Path, now: Instant): void {
  if (sa.state !== 'established') return
  if (usesMobike(sa) && sa.sessionRole === 'responder') {
    sa.drop('only the initiator of a session moves it (RFC 4555)', now)
    return
  }
  moveTo(sa, path)
  sa.exchanges.requests.resend()
  sa.exchanges.begin(usesMobike(sa) ? createUpdateTask(sa) : createLivenessTask(sa), now)
}
