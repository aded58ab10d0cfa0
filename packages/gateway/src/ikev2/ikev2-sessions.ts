import type { Datapath, FlowCounters, PortId } from '@causeway/datapath'
import type { EapAuthenticatorSuccess } from '@causeway/eap'
import { TokenBucket } from '@causeway/engine'
import type {
  Identification,
  Ikev2Reply,
  Ikev2Request,
  Path,
  SessionEvent,
  SessionId,
  SessionTerms,
} from '@causeway/ikev2'
import { formatHex, formatIpAddress, formatTrafficSelector, ipPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import type { PeerPlace, Verdict } from '../authentication/identity.ts'
import { isNobody } from '../authentication/sign-in-claim.ts'
import { refusalReason } from '../eap/claimed-name.ts'
import { admitProven, certificateCredentials, type EapAccess, type EapProof } from '../eap/eap-access.ts'
import { type EapCarrier, EapTable } from '../eap/eap-table.ts'
import type { RelayedVerdict } from '../eap/sign-in-relay.ts'
import type { Clock } from '../engine/clock.ts'
import type { GatewayObserver } from '../observation/index.ts'
import type { Admission } from '../session/admission.ts'
import { newSessionId, type Session } from '../session/session.ts'
import { SessionLog } from '../session/session-log.ts'
import type { SessionTable } from '../session/session-table.ts'
import { limitReach } from '../session/user-plan.ts'
import type { Candidate, Guest } from './candidate.ts'
import type { ChildFlow, FlowKind } from './child-flows.ts'
import { grantOf } from './grant.ts'
import type { Ikev2Driver, Ikev2Role } from './ikev2-driver.ts'
import { SessionEntry } from './session-entry.ts'

type Authenticate = Extract<Ikev2Request, { readonly type: 'authenticate' }>
type EventOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: Type }>

/** What the sessions need of the gateway around them. */
export interface Ikev2SessionsOptions {
  readonly admission: Admission
  readonly table: SessionTable
  readonly datapath: Datapath
  readonly eap: EapAccess
  readonly observer: GatewayObserver
  readonly clock: Clock
  /** What a client keeps of the terms that it came in by. `undefined`: they were clients' alone. */
  readonly terms: () => SessionTerms | undefined
  /** Of IKE. */
  readonly log: Logger
  /** Of clients. */
  readonly p2sLog: Logger
}

/** Lines of the log that one session may cause so in a second: a client chooses how often. Ours. */
const REMARKS_PER_SECOND = 5

/** The life of IKEv2 sessions on the gateway's side: door, session list, log, address. */
export class Ikev2Sessions implements Ikev2Role {
  readonly #options: Ikev2SessionsOptions
  readonly #driver: Ikev2Driver
  readonly #log: SessionLog
  readonly #eap: EapTable<SessionId>
  readonly #candidates = new Map<SessionId, Candidate>()

  constructor(options: Ikev2SessionsOptions, driver: Ikev2Driver) {
    this.#options = options
    this.#driver = driver
    this.#log = new SessionLog(options.p2sLog, 'IkeV2', options.observer)
    this.#eap = new EapTable(options.eap)
  }

  /** Ends all sessions; the peers are told. */
  endAll(reason: string): void {
    for (const session of [...this.#candidates.keys()]) this.#disconnect(session, reason)
  }

  /** Ends the sessions whose packets came by a UDP port that is gone. */
  endThoseOf(port: PortId): void {
    for (const [session, candidate] of [...this.#candidates]) {
      if (candidate.port !== port) continue
      this.#options.table.explain(candidate.id, 'nas-request')
      this.#disconnect(session, 'the listener is gone')
    }
  }

  authenticate(id: number, session: SessionId, request: Authenticate): void {
    this.admit(session, request).then(
      reply => this.#driver.reply(id, reply),
      error => {
        this.#options.log.error({ err: error }, 'authentication failed on our side')
        this.#driver.reply(id, { type: 'deny', reason: 'the gateway has a fault' })
      },
    )
  }

  eapStart(session: SessionId, path: Path): void {
    const candidate = this.#candidateOf(session)
    const place = placeOf(candidate, path)
    this.#eap.start(session, {
      place,
      claimed: identity => {
        candidate.claimed = identity
      },
      judge: peerChain => this.#judge(place, peerChain),
      send: packet => this.#driver.command({ type: 'eap-packet', session, packet }),
      denied: reason => {
        candidate.denial = reason
      },
      succeeded: (success, packet, relayed) =>
        this.#eapSucceeded(session, candidate, success, packet, relayed),
      failed: (reason, packet) =>
        this.#driver.command({ type: 'eap-failure', session, reason, ...(packet && { packet }) }),
      defect: error => this.#options.log.error({ err: error }, 'authentication failed on our side'),
    })
  }

  eapPacket(session: SessionId, packet: Uint8Array): void {
    this.#eap.handlePacket(session, packet)
  }

  eapClose(session: SessionId): void {
    this.#eap.close(session)
  }

  /** Clients have none, and none of their terms says so. */
  secret(id: number): void {
    this.#driver.reply(id, { type: 'deny', reason: 'clients have no pre-shared keys' })
  }

  flowKind(): FlowKind {
    return {}
  }

  /** Only initiators are given a configuration. */
  configure(): void {
    throw new Error('a responder was given a configuration')
  }

  /** No route to a flow that does not carry the address's family: another Child SA of the session may. */
  flowOpened({ session, flow, remote }: ChildFlow): void {
    const guest = this.#candidates.get(session)?.guest
    const lease = guest?.lease
    const leased = [lease?.ipv4, lease?.ipv6].filter(address => address !== undefined)
    const carried = leased.filter(({ address }) =>
      remote.some(({ start }) => start.family === address.family),
    )
    const routes = carried.map(({ address }) => ({ type: 'add', prefix: ipPrefix(address), flow }) as const)
    const { datapath } = this.#options
    if (guest) limitReach(datapath, flow, guest)
    datapath.changeRoutes(routes)
  }

  flowsClosed(session: SessionId): void {
    const candidate = this.#candidates.get(session)
    if (candidate) this.#settle(session, candidate)
  }

  /** Errors: none; a session that is not known is none of ours. */
  handleEvent(session: SessionId | undefined, event: SessionEvent): void {
    const candidate = session === undefined ? undefined : this.#candidates.get(session)
    switch (event.type) {
      case 'established':
        if (session !== undefined && candidate) this.#established(session, candidate, event)
        return
      case 'child-established':
        if (candidate) this.#childEstablished(candidate, event)
        return
      case 'child-refused':
        this.#childRefused(session, candidate, event)
        return
      case 'child-closed':
        this.#options.log.debug({ session: candidate?.id, reason: event.reason }, 'Child SA closed')
        return
      case 'child-rekeyed':
        this.#log.rekeyed(candidate?.id, { child: event.child, byPeer: event.byPeer })
        return
      case 'ike-rekeyed':
        this.#log.rekeyed(candidate?.id, { suite: event.suite, byPeer: event.byPeer })
        return
      case 'moved':
        if (candidate) this.#moved(candidate, event)
        return
      case 'refused':
        this.#log.refused(
          event.path.remote,
          candidate ? refusalReason(candidate, event.reason) : event.reason,
        )
        this.#end(session, candidate)
        return
      case 'closed':
        if (session !== undefined && candidate) this.#closed(session, candidate, event)
        this.#end(session, candidate)
        return
      case 'notified':
        if (this.#mayRemark(candidate))
          this.#options.log.info({ session: candidate?.id, notify: event.notify }, event.detail)
        return
      case 'dropped':
        this.#log.dropped(candidate?.id, event)
        return
      case 'peer-addresses':
        this.#options.log.debug(
          { session: candidate?.id, addresses: event.addresses.map(formatIpAddress) },
          'further addresses',
        )
        return
      case 'reauthentication-due':
        return
      default:
        event satisfies never
    }
  }

  /** Logs what is still unlogged. Call it when nobody is let in any more. */
  close(): void {
    this.#eap.closeAll()
    this.#log.close()
  }

  /** Decides on a peer that has proven a certificate or, by EAP, who it is. */
  async admit(session: SessionId, request: Authenticate): Promise<Ikev2Reply> {
    const candidate = this.#candidateOf(session)
    candidate.outer = request.path.remote
    candidate.port = request.path.port
    candidate.software = request.client.software
    const proof: EapProof | undefined =
      request.method === 'eap' ? candidate.proof : { type: 'certificate', peerChain: request.peerChain }
    const device = deviceOf(request.identification)
    const { admission } = this.#options
    const { admitted, credentials } = await admitProven(
      admission,
      placeOf(candidate, request.path),
      proof,
      device,
    )
    if (admitted.type === 'deny') {
      return { type: 'deny', reason: admitted.reason, ...(admitted.temporary && { full: true }) }
    }
    const { identity, terms, judgedBy, plan, lease } = admitted
    if (this.#candidates.get(session) !== candidate || candidate.ended) {
      admission.leave(lease, 'IkeV2')
      return { type: 'deny', reason: 'the connection has ended' }
    }
    candidate.guest = { identity, terms, judgedBy, plan, lease, credentials, device }
    const kept = this.#options.terms()
    const grant = grantOf(plan.network, lease, request.configuration)
    return { type: 'allow', grant: { ...grant, ...(kept && { terms: kept }) } }
  }

  #judge(place: PeerPlace, peerChain: readonly Uint8Array[]): Promise<Verdict> {
    return this.#options.admission.judge(certificateCredentials(place, peerChain))
  }

  #eapSucceeded(
    session: SessionId,
    candidate: Candidate,
    { msk, peerChain = [] }: EapAuthenticatorSuccess,
    packet: Uint8Array,
    relayed: RelayedVerdict | undefined,
  ): void {
    candidate.proof = relayed ? { type: 'relayed', relayed } : { type: 'certificate', peerChain }
    this.#driver.command({ type: 'eap-success', session, packet, msk })
  }

  #candidateOf(session: SessionId): Candidate {
    const known = this.#candidates.get(session)
    if (known) return known
    const candidate: Candidate = {
      id: newSessionId(),
      outer: undefined,
      port: undefined,
      guest: undefined,
      proof: undefined,
      denial: undefined,
      claimed: undefined,
      software: '',
      cipher: '',
      established: false,
      agreed: undefined,
      remarks: new TokenBucket(REMARKS_PER_SECOND),
      ended: false,
    }
    this.#candidates.set(session, candidate)
    return candidate
  }

  #established(session: SessionId, candidate: Candidate, event: EventOf<'established'>): void {
    const { guest } = candidate
    if (!guest || candidate.established) return
    candidate.established = true
    candidate.agreed = event
    candidate.outer = event.path.remote
    candidate.port = event.path.port
    const withdrawal = this.#options.admission.withdrawal(guest)
    if (withdrawal) {
      this.#log.refused(candidate.outer, withdrawal.reason)
      this.#disconnect(session, withdrawal.userReason)
      return
    }
    if (event.initialContact) this.#endFormer(session, guest)
    this.#options.table.add(this.#entry(session, candidate, guest))
  }

  #entry(session: SessionId, candidate: Candidate, guest: Guest): Session {
    return new SessionEntry({
      driver: this.#driver,
      session,
      candidate,
      guest,
      startedAt: Math.floor(this.#options.clock.unixSeconds()),
    })
  }

  /** The client says that it knows of no other session of its own. */
  #endFormer(session: SessionId, { identity, credentials, device }: Guest): void {
    const { provenBy } = credentials
    if (provenBy === 'radius' && isNobody(identity.user)) return
    for (const [other, { guest, established }] of [...this.#candidates]) {
      if (other === session || !guest || !established || guest.device !== device) continue
      if (guest.credentials.provenBy !== provenBy) continue
      if (guest.identity.user !== identity.user || guest.identity.thumbprint !== identity.thumbprint) continue
      const reason = 'the client has connected anew'
      this.#driver.command({ type: 'disconnect', session: other, reason, silent: true })
    }
  }

  /** From the first Child SA on, traffic may flow: that is what the log calls connected. */
  #childEstablished(candidate: Candidate, { suite, local, remote }: EventOf<'child-established'>): void {
    candidate.cipher = suite.integrity ? `${suite.encryption}/${suite.integrity}` : suite.encryption
    const entry = this.#options.table.find(candidate.id)
    const { agreed } = candidate
    if (!entry || !agreed) return
    candidate.agreed = undefined
    this.#log.connected(entry, {
      ...agreedOf(agreed),
      esp: suite,
      local: local.map(formatTrafficSelector),
      remote: remote.map(formatTrafficSelector),
    })
  }

  /** A client without any Child SA has nothing of its session. */
  #childRefused(
    session: SessionId | undefined,
    candidate: Candidate | undefined,
    { reason, byPeer }: EventOf<'child-refused'>,
  ): void {
    if (this.#mayRemark(candidate))
      this.#options.log.warn({ session: candidate?.id, reason, byPeer }, `Child SA refused: ${reason}`)
    if (session !== undefined && !this.#driver.hasFlows(session)) this.#disconnect(session, reason)
  }

  #mayRemark(candidate: Candidate | undefined): boolean {
    return candidate?.remarks.take(this.#options.clock.now()) ?? true
  }

  #moved(candidate: Candidate, { path }: EventOf<'moved'>): void {
    candidate.outer = path.remote
    candidate.port = path.port
    this.#log.moved(candidate.id, path.remote)
  }

  #closed(session: SessionId, candidate: Candidate, { reason, byPeer }: EventOf<'closed'>): void {
    const { id, outer, guest } = candidate
    if (byPeer) this.#options.table.explain(id, 'user-request')
    if (!outer) return
    const user = guest?.identity.user ?? 'a client'
    this.#log.closed({ id, outer, user, reason, byPeer, counters: this.#counters(session) })
  }

  #end(session: SessionId | undefined, candidate: Candidate | undefined): void {
    if (session === undefined || !candidate) return
    candidate.ended = true
    this.#eap.close(session)
    this.#options.table.unlist(candidate.id)
    this.#settle(session, candidate)
  }

  /** The address goes back when the session has ended and its flows are closed, whichever came first. */
  #settle(session: SessionId, candidate: Candidate): void {
    if (!candidate.ended || this.#driver.hasFlows(session)) return
    this.#candidates.delete(session)
    this.#options.table.remove(candidate.id)
    this.#driver.forget(session)
    if (candidate.guest) this.#options.admission.leave(candidate.guest.lease, 'IkeV2')
  }

  #counters(session: SessionId): FlowCounters {
    return this.#driver.counters(session)
  }

  #disconnect(session: SessionId, reason: string): void {
    this.#driver.command({ type: 'disconnect', session, reason })
  }
}

function placeOf({ id }: Candidate, { remote, local }: Path): EapCarrier['place'] {
  return { tunnel: 'IkeV2', remote, local: local.address, session: id }
}

/** A claim: good for an address, not for trust. */
function deviceOf({ type, data }: Identification): string {
  return `${type} ${formatHex(data.subarray(0, DEVICE_BYTES))}`
}

const DEVICE_BYTES = 64

/** What a log line tells of the IKE SA. */
function agreedOf(established: EventOf<'established'>): Readonly<Record<string, unknown>> {
  const { type: _, path, identification, initialContact, ...agreed } = established
  return {
    ...agreed,
    claims: `${identification.type} ${formatHex(identification.data.subarray(0, DEVICE_BYTES))}`,
  }
}
