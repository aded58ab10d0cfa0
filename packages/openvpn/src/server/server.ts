import { type Engine, type Instant, SourceCount } from '@causeway/engine'
import type { OpenVpnCommand, OpenVpnReply } from '../command.ts'
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
import type { OpenVpnOutput, SessionId } from '../output.ts'
import type { Path } from '../path.ts'
import { ControlChannel } from '../session/control-channel.ts'
import { SessionEngine } from '../session/session-engine.ts'
import { FirstContact, type FirstVerdict } from './first-contact.ts'
import { PeerIds } from './peer-ids.ts'
import { requireTellable } from './pending-decision.ts'
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

/** Errors: `OpenVpnError` for a reply that cannot be carried out. */
function requirePossible(reply: OpenVpnReply): void {
  if (reply.type === 'allow') requirePushable(reply.options, reply.authToken)
  else if (reply.type === 'pending') requireTellable(reply)
}

const DEFAULT_LIMITS: OpenVpnServerLimits = {
  handshakeMs: HANDSHAKE_MS,
  halfOpenTotal: HALF_OPEN_TOTAL,
  halfOpenPerPrefix: HALF_OPEN_PER_PREFIX,
  resetRepliesPerSecond: RESET_REPLIES_PER_SECOND,
  resetRepliesPerPrefix: RESET_REPLIES_PER_PREFIX,
  statefulResetsPerSecond: STATEFUL_RESETS_PER_SECOND,
}

class Server extends SessionEngine<ServerSession> implements OpenVpnServer, ServerHost {
  readonly options: OpenVpnServerOptions
  readonly #limits: OpenVpnServerLimits
  readonly #contact: FirstContact
  readonly #halfOpen = new SourceCount()
  /** Sessions in that count, with the path they were counted by. */
  readonly #counted = new Map<ServerSession, Path>()
  readonly #peerIds = new PeerIds()

  constructor(options: OpenVpnServerOptions) {
    super(options)
    this.options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#contact = new FirstContact(options, this.#limits)
  }

  get sessionCount(): number {
    return this.index.size - this.#counted.size
  }

  get halfOpenCount(): number {
    return this.#counted.size
  }

  get tlsCount(): number {
    return this.index.tlsCount
  }

  get handshakeMs(): number {
    return this.#limits.handshakeMs
  }

  /** Errors: `OpenVpnError`; then the command did nothing. */
  override handleCommand(command: OpenVpnCommand, now: Instant): void {
    if (command.type === 'reply') requirePossible(command.reply)
    super.handleCommand(command, now)
  }

  takePeerId(): number | undefined {
    return this.#peerIds.take()
  }

  giveBackPeerId(peerId: number): void {
    this.#peerIds.giveBack(peerId)
  }

  established(session: ServerSession): void {
    this.#discount(session)
    for (const other of this.index.at(session.path))
      if (other !== session) other.abort('a new session from the same address replaced it', true)
  }

  override ended(id: SessionId): void {
    const session = this.index.byId(id)
    super.ended(id)
    if (session) this.#discount(session)
  }

  /** A server waits to be called. */
  protected connect(): void {}

  protected recipient(path: Path, remoteId: Uint8Array): ServerSession | undefined {
    return this.index.find(path, remoteId)
  }

  protected meet(path: Path, bytes: Uint8Array, now: Instant): void {
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
    const id = this.claimSession()
    const wrapMetadata = detected.metadata
    const session = new ServerSession({ host: this, id, channel, wrapMetadata, resetsDone, now })
    this.#counted.set(session, path)
    this.#halfOpen.add(path.remote.address)
    this.begin(session, now, packet)
  }

  /** Why no session may begin from here now. */
  #full(path: Path): string | undefined {
    if (this.#halfOpen.from(path.remote.address) >= this.#limits.halfOpenPerPrefix)
      return 'too many half-open sessions from one network'
    const most = path.type === 'stream' ? 1 : SESSIONS_PER_ENDPOINT
    if (this.index.at(path).length >= most) return 'too many sessions from one address'
    return this.#halfOpen.total < this.#limits.halfOpenTotal || this.#makeRoom()
      ? undefined
      : 'too many half-open sessions'
  }

  /**
   * Ends the half-open session that has been a stranger for longest. An honest client is one for a
   * second; without this, whoever holds many addresses could keep all others out. The same holds for
   * those whose user is to sign in, which takes minutes: of these, one of the busiest network goes.
   */
  #makeRoom(): boolean {
    const session = this.#oldestStranger() ?? this.#oldestWaiting()
    session?.abort('too many half-open sessions: the oldest gave way', false)
    return session !== undefined
  }

  #oldestStranger(): ServerSession | undefined {
    for (const session of this.#counted.keys()) if (session.stranger) return session
    return undefined
  }

  /** Of the network with most half-open sessions, the one that has waited longest for its user. */
  #oldestWaiting(): ServerSession | undefined {
    let oldest: ServerSession | undefined
    let most = 0
    for (const [session, path] of this.#counted) {
      const count = session.waitsForUser ? this.#halfOpen.from(path.remote.address) : 0
      if (count <= most) continue
      most = count
      oldest = session
    }
    return oldest
  }

  /** Drops a packet of no session; a stream that begins like this is closed. */
  #refuse(path: Path, reason: string, now: Instant): void {
    this.drop(undefined, reason, now)
    if (path.type === 'stream' && this.index.at(path).length === 0)
      this.outbox.put({ type: 'close-stream', stream: path.stream })
  }

  #discount(session: ServerSession): void {
    const path = this.#counted.get(session)
    if (path && this.#counted.delete(session)) this.#halfOpen.remove(path.remote.address)
  }
}
