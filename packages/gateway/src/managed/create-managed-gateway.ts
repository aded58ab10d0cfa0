import { type GatewaySettings, withSecrets } from '@causeway/api-contract'
import type { Logger } from 'pino'
import {
  type ConfigurationFault,
  type ConnectionResource,
  connectionKey,
  connectionName,
  judgeInboundChain,
} from '../arm/index.ts'
import type { GatewayConfiguration, SessionRecord } from '../configuration.ts'
import { listClients, type ProfilePackageRequest, packageZip } from '../profile/index.ts'
import {
  CommandError,
  configurationRefused,
  type Documents,
  faultsOf,
  type GatewayDocuments,
  isSameId,
  separateSecrets,
  withGuid,
  withKnownSecrets,
} from '../quick-start/index.ts'
import type { Gateway } from '../runtime/gateway.ts'
import type { CertificateReader } from '../site/certificate-reader.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'
import { liftedRevocations } from './lifted-revocations.ts'
import type { GatewayResource, ManagedGateway } from './managed-gateway.ts'
import type { ChangeListener, OperatorChanges } from './operator-changes.ts'
import type { PresentGateway } from './present-gateway.ts'

export interface ManagedGatewayOptions {
  readonly present: PresentGateway
  /** That of `present`, which runs. */
  readonly gateway: Gateway
  readonly changes: OperatorChanges
  readonly log: Logger
}

export function createManagedGateway(options: ManagedGatewayOptions): ManagedGateway {
  return new ProcessGateway(options)
}

class ProcessGateway implements ManagedGateway {
  readonly #present: PresentGateway
  readonly #gateway: Gateway
  readonly #changes: OperatorChanges
  readonly #log: Logger

  constructor({ present, gateway, changes, log }: ManagedGatewayOptions) {
    this.#present = present
    this.#gateway = gateway
    this.#changes = changes
    this.#log = log
  }

  present(): GatewayResource | undefined {
    const { prepared } = this.#present
    if (!prepared.resource) return undefined
    const { resource, secrets, network } = prepared
    return { resource: withSecrets(resource, secrets), ...(network && { network }) }
  }

  settings(): GatewaySettings {
    return this.#present.prepared.settings
  }

  check(next: GatewayResource): readonly ConfigurationFault[] {
    return faultsOf(this.#documentsOf(next))
  }

  apply(next: GatewayResource | undefined): Promise<void> {
    return this.#changes.inTurn(this.#present, async () => {
      const { configuration: before, resource: former } = this.#present.prepared
      await this.#present.take(this.#documentsOf(next))
      if (isSameId(former?.id, next?.resource.id)) await this.#warnOfLifted(before)
    })
  }

  async #warnOfLifted(before: GatewayConfiguration): Promise<void> {
    const { installation, prepared } = this.#present
    const clients = liftedRevocations(before, prepared.configuration, await listClients(installation))
    if (clients.length > 0)
      this.#log.warn(
        { clients },
        `clients that were revoked are let in again: ${clients.join(', ')}; the change left them out of vpnClientRevokedCertificates`,
      )
  }

  onChanged(listener: ChangeListener | undefined): void {
    this.#changes.listen(listener)
  }

  retryChanged(): Promise<void> {
    return this.#present.inTurn(() => this.#changes.tell())
  }

  sessions(): readonly SessionRecord[] {
    return this.#gateway.sessions()
  }

  disconnect(id: string): boolean {
    return this.#gateway.disconnect(id)
  }

  reset(): Promise<void> {
    return this.#present.inTurn(() => this.#gateway.reset())
  }

  async profilePackage(request: ProfilePackageRequest): Promise<Uint8Array> {
    return packageZip(this.#present.prepared, request)
  }

  connectionsInForce(): readonly ConnectionResource[] {
    return this.#present.prepared.connections ?? []
  }

  checkConnection(given: ConnectionResource): readonly ConfigurationFault[] {
    const { next, inForce, documents } = this.#withConnection(given)
    if (!documents) return [notOfTheGateway(next)]
    return [...faultsOf(documents), ...this.#judgeInbound(next, inForce)]
  }

  applyConnection(given: ConnectionResource): Promise<void> {
    return this.#changes.inTurn(this.#present, async () => {
      const { next, inForce, documents } = this.#withConnection(given)
      if (!documents) throw notRunning(next)
      const faults = this.#judgeInbound(next, inForce)
      if (faults.length > 0) throw configurationRefused([...faultsOf(documents), ...faults])
      await this.#present.take(documents)
    })
  }

  removeConnection(id: string): Promise<void> {
    return this.#changes.inTurn(this.#present, async () => {
      const { documents } = this.#present
      if (!documents.resource) return
      const connections = documents.connections.filter(
        connection => connectionKey(connection) !== id.toLowerCase(),
      )
      if (connections.length < documents.connections.length)
        await this.#present.take({ ...documents, connections })
    })
  }

  connections(): readonly ConnectionRecord[] {
    return this.#gateway.connections()
  }

  resetConnection(id: string): boolean {
    return this.#gateway.resetConnection(id)
  }

  readCertificatesBy(reader: CertificateReader | undefined): void {
    this.#gateway.readCertificatesBy(reader)
  }

  certificatesChanged(): void {
    this.#gateway.certificatesChanged()
  }

  #judgeInbound(
    next: ConnectionResource,
    inForce: ConnectionResource | undefined,
  ): readonly ConfigurationFault[] {
    return judgeInboundChain(next, inForce, this.#present.installation.unixSeconds())
  }

  /** All documents as they would be with this connection, which takes the place of the one with its id. */
  #withConnection(given: ConnectionResource): WithConnection {
    const { documents } = this.#present
    const key = connectionKey(given)
    const inForce = documents.connections?.find(connection => connectionKey(connection) === key)
    const next = withKnownSecrets(given, inForce)
    const gateway = next.connection.properties.virtualNetworkGateway1.id
    if (!documents.resource || !isSameId(documents.resource.id, gateway)) return { next }
    const connections = inForce
      ? documents.connections.map(connection => (connection === inForce ? next : connection))
      : [...documents.connections, next]
    return { next, ...(inForce && { inForce }), documents: { ...documents, connections } }
  }

  /** What the present gateway has only stays with it: another one has a GUID and secrets of its own. */
  #documentsOf(next: GatewayResource | undefined): Documents {
    const {
      settings,
      settingsSecrets,
      resource: present,
      secrets: known,
      connections,
    } = this.#present.prepared
    if (!next) return { settings, settingsSecrets }
    const isSame = isSameId(next.resource.id, present?.id)
    const { resource, secrets } = separateSecrets(next.resource, isSame ? known : undefined)
    return {
      settings,
      settingsSecrets,
      resource: withGuid(resource, isSame ? present : undefined),
      secrets,
      ...(next.network && { network: next.network }),
      connections: isSame ? (connections ?? []) : [],
    }
  }
}

interface WithConnection {
  readonly next: ConnectionResource
  readonly inForce?: ConnectionResource
  /** Absent: the gateway in force is not the connection's. */
  readonly documents?: GatewayDocuments
}

const GATEWAY = 'properties.virtualNetworkGateway1.id'
const NOT_RUNNING = 'names a gateway that does not run'
const PUT_GATEWAY = 'put the gateway first'

function notOfTheGateway(connection: ConnectionResource): ConfigurationFault {
  const name = connectionName(connection)
  return {
    document: 'connection',
    connection: name,
    path: GATEWAY,
    problem: NOT_RUNNING,
    remedy: PUT_GATEWAY,
  }
}

function notRunning(connection: ConnectionResource): CommandError {
  return new CommandError(
    'Conflict',
    `connection ${connectionName(connection)} ${NOT_RUNNING}; ${PUT_GATEWAY}`,
  )
}
