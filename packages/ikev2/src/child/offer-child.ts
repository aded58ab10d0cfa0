import type { GroupName, KeyAgreement } from '@causeway/crypto'
import { Reader } from '@causeway/wire'
import { findError, findNotify, findPayload, notify } from '../exchange/notify.ts'
import type { ChildSaKeys } from '../output.ts'
import { espProposals, readChosenEspSuite } from '../proposal/esp-proposals.ts'
import { formatProposals, formatSuites } from '../proposal/proposal-text.ts'
import type { AgreedEspSuite, EspSuite } from '../proposal/suite.ts'
import { groupName, groupNumber } from '../proposal/transform-ids.ts'
import { deriveChildKeys } from '../protection/child-keys.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { notifyName } from '../wire/notify-name.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { formatScope } from './answer-child.ts'
import type { ChildScope } from './children.ts'
import { childLimits } from './install-child.ts'
import { narrowSelectors } from './traffic-selectors.ts'

/** What we propose for a Child SA, and what is held for it until the answer. */
export interface ChildOffer {
  /** Taken; given back by {@link withdrawOffer} when nothing comes of it. */
  readonly receiveSpi: number
  readonly suites: readonly EspSuite[]
  readonly scope: ChildScope
  /** Where the first suite has a group. Absent in IKE_AUTH. */
  readonly agreement?: KeyAgreement
}

export type ChildResponse =
  | { readonly type: 'agreed'; readonly keys: ChildSaKeys }
  /** INVALID_KE_PAYLOAD: it would take this group of ours. */
  | { readonly type: 'another-group'; readonly group: GroupName }
  /** `installed`: the peer thinks that there is one, and has to be told by DELETE. */
  | {
      readonly type: 'refused'
      readonly reason: string
      readonly byPeer: boolean
      readonly installed: boolean
      /** The peer's notification, if that was it. */
      readonly notify?: number
    }

/** Of the exchange that the offer is made in. */
export interface OfferNonces {
  readonly initiatorNonce: Uint8Array
  /** `undefined`: there was none in the response. */
  readonly responderNonce: Uint8Array | undefined
}

/** In IKE_AUTH: keys come from the IKE SA's own agreement. */
export function offerFirstChild(sa: IkeSa): ChildOffer {
  const { local, remote, espSuites } = sa.terms
  return { receiveSpi: sa.surroundings.newEspSpi(), suites: espSuites, scope: { local, remote } }
}

/** In CREATE_CHILD_SA. `group`: for the KE payload, one of the suites'. */
export function offerChild(
  sa: IkeSa,
  scope: ChildScope,
  suites: readonly EspSuite[],
  group: GroupName | undefined = suites[0]?.group,
): ChildOffer {
  const { crypto } = sa.surroundings
  return {
    receiveSpi: sa.surroundings.newEspSpi(),
    suites,
    scope,
    ...(group && { agreement: crypto.createKeyAgreement(group) }),
  }
}

/** SA, KE if there is one, TSi, TSr, notifications. */
export function writeOffer(offer: ChildOffer): Payload[] {
  const { receiveSpi, suites, scope, agreement } = offer
  return [
    { type: 'SA', proposals: espProposals(suites, { ...espOffer(offer), spi: receiveSpi }) },
    ...(agreement ? [keyExchange(agreement)] : []),
    { type: 'TSi', selectors: scope.local },
    { type: 'TSr', selectors: scope.remote },
    notify(NOTIFY.ESP_TFC_PADDING_NOT_SUPPORTED),
  ]
}

/** Nothing has come of it. */
export function withdrawOffer(sa: IkeSa, { receiveSpi }: ChildOffer): void {
  sa.surroundings.freeEspSpi(receiveSpi)
}

/** What the peer says to it. The offer's SPI stays taken, whatever it is. Nothing is installed yet. */
export function readChildResponse(
  sa: IkeSa,
  offer: ChildOffer,
  payloads: readonly Payload[],
  { initiatorNonce, responderNonce }: OfferNonces,
): ChildResponse {
  const answer = findPayload(payloads, 'SA')
  if (!answer) return readRefusal(offer, payloads)
  const chosen = readChosenEspSuite(offer.suites, espOffer(offer), answer.proposals)
  if (!chosen || sa.children.bySendSpi(chosen.spi))
    return unacceptable(
      `the peer chose ${formatProposals(answer.proposals)} of ${formatSuites(offer.suites)}`,
    )
  if (!responderNonce) return unacceptable('the peer sent no nonce')
  const narrowed = narrowedBy(offer, payloads)
  if (typeof narrowed === 'string') return unacceptable(narrowed)
  const secret = secretOf(offer, chosen.suite, payloads)
  if (secret === 'refused') return unacceptable('the peer sent no fitting KE payload')
  const inputs = { initiatorNonce, responderNonce, ...(secret && { secret }) }
  return { type: 'agreed', keys: keysOf(sa, offer, chosen, narrowed, inputs) }
}

function keysOf(
  sa: IkeSa,
  { receiveSpi }: ChildOffer,
  { suite, spi }: { readonly suite: AgreedEspSuite; readonly spi: number },
  { local, remote }: ChildScope,
  inputs: Parameters<typeof deriveChildKeys>[4],
): ChildSaKeys {
  const { crypto } = sa.surroundings
  const keys = deriveChildKeys(crypto, sa.suite.prf, sa.keys.skD, suite, inputs)
  return {
    receiveSpi,
    sendSpi: spi,
    suite,
    receive: keys.toInitiator,
    send: keys.toResponder,
    local,
    remote,
    ...childLimits(sa, suite.extendedSequence),
  }
}

/** No SA payload: an error notification says why. */
function readRefusal(offer: ChildOffer, payloads: readonly Payload[]): ChildResponse {
  const wrongGroup = findNotify(payloads, NOTIFY.INVALID_KE_PAYLOAD)
  const group =
    wrongGroup?.data.length === 2 ? groupName(new Reader(wrongGroup.data).u16('group')) : undefined
  if (group && offer.suites.some(suite => suite.group === group)) return { type: 'another-group', group }
  const error = findError(payloads)
  return {
    type: 'refused',
    reason: error
      ? `${notifyName(error.notify)} to ${formatSuites(offer.suites)}, ${formatScope(offer.scope)}`
      : 'the response has no SA payload',
    byPeer: true,
    installed: false,
    ...(error && { notify: error.notify }),
  }
}

/** RFC 7296 §2.9: a subset of what we asked for. Should it be more, then no more than we asked for is carried. */
function narrowedBy({ scope }: ChildOffer, payloads: readonly Payload[]): ChildScope | string {
  const local = findPayload(payloads, 'TSi')?.selectors ?? []
  const remote = findPayload(payloads, 'TSr')?.selectors ?? []
  const narrowed = narrowSelectors({ local, remote }, scope)
  return narrowed ?? `the peer chose ${formatScope({ local, remote })} of ${formatScope(scope)}`
}

/** `undefined`: the suite has no group. */
function secretOf(
  { agreement }: ChildOffer,
  { group }: AgreedEspSuite,
  payloads: readonly Payload[],
): Uint8Array | undefined | 'refused' {
  if (!group) return undefined
  const answer = findPayload(payloads, 'KE')
  if (agreement?.group !== group || answer?.group !== groupNumber(group)) return 'refused'
  return agreement.agree(answer.data) ?? 'refused'
}

function unacceptable(reason: string): ChildResponse {
  return { type: 'refused', reason, byPeer: false, installed: true }
}

function keyExchange({ group, publicValue }: KeyAgreement): Payload {
  return { type: 'KE', group: groupNumber(group), data: publicValue }
}

function espOffer({ agreement }: ChildOffer): { withGroup: boolean; extendedSequence: boolean } {
  return { withGroup: agreement !== undefined, extendedSequence: true }
}
