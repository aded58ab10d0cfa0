import type { CryptoPort } from '@causeway/crypto'
import { type Datagram, DeadlineQueue, DropLog, type Engine, type Instant, Outbox } from '@causeway/engine'
import type { OpenVpnCommand, OpenVpnReply, TlsEstablished } from '../command.ts'
import type { KeyId } from '../data-channel.ts'
import type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import { CONTROL_HEADER_BYTES, type ControlPacket } from '../wire/control-packet.ts'
import type { ControlChannel } from './control-channel.ts'
import { isExitNotice } from './exit-notice.ts'
import type { SessionHost } from './host.ts'
import { earlier } from './key-lane.ts'
import { SessionIndex } from './session-index.ts'

/** A session as its engine sees it. */
export interface EngineSession {
  readonly id: SessionId
  readonly channel: ControlChannel
  readonly path: Path
  /** Takes in a packet that the session's channel has unwrapped. */
  handlePacket(packet: ControlPacket, now: Instant): void
  handleTlsOutput(tls: TlsId, bytes: Uint8Array, now: Instant): void
  handleTlsEstablished(tls: TlsId, established: TlsEstablished): void
  handlePlaintext(tls: TlsId, bytes: Uint8Array, now: Instant): void
  handleTlsFailed(tls: TlsId, reason: string, now: Instant): void
  handleReply(request: number, reply: OpenVpnReply, now: Instant): void
  /** Ends the session and tells the peer in the way that it understands. */
  disconnect(command: DisconnectCommand, now: Instant): void
  /** The user's answer to what the server asked. */
  answerChallenge(text: string, now: Instant): void
  /** Negotiates a new key as soon as it may. */
  renegotiate(now: Instant): void
  handleSoftLimit(keyId: KeyId, now: Instant): void
  handleIdle(): void
  handleMoved(path: Path): void
  /** The peer says inside the data channel that it leaves. */
  handleExit(): void
  /** Ends at once and says nothing to the peer. */
  abort(reason: string, byPeer: boolean): void
  nextTimeout(): Instant | undefined
  handleTimeout(now: Instant): void
}

export type DisconnectCommand = Extract<OpenVpnCommand, { readonly type: 'disconnect' }>

export type ConnectCommand = Extract<OpenVpnCommand, { readonly type: 'connect' }>

/** A command for a session that is there already. */
type SessionCommand = Exclude<OpenVpnCommand, { readonly type: 'connect' | 'stream-closed' }>

/** What the engines of both roles are made with. */
export interface SessionEngineOptions {
  readonly crypto: CryptoPort
  /** Wall-clock time in seconds since 1970. */
  readonly unixSeconds: () => number
}

/**
 * The engine of either role, but for how sessions begin: it takes packets and commands to the session
 * they are for, wakes sessions when they are due, and keeps the ids of their TLS connections and requests.
 */
export abstract class SessionEngine<Session extends EngineSession>
  implements Engine<Path, OpenVpnCommand, OpenVpnOutput>, SessionHost
{
  readonly crypto: CryptoPort
  readonly outbox: Outbox<OpenVpnOutput> = new Outbox<OpenVpnOutput>()
  protected readonly index: SessionIndex<Session> = new SessionIndex<Session>()
  readonly #clock: SessionEngineOptions
  readonly #deadlines = new DeadlineQueue<Session>()
  readonly #drops = new DropLog<SessionId>(({ session, reason, count }) =>
    this.outbox.put({ type: 'event', session, event: { type: 'dropped', reason, count } }),
  )
  #lastSession = 0
  /** The stream whose end has been told: its session's end need not close it. */
  #closedStream: number | undefined

  constructor(options: SessionEngineOptions) {
    this.crypto = options.crypto
    this.#clock = options
  }

  /** Begins a session. */
  protected abstract connect(command: ConnectCommand, now: Instant): void

  /** The session that a packet from the peer with this session id is for. */
  protected abstract recipient(path: Path, remoteId: Uint8Array): Session | undefined

  /** A packet of no session. */
  protected abstract meet(path: Path, bytes: Uint8Array, now: Instant): void

  handleDatagram({ path, bytes }: Datagram<Path>, now: Instant): void {
    if (bytes.length < CONTROL_HEADER_BYTES) {
      this.drop(undefined, 'control packet: malformed', now)
      return
    }
    const session = this.recipient(path, bytes.subarray(1, CONTROL_HEADER_BYTES))
    if (!session) {
      this.meet(path, bytes, now)
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

  handleCommand(command: OpenVpnCommand, now: Instant): void {
    if (command.type === 'connect') {
      this.connect(command, now)
      return
    }
    if (command.type === 'stream-closed') {
      this.#closeStream(command.stream)
      return
    }
    const session = this.#addressee(command)
    if (!session) return
    instruct(session, command, now)
    this.#schedule(session)
  }

  handleTimeout(now: Instant): void {
    const due: Session[] = []
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
    return this.#clock.unixSeconds()
  }

  claimTls(session: SessionId): TlsId {
    return this.index.claimTls(session)
  }

  releaseTls(tls: TlsId): void {
    if (this.index.releaseTls(tls)) this.outbox.put({ type: 'tls-close', tls })
  }

  ask(session: SessionId, request: OpenVpnRequest): number {
    const id = this.index.claimRequest(session)
    this.outbox.put({ type: 'request', id, session, request })
    return id
  }

  withdraw(request: number): void {
    this.index.takeRequest(request)
  }

  drop(session: SessionId | undefined, reason: string, now: Instant): void {
    this.#drops.add(session, reason, now)
  }

  moved(id: SessionId, from: Path): void {
    const session = this.index.byId(id)
    if (session) this.index.move(session, from)
  }

  ended(id: SessionId): void {
    const session = this.index.byId(id)
    if (!session) return
    this.index.remove(session)
    this.#deadlines.schedule(session, undefined)
    const { path } = session
    if (path.type === 'stream' && path.stream !== this.#closedStream)
      this.outbox.put({ type: 'close-stream', stream: path.stream })
  }

  protected claimSession(): SessionId {
    return ++this.#lastSession
  }

  /** Takes in a session that has just begun, with its first packet if that is there already. */
  protected begin(session: Session, now: Instant, first?: ControlPacket): void {
    this.index.add(session)
    if (first) session.handlePacket(first, now)
    this.#schedule(session)
  }

  #addressee(command: SessionCommand): Session | undefined {
    if ('tls' in command) return this.index.byTls(command.tls)
    if ('session' in command) return this.index.byId(command.session)
    // The request stays open for the decision.
    if (command.reply.type === 'pending') return this.index.byRequest(command.id)
    return this.index.takeRequest(command.id)
  }

  #closeStream(stream: number): void {
    this.#closedStream = stream
    for (const session of this.index.atStream(stream)) session.abort('the connection ended', true)
    this.#closedStream = undefined
  }

  #schedule(session: Session): void {
    this.#deadlines.schedule(session, session.nextTimeout())
  }
}

function instruct(session: EngineSession, command: SessionCommand, now: Instant): void {
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
    case 'answer-challenge':
      session.answerChallenge(command.text, now)
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
    default:
      command satisfies never
  }
}
