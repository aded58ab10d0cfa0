import type { Instant } from '@causeway/engine'
import type { Answer } from '../exchange/task.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { IkeMessage } from '../wire/payload.ts'
import { ResponderAuthentication } from './responder.ts'

/** Answers an IKE_AUTH request. Only a responder before it is established has an answer. */
export function answerIkeAuth(sa: IkeSa, message: IkeMessage, now: Instant): Answer {
  if (sa.role !== 'responder' || sa.state !== 'initial' || !sa.initial)
    return { type: 'ignore', reason: 'IKE_AUTH out of turn' }
  sa.authentication ??= new ResponderAuthentication(sa, sa.initial)
  return sa.authentication.answer(message, now)
}
