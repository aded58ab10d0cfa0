import { sameBytes, utf8Bytes } from '@causeway/wire'
import type { PppKeys } from '../authentication.ts'
import type { PppCommand, PppNetwork, PppReply } from '../link-command.ts'
import type { PppEvent, PppOutput, PppRequest } from '../link-output.ts'

/** Keys as the server has them; the client has them the other way round. */
export const SERVER_KEYS: PppKeys = {
  send: Uint8Array.from({ length: 16 }, (_, i) => i),
  receive: Uint8Array.from({ length: 16 }, (_, i) => 100 + i),
}
export const CLIENT_KEYS: PppKeys = { send: SERVER_KEYS.receive, receive: SERVER_KEYS.send }

export const PASSWORD: Uint8Array = utf8Bytes('correct horse')
const NT_RESPONSE = new Uint8Array(24).fill(0x5a)
const PROOF = `S=${'0123456789ABCDEF0123'.repeat(2)}`
/** EAP of one question and one answer (RFC 3748 §4); the method's type is experimental. */
const METHOD = 255
const EAP_ANSWER = 0x42

/** What the outside of one end is like. */
export interface OutsideOptions {
  readonly role: 'server' | 'client'
  readonly network?: PppNetwork
  /** A client that proves nothing, a server whose proof is wrong. */
  readonly isFalse?: boolean
  readonly deniesNetwork?: boolean
  /** A request that is not answered by itself: the test does. */
  readonly answersLate?: PppRequest['type']
  /** Replies of the test's own, by request. */
  readonly replies?: Partial<Readonly<Record<PppRequest['type'], PppReply>>>
}

/** What stands around a link: users and their passwords, an EAP method, addresses. It notes every event. */
export class Outside {
  readonly events: PppEvent[] = []
  readonly drops: string[] = []
  eapsOpen = 0
  #identifier = 0
  readonly #options: OutsideOptions

  constructor(options: OutsideOptions) {
    this.#options = options
  }

  /** The commands that answer an output. */
  answer(output: Exclude<PppOutput, { readonly type: 'send' }>): PppCommand[] {
    switch (output.type) {
      case 'event':
        if (output.event.type === 'dropped') this.drops.push(output.event.reason)
        else this.events.push(output.event)
        return []
      case 'request':
        if (this.#options.answersLate === output.request.type) return []
        return [{ type: 'reply', id: output.id, reply: this.reply(output.request) }]
      case 'eap-start':
        this.eapsOpen++
        return this.#options.role === 'server' ? [{ type: 'eap-packet', packet: this.#eapRequest() }] : []
      case 'eap-close':
        this.eapsOpen--
        return []
      case 'eap-packet':
        return this.#options.role === 'server' ? this.#judge(output.packet) : this.#respond(output.packet)
      default:
        return output satisfies never
    }
  }

  find<Type extends PppEvent['type']>(type: Type): Extract<PppEvent, { readonly type: Type }> | undefined {
    const found = this.events.findLast(event => event.type === type)
    return found as Extract<PppEvent, { readonly type: Type }> | undefined
  }

  reply(request: PppRequest): PppReply {
    const { network, isFalse = false, deniesNetwork = false } = this.#options
    const own = this.#options.replies?.[request.type]
    if (own) return own
    switch (request.type) {
      case 'pap':
        if (!sameBytes(request.password, PASSWORD)) return { type: 'deny', reason: 'wrong password' }
        return { type: 'allow', keys: undefined }
      case 'chap-mschapv2':
        if (!sameBytes(request.ntResponse, NT_RESPONSE)) return { type: 'deny', reason: 'wrong password' }
        return {
          type: 'allow',
          authenticatorResponse: isFalse ? `S=${'F'.repeat(40)}` : PROOF,
          keys: SERVER_KEYS,
        }
      case 'network':
        if (deniesNetwork || !network) return { type: 'deny', reason: 'no address is left' }
        return { type: 'network', network }
      case 'pap-credentials':
        return {
          type: 'pap-credentials',
          username: utf8Bytes('alice'),
          password: isFalse ? utf8Bytes('guess') : PASSWORD,
        }
      case 'mschapv2-response':
        return {
          type: 'mschapv2-response',
          username: utf8Bytes('CORP\\alice'),
          peerChallenge: new Uint8Array(16).fill(7),
          ntResponse: isFalse ? new Uint8Array(24) : NT_RESPONSE,
        }
      case 'mschapv2-success':
        if (request.authenticatorResponse !== PROOF)
          return { type: 'deny', reason: 'the server does not know us' }
        return { type: 'trusted', keys: CLIENT_KEYS }
      default:
        return request satisfies never
    }
  }

  #eapRequest(): Uint8Array {
    this.#identifier = (this.#identifier + 1) & 0xff
    return Uint8Array.of(1, this.#identifier, 0, 5, METHOD)
  }

  #judge(packet: Uint8Array): PppCommand[] {
    if (packet[1] !== this.#identifier) return []
    if (packet[5] === EAP_ANSWER)
      return [{ type: 'eap-success', packet: Uint8Array.of(3, this.#identifier, 0, 4), keys: SERVER_KEYS }]
    return [{ type: 'eap-failure', packet: Uint8Array.of(4, this.#identifier, 0, 4), reason: 'wrong answer' }]
  }

  #respond(packet: Uint8Array): PppCommand[] {
    const [code = 0, identifier = 0] = packet
    const answer = this.#options.isFalse ? 0 : EAP_ANSWER
    if (code === 1)
      return [{ type: 'eap-packet', packet: Uint8Array.of(2, identifier, 0, 6, METHOD, answer) }]
    if (code === 3) return [{ type: 'eap-success', keys: CLIENT_KEYS }]
    return [{ type: 'eap-failure', reason: 'the server has failed us' }]
  }
}
