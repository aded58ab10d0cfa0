import type { Instant } from '@causeway/engine'
import type { OpenVpnReply, PendingReply } from '../command.ts'
import type { KeyId } from '../data-channel.ts'
import { AUTHENTICATION_MS, KEY_EXPIRY_MS, PUSH_REQUEST_MS, RENEGOTIATION_RETRY_MS } from '../limits.ts'
import { isDynamicChallenge } from '../options/challenge.ts'
import type { ControlMessage } from '../options/control-message.ts'
import { formatAuthTokenPush } from '../options/push-reply.ts'
import type { SessionId } from '../output.ts'
import type { ControlChannel } from '../session/control-channel.ts'
import { type FlowOwner, installKey } from '../session/data-flow.ts'
import { putText } from '../session/host.ts'
import type { KeyAgreement } from '../session/key-agreement.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import { openKey, type RenegotiationTimer, RoleSession } from '../session/role-session.ts'
import type { DisconnectCommand } from '../session/session-engine.ts'
import type { SessionParts } from '../session/session-life.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { authenticateRequest } from './authenticate-request.ts'
import { capabilitiesOf, establish } from './establish.ts'
import { farewell } from './farewell.ts'
import { postpone, readChallengeResponse, tellPending } from './pending-decision.ts'
import type { ServerHost } from './server-host.ts'
import { type HalfOpen, type Live, speakingChannel } from './server-life.ts'
import { ServerNegotiation } from './server-negotiation.ts'
import type { ServerTimer } from './server-timer.ts'

type Allow = Extract<OpenVpnReply, { readonly type: 'allow' }>

export interface ServerSessionOptions {
  readonly host: ServerHost
  readonly id: SessionId
  readonly channel: ControlChannel
  /** Metadata of the client's tls-crypt-v2 key. */
  readonly wrapMetadata: Uint8Array | undefined
  /** The reset exchange was stateless and is over. */
  readonly resetsDone: boolean
  readonly now: Instant
}

/** One client, from its first verified packet to its end. */
export class ServerSession extends RoleSession<ServerNegotiation, HalfOpen, Live, ServerTimer> {
  readonly #host: ServerHost
  readonly #wrapMetadata: Uint8Array | undefined
  readonly #owner: FlowOwner & { readonly host: ServerHost }
  /** The client has repeated our session id, so it hears us; or the stream says as much. */
  #heardUs: boolean

  constructor({ host, id, channel, wrapMetadata, resetsDone, now }: ServerSessionOptions) {
    const parts: SessionParts = { host, id, channel, peer: 'client' }
    const key = openKey(parts, 0, resetsDone ? 1 : 0)
    if (resetsDone) key.lane.acknowledgeLater(0, now)
    else key.lane.open(OPCODES.HARD_RESET_SERVER_V2, new Uint8Array(), now)
    super({
      ...parts,
      opening: { type: 'opening', negotiation: new ServerNegotiation(host, id, key), pushWanted: false },
      renegotiationSeconds: host.options.renegotiationSeconds,
      handshakeMs: host.handshakeMs,
    })
    this.#host = host
    this.#wrapMetadata = wrapMetadata
    this.#owner = { host, session: id, channel, role: 'server' }
    this.#heardUs = resetsDone || channel.path.type === 'stream'
    this.life.timers.set('handshake', now + host.handshakeMs)
  }

  /** Takes in a packet that the session's channel has unwrapped. */
  handlePacket(packet: ControlPacket, now: Instant): void {
    const { opcode } = packet
    const carriesTls = opcode === OPCODES.CONTROL_V1 || opcode === OPCODES.CONTROL_WKC_V1
    this.#heardUs ||= packet.remoteSessionId !== undefined
    // Our answer to TLS is many times as long, and would go to whoever's address this is.
    if (carriesTls && !this.#heardUs) {
      this.#host.drop(this.id, 'control packet: address not verified', now)
      return
    }
    this.receive(packet, carriesTls ? packet.payload : new Uint8Array(), now)
  }

  /** Whether it may give way to another: it is unknown who is there. */
  get stranger(): boolean {
    return this.life.opening?.negotiation.exchanged === false
  }

  /** Whether it waits for what a user does outside, who may never do it. */
  get waitsForUser(): boolean {
    return this.life.opening?.negotiation.pending.open === true
  }

  handleReply(request: number, reply: OpenVpnReply, now: Instant): void {
    const negotiation = this.life.negotiation
    if (reply.type === 'pending') {
      if (negotiation?.request === request) this.#postpone(negotiation, reply, now)
      return
    }
    const agreement = negotiation?.decided(request)
    if (!negotiation || !agreement) return
    if (reply.type === 'allow') this.#admit(negotiation, agreement, reply, now)
    else if (reply.type === 'deny') this.#deny(reply.reason, reply.temporary, now)
    this.life.flush(now)
  }

  /** Only servers ask. */
  answerChallenge(): void {}

  disconnect(command: DisconnectCommand, now: Instant): void {
    this.#close(farewell(command), command.reason, now)
  }

  protected handleTimer(timer: ServerTimer | RenegotiationTimer, now: Instant): void {
    switch (timer) {
      case 'handshake':
        this.life.fail('the handshake took too long')
        return
      case 'authentication':
        this.#denyLate(now)
        return
      case 'push-request':
        this.life.fail('the client never asked for its options')
        return
      case 'renegotiate':
        this.renegotiate(now)
        return
      case 'renegotiation-handshake':
        this.renegotiationFailed('it took too long', now)
        return
      case 'key-expiry':
        this.#expire(now)
        return
      default:
        timer satisfies never
    }
  }

  protected negotiate(key: KeyChannel): ServerNegotiation {
    return new ServerNegotiation(this.#host, this.id, key)
  }

  protected release({ peerId }: Live): void {
    if (peerId !== undefined) this.#host.giveBackPeerId(peerId)
  }

  protected settled({ unsent }: Live): boolean {
    return unsent === undefined
  }

  protected override beginRenegotiation(live: Live, keyId: KeyId, now: Instant): KeyChannel {
    const key = super.beginRenegotiation(live, keyId, now)
    if (this.life.timers.deadline('key-expiry') === undefined)
      this.life.timers.set('key-expiry', now + KEY_EXPIRY_MS)
    return key
  }

  /** A renegotiation came to nothing: the present key goes on until one succeeds, but not for ever. */
  protected renegotiationFailed(_reason: string, now: Instant): void {
    const { live } = this.life
    if (!live?.renegotiation) return
    live.renegotiation.withdraw()
    this.#host.releaseTls(live.renegotiation.key.lane.tls)
    live.renegotiation = undefined
    this.life.timers.clear('renegotiation-handshake')
    this.life.timers.clear('authentication')
    this.life.timers.set('renegotiate', now + RENEGOTIATION_RETRY_MS)
  }

  /** A client must not keep its first key, and so its first authentication, by never finishing another. */
  #expire(now: Instant): void {
    const reason = 'the client let no key negotiation succeed'
    this.#close({ type: 'restart', nextServer: false, reason }, reason, now)
  }

  protected handleRecords(key: KeyChannel, records: Uint8Array): void {
    const { negotiation, live } = this.life
    if (records.length === 0) return
    if (negotiation?.key === key) negotiation.handleRecords(records)
    else if (live?.slots.speaks(key))
      this.#host.outbox.put({ type: 'tls-input', tls: key.lane.tls, bytes: records })
  }

  protected exchange(
    negotiation: ServerNegotiation,
    bytes: Uint8Array,
    now: Instant,
  ): Uint8Array | undefined {
    const progress = negotiation.handlePlaintext(bytes)
    if (progress.type === 'incomplete') return undefined
    if (progress.type === 'fault') {
      this.life.fail(progress.reason)
      return undefined
    }
    const { agreement, message, rest } = progress
    const renegotiation = this.life.live !== undefined
    const { path } = this.channel
    const input = { path, renegotiation, agreement, message, wrapMetadata: this.#wrapMetadata }
    const request = this.#host.ask(this.id, authenticateRequest(input))
    negotiation.decide(agreement, request)
    this.life.timers.clear('handshake')
    this.life.timers.clear('renegotiation-handshake')
    this.life.timers.set('authentication', now + AUTHENTICATION_MS)
    return rest
  }

  #postpone(negotiation: ServerNegotiation, reply: PendingReply, now: Instant): void {
    const { opening } = this.life
    const deadline = postpone(negotiation, reply, !opening, now)
    this.life.timers.set('authentication', deadline)
    // A client that renegotiates goes on with its present key, and needs no patience.
    if (opening) tellPending(this.#host, negotiation, reply, deadline - now)
    this.life.flush(now)
  }

  #admit(negotiation: ServerNegotiation, agreement: KeyAgreement, allow: Allow, now: Instant): void {
    const { opening, live } = this.life
    if (opening) this.#admitFirst(opening, agreement, allow, now)
    else if (live) this.#admitNext(live, negotiation.key, agreement, allow, now)
  }

  #admitFirst(life: HalfOpen, agreement: KeyAgreement, { options, authToken }: Allow, now: Instant): void {
    const { negotiation, pushWanted } = life
    const { key } = negotiation
    const replace = () => this.#host.established(this, now)
    const live = establish({ owner: this.#owner, key, agreement, options, authToken, replace })
    if (live.type === 'refusal') {
      this.#deny(live.reason, live.temporary, now)
      return
    }
    this.life.begin(live)
    this.life.timers.clear('authentication')
    this.armRenegotiation(now)
    if (pushWanted || live.pushUnasked) this.#sendOptions(live)
    else this.life.timers.set('push-request', now + PUSH_REQUEST_MS)
  }

  #admitNext(life: Live, key: KeyChannel, agreement: KeyAgreement, { authToken }: Allow, now: Instant): void {
    life.renegotiation = undefined
    this.life.timers.clear('key-expiry')
    this.life.timers.clear('authentication')
    installKey(this.#owner, key, life.terms, agreement)
    life.slots.admit(key)
    if (authToken) putText(this.#host, key.lane.tls, formatAuthTokenPush(authToken))
    this.armRenegotiation(now)
  }

  #sendOptions(live: Live): void {
    const { tls } = (speakingChannel(live) ?? live.slots.newest).lane
    for (const text of live.unsent ?? []) putText(this.#host, tls, text)
    live.unsent = undefined
    this.life.timers.clear('push-request')
  }

  protected handleMessage(key: KeyChannel, message: ControlMessage, now: Instant): void {
    const { opening, live } = this.life
    if (message.type === 'push-request' && opening) opening.pushWanted = true
    else if (message.type === 'push-request' && live) this.#sendOptions(live)
    else if (message.type === 'exit' && live) this.life.part(key, 'the client left', now)
    else if (message.type === 'challenge-response' && opening?.negotiation.challenged)
      this.#handleAnswer(opening.negotiation, message.response, now)
    else this.#host.drop(this.id, `control message: ${message.type}`, now)
  }

  /** One answer to each question: what else comes is dropped. */
  #handleAnswer(negotiation: ServerNegotiation, base64: string, now: Instant): void {
    const { request } = negotiation
    const response = readChallengeResponse(base64)
    if (typeof response === 'string') this.#host.drop(this.id, `control message: ${response}`, now)
    else if (request !== undefined) {
      negotiation.challenged = false
      const { text } = response
      this.#host.outbox.put({ type: 'challenge-response', id: request, session: this.id, text })
    }
  }

  /** Nobody decided in time. A client whose user did not act must not come again by itself and ask anew. */
  #denyLate(now: Instant): void {
    if (this.waitsForUser) this.#deny('Signing in took too long', false, now)
    else this.#deny('Authentication took too long', true, now)
  }

  /** AUTH_FAILED, for the first key or a later one. */
  #deny(reason: string, temporary: boolean, now: Instant): void {
    const challenge = isDynamicChallenge(reason)
    const { authFailTemporary } = capabilitiesOf(this.life.negotiation?.agreement)
    const mark = temporary && authFailTemporary && !challenge ? { temporary: {} } : {}
    const logged = challenge ? 'The user was asked for a further answer' : reason
    this.#close({ type: 'auth-failed', reason, ...mark }, logged, now)
  }

  /** Ends the session; the message still goes out when the peer can hear it. */
  #close(message: ControlMessage, reason: string, now: Instant): void {
    const life = this.life.live ?? this.life.opening
    const key = life && speakingChannel(life)
    if (key) this.life.close(key, message, reason, now)
    else if (life) this.life.fail(reason)
  }
}
