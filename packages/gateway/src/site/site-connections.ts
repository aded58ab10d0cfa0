import type { Signer } from '@causeway/crypto-node'
import type { Datapath } from '@causeway/datapath'
import type { SessionId } from '@causeway/ikev2'
import type { IpAddress } from '@causeway/wire'
import type { RevocationFetch } from '@causeway/x509'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { PortDirectory } from '../ikev2/ike-ports.ts'
import type { Ikev2Driver } from '../ikev2/ikev2-driver.ts'
import type { ResponderMaterial } from '../ikev2/peer-terms.ts'
import type { DiagnosticLogs } from '../observation/index.ts'
import type { CertificateReader } from './certificate-reader.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { type MachineAddresses, systemAddresses } from './dial-path.ts'
import { InboundJudge } from './inbound-judge.ts'
import { LiveConnection } from './live-connection.ts'
import { type ResolveName, resolveBySystem } from './resolver.ts'
import { clientGrantTerms, type Places, type ResponderTerms, responderTerms } from './responder-terms.ts'
import type { SiteConnection, SitesConfiguration } from './site-configuration.ts'
import { connectionRecord } from './site-records.ts'
import { SiteSessions } from './site-sessions.ts'
import { VaultAccess } from './vault-access.ts'

/** What connections meet outside of the gateway. */
export interface SiteSurroundings {
  readonly machine: MachineAddresses
  readonly resolve: ResolveName
  /** Asks CRLs and OCSP responders. */
  readonly revocationFetch: RevocationFetch
  /** How long the vault is waited for that is not at hand yet. */
  readonly vaultPatienceMilliseconds: number
}

/** What connections need of the gateway. */
export interface SiteConnectionsOptions {
  readonly surroundings?: Partial<SiteSurroundings>
  readonly datapath: Datapath
  readonly ports: PortDirectory
  readonly configuration: () => GatewayConfiguration
  /** What the gateway shows to clients. */
  readonly material: () => ResponderMaterial
  readonly clock: Clock
  readonly logs: DiagnosticLogs
}

/** The gateway's connections to sites. */
export class SiteConnections {
  readonly #options: SiteConnectionsOptions
  readonly #judge: InboundJudge
  readonly #vault: VaultAccess
  readonly #connections = new Map<string, LiveConnection>()
  #sessions: SiteSessions | undefined
  /** Resolved addresses of peers that are known by name. */
  #places: Places = new Map()
  #terms: { readonly key: readonly object[]; readonly value: ResponderTerms } | undefined
  #lastSession = 0

  constructor(options: SiteConnectionsOptions) {
    this.#options = options
    this.#vault = new VaultAccess(options.surroundings?.vaultPatienceMilliseconds)
    this.#judge = new InboundJudge(options.clock.unixSeconds, options.surroundings?.revocationFetch)
  }

  /** The sessions of sites on a driver. To be called once, before anything else. */
  join(driver: Ikev2Driver): SiteSessions {
    const { datapath, ports, surroundings, configuration, clock, logs } = this.#options
    this.#sessions = new SiteSessions(
      {
        datapath,
        ports,
        machine: surroundings?.machine ?? systemAddresses,
        judge: this.#judge,
        configuration,
        connections: () => [...this.#connections.values()],
        connectionAt: remote => this.#connections.get(this.responderTerms().of(remote)?.label ?? ''),
        clock,
        log: logs.ike,
      },
      driver,
    )
    return this.#sessions
  }

  /** Runs these from now on. What has not changed of a connection is not touched. */
  configure({ connections }: SitesConfiguration): void {
    const wanted = new Map(connections.map(connection => [connection.id, connection]))
    for (const [id, live] of this.#connections) if (!wanted.has(id)) this.#remove(live)
    for (const [id, connection] of wanted) {
      const live = this.#connections.get(id) ?? this.#add(connection)
      if (live.configuration !== connection || live.status.tunnels.length === 0) live.configure(connection)
    }
    this.#sessions?.rerouteAll()
  }

  records(): readonly ConnectionRecord[] {
    const sessions = this.#sessions
    if (!sessions) return []
    return [...this.#connections.values()].map(live => {
      const record = connectionRecord(live, sessions)
      return { ...record, notes: [...this.#judge.notesOn(live.configuration), ...record.notes] }
    })
  }

  /** `false`: there is none with this id. */
  reset(id: string): boolean {
    const live = this.#connections.get(id.toLowerCase())
    live?.command({ type: 'reset' })
    return live !== undefined
  }

  resetAll(): void {
    for (const live of this.#connections.values()) live.command({ type: 'reset' })
  }

  readCertificatesBy(reader: CertificateReader | undefined): void {
    const isFirst = !this.#vault.isKnown
    this.#vault.use(reader)
    // At first those who ask are waiting for it.
    if (reader && !isFirst) this.certificatesChanged()
  }

  certificatesChanged(): void {
    for (const live of this.#connections.values()) live.command({ type: 'material-changed' })
  }

  /** Whose certificate this is, of those that connections show. */
  signerOf(certificate: Uint8Array): Signer | undefined {
    for (const { certificates } of this.#connections.values()) {
      const signer = certificates.signerOf(certificate)
      if (signer) return signer
    }
    return undefined
  }

  /** Terms of whoever comes to us, clients included. */
  responderTerms(): ResponderTerms {
    const parts = {
      configuration: this.#options.configuration(),
      material: this.#options.material(),
      places: this.#places,
    }
    const key = [parts.configuration, parts.material, parts.places]
    if (this.#terms?.key.every((part, i) => part === key[i])) return this.#terms.value
    const value = responderTerms(parts, connection => this.#judge.authorityKeyHashes(connection))
    this.#terms = { key, value }
    return value
  }

  /** What a client may keep of them. */
  clientTerms(): ReturnType<typeof clientGrantTerms> {
    return clientGrantTerms({
      configuration: this.#options.configuration(),
      material: this.#options.material(),
    })
  }

  /** Ends all; the peers are told. */
  stop(): void {
    for (const live of [...this.#connections.values()]) this.#remove(live)
    this.#vault.close()
  }

  #add(connection: SiteConnection): LiveConnection {
    const { clock, logs, surroundings } = this.#options
    const live = new LiveConnection(connection, {
      sessions: {
        dial: (from, dial) => this.#sessions?.dial(from, dial),
        disconnect: (session, reason) => this.#sessions?.disconnect(session, reason),
        renewChildren: session => this.#sessions?.renewChildren(session),
        carrierChanged: from => this.#sessions?.carrierChanged(from),
      },
      vault: this.#vault,
      resolve: surroundings?.resolve ?? resolveBySystem,
      nextSession: () => this.#nextSession(),
      placed: (from, address) => this.#placed(from, address),
      clock,
      logs,
      log: logs.ike,
    })
    this.#connections.set(connection.id, live)
    return live
  }

  #remove(live: LiveConnection): void {
    this.#connections.delete(live.id)
    live.remove()
    this.#sessions?.endThoseOfConnection(live)
  }

  /** Below 0: a responder's are above. */
  #nextSession(): SessionId {
    return --this.#lastSession
  }

  #placed({ id }: LiveConnection, address: IpAddress): void {
    this.#places = new Map([...this.#places, [id, address]])
  }
}
