import { asciiBytes, formatHex, utf8Bytes, WireFault } from '@causeway/wire'
import { EapError } from '../eap-error.ts'
import { NAME_BYTES } from '../limits.ts'
import { mschapv2Msk } from '../mschapv2-msk.ts'
import { nameText } from '../printable.ts'
import { EAP_TYPES } from '../wire/eap-type.ts'
import {
  MSCHAPV2_CHALLENGE_BYTES,
  type Mschapv2Packet,
  parseMschapv2Packet,
  writeMschapv2Packet,
} from '../wire/mschapv2-packet.ts'
import type { AuthenticatorHost, AuthenticatorMethod } from './authenticator-method.ts'
import type { EapAuthenticatorReply } from './authenticator-reply.ts'

/** What the next input means. */
type Stage =
  | { readonly type: 'challenged'; readonly identifier: number; readonly challenge: Uint8Array }
  /** The outside checks the response. */
  | { readonly type: 'judging'; readonly identifier: number }
  /** The peer checks our proof of the password. */
  | { readonly type: 'finishing'; readonly msk: Uint8Array }
  | { readonly type: 'failing'; readonly reason: string }

/** RFC 2759 §6: ERROR_AUTHENTICATION_FAILURE. */
const AUTHENTICATION_FAILURE = 691
/** RFC 2759 §5. */
const AUTHENTICATOR_RESPONSE = /^S=[0-9A-Fa-f]{40}$/

/**
 * EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2-02) in the authenticator's role, as a relay: passwords,
 * hashes and keys are the outside's. One attempt; password change is not offered.
 */
export class Mschapv2AuthenticatorMethod implements AuthenticatorMethod {
  readonly eapType: number = EAP_TYPES.MSCHAPV2
  readonly #host: AuthenticatorHost
  readonly #name: string
  #stage: Stage | undefined

  /** @param name of the authenticator, which the peer is shown */
  constructor(host: AuthenticatorHost, name: string) {
    this.#host = host
    this.#name = name
  }

  /** The MS-CHAPv2-ID is the Identifier of the request, as the draft has it. */
  begin(): void {
    const identifier = this.#host.nextIdentifier
    const challenge = this.#host.crypto.random(MSCHAPV2_CHALLENGE_BYTES)
    this.#stage = { type: 'challenged', identifier, challenge }
    this.#send({ type: 'challenge', id: identifier, challenge, name: utf8Bytes(this.#name) })
  }

  handleResponse(data: Uint8Array): void {
    const packet = parseMschapv2Packet(data)
    const stage = this.#stage
    if (packet instanceof WireFault) this.#host.fail(`malformed EAP-MSCHAPv2: ${packet}`)
    // Whatever the peer says to a failure, it is one. Windows says nothing.
    else if (stage?.type === 'failing') this.#host.fail(stage.reason)
    else if (stage?.type === 'challenged' && packet.type === 'response') this.#judge(stage, packet)
    else if (stage?.type === 'finishing' && packet.type === 'success-answer') {
      this.#host.succeed({ msk: stage.msk })
    } else if (stage?.type === 'finishing' && packet.type === 'failure-answer') {
      this.#host.fail('the peer does not accept our proof of the password')
    } else this.#host.fail(`EAP-MSCHAPv2: '${packet.type}' out of turn`)
  }

  handleReply(reply: EapAuthenticatorReply): void {
    const stage = this.#stage
    if (stage?.type !== 'judging') throw new EapError('ERR_EAP_REPLY', 'MSCHAPv2 asked for nothing')
    if (reply.type === 'deny') this.#deny(stage.identifier, reply)
    else if (reply.type === 'allow-mschapv2') this.#allow(stage.identifier, reply)
    else throw new EapError('ERR_EAP_REPLY', `'${reply.type}' does not answer 'mschapv2'`)
  }

  #judge(
    { identifier, challenge }: Stage & { type: 'challenged' },
    response: Mschapv2Packet & { type: 'response' },
  ): void {
    const username = response.name.length <= NAME_BYTES ? nameText(response.name) : undefined
    if (response.id !== identifier) {
      this.#host.fail('EAP-MSCHAPv2: another MS-CHAPv2-ID')
      return
    }
    if (username === undefined) {
      this.#host.fail('EAP-MSCHAPv2: no user name that can be one')
      return
    }
    this.#stage = { type: 'judging', identifier }
    this.#host.ask({
      type: 'mschapv2',
      username,
      identifier,
      authenticatorChallenge: challenge,
      peerChallenge: response.peerChallenge.slice(),
      ntResponse: response.ntResponse.slice(),
      identity: this.#host.identity,
    })
  }

  #allow(
    id: number,
    { authenticatorResponse, keys }: EapAuthenticatorReply & { type: 'allow-mschapv2' },
  ): void {
    if (!AUTHENTICATOR_RESPONSE.test(authenticatorResponse)) {
      throw new EapError('ERR_EAP_REPLY', 'the authenticator response is S= and 40 hexadecimal digits')
    }
    this.#stage = { type: 'finishing', msk: mschapv2Msk(keys) }
    // RFC 2759 §5 wants the digits in upper case, and peers compare the text.
    this.#send({ type: 'success', id, message: asciiBytes(`${authenticatorResponse.toUpperCase()} M=OK`) })
  }

  /** RFC 2759 §6. R=0: no second attempt, so the challenge for it is only there because it must be. */
  #deny(id: number, { reason, mschapv2Error }: EapAuthenticatorReply & { type: 'deny' }): void {
    this.#stage = { type: 'failing', reason }
    this.#host.announceDenial(reason)
    const challenge = formatHex(this.#host.crypto.random(MSCHAPV2_CHALLENGE_BYTES)).toUpperCase()
    const text = `E=${mschapv2Error ?? AUTHENTICATION_FAILURE} R=0 C=${challenge} V=3 M=Authentication failed`
    this.#send({ type: 'failure', id, message: asciiBytes(text) })
  }

  #send(packet: Mschapv2Packet): void {
    this.#host.sendRequest(writeMschapv2Packet(packet))
  }
}
