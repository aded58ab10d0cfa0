import { type Engine, TokenBucket } from '@causeway/engine'
import type { SessionId } from '@causeway/ikev2'
import {
  type ConnectionCommand,
  type ConnectionOutput,
  type ConnectionReply,
  type ConnectionRequest,
  type ConnectionStatus,
  createConnection,
  type IncomingAnswer,
  type Reason,
} from '@causeway/site-to-site'
import { formatIpAddress, type IpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { EngineLoop } from '../engine/engine-loop.ts'
import type { DiagnosticLogs } from '../observation/index.ts'
import { type HeldCertificate, OutboundCertificates } from './outbound-certificates.ts'
import { RefusedPeers } from './refused-peers.ts'
import type { ResolveName } from './resolver.ts'
import type { SiteConnection } from './site-configuration.ts'
import { connectionPlan } from './site-plan.ts'
import { TunnelTotals } from './tunnel-totals.ts'
import type { VaultAccess } from './vault-access.ts'

type OutputOf<Type extends ConnectionOutput['type']> = Extract<ConnectionOutput, { readonly type: Type }>

/** What a connection wants of IKE. */
export interface ConnectionSessions {
  dial(connection: LiveConnection, dial: OutputOf<'dial'>): void
  disconnect(session: SessionId, reason: Reason): void
  renewChildren(session: SessionId): void
  /** Another session of a tunnel is sent through. */
  carrierChanged(connection: LiveConnection): void
}

/** What a connection needs around it. */
export interface LiveConnectionOptions {
  readonly sessions: ConnectionSessions
  readonly vault: VaultAccess
  readonly resolve: ResolveName
  readonly nextSession: () => SessionId
  /** Where its peer is has become known, or is another place. */
  readonly placed: (connection: LiveConnection, address: IpAddress) => void
  readonly clock: Clock
  readonly logs: DiagnosticLogs
  /** Of defects. */
  readonly log: Logger
}

/** Ours. */
const REMARKS_PER_SECOND = 5

const UNKNOWN: ConnectionStatus = {
  status: 'Unknown',
  reason: { code: 'not-configured', message: 'the connection is not configured' },
  tunnels: [],
}

/** One connection that is configured: its engine, joined to the vault, the resolver, IKE and the log. */
export class LiveConnection {
  readonly id: string
  readonly certificates: OutboundCertificates = new OutboundCertificates()
  readonly totals: TunnelTotals = new TunnelTotals()
  readonly refused: RefusedPeers
  readonly #options: LiveConnectionOptions
  readonly #loop: EngineLoop<never, ConnectionCommand, ConnectionOutput>
  readonly #answers = new Map<SessionId, (answer: IncomingAnswer) => void>()
  /** By tunnel. */
  readonly #carriers = new Map<string, SessionId>()
  readonly #remarks = new TokenBucket(REMARKS_PER_SECOND)
  #configuration: SiteConnection
  #log: ReturnType<DiagnosticLogs['tunnel']>
  #status: ConnectionStatus = UNKNOWN
  #peerNotes: readonly string[] = []
  #judgedBy = ''
  #isGone = false

  constructor(configuration: SiteConnection, options: LiveConnectionOptions) {
    const { clock, log } = options
    this.id = configuration.id
    this.#configuration = configuration
    this.#options = options
    this.#log = this.#logOf(configuration)
    this.refused = new RefusedPeers(clock, line => this.#log.tell(line))
    const unixSeconds = (): number => Math.floor(clock.unixSeconds())
    const engine = createConnection({ random: Math.random, unixSeconds, nextSession: options.nextSession })
    this.#loop = new EngineLoop(withoutDatagrams(engine), {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => undefined,
      defect: (error, output) =>
        log.error(
          { err: error, connection: this.id, output: output?.type },
          'a connection failed on our side',
        ),
    })
  }

  get configuration(): SiteConnection {
    return this.#configuration
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** What its peers are judged by, as a digest. */
  get judgedBy(): string {
    return this.#judgedBy
  }

  configure(configuration: SiteConnection): void {
    const plan = connectionPlan(configuration)
    this.#configuration = configuration
    this.#judgedBy = plan.digests.authentication
    this.#log = this.#logOf(configuration)
    this.command({ type: 'configure', plan })
  }

  /** Its sessions end; nothing of it goes on. */
  remove(): void {
    this.command({ type: 'configure', plan: undefined })
    this.#isGone = true
    this.#loop.close()
    for (const answer of this.#answers.values()) answer({ type: 'refuse', reason: UNKNOWN.reason })
    this.#answers.clear()
    this.certificates.clear()
  }

  command(command: ConnectionCommand): void {
    this.#loop.handleCommand(command)
  }

  /** A peer that has proven to be this connection's wants in. */
  incoming(session: SessionId, tunnel: string): Promise<IncomingAnswer> {
    if (this.#isGone) return Promise.resolve({ type: 'refuse', reason: UNKNOWN.reason })
    return new Promise(resolve => {
      this.#answers.set(session, resolve)
      this.command({ type: 'incoming', session, tunnel })
    })
  }

  /** The session that a tunnel's traffic goes through. */
  isCarrier(tunnel: string, session: SessionId): boolean {
    return this.#carriers.get(tunnel) === session
  }

  /** The outbound certificate for new sessions, or the one that was read last. */
  get certificate(): HeldCertificate | undefined {
    return this.certificates.newest()
  }

  /** What is to be known of the peer that was judged last. */
  notePeer(notes: readonly string[]): void {
    this.#peerNotes = notes
  }

  /** What the operator should know of it, and what does not stop it. */
  notes(): readonly string[] {
    const { notes = [] } = this.#configuration
    return [...notes, ...(this.certificate?.notes ?? []), ...this.#peerNotes, ...this.refused.notes()]
  }

  /** A line about the connection that its engine does not know of; few in a second, for the peer chooses how often. */
  tell(level: 'info' | 'warning', code: string, message: string): void {
    if (this.#remarks.take(this.#options.clock.now())) this.#log.tell({ level, code, message })
  }

  #logOf(configuration: SiteConnection): ReturnType<DiagnosticLogs['tunnel']> {
    return this.#options.logs.tunnel(configuration)
  }

  #interpret(output: ConnectionOutput): void {
    const { sessions } = this.#options
    switch (output.type) {
      case 'request':
        this.#answer(output.id, output.request)
        return
      case 'dial':
        sessions.dial(this, output)
        return
      case 'answer':
        this.#answers.get(output.session)?.(output.answer)
        this.#answers.delete(output.session)
        return
      case 'disconnect':
        sessions.disconnect(output.session, output.reason)
        return
      case 'carry':
        this.#carry(output)
        return
      case 'renew-children':
        sessions.renewChildren(output.session)
        return
      case 'release-material':
        this.certificates.release(output.version)
        return
      case 'status':
        this.#status = output.status
        return
      case 'log':
        this.#log.tell(output, this.#columns())
        return
      case 'expiry-warning':
        // The line that says so follows.
        return
      default:
        output satisfies never
    }
  }

  #columns(): { readonly remoteIP?: string } {
    const { remote } = this.#configuration
    return remote.type === 'address' ? { remoteIP: formatIpAddress(remote.address) } : {}
  }

  #carry({ tunnel, session }: OutputOf<'carry'>): void {
    if (session === undefined) this.#carriers.delete(tunnel)
    else this.#carriers.set(tunnel, session)
    this.#options.sessions.carrierChanged(this)
  }

  #answer(id: number, request: ConnectionRequest): void {
    const reply = (answer: ConnectionReply): void => this.command({ type: 'reply', id, reply: answer })
    const asked =
      request.type === 'resolve' ? this.#resolve(request.name) : this.#fetch(request.certificateId)
    asked.then(reply, (error: unknown) => {
      this.#options.log.error({ err: error, connection: this.id }, `${request.type} failed on our side`)
      const message = 'the gateway has a fault'
      if (request.type === 'resolve') reply({ type: 'not-resolved', reason: message })
      else reply({ type: 'material-refused', refusal: { reason: 'unreachable', message, isTemporary: true } })
    })
  }

  async #fetch(id: string): Promise<ConnectionReply> {
    const { vault, clock } = this.#options
    return this.certificates.fetch(await vault.reader(), id, clock.unixSeconds, () => !this.#isGone)
  }

  async #resolve(name: string): Promise<ConnectionReply> {
    try {
      const addresses = await this.#options.resolve(name)
      const [first] = addresses
      if (first && !this.#isGone) this.#options.placed(this, first)
      return { type: 'addresses', addresses }
    } catch (error) {
      return { type: 'not-resolved', reason: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** The loop's engines take datagrams; a connection has none. */
function withoutDatagrams(
  engine: ReturnType<typeof createConnection>,
): Engine<never, ConnectionCommand, ConnectionOutput> {
  return {
    handleDatagram: () => undefined,
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    poll: () => engine.poll(),
    nextTimeout: () => engine.nextTimeout(),
  }
}
