import type { PortId } from '@causeway/datapath'
import { type Instant, TokenBucket } from '@causeway/engine'
import type {
  ConfigurationReply,
  Ikev2Reply,
  Ikev2Request,
  Path,
  SessionEvent,
  SessionId,
} from '@causeway/ikev2'
import { formatEndpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import type { SiteSessions } from '../site/site-sessions.ts'
import type { ChildFlow, FlowKind } from './child-flows.ts'
import type { Ikev2Driver, Ikev2Role } from './ikev2-driver.ts'
import type { Ikev2Sessions } from './ikev2-sessions.ts'

type Authenticate = Extract<Ikev2Request, { readonly type: 'authenticate' }>
type Refused = Extract<SessionEvent, { readonly type: 'refused' }>
type Secret = Extract<Ikev2Request, { readonly type: 'psk' }>

/** Who shares the gateway's one engine. */
export interface Ikev2RolesOptions {
  readonly clients: Ikev2Sessions
  readonly sites: SiteSessions
  /** Whether there are connections to sites. */
  readonly hasSites: () => boolean
  /** Whether clients are served. */
  readonly hasClients: () => boolean
  readonly driver: Ikev2Driver
  readonly now: () => Instant
  readonly log: Logger
}

/** Ours: strangers choose how often they are refused. */
const REMARKS_PER_SECOND = 5

/** Takes what IKE says to whom it concerns: clients of point-to-site, or connections to sites. */
export class Ikev2Roles implements Ikev2Role {
  readonly clients: Ikev2Sessions
  readonly sites: SiteSessions
  readonly #options: Ikev2RolesOptions
  readonly #remarks = new TokenBucket(REMARKS_PER_SECOND)

  constructor(options: Ikev2RolesOptions) {
    this.#options = options
    this.clients = options.clients
    this.sites = options.sites
  }

  authenticate(id: number, session: SessionId, request: Authenticate): void {
    if (isOurs(session)) this.sites.trust(id, session, request)
    else if (request.method === 'eap' || !this.#options.hasSites())
      this.clients.authenticate(id, session, request)
    else {
      const { driver, log } = this.#options
      this.#admit(session, request).then(
        reply => driver.reply(id, reply),
        (error: unknown) => {
          log.error({ err: error }, 'authentication failed on our side')
          driver.reply(id, { type: 'deny', reason: 'the gateway has a fault' })
        },
      )
    }
  }

  secret(id: number, session: SessionId, request: Secret): void {
    this.sites.secret(id, session, request)
  }

  eapStart(session: SessionId, path: Path): void {
    this.clients.eapStart(session, path)
  }

  eapPacket(session: SessionId, packet: Uint8Array): void {
    this.clients.eapPacket(session, packet)
  }

  eapClose(session: SessionId): void {
    this.clients.eapClose(session)
  }

  /** What a peer gives of addresses is of no use to a site, and none was asked for. */
  configure(session: SessionId, configuration: ConfigurationReply): void {
    if (!isOurs(session)) this.clients.configure()
    else this.#options.log.debug({ session, configuration }, 'a peer gave addresses that nobody asked for')
  }

  flowKind(session: SessionId): FlowKind {
    return this.#isSite(session) ? this.sites.flowKind() : this.clients.flowKind()
  }

  flowOpened(flow: ChildFlow): void {
    if (this.#isSite(flow.session)) this.sites.flowOpened(flow)
    else this.clients.flowOpened(flow)
  }

  flowClosed(flow: ChildFlow): void {
    if (this.#isSite(flow.session)) this.sites.flowClosed(flow)
  }

  flowsClosed(session: SessionId): void {
    if (this.#isSite(session)) this.sites.flowsClosed(session)
    else this.clients.flowsClosed(session)
  }

  handleEvent(session: SessionId | undefined, event: SessionEvent): void {
    if (event.type === 'refused') this.#refused(session, event)
    else if (session !== undefined && this.#isSite(session)) this.sites.handleEvent(session, event)
    else this.clients.handleEvent(session, event)
  }

  /** Ends the sessions whose packets came by a UDP port that is gone. */
  endThoseOf(port: PortId): void {
    this.clients.endThoseOf(port)
    this.sites.endThoseOf(port)
  }

  close(): void {
    this.clients.close()
    this.sites.close()
  }

  /** Connections come first: a peer that proves to be one's is no client, whatever else its certificate leads to. */
  async #admit(session: SessionId, request: Authenticate): Promise<Ikev2Reply> {
    const admission = await this.sites.admit(session, request)
    if (admission.type === 'decided') return admission.reply
    const { meant } = admission
    const reply = await this.#admitClient(session, request, meant?.reason)
    if (meant && reply.type === 'deny')
      meant.connection.refused.add(formatEndpoint(request.path.remote), meant.reason)
    return reply
  }

  async #admitClient(
    session: SessionId,
    request: Authenticate,
    why = 'no connection takes this certificate',
  ): Promise<Ikev2Reply> {
    if (request.method === 'certificate' && this.#options.hasClients())
      return this.clients.admit(session, request)
    return { type: 'deny', reason: why }
  }

  /** Who it was that was refused may not be known; then it is told where somebody may look for it. */
  #refused(session: SessionId | undefined, event: Refused): void {
    if (session !== undefined) this.sites.noteRefused(session)
    if (session !== undefined && this.#isSite(session)) {
      this.sites.handleEvent(session, event)
      return
    }
    const { hasClients, log, now } = this.#options
    const isStranger = session === undefined || !hasClients()
    const isMeant = isStranger && this.sites.noteStranger(event)
    if (hasClients()) this.clients.handleEvent(session, event)
    else if (!isMeant && this.#remarks.take(now()))
      log.warn({ remote: formatEndpoint(event.path.remote) }, `a peer was refused: ${event.reason}`)
  }

  #isSite(session: SessionId): boolean {
    return isOurs(session) || this.sites.has(session)
  }
}

/** Sessions that we have begun are numbered below 0. */
function isOurs(session: SessionId): boolean {
  return session < 0
}
