import type { Instant } from '@causeway/engine'
import { findNotify, findPayload, notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import { NONCE_BYTES } from '../initial/initial-payloads.ts'
import { answerChildRekey } from '../rekey/answer-child-rekey.ts'
import { answerIkeRekey } from '../rekey/answer-ike-rekey.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { IkeMessage, Payload } from '../wire/payload.ts'
import { answerChild } from './answer-child.ts'
import { childRefused } from './child-refused.ts'
import { readChildRequest } from './child-request.ts'
import { acceptedChildSuites } from './child-suites.ts'
import { installFirst } from './install-child.ts'

/** Answers CREATE_CHILD_SA (RFC 7296 §1.3): another Child SA, a successor of one, or one of the IKE SA. */
export function answerCreateChildSa(sa: IkeSa, { payloads }: IkeMessage, now: Instant): Answer {
  const rekey = findNotify(payloads, NOTIFY.REKEY_SA)
  if (rekey) return answerChildRekey(sa, rekey, payloads, now)
  const proposals = findPayload(payloads, 'SA')?.proposals ?? []
  if (proposals[0]?.protocol === PROTOCOL.IKE) return answerIkeRekey(sa, payloads, now)
  return answerFurtherChild(sa, payloads, now)
}

/** Within what the peer was granted when it was let in. */
function answerFurtherChild(sa: IkeSa, payloads: readonly Payload[], now: Instant): Answer {
  // RFC 7296 §2.25.2: an IKE SA that is being rekeyed or deleted gets no Child SAs any more.
  if (sa.state !== 'established' || sa.exchanges.running?.changes === 'ike-sa')
    return respond([notify(NOTIFY.TEMPORARY_FAILURE)])
  const request = readChildRequest(payloads, sa.peer.askedAddresses)
  const nonce = findPayload(payloads, 'NONCE')
  if (!nonce || !request || typeof request === 'string') return respond([notify(NOTIFY.INVALID_SYNTAX)])
  const keyExchange = findPayload(payloads, 'KE')
  const responderNonce = sa.surroundings.crypto.random(NONCE_BYTES)
  const answer = answerChild(sa, {
    request,
    suites: acceptedChildSuites(sa.terms, keyExchange !== undefined),
    scope: sa.children.scope,
    initiatorNonce: nonce.data,
    responderNonce,
    negotiation: { keyExchange },
  })
  if (answer.type === 'refused') {
    childRefused(sa, answer.reason, false)
    return respond(answer.payloads)
  }
  installFirst(sa, answer.keys, now)
  const [first, ...rest] = answer.payloads
  return respond([first as Payload, { type: 'NONCE', data: responderNonce }, ...rest])
}

function respond(payloads: readonly Payload[]): Answer {
  return { type: 'respond', payloads }
}
