import type { Instant } from '@causeway/engine'
import { Writer } from '@causeway/wire'
import { answerChild, type ChildAnswer } from '../child/answer-child.ts'
import { childRefused } from '../child/child-refused.ts'
import { installFirst } from '../child/install-child.ts'
import type { Grant } from '../command.ts'
import { notify } from '../exchange/notify.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import type { AuthRequest } from './auth-request.ts'
import { writeConfigurationReply } from './configuration.ts'
import { establish } from './establish.ts'

/** An initiator that may come in. */
export interface Welcome {
  readonly method: 'certificate' | 'psk' | 'eap'
  readonly request: AuthRequest
  readonly grant: Grant
  /** IDr, CERT and AUTH, or with EAP the second AUTH alone. */
  readonly opening: readonly Payload[]
}

/**
 * The last response of IKE_AUTH, and what it brings about here. A first Child SA that cannot be leaves the IKE SA as
 * it is (RFC 7296 §1.2): the gateway is told by `child-refused`, and may end the session.
 */
export function letIn(sa: IkeSa, initial: InitialMessages, welcome: Welcome, now: Instant): void {
  const { method, request, grant, opening } = welcome
  sa.children.scope = { local: grant.local, remote: grant.remote }
  const child = answerFirstChild(sa, initial, welcome)
  const payloads = [...opening, ...configuration(welcome), ...(child?.payloads ?? []), ...announcements(sa)]
  const { identification, initialContact } = request
  establish(sa, { method, identification, initialContact }, now)
  if (child?.type === 'agreed') installFirst(sa, child.keys, now)
  if (child?.type === 'refused') childRefused(sa, child.reason, false)
  sa.exchanges.respond(payloads, now)
}

function answerFirstChild(
  sa: IkeSa,
  { initiatorNonce, responderNonce }: InitialMessages,
  { request }: Welcome,
): ChildAnswer | undefined {
  if (!request.child) return undefined
  return answerChild(sa, {
    request: request.child,
    suites: sa.terms.espSuites,
    scope: sa.children.scope,
    initiatorNonce,
    responderNonce,
    negotiation: 'initial',
  })
}

/** Only to those who have asked. */
function configuration({ request, grant }: Welcome): Payload[] {
  if (!request.configuration || !grant.configuration) return []
  return [writeConfigurationReply(grant.configuration, request.configuration)]
}

/** AUTH_LIFETIME (RFC 4478), and MOBIKE for those who have it (RFC 4555 §3.1). */
function announcements({ terms, peer }: IkeSa): Payload[] {
  const payloads: Payload[] = []
  if (terms.reauthenticationSeconds > 0)
    payloads.push(notify(NOTIFY.AUTH_LIFETIME, new Writer(4).u32(terms.reauthenticationSeconds).finish()))
  if (terms.mobike && peer.mobike) payloads.push(notify(NOTIFY.MOBIKE_SUPPORTED))
  return payloads
}
