import { type Instant, TimerTable } from '@causeway/engine'
import type { OpenVpnCommand, OpenVpnReply, TlsEstablished } from '../command.ts'
import type { KeyId } from '../data-channel.ts'
import { AUTHENTICATION_MS, LINGER_MS, LINGER_QUIET_MS, PUSH_REQUEST_MS } from '../limits.ts'
import { type ControlMessage, parseControlMessage } from '../options/control-message.ts'
import type { SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { PushOptions } from '../push-options.ts'
import type { ControlChannel } from '../session/control-channel.ts'
import { type FlowOwner, installKey } from '../session/data-flow.ts'
import { putEvent, putMessage, putText } from '../session/host.ts'
import type { KeyAgreement } from '../session/key-agreement.ts'
import { type KeyChannel, nextKeyId, openKeyChannel } from '../session/key-channel.ts'
import { earlier } from '../session/key-lane.ts'
import { RenegotiationPace } from '../session/renegotiation-pace.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { authenticateRequest } from './authenticate-request.ts'
import { capabilitiesOf, establish } from './establish.ts'
import { farewell } from './farewell.ts'
import type { ServerHost } from './server-host.ts'
import {
  channelsOf,
  type HalfOpen,
  type Live,
  negotiationOf,
  type ServerLife,
  speakingChannel,
} from './server-life.ts'
import { ServerNegotiation } from './server-negotiation.ts'
import type { ServerTimer } from './server-timer.ts'

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
export class ServerSession {
  readonly id: SessionId
  readonly #host: ServerHost
  readonly #channel: ControlChannel
  readonly #wrapMetadata: Uint8Array | undefined
  readonly #timers = new TimerTable<ServerTimer>()
  readonly #owner: FlowOwner & { readonly host: ServerHost }
  readonly #pace: RenegotiationPace
  #life: ServerLife

  constructor({ host, id, channel, wrapMetadata, resetsDone, now }: ServerSessionOptions) {
    this.id = id
    this.#host = host
    this.#channel = channel
    this.#wrapMetadata = wrapMetadata
    this.#owner = { host, session: id, channel, role: 'server' }
    this.#pace = new RenegotiationPace(host.crypto, host.options.renegotiationSeconds)
    const key = this.#openKey(0, resetsDone ? 1 : 0)
    if (resetsDone) key.lane.acknowledgeLater(0, now)
    else key.lane.open(OPCODES.HARD_RESET_SERVER_V2, new Uint8Array(), now)
    const negotiation = new ServerNegotiation(host, id, key)
    this.#life = { type: 'half-open', negotiation, pushWanted: false }
    this.#timers.set('handshake', now + host.handshakeMs)
  }

  get path(): Path {
    return this.#channel.path
  }

  get channel(): ControlChannel {
    return this.#channel
  }

  get halfOpen(): boolean {
    return this.#life.type === 'half-open'
  }

  /** Takes in a packet that the session's channel has unwrapped. */
  handlePacket(packet: ControlPacket, now: Instant): void {
    const key = this.#channelFor(packet, now)
    if (!key) {
      this.#host.drop(this.id, 'control packet: key id not in use', now)
      return
    }
    const { opcode, acks, packetId: messageId } = packet
    const carriesTls = opcode === OPCODES.CONTROL_V1 || opcode === OPCODES.CONTROL_WKC_V1
    const payload = carriesTls ? packet.payload : new Uint8Array()
    const verdict = key.lane.receive({ acks, messageId, payload }, now)
    if (verdict === 'beyond-window') this.#host.drop(this.id, 'control packet: beyond the window', now)
    for (let records = key.lane.takeReceived(); records; records = key.lane.takeReceived())
      if (records.length > 0) this.#handleRecords(key, records)
    this.#work(now)
  }

  handleTlsOutput(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    const key = this.#keyOf(tls)
    if (!key) return
    if (!key.lane.enqueue(bytes)) {
      this.#fail('the client acknowledges too little')
      return
    }
    if (this.#life.type === 'closing') this.#life.spoke = true
    this.#work(now)
  }

  handleTlsEstablished(tls: TlsId, established: TlsEstablished): void {
    const negotiation = negotiationOf(this.#life)
    if (negotiation?.key.lane.tls === tls) negotiation.handleEstablished(established)
  }

  handlePlaintext(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    const key = this.#keyOf(tls)
    if (!key || this.#life.type === 'closing') return
    const negotiation = negotiationOf(this.#life)
    const rest =
      negotiation?.key === key && !negotiation.exchanged ? this.#exchange(negotiation, bytes, now) : bytes
    if (rest && rest.length > 0) this.#handleText(key, rest, now)
    this.#work(now)
  }

  handleTlsFailed(tls: TlsId, reason: string, now: Instant): void {
    const key = this.#keyOf(tls)
    if (!key) return
    if (this.#life.type === 'closing') this.#end()
    else if (this.#life.type === 'live' && this.#life.renegotiation?.key === key)
      this.#abandonRenegotiation(now)
    else this.#fail(`TLS: ${reason}`)
  }

  handleReply(request: number, reply: OpenVpnReply, now: Instant): void {
    const negotiation = negotiationOf(this.#life)
    const agreement = negotiation?.decided(request)
    if (!negotiation || !agreement) return
    if (reply.type === 'allow') this.#admit(negotiation, agreement, reply.options, now)
    else if (reply.type === 'deny') this.#deny(reply.reason, reply.temporary, now)
    this.#work(now)
  }

  disconnect(command: Extract<OpenVpnCommand, { type: 'disconnect' }>, now: Instant): void {
    this.#close(farewell(command), command.reason, now)
  }

  /** Negotiates a new key as soon as it may. */
  renegotiate(now: Instant): void {
    const life = this.#life
    if (life.type !== 'live' || life.renegotiation || life.unsent) return
    const earliest = this.#pace.earliest()
    if (now < earliest) {
      this.#timers.set('renegotiate', earliest)
      return
    }
    life.slots.promote(now)
    const key = this.#openKey(nextKeyId(life.slots.current.lane.keyId), 0)
    key.lane.open(OPCODES.SOFT_RESET_V1, new Uint8Array(), now)
    this.#beginRenegotiation(life, key, now)
    this.#work(now)
  }

  handleSoftLimit(keyId: KeyId, now: Instant): void {
    if (this.#life.type === 'live' && this.#life.slots.current.lane.keyId === keyId) this.renegotiate(now)
  }

  handleIdle(): void {
    if (this.#life.type === 'live') this.#fail('nothing was heard for too long')
  }

  handleMoved(path: Path): void {
    const from = this.#channel.path
    this.#channel.path = path
    this.#host.moved(this, from)
    putEvent(this.#host, this.id, { type: 'moved' })
  }

  /** The client says inside the data channel that it leaves. */
  handleExit(): void {
    if (this.#life.type === 'live') this.#fail('the client left', true)
  }

  /** Ends at once and says nothing to the peer: its stream is gone, or a new session replaces it. */
  abort(reason: string, byPeer: boolean): void {
    this.#fail(reason, byPeer)
  }

  nextTimeout(): Instant | undefined {
    const keys = this.#life.type === 'live' ? this.#life.slots.nextTimeout() : undefined
    return earlier(this.#timers.next(), keys)
  }

  handleTimeout(now: Instant): void {
    if (this.#life.type === 'live') this.#life.slots.handleTimeout(now)
    for (const timer of this.#timers.takeDue(now)) {
      if (this.#life.type === 'closed') return
      this.#handleTimer(timer, now)
    }
    this.#work(now)
  }

  #handleTimer(timer: ServerTimer, now: Instant): void {
    switch (timer) {
      case 'reliability':
        if (channelsOf(this.#life).some(({ lane }) => lane.exhausted(now)))
          this.#fail('the client stopped answering')
        return
      case 'handshake':
        this.#fail('the handshake took too long')
        return
      case 'authentication':
        this.#deny('Authentication took too long', true, now)
        return
      case 'push-request':
        this.#fail('the client never asked for its options')
        return
      case 'renegotiate':
        this.renegotiate(now)
        return
      case 'renegotiation-handshake':
        this.#abandonRenegotiation(now)
        return
      case 'linger':
        this.#end()
        return
      default:
        timer satisfies never
    }
  }

  #openKey(keyId: KeyId, first: 0 | 1): KeyChannel {
    const reliablePath = this.#channel.path.type === 'stream'
    return openKeyChannel(this.#host, this.id, { keyId, reliablePath, firstSend: first, firstReceive: first })
  }

  #keyOf(tls: TlsId): KeyChannel | undefined {
    return channelsOf(this.#life).find(({ lane }) => lane.tls === tls)
  }

  /** The channel of the packet's key id; a soft reset of the client's opens one. */
  #channelFor({ opcode, keyId }: ControlPacket, now: Instant): KeyChannel | undefined {
    const known = channelsOf(this.#life).find(({ lane }) => lane.keyId === keyId)
    if (known || opcode !== OPCODES.SOFT_RESET_V1 || keyId === 0) return known
    const life = this.#life
    if (life.type !== 'live' || life.renegotiation || life.unsent || !this.#pace.admitPeer(now))
      return undefined
    life.slots.promote(now)
    const key = this.#openKey(keyId, 0)
    key.lane.open(OPCODES.SOFT_RESET_V1, new Uint8Array(), now)
    this.#beginRenegotiation(life, key, now)
    return key
  }

  #beginRenegotiation(life: Live, key: KeyChannel, now: Instant): void {
    life.renegotiation = new ServerNegotiation(this.#host, this.id, key)
    this.#pace.began(now)
    this.#timers.clear('renegotiate')
    this.#timers.set('renegotiation-handshake', now + this.#host.handshakeMs)
  }

  /** A renegotiation came to nothing: the present key goes on, and a client that wants more resets. */
  #abandonRenegotiation(now: Instant): void {
    if (this.#life.type !== 'live' || !this.#life.renegotiation) return
    this.#life.renegotiation.withdraw()
    this.#host.releaseTls(this.#life.renegotiation.key.lane.tls)
    this.#life.renegotiation = undefined
    this.#timers.clear('renegotiation-handshake')
    this.#armRenegotiation(now)
  }

  #handleRecords(key: KeyChannel, records: Uint8Array): void {
    const life = this.#life
    const negotiation = negotiationOf(life)
    if (negotiation?.key === key) negotiation.handleRecords(records)
    else if (life.type === 'live' && life.slots.speaks(key))
      this.#host.outbox.put({ type: 'tls-input', tls: key.lane.tls, bytes: records })
  }

  /** Feeds the client's key-method message; gives what follows it. */
  #exchange(negotiation: ServerNegotiation, bytes: Uint8Array, now: Instant): Uint8Array | undefined {
    const progress = negotiation.handlePlaintext(bytes)
    if (progress.type === 'incomplete') return undefined
    if (progress.type === 'fault') {
      this.#fail(progress.reason)
      return undefined
    }
    const { agreement, message, rest } = progress
    const renegotiation = this.#life.type === 'live'
    const { path } = this.#channel
    const input = { path, renegotiation, agreement, message, wrapMetadata: this.#wrapMetadata }
    const request = this.#host.ask(this.id, authenticateRequest(input))
    negotiation.decide(agreement, request)
    this.#timers.clear('handshake')
    this.#timers.clear('renegotiation-handshake')
    this.#timers.set('authentication', now + AUTHENTICATION_MS)
    return rest
  }

  #admit(negotiation: ServerNegotiation, agreement: KeyAgreement, options: PushOptions, now: Instant): void {
    if (this.#life.type === 'half-open') this.#admitFirst(this.#life, agreement, options, now)
    else if (this.#life.type === 'live') this.#admitNext(this.#life, negotiation.key, agreement, now)
  }

  #admitFirst(life: HalfOpen, agreement: KeyAgreement, options: PushOptions, now: Instant): void {
    const { negotiation, pushWanted } = life
    const replace = () => this.#host.established(this, now)
    const live = establish({ owner: this.#owner, key: negotiation.key, agreement, options, replace })
    if (live.type === 'refusal') {
      this.#deny(live.reason, live.temporary, now)
      return
    }
    this.#life = live
    this.#timers.clear('authentication')
    this.#armRenegotiation(now)
    if (pushWanted || live.pushUnasked) this.#sendOptions(live)
    else this.#timers.set('push-request', now + PUSH_REQUEST_MS)
  }

  #admitNext(life: Live, key: KeyChannel, agreement: KeyAgreement, now: Instant): void {
    life.renegotiation = undefined
    this.#timers.clear('authentication')
    installKey(this.#owner, key, life.terms, agreement)
    life.slots.admit(key)
    this.#armRenegotiation(now)
  }

  #sendOptions(life: Live): void {
    for (const text of life.unsent ?? []) putText(this.#host, speakingChannel(life).lane.tls, text)
    life.unsent = undefined
    this.#timers.clear('push-request')
  }

  #handleText(key: KeyChannel, bytes: Uint8Array, now: Instant): void {
    const messages = key.text.push(bytes)
    if (!messages) {
      this.#fail('a control message is too long')
      return
    }
    for (const text of messages) {
      const message = parseControlMessage(text)
      if ('kind' in message) this.#host.drop(this.id, 'control message: malformed', now)
      else this.#handleMessage(key, message, now)
    }
  }

  #handleMessage(key: KeyChannel, message: ControlMessage, now: Instant): void {
    const life = this.#life
    if (message.type === 'push-request' && life.type === 'half-open') life.pushWanted = true
    else if (message.type === 'push-request' && life.type === 'live') this.#sendOptions(life)
    else if (message.type === 'exit' && life.type === 'live') this.#part(key, now)
    else this.#host.drop(this.id, `control message: ${message.type}`, now)
  }

  #armRenegotiation(now: Instant): void {
    const at = this.#pace.nextOwn(now)
    if (at !== undefined) this.#timers.set('renegotiate', at)
  }

  /** AUTH_FAILED, for the first key or a later one. */
  #deny(reason: string, temporary: boolean, now: Instant): void {
    const life = this.#life
    if (life.type !== 'half-open' && life.type !== 'live') return
    const { authFailTemporary } = capabilitiesOf(negotiationOf(life)?.agreement)
    const mark = temporary && authFailTemporary ? { temporary: {} } : {}
    this.#close({ type: 'auth-failed', reason, ...mark }, reason, now)
  }

  /** Ends the session; the message still goes out when the peer can hear it. */
  #close(message: ControlMessage, reason: string, now: Instant): void {
    const life = this.#life
    if (life.type === 'half-open' && !life.negotiation.exchanged) {
      this.#fail(reason)
      return
    }
    if (life.type !== 'half-open' && life.type !== 'live') return
    const key = speakingChannel(life)
    putMessage(this.#host, key.lane.tls, message)
    this.#putEnd(reason, false)
    this.#leave(key)
    this.#life = { type: 'closing', key, spoke: false }
    this.#timers.set('linger', now + LINGER_MS)
    this.#work(now)
  }

  /** The client said EXIT: all ends at once but the acknowledgement of that. */
  #part(key: KeyChannel, now: Instant): void {
    this.#putEnd('the client left', true)
    this.#leave(key)
    this.#life = { type: 'closing', key, spoke: true }
    this.#timers.set('linger', now + LINGER_QUIET_MS)
  }

  /** Ends at once and says nothing to the peer. */
  #fail(reason: string, byPeer = false): void {
    this.#putEnd(reason, byPeer)
    this.#end()
  }

  #putEnd(reason: string, byPeer: boolean): void {
    if (this.#life.type === 'half-open') putEvent(this.#host, this.id, { type: 'refused', reason })
    if (this.#life.type === 'live') putEvent(this.#host, this.id, { type: 'closed', reason, byPeer })
  }

  #end(): void {
    if (this.#life.type === 'closed') return
    this.#leave(undefined)
    this.#life = { type: 'closed' }
    this.#host.ended(this)
  }

  /** Gives up all but the channel that still has something to say. */
  #leave(keep: KeyChannel | undefined): void {
    const life = this.#life
    negotiationOf(life)?.withdraw()
    for (const key of channelsOf(life)) if (key !== keep) this.#host.releaseTls(key.lane.tls)
    this.#timers.clearAll()
    if (life.type !== 'live') return
    this.#host.outbox.put({ type: 'close-flow', session: this.id })
    if (life.peerId !== undefined) this.#host.giveBackPeerId(life.peerId)
  }

  /** Sends what is due and sets the timers that follow from it. */
  #work(now: Instant): void {
    const life = this.#life
    const deadline = this.#channel.flush(channelsOf(life), now)
    if (deadline === undefined) this.#timers.clear('reliability')
    else this.#timers.set('reliability', deadline)
    if (life.type === 'live') life.slots.notice(now)
    if (life.type === 'closing' && life.spoke && life.key.lane.settled) this.#lingerLess(now)
  }

  #lingerLess(now: Instant): void {
    const linger = this.#timers.deadline('linger')
    if (linger !== undefined && linger > now + LINGER_QUIET_MS)
      this.#timers.set('linger', now + LINGER_QUIET_MS)
  }
}
