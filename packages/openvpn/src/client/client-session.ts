import type { Instant } from '@causeway/engine'
import type { OpenVpnReply, TlsEstablished } from '../command.ts'
import type { KeyId } from '../data-channel.ts'
import { AUTH_PENDING_MOST_MS, CONNECT_MS, HANDSHAKE_MS, PUSH_REQUEST_INTERVAL_MS } from '../limits.ts'
import type { ControlMessage } from '../options/control-message.ts'
import { PushReplyReader } from '../options/push-reply-reader.ts'
import type { SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { ControlChannel } from '../session/control-channel.ts'
import { type FlowOwner, installKey } from '../session/data-flow.ts'
import { EXIT_NOTICE } from '../session/exit-notice.ts'
import { putEvent, putMessage } from '../session/host.ts'
import { type KeyChannel, nextKeyId, openKeyChannel } from '../session/key-channel.ts'
import { RenegotiationPace } from '../session/renegotiation-pace.ts'
import { SessionLife } from '../session/session-life.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { readEarlyNegotiation } from '../wire/early-negotiation.ts'
import { OPCODES } from '../wire/opcode.ts'
import type { ClientHost } from './client-host.ts'
import type { Connecting, Live } from './client-life.ts'
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
  readonly #pace: RenegotiationPace
  readonly #life: SessionLife<ClientNegotiation, Connecting, Live, ClientTimer>

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
    this.#life = new SessionLife({
      host,
      id,
      channel,
      peer: 'server',
      opening: { type: 'opening', negotiation, push: new PushReplyReader() },
      release: ({ configuring }) => {
        if (configuring !== undefined) host.withdraw(configuring)
      },
      ended: () => host.ended(this),
    })
    this.#life.timers.set('connect', now + (host.options.connectMs ?? CONNECT_MS))
    this.#life.flush(now)
  }

  get path(): Path {
    return this.channel.path
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
    const payload = packet.opcode === OPCODES.CONTROL_V1 ? packet.payload : new Uint8Array()
    for (const records of this.#life.receive(key, packet, payload, now)) this.#handleRecords(key, records)
    this.#life.flush(now)
  }

  handleTlsOutput(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    this.#life.send(tls, bytes, now)
  }

  handleTlsEstablished(tls: TlsId, established: TlsEstablished): void {
    const negotiation = this.#life.negotiation
    if (negotiation?.key.lane.tls === tls) negotiation.handleEstablished(established)
  }

  handlePlaintext(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    const key = this.#life.keyOf(tls)
    if (!key || this.#life.over) return
    const negotiation = this.#life.negotiation
    const rest =
      negotiation?.key === key && !negotiation.agreement ? this.#exchange(negotiation, bytes, now) : bytes
    if (rest && rest.length > 0)
      for (const message of this.#life.messagesIn(key, rest, now)) this.#handleMessage(key, message, now)
    this.#life.flush(now)
  }

  handleTlsFailed(tls: TlsId, reason: string): void {
    if (!this.#life.keyOf(tls)) return
    if (this.#life.over) this.#life.end()
    else this.#life.fail(`TLS: ${reason}`)
  }

  handleReply(request: number, reply: OpenVpnReply, now: Instant): void {
    const { negotiation, live } = this.#life
    if (negotiation?.verifies(request)) {
      if (reply.type === 'trust') this.#trust(negotiation)
      else this.#life.fail(reply.type === 'distrust' ? reply.reason : 'the server was not verified')
    } else if (live?.configuring === request) live.configuring = undefined
    this.#life.flush(now)
  }

  /** Leaves, and tells the server in the way that it understands. */
  disconnect(reason: string, now: Instant): void {
    const { live, opening } = this.#life
    if (opening) this.#life.fail(reason)
    if (!live) return
    // OpenVPN hears no control messages while a new key is being negotiated.
    if (live.renegotiation || !live.terms.exitNotify)
      this.#host.outbox.put({ type: 'inband', session: this.id, payload: EXIT_NOTICE })
    if (live.terms.exitNotify) this.#life.close(live.slots.newest, { type: 'exit' }, reason, now)
    else this.#life.fail(reason)
  }

  /** Negotiates a new key as soon as it may. */
  renegotiate(now: Instant): void {
    const { live } = this.#life
    if (!live || live.renegotiation) return
    const earliest = this.#pace.earliest()
    if (now < earliest) {
      this.#life.timers.set('renegotiate', earliest)
      return
    }
    live.slots.promote(now)
    this.#beginRenegotiation(live, nextKeyId(live.slots.current.lane.keyId), now)
    this.#life.flush(now)
  }

  handleSoftLimit(keyId: KeyId, now: Instant): void {
    if (this.#life.live?.slots.current.lane.keyId === keyId) this.renegotiate(now)
  }

  handleIdle(): void {
    this.#life.failLive('nothing was heard for too long', false)
  }

  handleMoved(path: Path): void {
    const from = this.channel.path
    this.channel.path = path
    this.#host.moved(this, from)
    putEvent(this.#host, this.id, { type: 'moved' })
  }

  /** The server says inside the data channel that it leaves. */
  handleExit(): void {
    this.#life.failLive('the server left', true)
  }

  /** Ends at once and says nothing: the stream is gone. */
  abort(reason: string, byPeer: boolean): void {
    this.#life.fail(reason, byPeer)
  }

  nextTimeout(): Instant | undefined {
    return this.#life.nextTimeout()
  }

  handleTimeout(now: Instant): void {
    this.#life.handleTimeout(now, timer => this.#handleTimer(timer, now))
  }

  #handleTimer(timer: ClientTimer, now: Instant): void {
    switch (timer) {
      case 'connect':
        this.#life.fail('connecting took too long')
        return
      case 'push-request':
        this.#requestPush(now)
        return
      case 'renegotiate':
        this.renegotiate(now)
        return
      case 'renegotiation-handshake':
        this.#life.fail('the key renegotiation took too long')
        return
      default:
        timer satisfies never
    }
  }

  #openKey(keyId: KeyId): KeyChannel {
    const reliablePath = this.channel.path.type === 'stream'
    return openKeyChannel(this.#host, this.id, { keyId, reliablePath, firstSend: 0, firstReceive: 0 })
  }

  /** Learns the server's session id from its reset. Whether the server's id is known. */
  #meet({ opcode, sessionId, payload }: ControlPacket): boolean {
    if (this.channel.remoteId) return true
    if (opcode !== OPCODES.HARD_RESET_SERVER_V2) return false
    this.channel.meet(sessionId)
    const early = readEarlyNegotiation(payload)
    if ('resendWrappedKey' in early && early.resendWrappedKey && this.channel.wrap.kind === 'tls-crypt-v2')
      this.#life.negotiation?.key.lane.resendWrappedKey()
    return true
  }

  /** The channel of the packet's key id; a soft reset of the server's opens one. */
  #channelFor({ opcode, keyId }: ControlPacket, now: Instant): KeyChannel | undefined {
    const known = this.#life.channels.find(({ lane }) => lane.keyId === keyId)
    if (known || opcode !== OPCODES.SOFT_RESET_V1 || keyId === 0) return known
    const { live } = this.#life
    if (!live || live.renegotiation || !this.#pace.admitPeer(now)) return undefined
    live.slots.promote(now)
    return this.#beginRenegotiation(live, keyId, now)
  }

  #beginRenegotiation(live: Live, keyId: KeyId, now: Instant): KeyChannel {
    const key = this.#openKey(keyId)
    key.lane.open(OPCODES.SOFT_RESET_V1, new Uint8Array(), now)
    live.renegotiation = new ClientNegotiation(this.#host, this.id, key)
    this.#pace.began(now)
    this.#life.timers.clear('renegotiate')
    this.#life.timers.set('renegotiation-handshake', now + HANDSHAKE_MS)
    return key
  }

  #handleRecords(key: KeyChannel, records: Uint8Array): void {
    const { negotiation, live } = this.#life
    if (negotiation?.key === key) negotiation.begin()
    const heard = negotiation?.key === key || live?.slots.speaks(key)
    if (heard && records.length > 0)
      this.#host.outbox.put({ type: 'tls-input', tls: key.lane.tls, bytes: records })
  }

  #trust(negotiation: ClientNegotiation): void {
    const { options } = this.#host
    negotiation.trust({
      options: options.announcement?.options ?? clientOptionsString(options, this.channel.path),
      ...options.credentials,
      peerInfo: options.announcement?.peerInfo ?? clientPeerInfo(options),
    })
  }

  /** Feeds the server's key-method message; gives what follows it. */
  #exchange(negotiation: ClientNegotiation, bytes: Uint8Array, now: Instant): Uint8Array | undefined {
    const progress = negotiation.handlePlaintext(bytes)
    if (progress.type === 'incomplete') return undefined
    if (progress.type === 'fault') {
      this.#life.fail(progress.reason)
      return undefined
    }
    if (this.#life.live) this.#admitNext(this.#life.live, negotiation, now)
    // The server may push by itself; ask only when it does not.
    else this.#life.timers.set('push-request', now + PUSH_REQUEST_INTERVAL_MS / 5)
    return progress.rest
  }

  #requestPush(now: Instant): void {
    const { opening } = this.#life
    if (!opening?.negotiation.agreement) return
    putMessage(this.#host, opening.negotiation.key.lane.tls, { type: 'push-request' })
    this.#life.timers.set('push-request', now + PUSH_REQUEST_INTERVAL_MS)
  }

  #handleMessage(key: KeyChannel, message: ControlMessage, now: Instant): void {
    const end = endReason(message)
    if (end !== undefined) this.#life.part(key, end, now)
    else if (message.type === 'auth-pending') this.#allowTime(message.timeoutSeconds ?? 0, now)
    else if (message.type !== 'push-reply') this.#host.drop(this.id, `control message: ${message.type}`, now)
    else if (this.#life.opening) this.#handlePush(this.#life.opening, message.text, now)
  }

  #allowTime(seconds: number, now: Instant): void {
    if (!this.#life.opening) return
    const asked = now + Math.min(seconds * 1000, AUTH_PENDING_MOST_MS)
    this.#life.timers.set('connect', Math.max(this.#life.timers.deadline('connect') ?? 0, asked))
  }

  #handlePush({ push, negotiation }: Connecting, text: string, now: Instant): void {
    const reply = push.push(text)
    if (!reply) return
    const live = 'kind' in reply ? `push: ${reply}` : goLive(this.#owner, negotiation, reply)
    if (typeof live === 'string') {
      this.#life.fail(live)
      return
    }
    this.#life.begin(live)
    this.#life.timers.clear('connect')
    this.#life.timers.clear('push-request')
    this.#armRenegotiation(now)
  }

  #admitNext(life: Live, { key, agreement }: ClientNegotiation, now: Instant): void {
    if (!agreement) return
    life.renegotiation = undefined
    this.#life.timers.clear('renegotiation-handshake')
    installKey(this.#owner, key, life.terms.data, agreement)
    life.slots.admit(key)
    this.#armRenegotiation(now)
  }

  #armRenegotiation(now: Instant): void {
    const at = this.#pace.nextOwn(now)
    if (at !== undefined) this.#life.timers.set('renegotiate', at)
  }
}
