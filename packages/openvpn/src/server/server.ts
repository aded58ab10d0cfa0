import type { CryptoPort } from '@causeway/crypto'
import { type Datagram, DeadlineQueue, type Engine, type Instant, Outbox } from '@causeway/engine'
import type { OpenVpnCommand } from '../command.ts'
import {
  HALF_OPEN_PER_PREFIX,
  HALF_OPEN_TOTAL,
  HANDSHAKE_MS,
  RESET_REPLIES_PER_PREFIX,
  RESET_REPLIES_PER_SECOND,
  SESSIONS_PER_ENDPOINT,
  STATEFUL_RESETS_PER_SECOND,
} from '../limits.ts'
import { requirePushable } from '../options/push-reply.ts'
import type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import { ControlChannel } from '../session/control-channel.ts'
import { DropLog } from '../session/drop-log.ts'
import { isExitNotice } from '../session/exit-notice.ts'
import { earlier } from '../session/key-lane.ts'
import { SessionIndex } from '../session/session-index.ts'
import { CONTROL_HEADER_BYTES } from '../wire/control-packet.ts'
import { HalfOpenCount } from './admission.ts'
import { FirstContact, type FirstVerdict } from './first-contact.ts'
import { PeerIds } from './peer-ids.ts'
import type { ServerHost } from './server-host.ts'
import type { OpenVpnServerLimits, OpenVpnServerOptions } from './server-options.ts'
import { ServerSession } from './server-session.ts'

/** The server role: any number of clients over any number of UDP ports and streams. */
export interface OpenVpnServer extends Engine<Path, OpenVpnCommand, OpenVpnOutput> {
  /** Clients that are authenticated. */
  readonly sessionCount: number
  /** Clients that have shown their cookie and are not authenticated, or are just leaving. */
  readonly halfOpenCount: number
  /** TLS connections that the engine wants kept. */
  readonly tlsCount: number
}

/** Makes a server engine. */
export function createOpenVpnServer(options: OpenVpnServerOptions): OpenVpnServer {
  return new Server(options)
}

const DEFAULT_LIMITS: OpenVpnServerLimits = {
  handshakeMs: HANDSHAKE_MS,
  halfOpenTotal: HALF_OPEN_TOTAL,
  halfOpenPerPrefix: HALF_OPEN_PER_PREFIX,
  resetRepliesPerSecond: RESET_REPLIES_PER_SECOND,
  resetRepliesPerPrefix: RESET_REPLIES_PER_PREFIX,
  statefulResetsPerSecond: STATEFUL_RESETS_PER_SECOND,
}

class Server implements OpenVpnServer, ServerHost {
  readonly options: OpenVpnServerOptions
  readonly crypto: CryptoPort
  readonly outbox: Outbox<OpenVpnOutput> = new Outbox<OpenVpnOutput>()
  readonly #limits: OpenVpnServerLimits
  readonly #contact: FirstContact
  readonly #index = new SessionIndex<ServerSession>()
  readonly #halfOpen = new HalfOpenCount()
  /** Sessions in that count, with the path they were counted by. */
  readonly #counted = new Map<ServerSession, Path>()
  readonly #deadlines = new DeadlineQueue<ServerSession>()
  readonly #peerIds = new PeerIds()
  readonly #drops = new DropLog(this.outbox)
  #lastSession = 0
  /** The stream whose end has been told: its session's end need not close it. */
  #closedStream: number | undefined

  constructor(options: OpenVpnServerOptions) {
    this.options = options
    this.crypto = options.crypto
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#contact = new FirstContact(options, this.#limits)
  }

  get sessionCount(): number {
    return this.#index.size - this.#counted.size
  }

  get halfOpenCount(): number {
    return this.#counted.size
  }

  get tlsCount(): number {
    return this.#index.tlsCount
  }

  get handshakeMs(): number {
    return this.#limits.handshakeMs
  }

  handleDatagram({ path, bytes }: Datagram<Path>, now: Instant): void {
    if (bytes.length < CONTROL_HEADER_BYTES) {
      this.drop(undefined, 'control packet: malformed', now)
      return
    }
    const session = this.#index.find(path, bytes.subarray(1, CONTROL_HEADER_BYTES))
    if (!session) {
      this.#meet(path, bytes, now)
      return
    }
    const packet = session.channel.open(bytes)
    if (typeof packet === 'string') {
      this.drop(session.id, packet, now)
      return
    }
    session.handlePacket(packet, now)
    this.#schedule(session)
  }

  /** Errors: `OpenVpnError`; then the command did nothing. */
  handleCommand(command: OpenVpnCommand, now: Instant): void {
    if (command.type === 'reply' && command.reply.type === 'allow') requirePushable(command.reply.options)
    const session = this.#addressee(command)
    if (command.type === 'stream-closed') {
      this.#closeStream(command.stream)
      return
    }
    if (!session) return
    this.#instruct(session, command, now)
    this.#schedule(session)
  }

  handleTimeout(now: Instant): void {
    const due: ServerSession[] = []
    for (let session = this.#deadlines.takeDue(now); session; session = this.#deadlines.takeDue(now))
      due.push(session)
    for (const session of due) {
      session.handleTimeout(now)
      this.#schedule(session)
    }
    this.#drops.handleTimeout(now)
  }

  poll(): OpenVpnOutput | undefined {
    return this.outbox.take()
  }

  nextTimeout(): Instant | undefined {
    return earlier(this.#deadlines.next(), this.#drops.nextTimeout())
  }

  unixSeconds(): number {
    return this.options.unixSeconds()
  }

  claimTls(session: SessionId): TlsId {
    return this.#index.claimTls(session)
  }

  releaseTls(tls: TlsId): void {
    if (this.#index.releaseTls(tls)) this.outbox.put({ type: 'tls-close', tls })
  }

  ask(session: SessionId, request: OpenVpnRequest): number {
    const id = this.#index.claimRequest(session)
    this.outbox.put({ type: 'request', id, session, request })
    return id
  }

  withdraw(request: number): void {
    this.#index.takeRequest(request)
  }

  drop(session: SessionId | undefined, reason: string, now: Instant): void {
    this.#drops.add(session, reason, now)
  }

  takePeerId(): number | undefined {
    return this.#peerIds.take()
  }

  giveBackPeerId(peerId: number): void {
    this.#peerIds.giveBack(peerId)
  }

  established(session: ServerSession): void {
    this.#discount(session)
    for (const other of this.#index.at(session.path))
      if (other !== session) other.abort('a new session from the same address replaced it', true)
  }

  moved(session: ServerSession, from: Path): void {
    this.#index.move(session, from)
  }

  ended(session: ServerSession): void {
    this.#index.remove(session)
    this.#discount(session)
    this.#deadlines.schedule(session, undefined)
    const { path } = session
    if (path.type === 'stream' && path.stream !== this.#closedStream)
      this.outbox.put({ type: 'close-stream', stream: path.stream })
  }

  /** A packet of no session. */
  #meet(path: Path, bytes: Uint8Array, now: Instant): void {
    const verdict = this.#contact.judge(path, bytes, now)
    switch (verdict.type) {
      case 'drop':
        this.#refuse(path, verdict.reason, now)
        return
      case 'answer':
        this.outbox.put({ type: 'send', path, bytes: verdict.bytes })
        return
      case 'open':
        this.#open(path, verdict, now)
        return
      default:
        verdict satisfies never
    }
  }

  #open(path: Path, verdict: Extract<FirstVerdict, { type: 'open' }>, now: Instant): void {
    const full = this.#full(path)
    if (full) {
      this.#refuse(path, full, now)
      return
    }
    const { detected, ownId, resetsDone } = verdict
    const lastPacketId = resetsDone ? 1 : 0
    const channel = new ControlChannel(this, { ownId, path, wrap: detected.wrap, lastPacketId })
    channel.meet(detected.unwrapped.packet.sessionId)
    const packet = channel.admitFirst(detected.unwrapped)
    if (typeof packet === 'string') {
      this.#refuse(path, packet, now)
      return
    }
    const id = ++this.#lastSession
    const wrapMetadata = detected.metadata
    const session = new ServerSession({ host: this, id, channel, wrapMetadata, resetsDone, now })
    this.#index.add(session)
    this.#counted.set(session, path)
    this.#halfOpen.add(path.remote.address)
    session.handlePacket(packet, now)
    this.#schedule(session)
  }

  /** Why no session may begin from here now. */
  #full(path: Path): string | undefined {
    if (this.#halfOpen.from(path.remote.address) >= this.#limits.halfOpenPerPrefix)
      return 'too many half-open sessions from one network'
    const most = path.type === 'stream' ? 1 : SESSIONS_PER_ENDPOINT
    if (this.#index.at(path).length >= most) return 'too many sessions from one address'
    return this.#halfOpen.total < this.#limits.halfOpenTotal || this.#makeRoom()
      ? undefined
      : 'too many half-open sessions'
  }

  /**
   * Ends the half-open session that has been a stranger for longest. An honest client is one for a
   * second; without this, whoever holds many addresses could keep all others out.
   */
  #makeRoom(): boolean {
    for (const session of this.#counted.keys()) {
      if (!session.stranger) continue
      session.abort('too many half-open sessions: the oldest gave way', false)
      return true
    }
    return false
  }

  /** Drops a packet of no session; a stream that begins like this is closed. */
  #refuse(path: Path, reason: string, now: Instant): void {
    this.drop(undefined, reason, now)
    if (path.type === 'stream' && this.#index.at(path).length === 0)
      this.outbox.put({ type: 'close-stream', stream: path.stream })
  }

  #addressee(command: OpenVpnCommand): ServerSession | undefined {
    if ('tls' in command) return this.#index.byTls(command.tls)
    if ('session' in command) return this.#index.byId(command.session)
    return command.type === 'reply' ? this.#index.takeRequest(command.id) : undefined
  }

  #instruct(session: ServerSession, command: OpenVpnCommand, now: Instant): void {
    switch (command.type) {
      case 'tls-output':
        session.handleTlsOutput(command.tls, command.bytes, now)
        return
      case 'tls-established':
        session.handleTlsEstablished(command.tls, command.established)
        return
      case 'tls-plaintext':
        session.handlePlaintext(command.tls, command.bytes, now)
        return
      case 'tls-failed':
        session.handleTlsFailed(command.tls, command.reason, now)
        return
      case 'reply':
        session.handleReply(command.id, command.reply, now)
        return
      case 'disconnect':
        session.disconnect(command, now)
        return
      case 'renegotiate':
        session.renegotiate(now)
        return
      case 'inband':
        if (isExitNotice(command.payload)) session.handleExit()
        return
      case 'idle':
        session.handleIdle()
        return
      case 'soft-limit':
        session.handleSoftLimit(command.keyId, now)
        return
      case 'moved':
        session.handleMoved(command.path)
        return
      case 'connect':
      case 'stream-closed':
        return
      default:
        command satisfies never
    }
  }

  #closeStream(stream: number): void {
    this.#closedStream = stream
    for (const session of this.#index.atStream(stream)) session.abort('the connection ended', true)
    this.#closedStream = undefined
  }

  #discount(session: ServerSession): void {
    const path = this.#counted.get(session)
    if (path && this.#counted.delete(session)) this.#halfOpen.remove(path.remote.address)
  }

  #schedule(session: ServerSession): void {
    this.#deadlines.schedule(session, session.nextTimeout())
  }
}
