import type { Instant } from '@causeway/engine'
import { Writer } from '@causeway/wire'
import { childRefused } from '../child/child-refused.ts'
import { findPayload, notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import { NONCE_BYTES } from '../initial/initial-payloads.ts'
import { IKE_SAS } from '../limits.ts'
import { chosenIkeProposal, type IkeChoice } from '../proposal/ike-proposals.ts'
import { formatProposals, formatSuites } from '../proposal/proposal-text.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { deriveRekeyedIkeKeys } from '../protection/ike-keys.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload, PayloadOf, Proposal } from '../wire/payload.ts'
import { chooseSuite, rekeySuites } from './ike-bids.ts'
import { RekeyIkeTask } from './rekey-ike-task.ts'

/**
 * Answers CREATE_CHILD_SA with a proposal for an IKE SA (RFC 7296 §1.3.2). An IKE SA that is not yet established is
 * never rekeyed (CVE-2014-2338): its exchanges are sorted out before. The peer deletes the old one.
 */
export function answerIkeRekey(sa: IkeSa, payloads: readonly Payload[], now: Instant): Answer {
  // RFC 7296 §2.25.1, §2.25.2: what changes a Child SA, or closes this one, goes first.
  if (sa.state !== 'established' || sa.exchanges.running?.changes === 'child')
    return respond([notify(NOTIFY.TEMPORARY_FAILURE)])
  if (sa.surroundings.ikeSasOf(sa.session) >= IKE_SAS) return respond([notify(NOTIFY.TEMPORARY_FAILURE)])
  const proposals = findPayload(payloads, 'SA')?.proposals ?? []
  const nonce = findPayload(payloads, 'NONCE')
  const keyExchange = findPayload(payloads, 'KE')
  if (!nonce || !keyExchange) return respond([notify(NOTIFY.INVALID_SYNTAX)])
  const choice = chooseSuite(sa, proposals, keyExchange.group)
  if (!choice || isTaken(sa, choice.spi)) return refuse(sa, proposals)
  const wanted = groupNumber(choice.suite.group)
  if (keyExchange.group !== wanted)
    return respond([notify(NOTIFY.INVALID_KE_PAYLOAD, new Writer(2).u16(wanted).finish())])
  return answerWhole(sa, choice, nonce.data, keyExchange, now)
}

function answerWhole(
  sa: IkeSa,
  choice: IkeChoice,
  initiatorNonce: Uint8Array,
  { group, data }: PayloadOf<'KE'>,
  now: Instant,
): Answer {
  const { surroundings, keys, suite: old } = sa
  const { crypto } = surroundings
  const { suite } = choice
  const agreement = crypto.createKeyAgreement(suite.group)
  const secret = agreement.agree(data)
  if (!secret) return respond([notify(NOTIFY.INVALID_SYNTAX)])
  const spis = { initiatorSpi: choice.spi, responderSpi: surroundings.newIkeSpi() }
  const responderNonce = crypto.random(NONCE_BYTES)
  const inputs = { secret, initiatorNonce, responderNonce, ...spis }
  const rekeyed = deriveRekeyedIkeKeys(crypto, suite, inputs, keys.skD, old.prf)
  succeed(sa, { role: 'responder', ...spis, suite, keys: rekeyed }, { initiatorNonce, responderNonce }, now)
  return respond([
    { type: 'SA', proposals: [chosenIkeProposal(choice, spis.responderSpi)] },
    { type: 'NONCE', data: responderNonce },
    { type: 'KE', group, data: agreement.publicValue },
  ])
}

function succeed(
  sa: IkeSa,
  successor: Parameters<IkeSa['surroundings']['succeed']>[1],
  nonces: Parameters<RekeyIkeTask['noteRival']>[1],
  now: Instant,
): void {
  const { surroundings, session, exchanges } = sa
  const own = exchanges.running
  if (own instanceof RekeyIkeTask) {
    own.noteRival(surroundings.addRedundant(sa, successor, now), nonces)
    return
  }
  surroundings.succeed(sa, successor, now)
  const event = { type: 'ike-rekeyed', suite: successor.suite, byPeer: true } as const
  surroundings.emit({ type: 'event', session, event })
}

/** SPIs of all zeros stand for none (RFC 7296 §3.1). */
function isTaken({ initiatorSpi, responderSpi }: IkeSa, spi: Uint8Array): boolean {
  const isZero = spi.every(byte => byte === 0)
  return isZero || [initiatorSpi, responderSpi].some(taken => taken.every((byte, i) => byte === spi[i]))
}

function refuse(sa: IkeSa, proposals: readonly Proposal[]): Answer {
  const sides = `the peer proposes ${formatProposals(proposals)}; we have ${formatSuites(rekeySuites(sa))}`
  childRefused(sa, `no proposal chosen for a rekeying of the IKE SA: ${sides}`, false)
  return respond([notify(NOTIFY.NO_PROPOSAL_CHOSEN)])
}

function respond(payloads: readonly Payload[]): Answer {
  return { type: 'respond', payloads }
}
