import type { Instant } from '@causeway/engine'
import { formatHex } from '@causeway/wire'
import type { Answer } from '../exchange/task.ts'
import type { Path } from '../path.ts'
import { answerChildDeletes } from '../rekey/answer-child-deletes.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { notifyName } from '../wire/notify-name.ts'
import { FIRST_STATUS_NOTIFY, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { IkeMessage, Payload, PayloadOf } from '../wire/payload.ts'
import { answerMobility } from './mobility.ts'

/** Errors by which a peer says that the IKE SA is over for it (RFC 7296 §2.21.2, §2.21.3). */
const FATAL: readonly number[] = [NOTIFY.AUTHENTICATION_FAILED, NOTIFY.INVALID_SYNTAX]

/** INFORMATIONAL (RFC 7296 §1.4): liveness, DELETE, errors, MOBIKE. What is not understood is passed over. */
export function answerInformational(
  sa: LiveIkeSa,
  { payloads }: IkeMessage,
  path: Path,
  now: Instant,
): Answer {
  const ending = findEnd(payloads)
  if (ending) {
    sa.exchanges.running?.peerEnds?.(now)
    return { type: 'respond-and-end', payloads: [], reason: ending, byPeer: true }
  }
  sa.claim?.(now)
  for (const payload of payloads) if (payload.type === 'N') noteNotify(sa, payload)
  return {
    type: 'respond',
    payloads: [...answerChildDeletes(sa, payloads), ...answerMobility(sa, payloads, path, now)],
  }
}

/**
 * INFORMATIONAL amid IKE_AUTH: a peer that will not go on says so (RFC 7296 §2.21.2), such as strongSwan after an alert
 * of EAP-TLS. Anything else has to wait: undefined.
 */
export function answerGivingUp({ payloads }: IkeMessage): Answer | undefined {
  const reason = findEnd(payloads)
  return reason === undefined ? undefined : { type: 'respond-and-end', payloads: [], reason, byPeer: true }
}

function findEnd(payloads: readonly Payload[]): string | undefined {
  for (const payload of payloads) {
    if (payload.type === 'D' && payload.protocol === PROTOCOL.IKE) return 'the peer has deleted the IKE SA'
    if (payload.type === 'N' && FATAL.includes(payload.notify))
      return `the peer ends the IKE SA with ${notifyName(payload.notify)}`
  }
  return undefined
}

/** Errors are worth a line in the log; Microsoft's own status has a number among them. */
function noteNotify({ surroundings, session }: LiveIkeSa, { notify, data }: PayloadOf<'N'>): void {
  if (notify >= FIRST_STATUS_NOTIFY) return
  const detail = data.length > 0 ? formatHex(data.subarray(0, 64)) : notifyName(notify)
  surroundings.emit({ type: 'event', session, event: { type: 'notified', notify, detail } })
}
