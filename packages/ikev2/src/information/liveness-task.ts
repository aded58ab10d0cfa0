import { sameBytes } from '@causeway/wire'
import { findNotify } from '../exchange/notify.ts'
import type { Task } from '../exchange/task.ts'
import { natDetectionPayloads } from '../initial/nat-detection.ts'
import { usesMobike } from '../sa/follow-path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage } from '../wire/payload.ts'
import { createUpdateTask } from './update-addresses.ts'

/** An empty INFORMATIONAL: whatever the answer, the peer lives. */
export function createLivenessTask(sa: LiveIkeSa): Task {
  return {
    name: 'liveness',
    exchange: EXCHANGE.INFORMATIONAL,
    request: () =>
      watchesMapping(sa) ? natDetectionPayloads(sa.crypto, sa, sa.path, sa.terms.forceEncapsulation) : [],
    response: (message, now) => {
      if (watchesMapping(sa) && mappingChanged(sa, message)) sa.exchanges.begin(createUpdateTask(sa), now)
      return 'done'
    },
    abandon: () => {},
  }
}

/** RFC 4555 §3.8: MOBIKE's initiator behind a NAT looks itself whether its mapping has changed. */
function watchesMapping(sa: LiveIkeSa): boolean {
  return sa.sessionRole === 'initiator' && usesMobike(sa) && sa.nat.local
}

function mappingChanged(sa: LiveIkeSa, { payloads }: IkeMessage): boolean {
  const seen = findNotify(payloads, NOTIFY.NAT_DETECTION_DESTINATION_IP)?.data
  if (!seen) return false
  const before = sa.natMapping
  sa.natMapping = seen
  return before !== undefined && !sameBytes(before, seen)
}
