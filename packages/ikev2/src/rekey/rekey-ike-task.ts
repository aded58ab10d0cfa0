import type { GroupName, KeyAgreement } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { findError, findPayload } from '../exchange/notify.ts'
import type { Task } from '../exchange/task.ts'
import { NONCE_BYTES } from '../initial/initial-payloads.ts'
import { GROUP_ROUNDS, IKE_SAS, RETRY_FIRST_MS } from '../limits.ts'
import { ikeProposals, readChosenIkeSuite } from '../proposal/ike-proposals.ts'
import { formatProposals, formatSuites } from '../proposal/proposal-text.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { deriveRekeyedIkeKeys } from '../protection/ike-keys.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import type { SuccessorIkeSa } from '../sa/surroundings.ts'
import { notifyName } from '../wire/notify-name.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage, Payload } from '../wire/payload.ts'
import { askedGroup, rekeySuites } from './ike-bids.ts'
import { noteRefusal } from './note-refusal.ts'
import { nextTry, OUT_OF_STEP } from './retry.ts'
import { type ExchangeNonces, survives } from './simultaneous.ts'

/** The successor that the peer has made of the same IKE SA while our request was out (RFC 7296 §2.8.2). */
interface Rival {
  readonly sa: IkeSa
  readonly nonces: ExchangeNonces
}

interface Bid {
  readonly spi: Uint8Array
  readonly nonce: Uint8Array
  readonly agreement: KeyAgreement
}

const REPLACED = 'it was rekeyed'

/** The command `rekey-ike`, or its time has come. */
export function rekeyIke(sa: LiveIkeSa, now: Instant): void {
  const { running, waiting } = sa.exchanges
  const isUnderWay = [running, ...waiting].some(task => task instanceof RekeyIkeTask)
  if (!isUnderWay) sa.exchanges.begin(new RekeyIkeTask(sa), now)
}

/**
 * Rekeys an IKE SA (RFC 7296 §1.3.2, §2.18): the successor has SPIs of its own, keys from a new key agreement, windows
 * from 0, and takes over the Child SAs. We delete the old one.
 */
export class RekeyIkeTask implements Task {
  readonly name = 'rekey IKE SA'
  readonly exchange: number = EXCHANGE.CREATE_CHILD_SA
  readonly changes = 'ike-sa'
  readonly #sa: LiveIkeSa
  #group: GroupName
  #rounds = 0
  #bid: Bid | undefined
  #rival: Rival | undefined

  constructor(sa: LiveIkeSa) {
    this.#sa = sa
    this.#group = (rekeySuites(sa)[0] ?? sa.suite).group
  }

  /** The peer's own rekeying was answered. What came of it waits until it is known who survives. */
  noteRival(sa: IkeSa, nonces: ExchangeNonces): void {
    this.#rival = { sa, nonces }
    sa.claim = now => this.#yield(now)
  }

  request(now: Instant): readonly Payload[] | undefined {
    const { crypto, state, session, surroundings, timers } = this.#sa
    if (state !== 'established') return undefined
    // The peer does not hear that the old ones are deleted.
    if (surroundings.ikeSasOf(session) >= IKE_SAS) {
      timers.set('rekey', now + RETRY_FIRST_MS)
      return undefined
    }
    const spi = surroundings.newIkeSpi()
    const nonce = crypto.random(NONCE_BYTES)
    const agreement = crypto.createKeyAgreement(this.#group)
    this.#bid = { spi, nonce, agreement }
    this.#rounds++
    return [
      { type: 'SA', proposals: ikeProposals(rekeySuites(this.#sa), spi) },
      { type: 'NONCE', data: nonce },
      { type: 'KE', group: groupNumber(agreement.group), data: agreement.publicValue },
    ]
  }

  response({ payloads }: IkeMessage, now: Instant): 'done' | 'again' {
    const bid = this.#bid
    if (!bid) return 'done'
    this.#bid = undefined
    if (findPayload(payloads, 'SA')) {
      this.#takeAnswer(bid, payloads, now)
      return 'done'
    }
    const group = askedGroup(this.#sa, payloads)
    if (group && group !== this.#group && !this.#rival && this.#rounds < GROUP_ROUNDS) {
      this.#group = group
      return 'again'
    }
    this.#takeRefusal(payloads, now)
    return 'done'
  }

  /** The peer deletes the old IKE SA: it has not noticed our request, or its own has won (§2.8.2, §2.25.2). */
  peerEnds(now: Instant): void {
    this.#yield(now)
  }

  abandon(): void {
    this.#bid = undefined
    if (this.#rival) this.#rival.sa.claim = undefined
    this.#rival = undefined
  }

  #takeAnswer(bid: Bid, payloads: readonly Payload[], now: Instant): void {
    const nonce = findPayload(payloads, 'NONCE')?.data
    const successor = nonce && this.#successorOf(bid, payloads, nonce)
    if (!nonce || !successor) {
      this.#takeUnusable(payloads, now)
      return
    }
    const nonces = { initiatorNonce: bid.nonce, responderNonce: nonce }
    if (this.#survives(nonces)) this.#succeed(successor, now)
    else this.#addRedundant(successor, now)
  }

  #survives(own: ExchangeNonces): boolean {
    if (this.#sa.state !== 'established') return false
    return !this.#rival || survives(own, this.#rival.nonces)
  }

  #succeed(successor: SuccessorIkeSa, now: Instant): void {
    const { surroundings, session } = this.#sa
    this.abandon()
    surroundings.succeed(this.#sa, successor, now)
    const event = { type: 'ike-rekeyed', suite: successor.suite, byPeer: false } as const
    surroundings.emit({ type: 'event', session, event })
    surroundings.deleteIkeSa(this.#sa, REPLACED, now)
  }

  /** The peer deletes the old one, and we what we have made; also when the session has ended meanwhile. */
  #addRedundant(successor: SuccessorIkeSa, now: Instant): void {
    const { surroundings } = this.#sa
    const redundant = surroundings.addRedundant(this.#sa, successor, now)
    surroundings.deleteIkeSa(redundant, 'the peer has rekeyed the IKE SA at the same time', now)
    this.#yield(now)
  }

  /** The peer has made an IKE SA that we cannot have. It does not know that, so nothing is left but to end. */
  #takeUnusable(payloads: readonly Payload[], now: Instant): void {
    if (this.#rival) {
      this.#yield(now)
      return
    }
    const proposals = findPayload(payloads, 'SA')?.proposals ?? []
    const sides = `${formatProposals(proposals)} of ${formatSuites(rekeySuites(this.#sa))}`
    this.#sa.surroundings.deleteIkeSa(this.#sa, `unusable answer to our rekeying: ${sides}`, now)
  }

  #takeRefusal(payloads: readonly Payload[], now: Instant): void {
    if (this.#rival) {
      this.#yield(now)
      return
    }
    if (this.#sa.state !== 'established') return
    const error = findError(payloads)
    if (error?.notify === NOTIFY.TEMPORARY_FAILURE) {
      this.#putOff(now)
      return
    }
    const word = error ? notifyName(error.notify) : 'the response has no SA payload'
    noteRefusal(this.#sa, payloads, `${word} to ${formatSuites(rekeySuites(this.#sa))}`, true)
  }

  #putOff(now: Instant): void {
    const { surroundings, timers } = this.#sa
    const at = nextTry(surroundings.crypto, ++this.#sa.rekeyRefusals, now)
    if (at === undefined) surroundings.deleteIkeSa(this.#sa, OUT_OF_STEP, now)
    else timers.set('rekey', at)
    surroundings.reschedule(this.#sa)
  }

  /** The peer's successor is the one that stays, or goes with the session. */
  #yield(now: Instant): void {
    const rival = this.#rival?.sa
    this.#rival = undefined
    if (rival?.state !== 'replaced') return
    rival.claim = undefined
    const { surroundings, session } = rival
    if (this.#sa.state !== 'established') {
      surroundings.deleteIkeSa(rival, 'the session has ended', now)
      return
    }
    surroundings.promote(rival, now)
    const event = { type: 'ike-rekeyed', suite: rival.suite, byPeer: true } as const
    surroundings.emit({ type: 'event', session, event })
  }

  #successorOf(
    { spi, nonce, agreement }: Bid,
    payloads: readonly Payload[],
    responderNonce: Uint8Array,
  ): SuccessorIkeSa | undefined {
    const { crypto, keys, suite: old } = this.#sa
    const proposals = findPayload(payloads, 'SA')?.proposals ?? []
    const chosen = readChosenIkeSuite(rekeySuites(this.#sa), proposals, 'rekey')
    const answer = findPayload(payloads, 'KE')
    if (chosen?.suite.group !== agreement.group || answer?.group !== groupNumber(agreement.group))
      return undefined
    const secret = agreement.agree(answer.data)
    if (!secret || chosen.spi.every(byte => byte === 0)) return undefined
    const spis = { initiatorSpi: spi, responderSpi: chosen.spi }
    const inputs = { secret, initiatorNonce: nonce, responderNonce, ...spis }
    return {
      role: 'initiator',
      ...spis,
      suite: chosen.suite,
      keys: deriveRekeyedIkeKeys(crypto, chosen.suite, inputs, keys.skD, old.prf),
    }
  }
}
