import type { Instant } from '@causeway/engine'
import { answerIkeAuth } from '../auth/answer-ike-auth.ts'
import { answerCreateChildSa } from '../child/answer-create-child-sa.ts'
import { notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import { answerGivingUp, answerInformational } from '../information/answer-informational.ts'
import type { Path } from '../path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage } from '../wire/payload.ts'

/** Which exchange may come in which state, and who answers it. */
export function answerRequest(sa: LiveIkeSa, message: IkeMessage, path: Path, now: Instant): Answer {
  const { exchange } = message.header
  if (sa.state === 'initial') {
    if (exchange === EXCHANGE.IKE_AUTH) return answerIkeAuth(sa, message, now)
    const ending = exchange === EXCHANGE.INFORMATIONAL ? answerGivingUp(message) : undefined
    if (ending) return ending
    return { type: 'ignore', reason: 'a request before authentication' }
  }
  if (exchange === EXCHANGE.INFORMATIONAL) return answerInformational(sa, message, path, now)
  if (exchange !== EXCHANGE.CREATE_CHILD_SA)
    return { type: 'ignore', reason: `exchange ${exchange} out of turn` }
  // RFC 7296 §2.25.2: nothing new under an IKE SA that is being deleted.
  if (sa.state === 'deleting') return { type: 'respond', payloads: [notify(NOTIFY.TEMPORARY_FAILURE)] }
  sa.claim?.(now)
  return answerCreateChildSa(sa, message, now)
}
