import { type Instant, TimerTable } from '@causeway/engine'
import type { OpenVpnReply, TlsEstablished } from '../command.ts'
import type { KeyId } from '../data-channel.ts'
import {
  AUTH_PENDING_MOST_MS,
  CONNECT_MS,
  HANDSHAKE_MS,
  LINGER_MS,
  LINGER_QUIET_MS,
  PUSH_REQUEST_INTERVAL_MS,
} from '../limits.ts'
import { type ControlMessage, parseControlMessage } from '../options/control-message.ts'
import { PushReplyReader } from '../options/push-reply-reader.ts'
import type { SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { ControlChannel } from '../session/control-channel.ts'
import { type FlowOwner, installKey } from '../session/data-flow.ts'
import { EXIT_NOTICE } from '../session/exit-notice.ts'
import { putEvent, putMessage } from '../session/host.ts'
import { type KeyChannel, nextKeyId, openKeyChannel } from '../session/key-channel.ts'
import { earlier } from '../session/key-lane.ts'
import { RenegotiationPace } from '../session/renegotiation-pace.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { readEarlyNegotiation } from '../wire/early-negotiation.ts'
import { OPCODES } from '../wire/opcode.ts'
import type { ClientHost } from './client-host.ts'
import { type ClientLife, type Connecting, channelsOf, type Live, negotiationOf } from './client-life.ts'
import { ClientNegotiation } from './client-negotiation.ts'
import { clientOptionsString, clientPeerInfo } from './client-terms.ts'
import type { ClientTimer } from './client-timer.ts'
import { goLive } from './go-live.ts'
import { endReason } from './server-end.ts'

/** One connection to a server, from its first packet to its end. */
export class ClientSession {
  readonly id: SessionId
  readonly channel: ControlChannel
  readonly #host: ClientHost
  readonly #owner: FlowOwner & { readonly host: ClientHost }
  readonly #timers = new TimerTable<ClientTimer>()
  readonly #pace: RenegotiationPace
  #life: ClientLife

  constructor(host: ClientHost, id: SessionId, channel: ControlChannel, now: Instant) {
    this.id = id
    this.channel = channel
    this.#host = host
    this.#owner = { host, session: id, channel, role: 'client' }
    this.#pace = new RenegotiationPace(host.crypto, host.options.renegotiationSeconds)
    const key = this.#openKey(0)
    const version2 = channel.wrap.kind === 'tls-crypt-v2'
    const opcode = version2 ? OPCODES.HARD_RESET_CLIENT_V3 : OPCODES.HARD_RESET_CLIENT_V2
    key.lane.open(opcode, new Uint8Array(), now)
    const negotiation = new ClientNegotiation(host, id, key)
    this.#life = { type: 'connecting', negotiation, push: new PushReplyReader() }
    this.#timers.set('connect', now + (host.options.connectMs ?? CONNECT_MS))
    this.#work(now)
  }

  get path(): Path {
    return this.channel.path
  }

  get live(): boolean {
    return this.#life.type === 'live'
  }

  /** Takes in a packet that the session's channel has unwrapped. */
  handlePacket(packet: ControlPacket, now: Instant): void {
    if (!this.#meet(packet)) {
      this.#host.drop(this.id, 'control packet: no reset before it', now)
      return
    }
    const key = this.#channelFor(packet, now)
    if (!key) {
      this.#host.drop(this.id, 'control packet: key id not in use', now)
      return
    }
    const { opcode, acks, packetId: messageId } = packet
    const payload = opcode === OPCODES.CONTROL_V1 ? packet.payload : new Uint8Array()
    const verdict = key.lane.receive({ acks, messageId, payload }, now)
    if (verdict === 'beyond-window') this.#host.drop(this.id, 'control packet: beyond the window', now)
    for (let records = key.lane.takeReceived(); records; records = key.lane.takeReceived())
      this.#handleRecords(key, records)
    this.#work(now)
  }

  handleTlsOutput(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    const key = this.#keyOf(tls)
    if (!key) return
    if (!key.lane.enqueue(bytes)) {
      this.#fail('the server acknowledges too little')
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
      negotiation?.key === key && !negotiation.agreement ? this.#exchange(negotiation, bytes, now) : bytes
    if (rest && rest.length > 0) this.#handleText(key, rest, now)
    this.#work(now)
  }

  handleTlsFailed(tls: TlsId, reason: string): void {
    if (!this.#keyOf(tls)) return
    if (this.#life.type === 'closing') this.#end()
    else this.#fail(`TLS: ${reason}`)
  }

  handleReply(request: number, reply: OpenVpnReply, now: Instant): void {
    const negotiation = negotiationOf(this.#life)
    if (negotiation?.verifies(request)) {
      if (reply.type === 'trust') this.#trust(negotiation)
      else this.#fail(reply.type === 'distrust' ? reply.reason : 'the server was not verified')
    } else if (this.#life.type === 'live' && this.#life.configuring === request)
      this.#life.configuring = undefined
    this.#work(now)
  }

  /** Leaves, and tells the server in the way that it understands. */
  disconnect(reason: string, now: Instant): void {
    const life = this.#life
    if (life.type === 'closing') return
    if (life.type !== 'live') {
      this.#fail(reason)
      return
    }
    const key = life.slots.newest
    if (life.terms.exitNotify) putMessage(this.#host, key.lane.tls, { type: 'exit' })
    else this.#host.outbox.put({ type: 'inband', session: this.id, payload: EXIT_NOTICE })
    this.#putEnd(reason, false)
    if (!life.terms.exitNotify) {
      this.#end()
      return
    }
    this.#leave(key)
    this.#life = { type: 'closing', key, spoke: false }
    this.#timers.set('linger', now + LINGER_MS)
  }

  /** Negotiates a new key as soon as it may. */
  renegotiate(now: Instant): void {
    const life = this.#life
    if (life.type !== 'live' || life.renegotiation) return
    const earliest = this.#pace.earliest()
    if (now < earliest) {
      this.#timers.set('renegotiate', earliest)
      return
    }
    life.slots.promote(now)
    this.#beginRenegotiation(life, nextKeyId(life.slots.current.lane.keyId), now)
    this.#work(now)
  }

  handleSoftLimit(keyId: KeyId, now: Instant): void {
    if (this.#life.type === 'live' && this.#life.slots.current.lane.keyId === keyId) this.renegotiate(now)
  }

  handleIdle(): void {
    if (this.#life.type === 'live') this.#fail('nothing was heard for too long')
  }

  handleMoved(path: Path): void {
    const from = this.channel.path
    this.channel.path = path
    this.#host.moved(this, from)
    putEvent(this.#host, this.id, { type: 'moved' })
  }

  /** The server says inside the data channel that it leaves. */
  handleExit(): void {
    if (this.#life.type === 'live') this.#fail('the server left', true)
  }

  /** Ends at once and says nothing: the stream is gone. */
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

  #handleTimer(timer: ClientTimer, now: Instant): void {
    switch (timer) {
      case 'reliability':
        if (channelsOf(this.#life).some(({ lane }) => lane.exhausted(now)))
          this.#fail('the server stopped answering')
        return
      case 'connect':
        this.#fail('connecting took too long')
        return
      case 'push-request':
        this.#requestPush(now)
        return
      case 'renegotiate':
        this.renegotiate(now)
        return
      case 'renegotiation-handshake':
        this.#fail('the key renegotiation took too long')
        return
      case 'linger':
        this.#end()
        return
      default:
        timer satisfies never
    }
  }

  #openKey(keyId: KeyId): KeyChannel {
    const reliablePath = this.channel.path.type === 'stream'
    return openKeyChannel(this.#host, this.id, { keyId, reliablePath, firstSend: 0, firstReceive: 0 })
  }

  #keyOf(tls: TlsId): KeyChannel | undefined {
    return channelsOf(this.#life).find(({ lane }) => lane.tls === tls)
  }

  /** Learns the server's session id from its reset. Whether the server's id is known. */
  #meet({ opcode, sessionId, payload }: ControlPacket): boolean {
    if (this.channel.remoteId) return true
    if (opcode !== OPCODES.HARD_RESET_SERVER_V2) return false
    this.channel.meet(sessionId)
    const early = readEarlyNegotiation(payload)
    if ('resendWrappedKey' in early && early.resendWrappedKey && this.channel.wrap.kind === 'tls-crypt-v2')
      negotiationOf(this.#life)?.key.lane.resendWrappedKey()
    return true
  }

  /** The channel of the packet's key id; a soft reset of the server's opens one. */
  #channelFor({ opcode, keyId }: ControlPacket, now: Instant): KeyChannel | undefined {
    const known = channelsOf(this.#life).find(({ lane }) => lane.keyId === keyId)
    if (known || opcode !== OPCODES.SOFT_RESET_V1 || keyId === 0) return known
    const life = this.#life
    if (life.type !== 'live' || life.renegotiation || !this.#pace.admitPeer(now)) return undefined
    life.slots.promote(now)
    return this.#beginRenegotiation(life, keyId, now)
  }

  #beginRenegotiation(life: Live, keyId: KeyId, now: Instant): KeyChannel {
    const key = this.#openKey(keyId)
    key.lane.open(OPCODES.SOFT_RESET_V1, new Uint8Array(), now)
    life.renegotiation = new ClientNegotiation(this.#host, this.id, key)
    this.#pace.began(now)
    this.#timers.clear('renegotiate')
    this.#timers.set('renegotiation-handshake', now + HANDSHAKE_MS)
    return key
  }

  #handleRecords(key: KeyChannel, records: Uint8Array): void {
    const life = this.#life
    const negotiation = negotiationOf(life)
    if (negotiation?.key === key) negotiation.begin()
    const heard = negotiation?.key === key || (life.type === 'live' && life.slots.speaks(key))
    if (heard && records.length > 0)
      this.#host.outbox.put({ type: 'tls-input', tls: key.lane.tls, bytes: records })
  }

  #trust(negotiation: ClientNegotiation): void {
    const { options } = this.#host
    negotiation.trust({
      options: clientOptionsString(options, this.channel.path),
      ...options.credentials,
      peerInfo: clientPeerInfo(options),
    })
  }

  /** Feeds the server's key-method message; gives what follows it. */
  #exchange(negotiation: ClientNegotiation, bytes: Uint8Array, now: Instant): Uint8Array | undefined {
    const progress = negotiation.handlePlaintext(bytes)
    if (progress.type === 'incomplete') return undefined
    if (progress.type === 'fault') {
      this.#fail(progress.reason)
      return undefined
    }
    if (this.#life.type === 'live') this.#admitNext(this.#life, negotiation, now)
    // The server may push by itself; ask only when it does not.
    else this.#timers.set('push-request', now + PUSH_REQUEST_INTERVAL_MS / 5)
    return progress.rest
  }

  #requestPush(now: Instant): void {
    const life = this.#life
    if (life.type !== 'connecting' || !life.negotiation.agreement) return
    putMessage(this.#host, life.negotiation.key.lane.tls, { type: 'push-request' })
    this.#timers.set('push-request', now + PUSH_REQUEST_INTERVAL_MS)
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
    const end = endReason(message)
    if (end !== undefined) this.#part(key, end, now)
    else if (message.type === 'auth-pending') this.#allowTime(message.timeoutSeconds ?? 0, now)
    else if (message.type !== 'push-reply') this.#host.drop(this.id, `control message: ${message.type}`, now)
    else if (this.#life.type === 'connecting') this.#handlePush(this.#life, message.text, now)
  }

  #allowTime(seconds: number, now: Instant): void {
    if (this.#life.type !== 'connecting') return
    const asked = now + Math.min(seconds * 1000, AUTH_PENDING_MOST_MS)
    this.#timers.set('connect', Math.max(this.#timers.deadline('connect') ?? 0, asked))
  }

  #handlePush({ push, negotiation }: Connecting, text: string, now: Instant): void {
    const reply = push.push(text)
    if (!reply) return
    const live = 'kind' in reply ? `push: ${reply}` : goLive(this.#owner, negotiation, reply)
    if (typeof live === 'string') {
      this.#fail(live)
      return
    }
    this.#life = live
    this.#timers.clear('connect')
    this.#timers.clear('push-request')
    this.#armRenegotiation(now)
  }

  #admitNext(life: Live, { key, agreement }: ClientNegotiation, now: Instant): void {
    if (!agreement) return
    life.renegotiation = undefined
    this.#timers.clear('renegotiation-handshake')
    installKey(this.#owner, key, life.terms.data, agreement)
    life.slots.admit(key)
    this.#armRenegotiation(now)
  }

  #armRenegotiation(now: Instant): void {
    const at = this.#pace.nextOwn(now)
    if (at !== undefined) this.#timers.set('renegotiate', at)
  }

  /** The server ended the session: all ends at once but the acknowledgement of that. */
  #part(key: KeyChannel, reason: string, now: Instant): void {
    if (this.#life.type !== 'connecting' && this.#life.type !== 'live') return
    this.#putEnd(reason, true)
    this.#leave(key)
    this.#life = { type: 'closing', key, spoke: true }
    this.#timers.set('linger', now + LINGER_QUIET_MS)
  }

  #fail(reason: string, byPeer = false): void {
    this.#putEnd(reason, byPeer)
    this.#end()
  }

  #putEnd(reason: string, byPeer: boolean): void {
    if (this.#life.type === 'connecting') putEvent(this.#host, this.id, { type: 'refused', reason })
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
    if (life.configuring !== undefined) this.#host.withdraw(life.configuring)
    this.#host.outbox.put({ type: 'close-flow', session: this.id })
  }

  /** Sends what is due and sets the timers that follow from it. */
  #work(now: Instant): void {
    const life = this.#life
    const deadline = this.channel.flush(channelsOf(life), now)
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
