import { randomBytes } from 'node:crypto'
import type { FlowCounters, PortId } from '@causeway/datapath'
import type { OpenVpnReply, OpenVpnRequest, Path, SessionEvent, SessionId } from '@causeway/openvpn'
import { formatEndpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import type { Credentials, Identity } from '../authentication/identity.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Admission } from '../session/admission.ts'
import { type EndManner, leaseAddresses, type Session, type SessionTable } from '../session/session-table.ts'
import { pushSettings } from './push-settings.ts'

type Authenticate = Extract<OpenVpnRequest, { readonly type: 'authenticate' }>
type Established = Extract<SessionEvent, { readonly type: 'established' }>

/** What the sessions need of the gateway around them. */
export interface ServerSessionsOptions {
  readonly admission: Admission
  readonly table: SessionTable
  readonly configuration: () => GatewayConfiguration
  readonly clock: Clock
  readonly log: Logger
  /** Of a session with an open flow. */
  readonly counters: (session: SessionId) => FlowCounters
  readonly end: (session: SessionId, manner: EndManner, reason: string) => void
}

/** A peer from the moment it asks to be let in until its flow is closed and its address given back. */
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
}

/** What was given to a peer that was let in. */
interface Guest {
  readonly identity: Identity
  readonly lease: Lease
  readonly credentials: Credentials
}

/** The life of OpenVPN sessions on the gateway's side: door, session list, log, address. */
export class ServerSessions {
  readonly #options: ServerSessionsOptions
  readonly #candidates = new Map<SessionId, Candidate>()

  constructor(options: ServerSessionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#candidates.size
  }

  all(): readonly SessionId[] {
    return [...this.#candidates.keys()]
  }

  /** Those whose packets come by this UDP port. */
  sessionsOf(port: PortId): readonly SessionId[] {
    const byPort = [...this.#candidates].filter(([, { path }]) => path.type === 'udp' && path.port === port)
    return byPort.map(([session]) => session)
  }

  leaseOf(session: SessionId): Lease | undefined {
    return this.#candidates.get(session)?.guest?.lease
  }

  async authenticate(session: SessionId, request: Authenticate): Promise<OpenVpnReply> {
    const credentials = credentialsOf(request)
    const known = this.#candidates.get(session)
    if (known?.guest) return this.#authenticateAgain(session, known, known.guest, credentials)
    const candidate = this.#addCandidate(session, request.path)
    const admitted = await this.#options.admission.admit(credentials, deviceOf(request))
    if (admitted.type === 'deny') {
      candidate.refused = true
      this.#logRefusal(candidate.path, admitted.reason)
      return { type: 'deny', reason: admitted.userReason, temporary: admitted.temporary }
    }
    const { identity, lease } = admitted
    if (this.#candidates.get(session) !== candidate) {
      this.#options.admission.leave(lease)
      return { type: 'deny', reason: 'the connection has ended', temporary: true }
    }
    candidate.guest = { identity, lease, credentials: { ...credentials, password: undefined } }
    return { type: 'allow', options: pushSettings(this.#options.configuration(), lease) }
  }

  /** Errors: none; a session that is not known is none of ours. */
  handleEvent(session: SessionId | undefined, event: SessionEvent): void {
    const candidate = session === undefined ? undefined : this.#candidates.get(session)
    switch (event.type) {
      case 'established':
        if (session !== undefined && candidate) this.#list(session, candidate, event)
        return
      case 'refused':
        if (!candidate?.refused) this.#logRefusal(candidate?.path, event.reason)
        this.#end(session, candidate)
        return
      case 'closed':
        if (session !== undefined && candidate) this.#logClose(session, candidate, event)
        this.#end(session, candidate)
        return
      case 'renegotiated':
        this.#options.log.debug({ session: candidate?.id, keyId: event.keyId }, 'key renegotiated')
        return
      case 'moved':
        this.#options.log.debug({ session: candidate?.id, outer: outerOf(candidate?.path) }, 'client moved')
        return
      case 'dropped':
        this.#options.log.debug({ session: candidate?.id, ...event }, 'packets dropped')
        return
      default:
        event satisfies never
    }
  }

  moved(session: SessionId, path: Path): void {
    const candidate = this.#candidates.get(session)
    if (candidate) candidate.path = path
  }

  flowOpened(session: SessionId): void {
    const candidate = this.#candidates.get(session)
    if (candidate) candidate.flowOpen = true
  }

  flowClosed(session: SessionId, counters: FlowCounters): void {
    const candidate = this.#candidates.get(session)
    if (!candidate) return
    candidate.flowOpen = false
    candidate.lastCounters = counters
    this.#settle(session, candidate)
  }

  #end(session: SessionId | undefined, candidate: Candidate | undefined): void {
    if (session === undefined || !candidate) return
    candidate.ended = true
    this.#options.table.remove(candidate.id)
    this.#settle(session, candidate)
  }

  /** The address goes back when the session has ended and its flow is closed, whichever came first. */
  #settle(session: SessionId, candidate: Candidate): void {
    if (!candidate.ended || candidate.flowOpen) return
    this.#candidates.delete(session)
    if (candidate.guest) this.#options.admission.leave(candidate.guest.lease)
  }

  #addCandidate(session: SessionId, path: Path): Candidate {
    const id = randomBytes(SESSION_ID_BYTES).toString('hex')
    const candidate: Candidate = {
      id,
      path,
      guest: undefined,
      flowOpen: false,
      lastCounters: undefined,
      listed: false,
      refused: false,
      ended: false,
    }
    this.#candidates.set(session, candidate)
    return candidate
  }

  #authenticateAgain(
    session: SessionId,
    candidate: Candidate,
    guest: Guest,
    credentials: Credentials,
  ): OpenVpnReply {
    const verdict = this.#options.admission.policy.recheck(credentials, guest.identity)
    if (verdict.type === 'allow') {
      return { type: 'allow', options: pushSettings(this.#options.configuration(), guest.lease) }
    }
    const { reason, userReason, temporary } = verdict
    const context = { session: candidate.id, user: guest.identity.user, reason }
    this.#options.log.warn(context, `renegotiation refused: ${reason}`)
    return { type: 'deny', reason: userReason, temporary }
  }

  #list(session: SessionId, candidate: Candidate, event: Established): void {
    const { guest, id } = candidate
    if (!guest || candidate.listed) return
    candidate.listed = true
    const { table, clock, log, counters, end } = this.#options
    const entry: Session = {
      id,
      ...guest,
      protocol: 'OpenVPN',
      transport: candidate.path.type === 'udp' ? 'udp' : 'tcp',
      cipher: event.cipher,
      clientVersion: event.clientVersion,
      startedAt: Math.floor(clock.unixSeconds()),
      outer: () => formatEndpoint(candidate.path.remote),
      counters: () => candidate.lastCounters ?? counters(session),
      end: (manner, reason) => end(session, manner, reason),
    }
    table.add(entry)
    const { identity, lease } = guest
    const { cipher, tlsVersion, tlsCipher, wrap, clientVersion } = event
    const inner = leaseAddresses(lease)
    const context = { session: id, user: identity.user, identity: identity.description, inner }
    const agreed = { cipher, tlsVersion, tlsCipher, wrap, clientVersion, transport: entry.transport }
    log.info({ ...context, outer: entry.outer(), ...agreed }, `${identity.user} connected`)
  }

  #logClose(
    session: SessionId,
    candidate: Candidate,
    { reason, byPeer }: { readonly reason: string; readonly byPeer: boolean },
  ): void {
    const { counters, log } = this.#options
    const counted = candidate.lastCounters ?? (candidate.flowOpen ? counters(session) : undefined)
    const { bytesReceived = 0, bytesSent = 0 } = counted ?? {}
    const user = candidate.guest?.identity.user
    const context = { session: candidate.id, user, outer: outerOf(candidate.path), reason, byPeer }
    log.info({ ...context, bytesReceived, bytesSent }, `${user ?? 'a client'} disconnected: ${reason}`)
  }

  #logRefusal(path: Path | undefined, reason: string): void {
    this.#options.log.warn({ outer: outerOf(path), reason }, `client refused: ${reason}`)
  }
}

const SESSION_ID_BYTES = 6

function outerOf(path: Path | undefined): string | undefined {
  return path && formatEndpoint(path.remote)
}

function credentialsOf({ peerChain, username, password }: Authenticate): Credentials {
  return { tunnel: 'OpenVPN', peerChain, username, password }
}

/** IV_HWADDR is the client's own word, sent only with `push-peer-info`: good for an address, not for trust. */
function deviceOf({ peerInfo }: Authenticate): string {
  return (peerInfo.get('IV_HWADDR') ?? '').slice(0, DEVICE_CHARACTERS)
}

const DEVICE_CHARACTERS = 64
