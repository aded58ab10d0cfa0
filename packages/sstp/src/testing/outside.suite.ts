import type { PppKeys, PppReply, PppRequest } from '@causeway/ppp'
import { ipAddress, sameBytes, utf8Bytes } from '@causeway/wire'
import type { CallId, SstpCommand } from '../sstp-command.ts'
import type { SstpEvent, SstpFlowTerms, SstpOutput } from '../sstp-output.ts'

/** 32 bytes each, as EAP-TLS makes them, and 16, as MS-CHAPv2. From the server's side. */
export const EAP_KEYS: PppKeys = {
  send: new Uint8Array(32).fill(0xa1),
  receive: new Uint8Array(32).fill(0xa2),
}
export const CHAP_KEYS: PppKeys = {
  send: new Uint8Array(16).fill(0xb1),
  receive: new Uint8Array(16).fill(0xb2),
}

const PASSWORD = utf8Bytes('correct horse')
const NT_RESPONSE = new Uint8Array(24).fill(0x5a)
const PROOF = `S=${'0123456789ABCDEF0123'.repeat(2)}`
/** One EAP question and its answer, of an experimental method (RFC 3748 §6.2). */
const EAP_REQUEST = Uint8Array.of(1, 1, 0, 5, 255)
const EAP_RESPONSE = Uint8Array.of(2, 1, 0, 6, 255, 0x42)
const EAP_SUCCESS = Uint8Array.of(3, 1, 0, 4)

/** What an outside does that an honest one does not. */
export interface OutsideOptions {
  /** Has no password. */
  readonly isStranger?: boolean
  readonly deniesNetwork?: boolean
  /** Keys of another conversation: a middleman who has only passed authentication on. */
  readonly otherKeys?: boolean
  /** Never answers. */
  readonly isSilent?: boolean
}

/** What stands around an engine: passwords, an EAP method, addresses; it notes events and flows. */
export class Outside {
  readonly story: string[] = []
  readonly events: { readonly call: CallId; readonly event: SstpEvent }[] = []
  readonly flows = new Map<CallId, SstpFlowTerms>()
  readonly conversations = new Set<CallId>()
  readonly #role: 'server' | 'client'
  readonly #options: OutsideOptions

  constructor(role: 'server' | 'client', options: OutsideOptions = {}) {
    this.#role = role
    this.#options = options
  }

  find<Type extends SstpEvent['type']>(type: Type): Extract<SstpEvent, { readonly type: Type }> | undefined {
    const found = this.events.map(({ event }) => event).findLast(event => event.type === type)
    return found as Extract<SstpEvent, { readonly type: Type }> | undefined
  }

  /** The commands that answer an output. */
  answer(output: Exclude<SstpOutput, { readonly type: 'send' | 'close-connection' }>): SstpCommand[] {
    const { call } = output
    this.story.push(output.type === 'event' ? output.event.type : output.type)
    switch (output.type) {
      case 'event':
        this.events.push({ call, event: structuredClone(output.event) })
        return []
      case 'open-flow':
        this.flows.set(call, output.terms)
        return []
      case 'close-flow':
        this.flows.delete(call)
        return []
      case 'request':
        if (this.#options.isSilent) return []
        return [{ type: 'reply', id: output.id, reply: this.#reply(output.request) }]
      case 'eap-start':
        this.conversations.add(call)
        if (this.#role === 'client' || this.#options.isSilent) return []
        return [{ type: 'eap-packet', call, packet: EAP_REQUEST.slice() }]
      case 'eap-packet':
        return this.#role === 'server'
          ? [this.#judge(call, output.packet)]
          : this.#respond(call, output.packet)
      case 'eap-close':
        this.conversations.delete(call)
        return []
      default:
        return output satisfies never
    }
  }

  #reply(request: PppRequest): PppReply {
    const { isStranger = false, deniesNetwork = false } = this.#options
    switch (request.type) {
      case 'pap':
        if (!sameBytes(request.password, PASSWORD)) return { type: 'deny', reason: 'wrong password' }
        return { type: 'allow', keys: undefined }
      case 'chap-mschapv2':
        if (!sameBytes(request.ntResponse, NT_RESPONSE)) return { type: 'deny', reason: 'wrong password' }
        return { type: 'allow', authenticatorResponse: PROOF, keys: this.#keys(CHAP_KEYS) }
      case 'network':
        return deniesNetwork ? { type: 'deny', reason: 'no address is left' } : NETWORK
      case 'pap-credentials':
        return {
          type: 'pap-credentials',
          username: utf8Bytes('alice'),
          password: isStranger ? utf8Bytes('guess') : PASSWORD.slice(),
        }
      case 'mschapv2-response':
        return {
          type: 'mschapv2-response',
          username: utf8Bytes('CORP\\alice'),
          peerChallenge: new Uint8Array(16).fill(7),
          ntResponse: isStranger ? new Uint8Array(24) : NT_RESPONSE.slice(),
        }
      case 'mschapv2-success':
        return { type: 'trusted', keys: this.#keys(CHAP_KEYS) }
      default:
        return request satisfies never
    }
  }

  #judge(call: CallId, packet: Uint8Array): SstpCommand {
    if (!sameBytes(packet, EAP_RESPONSE)) {
      return { type: 'eap-failure', call, packet: Uint8Array.of(4, 1, 0, 4), reason: 'wrong answer' }
    }
    return { type: 'eap-success', call, packet: EAP_SUCCESS.slice(), keys: this.#keys(EAP_KEYS) }
  }

  #respond(call: CallId, packet: Uint8Array): SstpCommand[] {
    const answer = EAP_RESPONSE.slice()
    if (this.#options.isStranger) answer[5] = 0
    if (packet[0] === 1) return this.#options.isSilent ? [] : [{ type: 'eap-packet', call, packet: answer }]
    if (packet[0] === 3) return [{ type: 'eap-success', call, keys: this.#keys(EAP_KEYS) }]
    return [{ type: 'eap-failure', call, reason: 'not let in' }]
  }

  #keys({ send, receive }: PppKeys): PppKeys {
    if (this.#options.otherKeys)
      return { send: new Uint8Array(32).fill(1), receive: new Uint8Array(32).fill(2) }
    const [ours, theirs] = this.#role === 'server' ? [send, receive] : [receive, send]
    return { send: ours.slice(), receive: theirs.slice() }
  }
}

const NETWORK: PppReply = {
  type: 'network',
  network: {
    ipv4: {
      local: ipAddress(Uint8Array.of(10, 9, 0, 1)),
      peer: ipAddress(Uint8Array.of(10, 9, 0, 77)),
      dnsServers: [ipAddress(Uint8Array.of(10, 9, 0, 53))],
    },
    ipv6: { local: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), peer: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 77) },
  },
}
