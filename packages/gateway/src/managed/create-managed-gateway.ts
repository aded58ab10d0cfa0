import { type GatewaySettings, withSecrets } from '@causeway/api-contract'
import type { Logger } from 'pino'
import type { ConfigurationFault } from '../arm/index.ts'
import type { GatewayConfiguration, SessionRecord } from '../configuration.ts'
import { listClients, type ProfilePackageRequest, packageZip } from '../profile/index.ts'
import { type Documents, faultsOf, isSameId, separateSecrets, withGuid } from '../quick-start/index.ts'
import type { Gateway } from '../runtime/gateway.ts'
import type { CertificateReader } from '../site/certificate-reader.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'
import { liftedRevocations } from './lifted-revocations.ts'
import type { ConnectionResource, GatewayResource, ManagedGateway } from './managed-gateway.ts'
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
    return []
  }

  checkConnection(): readonly ConfigurationFault[] {
    return []
  }

  applyConnection(): Promise<void> {
    return Promise.resolve()
  }

  removeConnection(): Promise<void> {
    return Promise.resolve()
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

  /** What the present gateway has only stays with it: another one has a GUID and secrets of its own. */
  #documentsOf(next: GatewayResource | undefined): Documents {
    const { settings, settingsSecrets, resource: present, secrets: known } = this.#present.prepared
    if (!next) return { settings, settingsSecrets }
    const isSame = isSameId(next.resource.id, present?.id)
    const { resource, secrets } = separateSecrets(next.resource, isSame ? known : undefined)
    return {
      settings,
      settingsSecrets,
      resource: withGuid(resource, isSame ? present : undefined),
      secrets,
      ...(next.network && { network: next.network }),
    }
  }
}
