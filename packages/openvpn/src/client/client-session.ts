import type { Instant } from '@causeway/engine'
import { utf8Bytes } from '@causeway/wire'
import type { OpenVpnReply } from '../command.ts'
import {
  AUTH_PENDING_DEFAULT_SECONDS,
  CONNECT_MS,
  HANDSHAKE_MS,
  PUSH_REQUEST_INTERVAL_MS,
} from '../limits.ts'
import { parseDynamicChallenge } from '../options/challenge.ts'
import type { ControlMessage } from '../options/control-message.ts'
import { parsePendingMessage } from '../options/pending-message.ts'
import { PushReplyReader, parsePushReply } from '../options/push-reply-reader.ts'
import type { SessionId } from '../output.ts'
import type { AuthToken } from '../push-options.ts'
import type { ControlChannel } from '../session/control-channel.ts'
import { type FlowOwner, installKey } from '../session/data-flow.ts'
import { EXIT_NOTICE } from '../session/exit-notice.ts'
import { putEvent, putMessage } from '../session/host.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import { PendingWindow } from '../session/pending-window.ts'
import { openKey, type RenegotiationTimer, RoleSession } from '../session/role-session.ts'
import type { DisconnectCommand } from '../session/session-engine.ts'
import type { SessionParts } from '../session/session-life.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { readEarlyNegotiation } from '../wire/early-negotiation.ts'
import { OPCODES } from '../wire/opcode.ts'
import { formatBase64 } from '../wrap/pem-text.ts'
import type { ClientCredentials } from './client-credentials.ts'
import type { ClientHost } from './client-host.ts'
import type { Connecting, Live } from './client-life.ts'
import { ClientNegotiation } from './client-negotiation.ts'
import { clientOptionsString, clientPeerInfo } from './client-terms.ts'
import type { ClientTimer } from './client-timer.ts'
import { goLive } from './go-live.ts'
import { endReason } from './server-end.ts'

export interface ClientSessionOptions {
  readonly host: ClientHost
  readonly id: SessionId
  readonly channel: ControlChannel
  readonly credentials: ClientCredentials
  readonly now: Instant
}

type AuthFailed = Extract<ControlMessage, { readonly type: 'auth-failed' }>

/** One connection to a server, from its first packet to its end. */
export class ClientSession extends RoleSession<ClientNegotiation, Connecting, Live, ClientTimer> {
  readonly #host: ClientHost
  readonly #owner: FlowOwner & { readonly host: ClientHost }
  readonly #credentials: ClientCredentials

  constructor({ host, id, channel, credentials, now }: ClientSessionOptions) {
    const parts: SessionParts = { host, id, channel, peer: 'server' }
    const key = openKey(parts, 0)
    const version2 = channel.wrap.kind === 'tls-crypt-v2'
    const opcode = version2 ? OPCODES.HARD_RESET_CLIENT_V3 : OPCODES.HARD_RESET_CLIENT_V2
    key.lane.open(opcode, new Uint8Array(), now)
    const negotiation = new ClientNegotiation(host, id, key)
    super({
      ...parts,
      opening: {
        type: 'opening',
        negotiation,
        push: new PushReplyReader(),
        pending: new PendingWindow(),
        challenged: false,
      },
      renegotiationSeconds: host.options.renegotiationSeconds,
      handshakeMs: HANDSHAKE_MS,
    })
    this.#host = host
    this.#credentials = credentials
    this.#owner = { host, session: id, channel, role: 'client' }
    this.life.timers.set('connect', now + (host.options.connectMs ?? CONNECT_MS))
    this.life.flush(now)
  }

  /** What the server gave in place of the password, until it refuses it. */
  get token(): AuthToken | undefined {
    return this.#credentials.token
  }

  /** Takes in a packet that the session's channel has unwrapped. */
  handlePacket(packet: ControlPacket, now: Instant): void {
    if (!this.#meet(packet)) {
      this.#host.drop(this.id, 'control packet: no reset before it', now)
      return
    }
    this.receive(packet, packet.opcode === OPCODES.CONTROL_V1 ? packet.payload : new Uint8Array(), now)
  }

  handleReply(request: number, reply: OpenVpnReply, now: Instant): void {
    const { negotiation, live } = this.life
    // Only a server's decisions can wait.
    if (reply.type === 'pending') return
    if (negotiation?.verifies(request)) {
      if (reply.type === 'trust') this.#trust(negotiation)
      else this.life.fail(reply.type === 'distrust' ? reply.reason : 'the server was not verified')
    } else if (live?.configuring === request) live.configuring = undefined
    this.life.flush(now)
  }

  answerChallenge(text: string, now: Instant): void {
    const { opening } = this.life
    if (!opening?.challenged) return
    opening.challenged = false
    const response = formatBase64(utf8Bytes(text))
    putMessage(this.#host, opening.negotiation.key.lane.tls, { type: 'challenge-response', response })
    this.life.flush(now)
  }

  /** Leaves, and tells the server in the way that it understands. */
  disconnect({ reason }: DisconnectCommand, now: Instant): void {
    const { live, opening } = this.life
    if (opening) this.life.fail(reason)
    if (!live) return
    // OpenVPN hears no control messages while a new key is being negotiated.
    if (live.renegotiation || !live.terms.exitNotify)
      this.#host.outbox.put({ type: 'inband', session: this.id, payload: EXIT_NOTICE })
    if (live.terms.exitNotify) this.life.close(live.slots.newest, { type: 'exit' }, reason, now)
    else this.life.fail(reason)
  }

  protected handleTimer(timer: ClientTimer | RenegotiationTimer, now: Instant): void {
    switch (timer) {
      case 'connect':
        this.life.fail('connecting took too long')
        return
      case 'push-request':
        this.#requestPush(now)
        return
      case 'renegotiate':
        this.renegotiate(now)
        return
      case 'renegotiation-handshake':
        this.renegotiationFailed('the key renegotiation took too long')
        return
      default:
        timer satisfies never
    }
  }

  protected negotiate(key: KeyChannel): ClientNegotiation {
    return new ClientNegotiation(this.#host, this.id, key)
  }

  protected renegotiationFailed(reason: string): void {
    this.life.fail(reason)
  }

  protected release({ configuring }: Live): void {
    if (configuring !== undefined) this.#host.withdraw(configuring)
  }

  /** A client is live only when it has its options. */
  protected settled(): boolean {
    return true
  }

  /** Learns the server's session id from its reset. Whether the server's id is known. */
  #meet({ opcode, sessionId, payload }: ControlPacket): boolean {
    if (this.channel.remoteId) return true
    if (opcode !== OPCODES.HARD_RESET_SERVER_V2) return false
    this.channel.meet(sessionId)
    const early = readEarlyNegotiation(payload)
    if ('resendWrappedKey' in early && early.resendWrappedKey && this.channel.wrap.kind === 'tls-crypt-v2')
      this.life.negotiation?.key.lane.resendWrappedKey()
    return true
  }

  protected handleRecords(key: KeyChannel, records: Uint8Array): void {
    const { negotiation, live } = this.life
    if (negotiation?.key === key) negotiation.begin()
    const heard = negotiation?.key === key || live?.slots.speaks(key)
    if (heard && records.length > 0)
      this.#host.outbox.put({ type: 'tls-input', tls: key.lane.tls, bytes: records })
  }

  #trust(negotiation: ClientNegotiation): void {
    const { options } = this.#host
    negotiation.trust({
      options: options.announcement?.options ?? clientOptionsString(options, this.channel.path),
      ...this.#credentials.present,
      peerInfo: options.announcement?.peerInfo ?? clientPeerInfo(options),
    })
  }

  protected exchange(
    negotiation: ClientNegotiation,
    bytes: Uint8Array,
    now: Instant,
  ): Uint8Array | undefined {
    const progress = negotiation.handlePlaintext(bytes)
    if (progress.type === 'incomplete') return undefined
    if (progress.type === 'fault') {
      this.life.fail(progress.reason)
      return undefined
    }
    if (this.life.live) this.#admitNext(this.life.live, negotiation, now)
    // The server may push by itself; ask only when it does not.
    else this.life.timers.set('push-request', now + PUSH_REQUEST_INTERVAL_MS / 5)
    return progress.rest
  }

  #requestPush(now: Instant): void {
    const { opening } = this.life
    if (!opening?.negotiation.agreement) return
    putMessage(this.#host, opening.negotiation.key.lane.tls, { type: 'push-request' })
    this.life.timers.set('push-request', now + PUSH_REQUEST_INTERVAL_MS)
  }

  protected handleMessage(key: KeyChannel, message: ControlMessage, now: Instant): void {
    const { opening, live } = this.life
    const end = endReason(message)
    if (message.type === 'auth-failed') this.#heed(message)
    if (end !== undefined) this.life.part(key, end, now)
    else if (message.type === 'auth-pending' && opening) this.#wait(opening, message.timeoutSeconds, now)
    else if (message.type === 'info-pre' && opening) this.#show(opening, message.text, now)
    else if (message.type === 'push-reply' && opening) this.#handlePush(opening, message.text, now)
    else if (message.type === 'push-reply' && live) this.#handleLaterPush(message.text, now)
    else this.#host.drop(this.id, `control message: ${message.type}`, now)
  }

  /** A refusal for now leaves the token good; any other may mean it. */
  #heed({ reason, temporary }: AuthFailed): void {
    if (!temporary) this.#credentials.forgetToken()
    const challenge = parseDynamicChallenge(reason)
    if (challenge && !this.life.over) putEvent(this.#host, this.id, { type: 'challenge', challenge })
  }

  #wait({ pending }: Connecting, timeoutSeconds: number | undefined, now: Instant): void {
    const asked = pending.postpone(timeoutSeconds ?? AUTH_PENDING_DEFAULT_SECONDS, now)
    if (asked === undefined) {
      this.#host.drop(this.id, 'control message: auth-pending comes too often', now)
      return
    }
    this.life.timers.set('connect', Math.max(this.life.timers.deadline('connect') ?? 0, asked))
    putEvent(this.#host, this.id, { type: 'pending', timeoutSeconds })
  }

  #show(opening: Connecting, text: string, now: Instant): void {
    const message = parsePendingMessage(text)
    if (!message || !opening.pending.admitMessage()) {
      this.#host.drop(this.id, 'control message: info-pre', now)
      return
    }
    opening.challenged = message.type === 'challenge-text' && message.responseRequired
    putEvent(this.#host, this.id, { type: 'pending-message', message })
  }

  #handlePush({ push, negotiation }: Connecting, text: string, now: Instant): void {
    const reply = push.push(text)
    if (!reply) return
    if ('authToken' in reply && reply.authToken) this.#credentials.renew(reply.authToken)
    const live = 'kind' in reply ? `push: ${reply}` : goLive(this.#owner, negotiation, reply)
    if (typeof live === 'string') {
      this.life.fail(live)
      return
    }
    this.life.begin(live)
    this.life.timers.clear('connect')
    this.life.timers.clear('push-request')
    this.armRenegotiation(now)
  }

  /** Servers replace the token at renegotiations. What else they push then is not acted on. */
  #handleLaterPush(text: string, now: Instant): void {
    const reply = parsePushReply([text])
    if ('kind' in reply || !reply.authToken) this.#host.drop(this.id, 'control message: push-reply', now)
    else this.#credentials.renew(reply.authToken)
  }

  #admitNext(life: Live, { key, agreement }: ClientNegotiation, now: Instant): void {
    if (!agreement) return
    life.renegotiation = undefined
    this.life.timers.clear('renegotiation-handshake')
    installKey(this.#owner, key, life.terms.data, agreement)
    life.slots.admit(key)
    this.armRenegotiation(now)
  }
}
