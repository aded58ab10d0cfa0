import type { CryptoPort } from '@causeway/crypto'
import { type Datagram, DeadlineQueue, type Engine, type Instant, Outbox } from '@causeway/engine'
import { sameBytes } from '@causeway/wire'
import type { OpenVpnCommand } from '../command.ts'
import type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import { ControlChannel } from '../session/control-channel.ts'
import { DropLog } from '../session/drop-log.ts'
import { isExitNotice } from '../session/exit-notice.ts'
import { earlier } from '../session/key-lane.ts'
import { SessionIndex } from '../session/session-index.ts'
import { CONTROL_HEADER_BYTES } from '../wire/control-packet.ts'
import { EARLY_NEGOTIATION_START } from '../wire/early-negotiation.ts'
import type { ClientHost } from './client-host.ts'
import type { OpenVpnClientOptions } from './client-options.ts'
import { ClientSession } from './client-session.ts'

/** The client role: one session for each `connect`, which a `configure` request announces. */
export interface OpenVpnClient extends Engine<Path, OpenVpnCommand, OpenVpnOutput> {
  /** Sessions that have not ended. */
  readonly sessionCount: number
}

/** Makes a client engine. */
export function createOpenVpnClient(options: OpenVpnClientOptions): OpenVpnClient {
  return new Client(options)
}

class Client implements OpenVpnClient, ClientHost {
  readonly options: OpenVpnClientOptions
  readonly crypto: CryptoPort
  readonly outbox: Outbox<OpenVpnOutput> = new Outbox<OpenVpnOutput>()
  readonly #index = new SessionIndex<ClientSession>()
  readonly #deadlines = new DeadlineQueue<ClientSession>()
  readonly #drops = new DropLog(this.outbox)
  #lastSession = 0
  /** The stream whose end has been told: its session's end need not close it. */
  #closedStream: number | undefined

  constructor(options: OpenVpnClientOptions) {
    this.options = options
    this.crypto = options.crypto
  }

  get sessionCount(): number {
    return this.#index.size
  }

  handleDatagram({ path, bytes }: Datagram<Path>, now: Instant): void {
    if (bytes.length < CONTROL_HEADER_BYTES) {
      this.drop(undefined, 'control packet: malformed', now)
      return
    }
    const session = this.#recipient(path, bytes.subarray(1, CONTROL_HEADER_BYTES))
    if (!session) {
      this.drop(undefined, 'control packet: no session', now)
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
      this.#connect(command.path, now)
      return
    }
    if (command.type === 'stream-closed') {
      this.#closeStream(command.stream)
      return
    }
    const session = this.#addressee(command)
    if (!session) return
    this.#instruct(session, command, now)
    this.#schedule(session)
  }

  handleTimeout(now: Instant): void {
    const due: ClientSession[] = []
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

  moved(session: ClientSession, from: Path): void {
    this.#index.move(session, from)
  }

  ended(session: ClientSession): void {
    this.#index.remove(session)
    this.#deadlines.schedule(session, undefined)
    const { path } = session
    if (path.type === 'stream' && path.stream !== this.#closedStream)
      this.outbox.put({ type: 'close-stream', stream: path.stream })
  }

  #connect(path: Path, now: Instant): void {
    const { wrap } = this.options
    // A first packet id in this range tells the server that the wrapped key can be sent again.
    const lastPacketId = wrap.kind === 'tls-crypt-v2' ? EARLY_NEGOTIATION_START : 0
    const channel = new ControlChannel(this, { ownId: this.crypto.random(8), path, wrap, lastPacketId })
    const session = new ClientSession(this, ++this.#lastSession, channel, now)
    this.#index.add(session)
    this.#schedule(session)
  }

  /** The session with the peer of this id; else the one that waits to learn its peer's id. */
  #recipient(path: Path, remoteId: Uint8Array): ClientSession | undefined {
    const sessions = this.#index.at(path)
    const known = sessions.find(({ channel }) => channel.remoteId && sameBytes(channel.remoteId, remoteId))
    return known ?? sessions.find(({ channel }) => !channel.remoteId)
  }

  #addressee(command: OpenVpnCommand): ClientSession | undefined {
    if ('tls' in command) return this.#index.byTls(command.tls)
    if ('session' in command) return this.#index.byId(command.session)
    return command.type === 'reply' ? this.#index.takeRequest(command.id) : undefined
  }

  #instruct(session: ClientSession, command: OpenVpnCommand, now: Instant): void {
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
        session.handleTlsFailed(command.tls, command.reason)
        return
      case 'reply':
        session.handleReply(command.id, command.reply, now)
        return
      case 'disconnect':
        session.disconnect(command.reason, now)
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

  #schedule(session: ClientSession): void {
    this.#deadlines.schedule(session, session.nextTimeout())
  }
}
