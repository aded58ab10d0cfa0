import type { CryptoPort, KeyAgreement } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import type { Ikev2Limits, Ikev2Options } from '../engine-options.ts'
import { findNotify, notify } from '../exchange/notify.ts'
import { INITIAL_BYTES } from '../limits.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { chosenIkeProposal, type IkeChoice, selectIkeSuite } from '../proposal/ike-proposals.ts'
import { formatProposals, formatSuites } from '../proposal/proposal-text.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { deriveIkeKeys } from '../protection/ike-keys.ts'
import type { NatSituation, PeerAbilities } from '../sa/ike-sa.ts'
import type { InitialBirth } from '../sa/live-ike-sa.ts'
import { type Arrival, describeFault } from '../sa/receive.ts'
import { HEADER_BYTES, type ReceivedHeader, writeMessage } from '../wire/header.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { readPayloads } from '../wire/payloads.ts'
import { Cookies } from './cookies.ts'
import type { HalfOpenCount } from './half-open-count.ts'
import {
  type InitialOffer,
  NONCE_BYTES,
  readAbilities,
  readInitialOffer,
  responderAbilities,
} from './initial-payloads.ts'
import { detectNat, natDetectionPayloads } from './nat-detection.ts'

/** What to do with the first message of a stranger. */
export type InitialVerdict =
  | { readonly type: 'drop'; readonly reason: string }
  /** Send this; keep nothing. `refusal`: it is the end for this initiator, in words for the log. */
  | { readonly type: 'answer'; readonly bytes: Uint8Array; readonly refusal?: string }
  /** There are keys: begin an IKE SA. Its response is `birth.initial.responder`. */
  | { readonly type: 'open'; readonly birth: InitialBirth }

/** A request that may go on: what it is and by what terms. */
interface Candidate {
  readonly arrival: Arrival
  readonly payloads: readonly Payload[]
  readonly offer: InitialOffer
  readonly terms: PeerTerms
}

const NO_SPI = new Uint8Array(8)

/**
 * The responder's side of IKE_SA_INIT (RFC 7296 §1.2, §2.6). It keeps nothing itself. Answers without state are
 * never longer than their request. The response with our public value can be: RFC 7296 gives it as many fixed
 * parts as the request has, and a CERTREQ on top. But from `cookiePerPrefix` half-open IKE SAs on, a network gets
 * nothing but cookies unless it brings one back, so nobody can have more than a handful sent to a victim.
 */
export class InitialResponder {
  readonly #options: Ikev2Options
  readonly #crypto: CryptoPort
  readonly #limits: Ikev2Limits
  readonly #halfOpen: HalfOpenCount
  readonly #cookies: Cookies

  constructor(options: Ikev2Options, limits: Ikev2Limits, halfOpen: HalfOpenCount) {
    this.#options = options
    this.#crypto = options.crypto
    this.#limits = limits
    this.#halfOpen = halfOpen
    this.#cookies = new Cookies(options.crypto)
  }

  /** `newIkeSpi` is called once there is nothing left that could stop the IKE SA. */
  judge(arrival: Arrival, newIkeSpi: () => Uint8Array, now: Instant): InitialVerdict {
    const { header, bytes, path } = arrival
    const terms = this.#options.responder(path)
    if (!terms) return drop('nobody is answered')
    if (bytes.length > INITIAL_BYTES) return drop('too long')
    const payloads = readPayloads(header.nextPayload, bytes.subarray(HEADER_BYTES))
    if ('type' in payloads) {
      if (payloads.type === 'invalid-syntax') return drop('malformed')
      const data = Uint8Array.of(payloads.payload)
      const refusal = `IKE_SA_INIT: ${describeFault(payloads)}`
      return answer(header, notify(NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD, data), refusal)
    }
    const offer = readInitialOffer(payloads)
    if (typeof offer === 'string') return drop(offer)
    const candidate = { arrival, payloads, offer, terms }
    return this.#admit(candidate, now) ?? this.#choose(candidate, newIkeSpi, now)
  }

  /** Under load only who has returned a cookie goes on: nothing is computed or kept before. */
  #admit({ arrival, payloads, offer }: Candidate, now: Instant): InitialVerdict | undefined {
    const { address } = arrival.path.remote
    const { cookieTotal, cookiePerPrefix, halfOpenPerPrefix } = this.#limits
    const half = this.#halfOpen
    half.expire(now)
    if (half.total >= cookieTotal || half.from(address) >= cookiePerPrefix) {
      const { initiatorSpi } = arrival.header
      const subject = { address, initiatorSpi, nonce: offer.nonce }
      const cookie = findNotify(payloads, NOTIFY.COOKIE)
      if (!cookie || !this.#cookies.verify(cookie.data, subject, now))
        return answer(arrival.header, notify(NOTIFY.COOKIE, this.#cookies.create(subject, now)))
    }
    if (half.from(address) < halfOpenPerPrefix) return undefined
    return drop('too many half-open IKE SAs of one network')
  }

  #choose(candidate: Candidate, newIkeSpi: () => Uint8Array, now: Instant): InitialVerdict {
    const { arrival, offer, terms } = candidate
    const choice = selectIkeSuite(terms.ikeSuites, offer.proposals, 'initial')
    if (!choice) {
      const refusal = `no proposal chosen: the peer offers ${formatProposals(offer.proposals)}; the policy holds ${formatSuites(terms.ikeSuites)}`
      return answer(arrival.header, notify(NOTIFY.NO_PROPOSAL_CHOSEN), refusal)
    }
    const group = groupNumber(choice.suite.group)
    if (group !== offer.group)
      return answer(
        arrival.header,
        notify(NOTIFY.INVALID_KE_PAYLOAD, Uint8Array.of(group >> 8, group & 0xff)),
      )
    const agreement = this.#crypto.createKeyAgreement(choice.suite.group)
    const secret = agreement.agree(offer.publicValue)
    if (!secret) {
      this.#spend(arrival, now)
      return drop('a public value that is refused')
    }
    return { type: 'open', birth: this.#bear(candidate, choice, agreement, secret, newIkeSpi(), now) }
  }

  /** Our own half of the key agreement was made for nothing: forged addresses may not have that without end. */
  #spend({ path: { remote } }: Arrival, now: Instant): void {
    this.#halfOpen.add(remote.address)
    this.#halfOpen.spend(remote.address, now + this.#limits.halfOpenMs)
  }

  #bear(
    candidate: Candidate,
    choice: IkeChoice,
    agreement: KeyAgreement,
    secret: Uint8Array,
    responderSpi: Uint8Array,
    now: Instant,
  ): InitialBirth {
    const { arrival, payloads, offer, terms } = candidate
    const { header, path, bytes } = arrival
    const { initiatorSpi } = header
    const { suite } = choice
    const responderNonce = this.#crypto.random(NONCE_BYTES)
    const peer = readAbilities(payloads)
    const requestSpis = { initiatorSpi, responderSpi: NO_SPI }
    const nat = detectNat(this.#crypto, requestSpis, path, payloads)
    const group = groupNumber(suite.group)
    const answerPayloads: Payload[] = [
      { type: 'SA', proposals: [chosenIkeProposal(choice, new Uint8Array())] },
      { type: 'KE', group, data: agreement.publicValue },
      { type: 'NONCE', data: responderNonce },
      ...this.#extras({ initiatorSpi, responderSpi }, path, nat, peer, terms),
    ]
    const inputs = { secret, initiatorNonce: offer.nonce, responderNonce, initiatorSpi, responderSpi }
    return {
      role: 'responder',
      initiatorSpi,
      responderSpi,
      terms,
      suite,
      keys: deriveIkeKeys(this.#crypto, suite, inputs),
      peer,
      nat: nat ?? { local: false, remote: false },
      path,
      initial: {
        initiator: bytes.slice(),
        responder: writeMessage({ ...responseTo(header), responderSpi }, answerPayloads),
        initiatorNonce: offer.nonce,
        responderNonce,
      },
      now,
    }
  }

  #extras(
    spis: { readonly initiatorSpi: Uint8Array; readonly responderSpi: Uint8Array },
    path: Path,
    nat: NatSituation | undefined,
    peer: PeerAbilities,
    terms: PeerTerms,
  ): Payload[] {
    const vendorIds = this.#options.vendorIds ?? []
    return [
      ...(nat ? natDetectionPayloads(this.#crypto, spis, path, terms.forceEncapsulation) : []),
      ...responderAbilities(peer, terms),
      ...vendorIds.map(data => ({ type: 'V', data }) as const),
    ]
  }
}

/** The header of an answer that keeps no state: the responder's SPI is zero (RFC 7296 §2.6). */
function responseTo({ initiatorSpi, exchange, messageId }: ReceivedHeader) {
  return { initiatorSpi, responderSpi: NO_SPI, exchange, fromInitiator: false, response: true, messageId }
}

function answer(header: ReceivedHeader, payload: Payload, refusal?: string): InitialVerdict {
  const bytes = writeMessage(responseTo(header), [payload])
  return refusal === undefined ? { type: 'answer', bytes } : { type: 'answer', bytes, refusal }
}

function drop(reason: string): InitialVerdict {
  return { type: 'drop', reason: `IKE_SA_INIT: ${reason}` }
}
