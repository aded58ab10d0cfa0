import type { Datapath, FlowCounters, PortId } from '@causeway/datapath'
import { TokenBucket } from '@causeway/engine'
import type { Ikev2Request, SessionEvent, SessionId } from '@causeway/ikev2'
import type { ConnectionOutput, Reason, SessionNews } from '@causeway/site-to-site'
import { formatEndpoint, type IpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { ChildFlow, FlowKind } from '../ikev2/child-flows.ts'
import type { PortDirectory } from '../ikev2/ike-ports.ts'
import type { Ikev2Driver } from '../ikev2/ikev2-driver.ts'
import { dialPath, type MachineAddresses } from './dial-path.ts'
import { identityText } from './identity-text.ts'
import type { InboundJudge } from './inbound-judge.ts'
import { dialsBeside, forgottenBy, isOnlyTo } from './initial-contact.ts'
import type { ConnectionSessions, LiveConnection } from './live-connection.ts'
import { type Admitted, SiteAdmission, type SiteVerdict } from './site-admission.ts'
import { SiteChildren } from './site-children.ts'
import { SiteFlows } from './site-flows.ts'
import type { SiteSession } from './site-session.ts'
import { dialTerms, ownPart, revisedTerms } from './site-terms.ts'

type Authenticate = Extract<Ikev2Request, { readonly type: 'authenticate' }>
type Secret = Extract<Ikev2Request, { readonly type: 'psk' }>
type EventOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: Type }>
type Dial = Extract<ConnectionOutput, { readonly type: 'dial' }>

/** What sessions of sites need of the gateway around them. */
export interface SiteSessionsOptions {
  readonly datapath: Datapath
  readonly ports: PortDirectory
  readonly machine: MachineAddresses
  readonly judge: InboundJudge
  readonly configuration: () => GatewayConfiguration
  /** Those that are configured. */
  readonly connections: () => readonly LiveConnection[]
  /** The only one whose peer is at this address. */
  readonly connectionAt: (remote: IpAddress) => LiveConnection | undefined
  readonly clock: Clock
  /** Of IKE. */
  readonly log: Logger
}

/** Ours: strangers choose how often. */
const REMARKS_PER_SECOND = 5
const GONE: Reason = { code: 'not-configured', message: 'the connection is no longer configured' }

/** IKE SAs of connections to sites: whose they are, on what terms, and where their packets go. */
export class SiteSessions implements ConnectionSessions {
  readonly #options: SiteSessionsOptions
  readonly #driver: Ikev2Driver
  readonly #flows: SiteFlows
  readonly #door: SiteAdmission
  readonly #sessions = new Map<SessionId, SiteSession>()
  readonly #remarks = new TokenBucket(REMARKS_PER_SECOND)
  #tags = 0

  constructor(options: SiteSessionsOptions, driver: Ikev2Driver) {
    this.#options = options
    this.#driver = driver
    const { datapath, configuration, judge, connections } = options
    this.#flows = new SiteFlows(datapath, configuration)
    this.#door = new SiteAdmission({
      judge,
      connections,
      begin: (session, admitted) => this.#begin(session, 'peer', admitted),
    })
  }

  /** Whether the session is a connection's, as far as is known. */
  has(session: SessionId): boolean {
    return this.#sessions.has(session) || this.#door.knows(session)
  }

  of(connection: LiveConnection): readonly SiteSession[] {
    return [...this.#sessions.values()].filter(session => session.connection === connection)
  }

  dial(connection: LiveConnection, dial: Dial): void {
    const { session, tunnel, terms, material, remote } = dial
    const begun = this.#begin(session, 'us', { connection, tunnel, terms, material })
    this.#connect(begun, remote).then(
      problem => {
        if (problem !== undefined) this.#failed(begun, problem)
      },
      (error: unknown) => {
        this.#options.log.error({ err: error, connection: connection.id }, 'a dial failed on our side')
        this.#failed(begun, 'the gateway has a fault')
      },
    )
  }

  disconnect(id: SessionId, reason: Reason): void {
    const session = this.#sessions.get(id)
    if (!session) return
    this.#over(session)
    if (session.path) this.#driver.command({ type: 'disconnect', session: id, reason: reason.message })
    else this.#forget(session)
  }

  renewChildren(id: SessionId): void {
    const session = this.#sessions.get(id)
    if (!session) return
    const { configuration } = session.connection
    const terms = revisedTerms(configuration, session.initiator === 'us')
    this.#driver.command({ type: 'revise', session: id, terms })
    session.children.renew(configuration.selectors)
  }

  carrierChanged(connection: LiveConnection): void {
    for (const session of this.of(connection)) this.#route(session)
  }

  /** What routes are made of has changed. */
  rerouteAll(): void {
    for (const session of this.#sessions.values()) this.#route(session)
    this.#flows.keep(new Set(this.#options.connections().map(({ id }) => id)))
  }

  /** Ends the sessions whose packets go by a UDP port that is gone; their connections dial anew. */
  endThoseOf(port: PortId): void {
    for (const { id, path } of [...this.#sessions.values()])
      if (path?.port === port)
        this.#driver.command({ type: 'disconnect', session: id, reason: 'the listener is gone' })
  }

  /** A peer claims to be somebody who has a secret. */
  secret(id: number, session: SessionId, request: Secret): void {
    const secret = this.#door.secret(session, request)
    this.#driver.reply(id, { type: 'psk', secret })
    // Not before the answer is on its way: it must take no longer than where there is one.
    if (!this.has(session)) queueMicrotask(() => this.#remarkUnknown(request))
  }

  /** Whether the responder of our own dial is who it should be. */
  trust(id: number, session: SessionId, { peerChain }: Authenticate): void {
    const dialled = this.#sessions.get(session)
    if (!dialled) {
      this.#driver.reply(id, { type: 'deny', reason: 'the dial was given up' })
      return
    }
    this.#door.judgeResponder(dialled, peerChain).then(
      reply => this.#driver.reply(id, reply),
      (error: unknown) => {
        this.#options.log.error({ err: error }, 'the peer of a connection could not be judged')
        this.#driver.reply(id, { type: 'deny', reason: 'the gateway has a fault' })
      },
    )
  }

  /** Whether a peer that has begun is a connection's. */
  admit(session: SessionId, request: Authenticate): Promise<SiteVerdict> {
    return this.#door.admit(session, request, this.#options.clock.now())
  }

  /** IKE has refused a session by itself: whoever it is of is waited for no more. */
  noteRefused(session: SessionId): void {
    this.#door.noteRefused(session)
  }

  /** IKE has refused a peer of which nothing is known but its address. Whether a connection seems to be meant. */
  noteStranger({ path, reason }: EventOf<'refused'>): boolean {
    const connection = this.#options.connectionAt(path.remote.address)
    connection?.refused.add(formatEndpoint(path.remote), reason)
    return connection !== undefined
  }

  /** Ends all sessions of a connection that is gone. */
  endThoseOfConnection(connection: LiveConnection): void {
    for (const session of this.of(connection)) this.disconnect(session.id, GONE)
  }

  flowKind(): FlowKind {
    return { peer: 'site' }
  }

  flowOpened({ session }: ChildFlow): void {
    const known = this.#sessions.get(session)
    if (known) this.#route(known)
  }

  flowClosed(flow: ChildFlow): void {
    this.#flows.closed(flow)
  }

  flowsClosed(id: SessionId): void {
    const session = this.#sessions.get(id)
    if (session?.isGone) this.#forget(session)
  }

  handleEvent(id: SessionId, event: SessionEvent): void {
    const session = this.#sessions.get(id)
    switch (event.type) {
      case 'established':
        if (session) this.#established(session, event)
        return
      case 'refused':
        this.#refused(id, session, event)
        return
      case 'closed':
        if (session) this.#ended(session, event)
        return
      case 'child-established':
        if (session) this.#childEstablished(session, event)
        return
      case 'child-closed':
        if (session) this.#childClosed(session, event)
        return
      case 'child-refused':
        session?.children.refused(event.tag, event.reason, event.temporary ?? false)
        return
      case 'child-rekeyed':
        session?.childSince.set(event.child, this.#unixSeconds())
        return
      case 'moved':
        if (session) session.path = event.path
        return
      case 'notified':
        this.#options.log.info({ session: id, notify: event.notify }, event.detail)
        return
      case 'dropped':
        this.#options.log.debug({ session: id, count: event.count }, event.reason)
        return
      case 'ike-rekeyed':
        if (session?.agreed) session.agreed = { ...session.agreed, suite: event.suite }
        return
      case 'peer-addresses':
        return
      case 'reauthentication-due':
        if (session) this.#tell(session, { type: 'due' })
        return
      default:
        event satisfies never
    }
  }

  /** What the session's flows have carried, closed ones included. */
  counters(session: SessionId): FlowCounters {
    return this.#driver.counters(session)
  }

  flowsOf(session: SessionId): readonly ChildFlow[] {
    return this.#driver.flowsOf(session)
  }

  flowCounters(flow: ChildFlow): FlowCounters {
    return this.#driver.flowCounters(flow)
  }

  /** Nothing is waited for any more. */
  close(): void {
    for (const { children } of this.#sessions.values()) children.stop()
  }

  #begin(
    id: SessionId,
    initiator: SiteSession['initiator'],
    start: Pick<Admitted, 'connection' | 'tunnel' | 'terms' | 'material'> & Partial<Admitted>,
  ): SiteSession {
    const { connection } = start
    const session: SiteSession = {
      id,
      initiator,
      ownIdentification: undefined,
      peerSubject: undefined,
      path: undefined,
      initialContactAt: undefined,
      ...start,
      children: new SiteChildren({
        session: id,
        command: command => this.#driver.command(command),
        nextTag: () => ++this.#tags,
        yields: initiator === 'peer',
        warn: message => connection.tell('warning', 'child-refused', `tunnel ${session.tunnel}: ${message}`),
      }),
      agreed: undefined,
      establishedSeconds: 0,
      establishedAt: undefined,
      isOver: false,
      isGone: false,
      childSince: new Map(),
    }
    this.#sessions.set(id, session)
    return session
  }

  /** A text: why nothing was sent. */
  async #connect(session: SiteSession, remote: IpAddress): Promise<string | undefined> {
    const { connection, material } = session
    const { configuration } = connection
    const tunnel = configuration.tunnels.find(({ name }) => name === session.tunnel)
    const { ports, machine } = this.#options
    const way = await dialPath(remote, tunnel?.publicAddress, ports, machine)
    if (session.isOver) return undefined
    if (typeof way === 'string') return way
    const own = ownPart(configuration, connection.certificates.of(material), tunnel, way.path.local.address)
    if (!own) return 'the outbound certificate is no longer held'
    const terms = dialTerms(configuration, {
      own,
      isOnly: isOnlyTo(remote, session, this.#sessions.values()),
      authorityKeyHashes: this.#options.judge.authorityKeyHashes(configuration),
    })
    session.path = way.path
    session.ownIdentification = own.identification
    this.#driver.command({ type: 'connect', session: session.id, ...way, terms })
    return undefined
  }

  #established(session: SiteSession, event: EventOf<'established'>): void {
    const { id, connection, tunnel, initiator, terms, material } = session
    this.#door.forget(id)
    if (session.isOver) return
    session.agreed = event
    session.path = event.path
    session.establishedSeconds = this.#unixSeconds()
    session.establishedAt = this.#options.clock.now()
    for (const dial of dialsBeside(session, this.#sessions.values()))
      this.#driver.command({ type: 'revise', session: dial.id, terms: { initialContact: false } })
    connection.refused.forget()
    this.#tell(session, {
      type: 'established',
      tunnel,
      initiator,
      isProven: true,
      terms,
      material,
      order: event.order,
    })
    // What was just told may have ended it.
    const kept = this.#sessions.get(id)
    if (initiator === 'us' && kept && !kept.isOver)
      kept.children.ask(connection.configuration.selectors.slice(1))
  }

  #childEstablished(session: SiteSession, { child, tag, local, remote }: EventOf<'child-established'>): void {
    session.childSince.set(child, this.#unixSeconds())
    session.connection.command({ type: 'child', session: session.id, child, isUp: true })
    session.children.established(child, tag, { local, remote })
    this.#endForgotten(session)
  }

  /** Should the network have exchanged two messages, a DELETE tells the peer that it has to do without ours. */
  #endForgotten(session: SiteSession): void {
    const forgotten = forgottenBy(session, this.#sessions.values())
    session.initialContactAt = undefined
    for (const other of forgotten) {
      this.#over(other)
      const reason = 'the peer has begun anew'
      this.#tell(other, { type: 'closed', reason, byPeer: true })
      const silent = other.initiator === 'peer'
      this.#driver.command({ type: 'disconnect', session: other.id, reason, silent })
    }
  }

  /** IKE tells of them before it tells that the session has ended, which is the reason that the operator should read. */
  #childClosed(session: SiteSession, { child }: EventOf<'child-closed'>): void {
    session.childSince.delete(child)
    session.children.closed(child)
    queueMicrotask(() => {
      if (session.isGone) return
      session.connection.command({ type: 'child', session: session.id, child, isUp: false })
    })
  }

  /** It came to nothing. */
  #refused(
    id: SessionId,
    session: SiteSession | undefined,
    { path, reason, byPeer }: EventOf<'refused'>,
  ): void {
    const claimed = this.#door.claimOf(id)
    this.#door.forget(id)
    if (!session) claimed?.refused.add(formatEndpoint(path.remote), reason)
    if (!session) return
    if (session.initiator === 'peer') session.connection.refused.add(formatEndpoint(path.remote), reason)
    this.#end(session, { type: 'refused', reason, byPeer })
  }

  #ended(session: SiteSession, { reason, byPeer }: EventOf<'closed'>): void {
    this.#end(session, { type: 'closed', reason, byPeer })
  }

  #end(session: SiteSession, news: SessionNews): void {
    session.isGone = true
    this.#over(session)
    this.#tell(session, news)
    if (!this.#driver.hasFlows(session.id)) this.#forget(session)
  }

  #failed(session: SiteSession, reason: string): void {
    this.#over(session)
    this.#tell(session, { type: 'refused', reason, byPeer: false })
    this.#forget(session)
  }

  #over(session: SiteSession): void {
    session.isOver = true
    session.children.stop()
  }

  #forget(session: SiteSession): void {
    if (!this.#sessions.delete(session.id)) return
    session.connection.totals.add(session.tunnel, this.#driver.counters(session.id))
    this.#driver.forget(session.id)
  }

  #tell({ id, connection }: SiteSession, event: SessionNews): void {
    connection.command({ type: 'session', session: id, event })
  }

  #route(session: SiteSession): void {
    this.#flows.route(session, this.#driver.flowsOf(session.id))
  }

  #remarkUnknown({ identification, path }: Secret): void {
    if (!this.#remarks.take(this.#options.clock.now())) return
    const [name, from] = [identityText(identification), formatEndpoint(path.remote)]
    this.#options.log.warn(
      `no connection with a shared key is called ${name}, as the peer at ${from} says it is`,
    )
  }

  #unixSeconds(): number {
    return Math.floor(this.#options.clock.unixSeconds())
  }
}
