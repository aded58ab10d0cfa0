import type { Instant } from '@causeway/engine'
import { Reader } from '@causeway/wire'
import { answerChild } from '../child/answer-child.ts'
import { childRefused } from '../child/child-refused.ts'
import { type ChildRequest, readChildRequest } from '../child/child-request.ts'
import { acceptedChildSuites } from '../child/child-suites.ts'
import type { ChildSa } from '../child/children.ts'
import { installSa } from '../child/install-child.ts'
import { findPayload, notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import { NONCE_BYTES } from '../initial/initial-payloads.ts'
import type { ChildSaKeys } from '../output.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'
import { markReplaced, tellRekeyed } from './child-succession.ts'
import { RekeyChildTask } from './rekey-child-task.ts'
import type { ExchangeNonces } from './simultaneous.ts'

/**
 * Answers CREATE_CHILD_SA with a REKEY_SA notification (RFC 7296 §1.3.3). The successor receives before the answer
 * is out. We go on sending by the old one until the peer deletes it, which shows that it has our answer (§2.8); or
 * until we delete it ourselves, when the peer has not done so in `REPLACED_MS`.
 */
export function answerChildRekey(
  sa: IkeSa,
  rekey: PayloadOf<'N'>,
  payloads: readonly Payload[],
  now: Instant,
): Answer {
  // RFC 7296 §2.25.2, and §2.25.1 below.
  if (sa.state !== 'established' || sa.exchanges.running?.changes === 'ike-sa') return busy()
  const child = namedChild(sa, rekey)
  if (!child && isMakingChild(sa)) return busy()
  if (!child) return respond([{ ...rekey, notify: NOTIFY.CHILD_SA_NOT_FOUND, data: new Uint8Array() }])
  if (child.state === 'deleting' || child.state === 'rekeyed') return busy()
  const request = readChildRequest(payloads, sa.peer.askedAddresses)
  const nonce = findPayload(payloads, 'NONCE')
  if (!nonce || !request || typeof request === 'string') return respond([notify(NOTIFY.INVALID_SYNTAX)])
  return answerWhole(sa, child, { request, nonce: nonce.data, keyExchange: findPayload(payloads, 'KE') }, now)
}

interface Asked {
  readonly request: ChildRequest
  readonly nonce: Uint8Array
  readonly keyExchange: PayloadOf<'KE'> | undefined
}

/** Never more than the old one carried: Windows asks for all there is (`0.0.0.0/0`) when it rekeys. */
function answerWhole(
  sa: IkeSa,
  child: ChildSa,
  { request, nonce, keyExchange }: Asked,
  now: Instant,
): Answer {
  const responderNonce = sa.surroundings.crypto.random(NONCE_BYTES)
  const answer = answerChild(sa, {
    request,
    suites: acceptedChildSuites(sa.terms, keyExchange !== undefined),
    scope: { local: child.local, remote: child.remote },
    initiatorNonce: nonce,
    responderNonce,
    negotiation: { keyExchange },
  })
  if (answer.type === 'refused') {
    childRefused(sa, answer.reason, false)
    return respond(answer.payloads)
  }
  succeedChild(sa, child, answer.keys, { initiatorNonce: nonce, responderNonce }, now)
  const [first, ...rest] = answer.payloads
  return respond([first as Payload, { type: 'NONCE', data: responderNonce }, ...rest])
}

function succeedChild(
  sa: IkeSa,
  child: ChildSa,
  keys: ChildSaKeys,
  nonces: ExchangeNonces,
  now: Instant,
): void {
  const successor = installSa(sa, child.id, keys, now)
  const own = sa.exchanges.running
  if (own instanceof RekeyChildTask && own.child === child) own.noteRival(successor, nonces)
  else tellRekeyed(sa, child, true)
  markReplaced(child, now)
  sa.surroundings.reschedule(sa)
}

/** A REKEY_SA of another protocol, or without an SPI, names nothing that we have (CVE-2023-38710). */
function namedChild(sa: IkeSa, { protocol, spi }: PayloadOf<'N'>): ChildSa | undefined {
  if (protocol !== PROTOCOL.ESP || spi.length !== 4) return undefined
  return sa.children.bySendSpi(new Reader(spi).u32('SPI'))
}

/** What the peer names may be what our request is about to make: its answer has been overtaken. */
function isMakingChild({ exchanges: { running } }: IkeSa): boolean {
  return running?.changes === 'child' && running.exchange === EXCHANGE.CREATE_CHILD_SA
}

function busy(): Answer {
  return respond([notify(NOTIFY.TEMPORARY_FAILURE)])
}

function respond(payloads: readonly Payload[]): Answer {
  return { type: 'respond', payloads }
}
