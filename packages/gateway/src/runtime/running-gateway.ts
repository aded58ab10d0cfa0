import type { DatapathSettings } from '@causeway/datapath'
import { SignInPace } from '../authentication/sign-in-pace.ts'
import type {
  GatewayConfiguration,
  GatewayIdentity,
  Listener,
  RadiusConfiguration,
  SessionRecord,
} from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import { EntraAccess } from '../entra/entra-access.ts'
import { DiagnosticLogs, type GatewayObserver, type GatewayReadings } from '../observation/index.ts'
import type { Lease } from '../pool/address-pool.ts'
import { AddressPools } from '../pool/address-pools.ts'
import { poolsOf } from '../pool/configured-pools.ts'
import { Accounting } from '../radius/accounting.ts'
import { DynamicAuthorizationDriver } from '../radius/dynamic-authorization.ts'
import { RadiusAccess } from '../radius/radius-access.ts'
import { Admission } from '../session/admission.ts'
import { leaseAddresses, type Session, sessionRecord } from '../session/session.ts'
import { SessionTable } from '../session/session-table.ts'
import type { CertificateReader } from '../site/certificate-reader.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'
import { AppliedHost } from './applied-host.ts'
import { sameTrust } from './configuration-change.ts'
import { closePorts, closePortsBeside, sayGoodbye } from './farewell.ts'
import type { Gateway } from './gateway.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { closeParts, type GatewayParts, openParts } from './gateway-parts.ts'
import { type GatewayPolicy, makePolicy, shownIdentity } from './gateway-policy.ts'
import { recheckSessions, replanSessions } from './recheck-sessions.ts'

type RunningGatewayOptions = GatewayOptions & {
  readonly clock: Clock
  readonly tunName: string
  readonly observer: GatewayObserver
  readonly farewellMilliseconds: number
}

const GATEWAY_STOPS = { cause: 'admin-reboot', manner: 'restart', reason: 'the gateway stops' } as const
const NO_CLIENTS_ANY_MORE = {
  cause: 'admin-reset',
  manner: 'halt',
  reason: 'the gateway serves no clients any more',
} as const

/** A gateway and what it was configured with last. */
export class RunningGateway implements Gateway {
  readonly #options: RunningGatewayOptions
  readonly #logs: DiagnosticLogs
  readonly #sessions: SessionTable
  readonly #pools: AddressPools
  readonly #admission: Admission
  readonly #pace: SignInPace
  readonly #radius: RadiusAccess
  readonly #entra: EntraAccess
  readonly #accounting: Accounting
  readonly #dynamic: DynamicAuthorizationDriver
  readonly #host: AppliedHost
  #policy: GatewayPolicy
  #parts: GatewayParts | undefined
  /** Changes are made one after the other. */
  #changes: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined

  /** Errors: whatever configuration or identity have wrong; nothing was touched then. */
  constructor(options: RunningGatewayOptions) {
    const { configuration } = options
    this.#options = options
    this.#logs = new DiagnosticLogs(options.log, configuration)
    const { p2s } = this.#logs
    this.#sessions = new SessionTable(options.clock, session => this.#judgeAnew(session))
    this.#pace = new SignInPace(options.clock.now)
    this.#radius = new RadiusAccess({
      pace: this.#pace,
      clock: options.clock,
      log: p2s,
      identity: () => this.#policy.identity,
      observer: options.observer,
      serversChanged: servers => this.#dynamic.use(servers),
    })
    this.#accounting = new Accounting({ servers: this.#radius, clock: options.clock, log: p2s })
    this.#sessions.watchedBy(this.#accounting)
    this.#sessions.watchedBy(options.observer)
    const { clock } = options
    this.#entra = new EntraAccess({ sessions: this.#sessions, clock, log: p2s })
    this.#sessions.watchedBy(this.#entra.watch)
    this.#dynamic = new DynamicAuthorizationDriver({
      sessions: this.#sessions,
      stationOf: session => this.#accounting.stationOf(session),
      reportEvery: (session, seconds) => this.#accounting.reportEvery(session, seconds),
      clock: options.clock,
      log: p2s,
    })
    this.#policy = this.#makePolicy(configuration, options.identity)
    this.#pools = new AddressPools(poolsOf(configuration))
    this.#host = new AppliedHost({ host: options.host, pools: this.#pools, logs: this.#logs })
    this.#admission = new Admission({
      policy: this.#policy.authentication,
      configuration,
      pools: this.#pools,
      left: () => this.#addressLeft(),
      replaced: lease => this.#replaced(lease),
      judged: (tunnel, method, verdict) => options.observer.signedIn(tunnel, method, verdict),
    })
  }

  /** Opens everything, or undoes what it opened. */
  async start(): Promise<void> {
    await this.#options.host.prepare()
    try {
      const { configuration } = this.#policy
      await this.#dynamic.listen(configuration.radius)
      await this.#configureRadius(configuration.radius)
      this.#entra.use(configuration.entra)
      this.#parts = openParts({
        ...this.#options,
        logs: this.#logs,
        admission: this.#admission,
        sessions: this.#sessions,
        present: () => this.#policy,
        site: this.#entra.site,
        draining: () => this.#stopping !== undefined,
      })
      this.#parts.datapath.configure(datapathSettings(configuration))
      await this.#host.apply(this.#parts.tun, configuration)
      await this.#parts.listeners.open(configuration.listeners)
      this.#parts.sites.configure(configuration.sites)
      // A start that fails says why in one line, and nothing of what was undone.
      this.#host.tellRoutes()
      this.#logs.gateway.info('configuration applied: the gateway runs')
      this.#options.observer.started(this.#readings(this.#parts))
    } catch (error) {
      await this.#close()
      throw error
    }
  }

  listeners(): readonly Listener[] {
    return this.#parts?.listeners.list() ?? []
  }

  sessions(): readonly SessionRecord[] {
    return this.#sessions.all().map(sessionRecord)
  }

  connections(): readonly ConnectionRecord[] {
    return this.#parts?.sites.records() ?? []
  }

  resetConnection(id: string): boolean {
    return this.#parts?.sites.reset(id) ?? false
  }

  readCertificatesBy(reader: CertificateReader | undefined): void {
    this.#parts?.sites.readCertificatesBy(reader)
  }

  certificatesChanged(): void {
    this.#parts?.sites.certificatesChanged()
  }

  disconnect(id: string): boolean {
    const session = this.#sessions.find(id)
    if (session) this.#sessions.end(session, 'admin-reset', 'halt', 'disconnected by the operator')
    return session !== undefined
  }

  apply(configuration: GatewayConfiguration): Promise<void> {
    return this.#change(parts => this.#apply(parts, configuration))
  }

  replaceIdentity(identity: GatewayIdentity): Promise<void> {
    return this.#change(async () => {
      // Trust in clients is as before: whoever is being judged keeps that judge.
      this.#policy = { ...this.#policy, ...shownIdentity(this.#policy.configuration, identity) }
      this.#logs.gateway.info({ serverName: identity.serverName }, 'gateway certificate replaced')
    })
  }

  reset(): Promise<void> {
    return this.#change(async parts => {
      await closePorts(parts, this.#sessions, { manner: 'restart', reason: 'the gateway is reset' })
      await parts.listeners.open(this.#policy.configuration.listeners)
      parts.sites.resetAll()
      this.#logs.gateway.info('gateway reset')
    })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#changes.then(() => this.#stop())
    return this.#stopping
  }

  #change(make: (parts: GatewayParts) => Promise<void>): Promise<void> {
    const change = this.#changes.then(() => {
      return this.#parts && !this.#stopping ? make(this.#parts) : undefined
    })
    this.#changes = change.catch(() => undefined)
    return change
  }

  /** What the machine refuses is known last, for it carries what runs: then all goes back. */
  async #apply(parts: GatewayParts, configuration: GatewayConfiguration): Promise<void> {
    const before = this.#policy.configuration
    await this.#run(parts, configuration)
    try {
      await this.#applyHost(parts)
    } catch (error) {
      await this.#run(parts, before)
      await this.#applyHost(parts).catch(again => {
        this.#logs.route.warn({ err: again }, 'the machine could not be brought back to what it was')
      })
      throw error
    }
    this.#logs.gateway.info({ gateway: configuration.name }, 'configuration applied')
  }

  /** What can fail comes first: a configuration that cannot be run changes nothing. */
  async #run(parts: GatewayParts, configuration: GatewayConfiguration): Promise<void> {
    const before = this.#policy.configuration
    const policy = this.#makePolicy(configuration, this.#policy.identity)
    await this.#openPorts(parts, before, configuration)
    await this.#configureRadius(configuration.radius)
    this.#entra.use(configuration.entra)
    this.#policy = policy
    this.#logs.use(configuration)
    this.#admission.policy = policy.authentication
    this.#pace.forgetProofs()
    this.#admission.configuration = configuration
    this.#pools.change(poolsOf(configuration))
    parts.datapath.configure(datapathSettings(configuration))
    if (configuration.tunnels.size === 0 && before.tunnels.size > 0)
      await sayGoodbye(parts, this.#sessions, NO_CLIENTS_ANY_MORE)
    parts.sites.configure(configuration.sites)
    await closePortsBeside(parts, configuration.listeners)
    if (!sameTrust(before, configuration))
      await recheckSessions(this.#sessions, policy.authentication, this.#logs.p2s)
    replanSessions(this.#sessions, configuration, this.#logs.p2s)
  }

  /** Errors: as {@link apply}; the ports are as before then. */
  async #openPorts(
    { listeners }: GatewayParts,
    before: GatewayConfiguration,
    configuration: GatewayConfiguration,
  ): Promise<void> {
    await listeners.open(configuration.listeners)
    try {
      await this.#dynamic.listen(configuration.radius)
    } catch (error) {
      listeners.closeOthers(before.listeners)
      throw error
    }
  }

  /** The servers hear that nothing is reported to them any more while they are still known. */
  async #configureRadius(radius: RadiusConfiguration | undefined): Promise<void> {
    const accounting = radius?.accounting
    if (!accounting?.on) await this.#accounting.stop()
    await this.#radius.configure(radius)
    if (accounting?.on) this.#accounting.use(accounting, this.#sessions.all())
  }

  /** Errors: as {@link makePolicy}. */
  #makePolicy(configuration: GatewayConfiguration, identity: GatewayIdentity): GatewayPolicy {
    const { clock } = this.#options
    const [radius, entra, pace, log] = [this.#radius, this.#entra, this.#pace, this.#logs.p2s]
    return makePolicy(configuration, identity, { radius, entra, pace, clock, log })
  }

  #readings({ datapath }: GatewayParts): GatewayReadings {
    return {
      configuration: () => this.#policy.configuration,
      identity: () => this.#policy.identity,
      datapathTotals: () => datapath.totals(),
      connections: () => this.connections(),
    }
  }

  async #applyHost({ tun }: GatewayParts): Promise<void> {
    await this.#host.apply(tun, this.#policy.configuration)
    this.#host.tellRoutes()
  }

  /** A certificate is judged by itself; who signed in by other means has to do it again. */
  #judgeAnew({ credentials, identity }: Session): string | undefined {
    if ((credentials.provenBy ?? 'certificate') !== 'certificate') return 'it is time to sign in again'
    const verdict = this.#policy.authentication.recheck(credentials, identity)
    return verdict.type === 'deny' ? verdict.userReason : undefined
  }

  /** Of a session that has not begun the admission knows itself. */
  #replaced(lease: Lease): void {
    const [address] = leaseAddresses(lease)
    const session = this.#sessions.all().find(other => leaseAddresses(other.lease)[0] === address)
    if (session) this.#sessions.end(session, 'port-preempted', 'halt', 'the device has connected anew')
  }

  /** With the last session of a former pool the gateway's address in it goes too. */
  #addressLeft(): void {
    if (!this.#pools.forgetUnused()) return
    this.#change(parts => this.#applyHost(parts)).catch(error => {
      this.#logs.route.error({ err: error }, 'the former address pool could not be removed')
    })
  }

  async #stop(): Promise<void> {
    const { farewellMilliseconds } = this.#options
    this.#parts?.sites.stop()
    if (this.#parts) await sayGoodbye(this.#parts, this.#sessions, GATEWAY_STOPS, farewellMilliseconds)
    await this.#close()
    this.#logs.gateway.info('gateway stopped')
  }

  async #close(): Promise<void> {
    const parts = this.#parts
    this.#parts = undefined
    this.#dynamic.close()
    if (parts) this.#options.observer.stopping()
    // What the sessions have carried is asked of the parts, and the servers may be behind one of them.
    this.#sessions.clear()
    await this.#accounting.stop()
    if (parts) closeParts(parts)
    this.#radius.close()
    this.#entra.close()
    await this.#options.host.restore()
  }
}

function datapathSettings({
  clientToClient,
  throughputBytesPerSecond = 0,
  sites: { connections, clientTransit, siteTransit },
}: GatewayConfiguration): DatapathSettings {
  // What clients reach of sites their routes say: with a default site alone what has no longer route.
  const clientToSite = clientTransit || connections.some(({ isDefaultSite }) => isDefaultSite)
  return {
    clientToClient,
    clientToSite,
    siteToClient: clientToSite,
    siteToSite: siteTransit,
    throughputBytesPerSecond,
  }
}
