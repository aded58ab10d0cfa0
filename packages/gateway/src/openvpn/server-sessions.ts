import type { Datapath, FlowCounters, FlowId, PortId } from '@causeway/datapath'
import {
  type OpenVpnReply,
  type OpenVpnRequest,
  type Path,
  type PendingMessage,
  type PushOptions,
  pendingMethods,
  type SessionEvent,
  type SessionId,
} from '@causeway/openvpn'
import { formatEndpoint, ipPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import type { BrowserDoor, Credentials, Verdict } from '../authentication/identity.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { GatewayObserver } from '../observation/index.ts'
import type { Admission, AdmittedGuest } from '../session/admission.ts'
import { type EndManner, NO_COUNTERS, newSessionId, type Session } from '../session/session.ts'
import { SessionLog } from '../session/session-log.ts'
import type { SessionTable } from '../session/session-table.ts'
import { limitReach } from '../session/user-plan.ts'
import type { DriverRole, EngineDriver } from './engine-driver.ts'
import { programOf } from './program-name.ts'
import { pushSettings } from './push-settings.ts'
import { type RenewalSecret, renewalSecret } from './renewal-secret.ts'

type Authenticate = Extract<OpenVpnRequest, { readonly type: 'authenticate' }>
type Established = Extract<SessionEvent, { readonly type: 'established' }>

/** What the sessions need of the gateway around them. */
export interface ServerSessionsOptions {
  readonly admission: Admission
  readonly table: SessionTable
  readonly configuration: () => GatewayConfiguration
  readonly datapath: Datapath
  readonly observer: GatewayObserver
  readonly clock: Clock
  readonly log: Logger
}

/** A peer from the first of its handshake until its flow is closed and its address given back. */
interface Candidate {
  readonly id: string
  path: Path
  guest: Guest | undefined
  /** Its data channel is open in the datapath: its address is in use. */
  flowOpen: boolean
  lastCounters: FlowCounters | undefined
  /** In the session table. */
  listed: boolean
  /** Its refusal is in the log already. */
  refused: boolean
  /** The engine has no such session any more. */
  ended: boolean
  /** Aborted when it has ended. */
  readonly gone: AbortController
}

/** A peer that was let in. */
interface Guest extends AdmittedGuest {
  /** Of who signed in by a password. */
  readonly renewal: RenewalSecret | undefined
}

/** The life of OpenVPN sessions on the gateway's side: door, session list, log, address. */
export class ServerSessions implements DriverRole {
  readonly #options: ServerSessionsOptions
  readonly #driver: EngineDriver
  readonly #log: SessionLog
  readonly #candidates = new Map<SessionId, Candidate>()

  constructor(options: ServerSessionsOptions, driver: EngineDriver) {
    this.#options = options
    this.#driver = driver
    this.#log = new SessionLog(options.log, 'OpenVPN', options.observer)
  }

  /** Ends all sessions. It takes a moment until the peers are told: see `EngineDriver.quiet`. */
  endAll(manner: EndManner, reason: string): void {
    for (const session of [...this.#candidates.keys()]) this.#disconnect(session, manner, reason)
  }

  /** Ends the sessions whose packets came by a UDP port that is gone. */
  endThoseOf(port: PortId): void {
    for (const [session, { id, path }] of [...this.#candidates]) {
      if (path.type !== 'udp' || path.port !== port) continue
      this.#options.table.explain(id, 'nas-request')
      this.#disconnect(session, 'restart', 'the listener is gone')
    }
  }

  answer(id: number, session: SessionId, request: OpenVpnRequest): void {
    if (request.type !== 'authenticate') return
    this.#authenticate(id, session, request).then(
      reply => this.#driver.reply(id, reply),
      error => {
        this.#options.log.error({ err: error }, 'authentication failed on our side')
        this.#driver.reply(id, { type: 'deny', reason: 'the gateway has a fault', temporary: true })
      },
    )
  }

  handshakeBegan(session: SessionId, path: Path): void {
    if (!this.#candidates.has(session)) this.#addCandidate(session, path)
  }

  flowOpened(session: SessionId, flow: FlowId): void {
    const candidate = this.#candidates.get(session)
    if (!candidate?.guest) return
    candidate.flowOpen = true
    const { ipv4, ipv6 } = candidate.guest.lease
    const leased = [ipv4, ipv6].filter(address => address !== undefined)
    const routes = leased.map(({ address }) => ({ type: 'add', prefix: ipPrefix(address), flow }) as const)
    limitReach(this.#options.datapath, flow, candidate.guest)
    this.#options.datapath.changeRoutes(routes)
  }

  flowClosed(session: SessionId, counters: FlowCounters): void {
    const candidate = this.#candidates.get(session)
    if (!candidate) return
    candidate.flowOpen = false
    candidate.lastCounters = counters
    this.#settle(session, candidate)
  }

  /** Errors: none; a session that is not known is none of ours. */
  handleEvent(session: SessionId | undefined, event: SessionEvent): void {
    const candidate = session === undefined ? undefined : this.#candidates.get(session)
    switch (event.type) {
      case 'established':
        if (session !== undefined && candidate) this.#list(session, candidate, event)
        return
      case 'refused':
        if (!candidate?.refused) this.#log.refused(candidate?.path.remote, event.reason)
        this.#end(session, candidate)
        return
      case 'closed':
        if (session !== undefined && candidate) this.#closed(session, candidate, event)
        this.#end(session, candidate)
        return
      case 'renegotiated':
        this.#log.rekeyed(candidate?.id, { keyId: event.keyId })
        return
      case 'moved':
        this.#log.moved(candidate?.id, candidate?.path.remote)
        return
      case 'dropped':
        this.#log.dropped(candidate?.id, event)
        return
      case 'pending':
      case 'pending-message':
      case 'challenge':
        // Told to the user of a client role.
        return
      default:
        event satisfies never
    }
  }

  moved(session: SessionId, path: Path): void {
    const candidate = this.#candidates.get(session)
    if (candidate) candidate.path = path
  }

  /** Logs what is still unlogged. Call it when nobody is let in any more. */
  close(): void {
    this.#log.close()
  }

  async #authenticate(id: number, session: SessionId, request: Authenticate): Promise<OpenVpnReply> {
    const known = this.#candidates.get(session)
    const candidate = known ?? this.#addCandidate(session, request.path)
    const credentials = credentialsOf(request, candidate)
    if (candidate.guest) return this.#authenticateAgain(candidate, candidate.guest, credentials)
    const browser = this.#browserDoor(id, request, candidate)
    const admitted = await this.#options.admission.admit(
      { ...credentials, ...(browser && { browser }) },
      deviceOf(request),
    )
    if (admitted.type === 'deny') {
      candidate.refused = true
      this.#log.refused(candidate.path.remote, admitted.reason)
      return { type: 'deny', reason: admitted.userReason, temporary: admitted.temporary }
    }
    const { identity, terms, by, judgedBy, plan, lease } = admitted
    if (this.#candidates.get(session) !== candidate) {
      this.#options.admission.leave(lease, 'OpenVPN')
      return { type: 'deny', reason: 'the connection has ended', temporary: true }
    }
    const renewal = by === 'certificate' ? undefined : renewalSecret(credentials, terms)
    candidate.guest = {
      identity,
      terms,
      judgedBy,
      plan,
      lease,
      credentials: { ...credentials, password: undefined, ...(by && { provenBy: by }) },
      renewal,
    }
    return {
      type: 'allow',
      options: this.#pushOptions(candidate, candidate.guest),
      ...(renewal && { authToken: renewal.authToken }),
    }
  }

  /** Only a client that announced it can open a page. */
  #browserDoor(id: number, { peerInfo }: Authenticate, candidate: Candidate): BrowserDoor | undefined {
    const can = pendingMethods(peerInfo)
    if (!can.has('webauth') && !can.has('openurl')) return undefined
    const message = (url: string): PendingMessage =>
      can.has('webauth') ? { type: 'web-auth', url, flags: ['external'] } : { type: 'open-url', url }
    return {
      open: (url, timeoutSeconds) => {
        this.#driver.reply(id, { type: 'pending', timeoutSeconds, message: message(url) })
        this.#driver.allow(candidate.path, timeoutSeconds * 1_000)
      },
      program: programOf(peerInfo),
      gone: candidate.gone.signal,
    }
  }

  #end(session: SessionId | undefined, candidate: Candidate | undefined): void {
    if (session === undefined || !candidate) return
    candidate.ended = true
    candidate.gone.abort()
    this.#options.table.unlist(candidate.id)
    this.#settle(session, candidate)
  }

  /** The address goes back when the session has ended and its flow is closed, whichever came first. */
  #settle(session: SessionId, candidate: Candidate): void {
    if (!candidate.ended || candidate.flowOpen) return
    this.#candidates.delete(session)
    this.#options.table.remove(candidate.id)
    if (candidate.guest) this.#options.admission.leave(candidate.guest.lease, 'OpenVPN')
  }

  #addCandidate(session: SessionId, path: Path): Candidate {
    const id = newSessionId()
    const candidate: Candidate = {
      id,
      path,
      guest: undefined,
      flowOpen: false,
      lastCounters: undefined,
      listed: false,
      refused: false,
      ended: false,
      gone: new AbortController(),
    }
    this.#candidates.set(session, candidate)
    return candidate
  }

  #authenticateAgain(candidate: Candidate, guest: Guest, credentials: Credentials): OpenVpnReply {
    const verdict = this.#judgeAgain(guest, credentials)
    if (verdict.type === 'allow') return { type: 'allow', options: this.#pushOptions(candidate, guest) }
    const { reason, userReason, temporary } = verdict
    this.#log.renewalRefused(candidate.id, guest.identity.user, reason)
    return { type: 'deny', reason: userReason, temporary }
  }

  #pushOptions({ path }: Candidate, { plan, lease }: Guest): PushOptions {
    const { openvpn } = this.#options.configuration()
    return pushSettings(plan.network, openvpn.tunnelMtu, lease, path.remote.address)
  }

  /**
   * Who signed in by a password brings it again, or its token; a certificate is judged as the first time. A name and a
   * password that come with it would otherwise be for a method that judges nothing of a session that it let in.
   */
  #judgeAgain({ identity, credentials, renewal }: Guest, brought: Credentials): Verdict {
    const { policy } = this.#options.admission
    if (!renewal) return policy.recheck({ ...brought, provenBy: 'certificate' }, identity)
    if (renewal.holds(brought.username, brought.password)) return policy.recheck(credentials, identity)
    const reason = 'what the client brought is not what it signed in with'
    return { type: 'deny', reason, userReason: 'sign in again', temporary: false }
  }

  #list(session: SessionId, candidate: Candidate, event: Established): void {
    const { guest, id } = candidate
    if (!guest || candidate.listed) return
    candidate.listed = true
    const withdrawal = this.#options.admission.withdrawal(guest)
    if (withdrawal) {
      this.#log.refused(candidate.path.remote, withdrawal.reason)
      this.#disconnect(session, 'auth-failed', withdrawal.userReason)
      return
    }
    const { table, clock } = this.#options
    const entry: Session = {
      id,
      ...guest,
      protocol: 'OpenVPN',
      transport: candidate.path.type === 'udp' ? 'udp' : 'tcp',
      cipher: event.cipher,
      clientVersion: event.clientVersion,
      startedAt: Math.floor(clock.unixSeconds()),
      outer: () => formatEndpoint(candidate.path.remote),
      counters: () => this.#counters(session, candidate),
      end: (manner, reason) => this.#disconnect(session, manner, reason),
    }
    table.add(entry)
    const { type: _, ...agreed } = event
    this.#log.connected(entry, agreed)
  }

  #closed(
    session: SessionId,
    candidate: Candidate,
    { reason, byPeer }: Extract<SessionEvent, { readonly type: 'closed' }>,
  ): void {
    const { id, path, guest } = candidate
    if (byPeer) this.#options.table.explain(id, 'user-request')
    const counters = this.#counters(session, candidate)
    const user = guest?.identity.user ?? 'a client'
    this.#log.closed({ id, outer: path.remote, user, reason, byPeer, counters })
  }

  #counters(session: SessionId, { lastCounters }: Candidate): FlowCounters {
    return lastCounters ?? this.#driver.counters(session) ?? NO_COUNTERS
  }

  #disconnect(session: SessionId, manner: EndManner, reason: string): void {
    this.#driver.command({ type: 'disconnect', session, manner, reason })
  }
}

function credentialsOf(
  { path, peerChain, username, password }: Authenticate,
  { id }: Candidate,
): Credentials {
  const { remote, local } = path
  const place = { tunnel: 'OpenVPN', remote, session: id, ...(local && { local }) } as const
  return { ...place, peerChain, username, password }
}

/** IV_HWADDR is the client's own word, sent only with `push-peer-info`: good for an address, not for trust. */
function deviceOf({ peerInfo }: Authenticate): string {
  return (peerInfo.get('IV_HWADDR') ?? '').slice(0, DEVICE_CHARACTERS)
}

const DEVICE_CHARACTERS = 64
