import type { Instant } from '@causeway/engine'
import type { OpenVpnReply, TlsEstablished } from '../command.ts'
import type { KeyId } from '../data-channel.ts'
import { PUSH_REQUEST_MS } from '../limits.ts'
import type { ControlMessage } from '../options/control-message.ts'
import type { SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { putEvent } from './host.ts'
import type { KeyAgreement } from './key-agreement.ts'
import { type KeyChannel, nextKeyId, openKeyChannel } from './key-channel.ts'
import { RenegotiationPace } from './renegotiation-pace.ts'
import type { DisconnectCommand, EngineSession } from './session-engine.ts'
import {
  type KeyNegotiation,
  type LiveState,
  type OpeningState,
  SessionLife,
  type SessionParts,
} from './session-life.ts'

/** A key negotiation of either role. */
export interface RoleNegotiation extends KeyNegotiation {
  /** What was exchanged, once it is: what follows it is control messages. */
  readonly agreement: KeyAgreement | undefined
  handleEstablished(established: TlsEstablished): void
}

/** The timers of key negotiations after the first. */
export type RenegotiationTimer =
  /** This side starts a new key negotiation. */
  | 'renegotiate'
  /** A renegotiation that is under way must have ended. */
  | 'renegotiation-handshake'

export interface RoleSessionOptions<Opening> extends SessionParts {
  readonly opening: Opening
  /** Between two negotiations that this side starts; 0 for never. */
  readonly renegotiationSeconds: number
  /** How long a renegotiation may take. */
  readonly handshakeMs: number
}

/**
 * A session of either role: how it hears and is told things, how its keys are renewed and how it ends.
 * What is said in the handshake and after it is the role's.
 */
export abstract class RoleSession<
  Negotiation extends RoleNegotiation,
  Opening extends OpeningState<Negotiation>,
  Live extends LiveState<Negotiation>,
  Timer extends string,
> implements EngineSession
{
  protected readonly life: SessionLife<Negotiation, Opening, Live, Timer | RenegotiationTimer>
  readonly #options: RoleSessionOptions<Opening>
  readonly #pace: RenegotiationPace

  constructor(options: RoleSessionOptions<Opening>) {
    const { host, renegotiationSeconds } = options
    this.#options = options
    this.#pace = new RenegotiationPace(host.crypto, renegotiationSeconds)
    this.life = new SessionLife({ ...options, release: live => this.release(live) })
  }

  get id(): SessionId {
    return this.#options.id
  }

  get channel(): SessionParts['channel'] {
    return this.#options.channel
  }

  get path(): Path {
    return this.channel.path
  }

  abstract handlePacket(packet: ControlPacket, now: Instant): void
  abstract handleReply(request: number, reply: OpenVpnReply, now: Instant): void
  abstract disconnect(command: DisconnectCommand, now: Instant): void
  abstract answerChallenge(text: string, now: Instant): void

  /** A negotiation of a key that is open already. */
  protected abstract negotiate(key: KeyChannel): Negotiation

  /** TLS records in their order; an empty one stands for a reset. */
  protected abstract handleRecords(key: KeyChannel, records: Uint8Array): void

  /** Feeds the peer's key-method message; gives what follows it. */
  protected abstract exchange(
    negotiation: Negotiation,
    bytes: Uint8Array,
    now: Instant,
  ): Uint8Array | undefined

  protected abstract handleMessage(key: KeyChannel, message: ControlMessage, now: Instant): void

  protected abstract handleTimer(timer: Timer | RenegotiationTimer, now: Instant): void

  protected abstract renegotiationFailed(reason: string, now: Instant): void

  /** Gives up what the role holds for a live session besides its flow. */
  protected abstract release(live: Live): void

  /** Whether the peer has its options: it cannot renegotiate before. */
  protected abstract settled(live: Live): boolean

  handleTlsOutput(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    this.life.send(tls, bytes, now)
  }

  handleTlsEstablished(tls: TlsId, established: TlsEstablished): void {
    const { negotiation } = this.life
    if (negotiation?.key.lane.tls === tls) negotiation.handleEstablished(established)
  }

  handlePlaintext(tls: TlsId, bytes: Uint8Array, now: Instant): void {
    const key = this.life.keyOf(tls)
    if (!key || this.life.over) return
    const { negotiation } = this.life
    const rest =
      negotiation?.key === key && !negotiation.agreement ? this.exchange(negotiation, bytes, now) : bytes
    if (rest && rest.length > 0)
      for (const message of this.life.messagesIn(key, rest, now)) this.handleMessage(key, message, now)
    this.life.flush(now)
  }

  handleTlsFailed(tls: TlsId, reason: string, now: Instant): void {
    const key = this.life.keyOf(tls)
    if (!key) return
    if (this.life.over) this.life.end()
    else if (this.life.live?.renegotiation?.key === key) this.renegotiationFailed(`TLS: ${reason}`, now)
    else this.life.fail(`TLS: ${reason}`)
  }

  renegotiate(now: Instant): void {
    const { live } = this.life
    if (!live || live.renegotiation) return
    const earliest = this.settled(live) ? this.#pace.earliest() : now + PUSH_REQUEST_MS
    if (now < earliest) {
      this.life.timers.set('renegotiate', earliest)
      return
    }
    live.slots.promote(now)
    this.beginRenegotiation(live, nextKeyId(live.slots.current.lane.keyId), now)
    this.life.flush(now)
  }

  handleSoftLimit(keyId: KeyId, now: Instant): void {
    if (this.life.live?.slots.current.lane.keyId === keyId) this.renegotiate(now)
  }

  handleIdle(): void {
    this.life.failLive('nothing was heard for too long', false)
  }

  handleMoved(path: Path): void {
    const { host, id, channel } = this.#options
    const from = channel.path
    channel.path = path
    host.moved(id, from)
    putEvent(host, id, { type: 'moved' })
  }

  handleExit(): void {
    this.life.failLive(`the ${this.#options.peer} left`, true)
  }

  abort(reason: string, byPeer: boolean): void {
    this.life.fail(reason, byPeer)
  }

  nextTimeout(): Instant | undefined {
    return this.life.nextTimeout()
  }

  handleTimeout(now: Instant): void {
    this.life.handleTimeout(now, timer => this.handleTimer(timer, now))
  }

  /** Takes a packet in on the channel of its key id. */
  protected receive(packet: ControlPacket, payload: Uint8Array, now: Instant): void {
    const key = this.#channelFor(packet, now)
    if (!key) {
      this.#options.host.drop(this.id, 'control packet: key id not in use', now)
      return
    }
    for (const records of this.life.receive(key, packet, payload, now)) this.handleRecords(key, records)
    this.life.flush(now)
  }

  protected beginRenegotiation(live: Live, keyId: KeyId, now: Instant): KeyChannel {
    const key = openKey(this.#options, keyId)
    key.lane.open(OPCODES.SOFT_RESET_V1, new Uint8Array(), now)
    live.renegotiation = this.negotiate(key)
    this.#pace.began(now)
    this.life.timers.clear('renegotiate')
    this.life.timers.set('renegotiation-handshake', now + this.#options.handshakeMs)
    return key
  }

  protected armRenegotiation(now: Instant): void {
    const at = this.#pace.nextOwn(now)
    if (at !== undefined) this.life.timers.set('renegotiate', at)
  }

  /** The channel of the packet's key id; a soft reset of the peer's opens one. */
  #channelFor({ opcode, keyId }: ControlPacket, now: Instant): KeyChannel | undefined {
    const known = this.life.channels.find(({ lane }) => lane.keyId === keyId)
    if (known || opcode !== OPCODES.SOFT_RESET_V1 || keyId === 0) return known
    const { live } = this.life
    if (!live || live.renegotiation || !this.settled(live) || !this.#pace.admitPeer(now)) return undefined
    live.slots.promote(now)
    return this.beginRenegotiation(live, keyId, now)
  }
}

/** Opens a key's channel. `first`: how many packets of it a stateless reset exchange has used up. */
export function openKey({ host, id, channel }: SessionParts, keyId: KeyId, first: 0 | 1 = 0): KeyChannel {
  const reliablePath = channel.path.type === 'stream'
  return openKeyChannel(host, id, { keyId, reliablePath, firstSend: first, firstReceive: first })
}
