import type { Instant } from '@causeway/engine'
import { findPayload, notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import type { Identification } from '../identification.ts'
import { EAP_ROUNDS } from '../limits.ts'
import type { OwnCredential } from '../peer-terms.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'
import { type AuthRequest, findTwice, ownIdentification } from './auth-request.ts'
import type { EapCommand } from './authentication.ts'
import { writeChain } from './certificates.ts'
import { EAP_CODE, eapCode, eapIdentifier, eapResult, usableKey } from './eap-packet.ts'
import { requestSignature } from './own-signature.ts'
import { checkSecret, proveSecret } from './proof.ts'

/** What a peer has shown by EAP: it holds the key that the method has left. */
export interface EapProof {
  /** Our AUTH by the same key, for the last response. */
  readonly ownAuth: PayloadOf<'AUTH'>
}

/** Who talks. */
export interface EapParties {
  readonly request: AuthRequest
  readonly own: Extract<OwnCredential, { readonly type: 'certificate' }>
}

/**
 * - `starting`: the method's first packet is asked for. `signing`: our signature, to go beside it.
 * - `peer`: an EAP request is out. `method`: the peer's response is with the method.
 * - `proof`: EAP-Success is out; nothing but an AUTH payload by its key can follow.
 * - `over`: proved, failed or no longer wanted.
 */
type State =
  | { readonly type: 'starting' | 'signing' | 'peer' | 'over' }
  | { readonly type: 'method'; readonly identifier: number }
  | { readonly type: 'proof'; readonly msk: Uint8Array | undefined }

/**
 * EAP under IKE_AUTH as its server (RFC 7296 §2.16). The packets are a method's, outside. Its success counts for
 * nothing until the peer's AUTH payload, keyed with the MSK, has verified: who is in the middle of two tunnels has no
 * MSK. Methods without a key are refused unless the terms say otherwise.
 */
export class EapServer {
  readonly #sa: IkeSa
  readonly #initial: InitialMessages
  readonly #parties: EapParties
  readonly #proved: (proof: EapProof, now: Instant) => void
  #state: State = { type: 'starting' }
  #open = false
  #rounds = 0

  /** `proved` is called at most once, with the peer's request unanswered. */
  constructor(
    sa: IkeSa,
    initial: InitialMessages,
    parties: EapParties,
    proved: (proof: EapProof, now: Instant) => void,
  ) {
    this.#sa = sa
    this.#initial = initial
    this.#parties = parties
    this.#proved = proved
  }

  /** To the request without AUTH. */
  start(_now: Instant): Answer {
    const { session, surroundings, path } = this.#sa
    this.#open = true
    const { identification } = this.#parties.request
    surroundings.emit({ type: 'eap-start', session, identification, path })
    return { type: 'later' }
  }

  /** To every later request. */
  answer(payloads: readonly Payload[], now: Instant): Answer {
    const twice = findTwice(payloads)
    if (twice) return this.#refuse(`two ${twice} payloads`, NOTIFY.INVALID_SYNTAX)
    const state = this.#state
    if (state.type === 'peer') return this.#answerResponse(payloads)
    if (state.type === 'proof') return this.#answerProof(state.msk, payloads, now)
    return { type: 'ignore', reason: 'IKE_AUTH out of turn' }
  }

  handle(command: EapCommand, now: Instant): void {
    switch (command.type) {
      case 'eap-packet':
        this.#sendRequest(command.packet, now)
        break
      case 'eap-success':
        this.#sendSuccess(command.packet, usableKey(command.msk), now)
        break
      case 'eap-failure':
        this.#sendFailure(command.packet, command.reason, now)
        break
      default:
        command satisfies never
    }
  }

  close(): void {
    this.#state = { type: 'over' }
    if (!this.#open) return
    this.#open = false
    this.#sa.surroundings.emit({ type: 'eap-close', session: this.#sa.session })
  }

  get #ownIdentification(): Identification {
    return ownIdentification(this.#sa.terms, this.#parties.request)
  }

  #answerResponse(payloads: readonly Payload[]): Answer {
    if (findPayload(payloads, 'AUTH')) return this.#refuse('AUTH before EAP has ended')
    const packet = findPayload(payloads, 'EAP')?.packet
    if (!packet) return this.#refuse('no EAP payload')
    if (eapCode(packet) !== EAP_CODE.RESPONSE)
      return this.#refuse(`EAP code ${eapCode(packet)} from a client`)
    if (++this.#rounds > EAP_ROUNDS) return this.#refuse(`more than ${EAP_ROUNDS} rounds of EAP`)
    this.#state = { type: 'method', identifier: eapIdentifier(packet) }
    this.#sa.surroundings.emit({ type: 'eap-packet', session: this.#sa.session, packet })
    return { type: 'later' }
  }

  #answerProof(msk: Uint8Array | undefined, payloads: readonly Payload[], now: Instant): Answer {
    const auth = findPayload(payloads, 'AUTH')
    if (!auth) return this.#refuse('no AUTH after EAP')
    if (findPayload(payloads, 'EAP')) return this.#refuse('EAP goes on after its success')
    const { keys } = this.#sa
    const { identification } = this.#parties.request
    const peer = { end: 'initiator', identification } as const
    const wrong = checkSecret(this.#sa, this.#initial, peer, msk ?? keys.skPi, auth)
    if (wrong) return this.#refuse(`AUTH after EAP: ${wrong}`)
    const own = { end: 'responder', identification: this.#ownIdentification } as const
    const ownAuth = proveSecret(this.#sa, this.#initial, own, msk ?? keys.skPr)
    this.#state = { type: 'over' }
    this.#proved({ ownAuth }, now)
    return { type: 'later' }
  }

  #sendRequest(packet: Uint8Array, now: Instant): void {
    if (this.#state.type === 'starting') this.#begin(packet, now)
    else if (this.#state.type === 'method') {
      this.#state = { type: 'peer' }
      this.#respond([{ type: 'EAP', packet }], now)
    }
  }

  /** The first response: who we are, proved by certificate, beside the first EAP request. */
  #begin(packet: Uint8Array, now: Instant): void {
    const { own } = this.#parties
    this.#state = { type: 'signing' }
    requestSignature(
      this.#sa,
      this.#initial,
      { own, identification: this.#ownIdentification },
      now,
      (auth, then) => {
        if (typeof auth === 'string') this.#respondRefusal(auth, then)
        else this.#introduce(writeChain(own.chain), auth, packet, then)
      },
    )
  }

  #introduce(
    chain: readonly PayloadOf<'CERT'>[],
    auth: PayloadOf<'AUTH'>,
    packet: Uint8Array,
    now: Instant,
  ): void {
    const idr: Payload = { type: 'IDr', identification: this.#ownIdentification }
    this.#state = { type: 'peer' }
    this.#respond([idr, ...chain, auth, { type: 'EAP', packet }], now)
  }

  #sendSuccess(packet: Uint8Array | undefined, msk: Uint8Array | undefined, now: Instant): void {
    const state = this.#state
    if (state.type === 'starting' || state.type === 'signing')
      this.#respondRefusal('EAP success before its peer has said anything', now)
    else if (state.type !== 'method') return
    else if (!msk && !this.#sa.terms.peer.eapWithoutKey)
      this.#respondRefusal('the EAP method has no key, which would prove nothing', now)
    else {
      this.#state = { type: 'proof', msk }
      const success = packet ?? eapResult(EAP_CODE.SUCCESS, state.identifier)
      this.#respond([{ type: 'EAP', packet: success }], now)
    }
  }

  /** EAP-Failure says it all where there is one: clients show their own text for it. */
  #sendFailure(packet: Uint8Array | undefined, reason: string, now: Instant): void {
    const { type } = this.#state
    if (type === 'over') return
    if (type === 'peer' || type === 'proof') {
      this.close()
      this.#sa.surroundings.end(this.#sa, reason, false, now)
      return
    }
    this.#respondRefusal(reason, now, packet && { type: 'EAP', packet })
  }

  #respond(payloads: readonly Payload[], now: Instant): void {
    this.#sa.exchanges.respond(payloads, now)
  }

  #refuse(reason: string, type: number = NOTIFY.AUTHENTICATION_FAILED): Answer {
    this.close()
    return { type: 'respond-and-end', payloads: [notify(type)], reason, byPeer: false }
  }

  #respondRefusal(reason: string, now: Instant, payload?: Payload): void {
    this.close()
    const payloads = [payload ?? notify(NOTIFY.AUTHENTICATION_FAILED)]
    this.#sa.exchanges.respond(payloads, now, { reason, byPeer: false })
  }
}
