import type { Instant } from '@causeway/engine'
import { findError, findNotify, notify } from '../exchange/notify.ts'
import type { Task } from '../exchange/task.ts'
import { detectNat, natDetectionPayloads } from '../initial/nat-detection.ts'
import { moveFlows } from '../sa/follow-path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { startKeepalive } from '../sa/start-timers.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage } from '../wire/payload.ts'

/** UPDATE_SA_ADDRESSES with NAT detection for the path that is in use when it is sent. */
export function createUpdateTask(sa: LiveIkeSa): Task {
  return {
    name: 'update addresses',
    exchange: EXCHANGE.INFORMATIONAL,
    request: () => [
      notify(NOTIFY.UPDATE_SA_ADDRESSES),
      ...natDetectionPayloads(sa.crypto, sa, sa.path, sa.terms.forceEncapsulation),
    ],
    response: (message, now) => {
      takeAnswer(sa, message, now)
      return 'done'
    },
    abandon: () => {},
    moveTo: createUpdateTask,
  }
}

function takeAnswer(sa: LiveIkeSa, { payloads }: IkeMessage, now: Instant): void {
  const error = findError(payloads)
  if (error) {
    const reason = `the peer does not take our new address (error ${error.notify})`
    const event = { type: 'child-refused', reason, byPeer: true } as const
    sa.surroundings.emit({ type: 'event', session: sa.session, event })
    return
  }
  const nat = detectNat(sa.crypto, sa, sa.path, payloads)
  if (!nat) return
  Object.assign(sa.nat, nat)
  sa.natMapping = findNotify(payloads, NOTIFY.NAT_DETECTION_DESTINATION_IP)?.data
  startKeepalive(sa, now)
  moveFlows(sa)
}
