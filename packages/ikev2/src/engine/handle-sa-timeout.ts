import type { Instant } from '@causeway/engine'
import { checkLiveness } from '../information/liveness.ts'
import { handleChildTimeout } from '../rekey/child-deadlines.ts'
import { rekeyIke } from '../rekey/rekey-ike-task.ts'
import type { IkeSaTimer } from '../sa/ike-sa-timer.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { startKeepalive } from '../sa/start-timers.ts'

/** Does what is due in an IKE SA. */
export function handleSaTimeout(sa: LiveIkeSa, now: Instant): void {
  sa.nextTimeout()
  for (const timer of sa.timers.takeDue(now)) if (sa.state !== 'gone') expire(sa, timer, now)
}

function expire(sa: LiveIkeSa, timer: IkeSaTimer, now: Instant): void {
  const { surroundings } = sa
  switch (timer) {
    case 'half-open':
      sa.end('authentication was not finished in time', false, now)
      return
    case 'retransmission':
      sa.exchanges.requests.handleTimeout(now)
      return
    case 'fragments':
      sa.requestFragments.expire(now)
      sa.responseFragments.expire(now)
      return
    case 'children':
      handleChildTimeout(sa, now)
      return
    case 'liveness':
      checkLiveness(sa, now)
      return
    case 'keepalive':
      surroundings.emit({ type: 'keepalive', path: sa.path })
      startKeepalive(sa, now)
      return
    case 'rekey':
      rekeyIke(sa, now)
      return
    case 'lifetime':
      surroundings.deleteIkeSa(sa, 'its lifetime is over and nobody has rekeyed it', now)
      return
    case 'reauthentication':
      reauthenticate(sa, now)
      return
    case 'replaced':
      surroundings.deleteIkeSa(sa, 'it was rekeyed', now)
      return
    case 'deletion':
      sa.end('the peer does not answer DELETE', false, now)
      return
    default:
      timer satisfies never
  }
}

function reauthenticate(sa: LiveIkeSa, now: Instant): void {
  const { sessionRole, surroundings, session } = sa
  if (sessionRole === 'initiator')
    surroundings.emit({ type: 'event', session, event: { type: 'reauthentication-due' } })
  else surroundings.deleteIkeSa(sa, 'its authentication is too old', now)
}
