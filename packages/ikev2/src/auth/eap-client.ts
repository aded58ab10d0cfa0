import type { Instant } from '@causeway/engine'
import { findError, findPayload } from '../exchange/notify.ts'
import { EAP_ROUNDS } from '../limits.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { notifyName } from '../wire/notify-name.ts'
import type { Payload } from '../wire/payload.ts'
import { findTwice } from './auth-request.ts'
import type { EapCommand } from './authentication.ts'
import { EAP_CODE, eapCode, usableKey } from './eap-packet.ts'
import { checkSecret, proveSecret } from './proof.ts'
import type { Server } from './server-proof.ts'

/** What a response of the server means. */
export type EapReading =
  /** The method has the word. */
  | { readonly type: 'goes-on' }
  /** Its AUTH by the method's key has verified. */
  | { readonly type: 'proved' }
  | { readonly type: 'refused' | 'refused-by-peer'; readonly reason: string }

/**
 * - `method`: the server's packet is with the method. `answered`: its response can go. `server`: it is out.
 * - `succeeded`: the server says success; the method has to agree. `proving`: our AUTH can go. `proof`: it is out.
 */
type State =
  | { readonly type: 'method' | 'server' | 'succeeded' | 'over' }
  | { readonly type: 'answered'; readonly packet: Uint8Array }
  | { readonly type: 'proving' | 'proof'; readonly msk: Uint8Array | undefined }

/** EAP under IKE_AUTH as its peer (RFC 7296 §2.16). The server has proved itself by certificate before. */
export class EapClient {
  readonly #sa: IkeSa
  readonly #initial: InitialMessages
  readonly #server: Server
  readonly #refuse: (reason: string, now: Instant) => void
  #state: State = { type: 'method' }
  #rounds = 0
  #open = true

  /** `refuse` is called at most once: we do not want to go on, and the server is to be told. */
  constructor(
    sa: IkeSa,
    initial: InitialMessages,
    server: Server,
    refuse: (reason: string, now: Instant) => void,
  ) {
    this.#sa = sa
    this.#initial = initial
    this.#server = server
    this.#refuse = refuse
  }

  /** The first packet, which came with the server's AUTH. */
  start(packet: Uint8Array): void {
    this.#state = { type: 'method' }
    this.#sa.surroundings.emit({ type: 'eap-packet', session: this.#sa.session, packet })
  }

  /** The next request; `undefined`: the method has not answered yet. */
  request(): readonly Payload[] | undefined {
    const state = this.#state
    if (state.type === 'answered') {
      this.#state = { type: 'server' }
      return [{ type: 'EAP', packet: state.packet }]
    }
    if (state.type !== 'proving') return undefined
    this.#state = { type: 'proof', msk: state.msk }
    const { terms, keys } = this.#sa
    const prover = { end: 'initiator', identification: terms.identification } as const
    return [proveSecret(this.#sa, this.#initial, prover, state.msk ?? keys.skPi)]
  }

  read(payloads: readonly Payload[]): EapReading {
    const twice = findTwice(payloads)
    if (twice) return refused(`two ${twice} payloads`)
    const state = this.#state
    if (state.type === 'server') return this.#readPacket(payloads)
    if (state.type === 'proof') return this.#readProof(state.msk, payloads)
    return refused('a response out of turn')
  }

  handle(command: EapCommand, now: Instant): void {
    switch (command.type) {
      case 'eap-packet':
        if (this.#state.type === 'method') this.#answer(command.packet, now)
        break
      case 'eap-success':
        if (this.#state.type === 'succeeded') this.#succeed(usableKey(command.msk), now)
        break
      case 'eap-failure':
        if (this.#state.type !== 'over') this.#refuse(command.reason, now)
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

  #readPacket(payloads: readonly Payload[]): EapReading {
    if (findPayload(payloads, 'AUTH')) return refused('AUTH of the server before EAP has ended')
    const packet = findPayload(payloads, 'EAP')?.packet
    if (!packet) return refusedByPeer(payloads)
    const code = eapCode(packet)
    if (code === EAP_CODE.FAILURE) return { type: 'refused-by-peer', reason: 'the server says EAP-Failure' }
    if (code !== EAP_CODE.REQUEST && code !== EAP_CODE.SUCCESS) return refused(`EAP code ${code} of a server`)
    if (++this.#rounds > EAP_ROUNDS) return refused(`more than ${EAP_ROUNDS} rounds of EAP`)
    this.#state = { type: code === EAP_CODE.SUCCESS ? 'succeeded' : 'method' }
    this.#sa.surroundings.emit({ type: 'eap-packet', session: this.#sa.session, packet })
    return { type: 'goes-on' }
  }

  #answer(packet: Uint8Array, now: Instant): void {
    this.#state = { type: 'answered', packet }
    this.#sa.exchanges.proceed(now)
  }

  /** Both must say so: the server, and the method that knows whether it has come to its end. */
  #succeed(msk: Uint8Array | undefined, now: Instant): void {
    if (!msk && !this.#sa.terms.peer.eapWithoutKey) {
      this.#refuse('the EAP method has no key, which would prove nothing', now)
      return
    }
    this.#state = { type: 'proving', msk }
    this.#sa.exchanges.proceed(now)
  }

  #readProof(msk: Uint8Array | undefined, payloads: readonly Payload[]): EapReading {
    const auth = findPayload(payloads, 'AUTH')
    if (!auth) return refusedByPeer(payloads)
    const { identification } = this.#server
    const prover = { end: 'responder', identification } as const
    const wrong = checkSecret(this.#sa, this.#initial, prover, msk ?? this.#sa.keys.skPr, auth)
    return wrong ? refused(`AUTH of the server after EAP: ${wrong}`) : { type: 'proved' }
  }
}

function refused(reason: string): EapReading {
  return { type: 'refused', reason }
}

function refusedByPeer(payloads: readonly Payload[]): EapReading {
  const error = findError(payloads)
  if (!error) return refused('neither EAP nor AUTH in a response')
  return { type: 'refused-by-peer', reason: `the server says ${notifyName(error.notify)}` }
}
