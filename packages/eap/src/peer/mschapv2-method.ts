import { utf8Bytes, WireFault } from '@causeway/wire'
import { EapError } from '../eap-error.ts'
import { NAME_BYTES, SHOWN_BYTES } from '../limits.ts'
import { mschapv2Msk } from '../mschapv2-msk.ts'
import { printableText } from '../printable.ts'
import { EAP_TYPES } from '../wire/eap-type.ts'
import { type Mschapv2Packet, parseMschapv2Packet, writeMschapv2Packet } from '../wire/mschapv2-packet.ts'
import type { PeerHost, PeerMethod, PeerVerdict } from './peer-method.ts'
import type { EapPeerReply } from './peer-output.ts'

/** What the next input means. */
type Stage =
  | { readonly type: 'waiting' }
  /** The outside makes the response. */
  | { readonly type: 'asking'; readonly id: number }
  /** The server checks it. */
  | { readonly type: 'responded'; readonly proof: Uint8Array; readonly msk: Uint8Array }
  | { readonly type: 'done' }

/** `S=` and 40 hexadecimal digits (RFC 2759 §5). */
const PROOF_BYTES = 42

/**
 * EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2-02) in the peer's role. What needs the password comes from
 * outside. One attempt; the password is never changed.
 */
export class Mschapv2PeerMethod implements PeerMethod {
  readonly eapType: number = EAP_TYPES.MSCHAPV2
  readonly #host: PeerHost
  #stage: Stage = { type: 'waiting' }
  #verdict: PeerVerdict = { type: 'open' }

  constructor(host: PeerHost) {
    this.#host = host
  }

  get verdict(): PeerVerdict {
    return this.#verdict
  }

  handleRequest(data: Uint8Array): void {
    const packet = parseMschapv2Packet(data)
    const stage = this.#stage
    if (packet instanceof WireFault) this.#host.fail(`malformed EAP-MSCHAPv2: ${packet}`)
    else if (stage.type === 'waiting' && packet.type === 'challenge') this.#ask(packet)
    else if (stage.type === 'responded' && packet.type === 'success') this.#check(stage, packet.message)
    else if (stage.type === 'responded' && packet.type === 'failure') this.#giveUp(packet.message)
    else this.#host.fail(`EAP-MSCHAPv2: '${packet.type}' out of turn`)
  }

  handleReply(reply: EapPeerReply): void {
    const stage = this.#stage
    if (stage.type !== 'asking') throw new EapError('ERR_EAP_REPLY', 'MSCHAPv2 asked for nothing')
    if (reply.type === 'distrust') this.#host.fail(reply.reason)
    else if (reply.type === 'mschapv2-response') this.#respond(stage.id, reply)
    else throw new EapError('ERR_EAP_REPLY', `'${reply.type}' does not answer 'mschapv2-response'`)
  }

  #ask({ id, name, challenge }: Mschapv2Packet & { type: 'challenge' }): void {
    this.#stage = { type: 'asking', id }
    const serverName = printableText(name.subarray(0, NAME_BYTES))
    this.#host.ask({ type: 'mschapv2-response', serverName, authenticatorChallenge: challenge.slice() })
  }

  #respond(id: number, reply: EapPeerReply & { type: 'mschapv2-response' }): void {
    const { peerChallenge, ntResponse, username, authenticatorResponse, keys } = reply
    this.#stage = { type: 'responded', proof: proofBytes(authenticatorResponse), msk: mschapv2Msk(keys) }
    this.#send({ type: 'response', id, peerChallenge, ntResponse, name: utf8Bytes(username) })
  }

  /** Digits of either case prove the same. */
  #check({ proof, msk }: Stage & { type: 'responded' }, message: Uint8Array): void {
    const said = proofBytes(printableText(message.subarray(0, PROOF_BYTES)))
    if (!this.#host.crypto.equal(said, proof)) {
      this.#host.fail('the server does not know the password')
      return
    }
    this.#stage = { type: 'done' }
    this.#verdict = { type: 'good', isProtected: false, success: { msk } }
    this.#send({ type: 'success-answer' })
  }

  #giveUp(message: Uint8Array): void {
    this.#stage = { type: 'done' }
    const text = printableText(message.subarray(0, SHOWN_BYTES))
    this.#verdict = { type: 'bad', reason: `the server refuses the password: ${text}` }
    this.#send({ type: 'failure-answer' })
  }

  #send(packet: Mschapv2Packet): void {
    this.#host.sendResponse(writeMschapv2Packet(packet))
  }
}

function proofBytes(text: string): Uint8Array {
  return utf8Bytes(text.toUpperCase())
}
