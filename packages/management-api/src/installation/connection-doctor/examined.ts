import type { Connection } from '@causeway/api-contract'
import type { ConnectionRecord, ManagedGateway } from '@causeway/gateway'
import type { PrincipalStore } from '@causeway/token-service'
import type { ResourceDocument } from '../../resources/document.ts'
import type { ResourceStore } from '../../resources/resource-store.ts'
import type { RoleStore } from '../../rights/role-store.ts'
import type { Vaults } from '../../vault/vaults.ts'

/** Where everything is that a connection hangs by. */
export interface DoctorOptions {
  readonly resources: ResourceStore
  readonly vaults: Vaults
  readonly roles: RoleStore
  readonly principals: PrincipalStore
  readonly gateway: Pick<ManagedGateway, 'present' | 'settings' | 'connections' | 'connectionsInForce'>
  /** Domains below which the gateway may ask vaults, its own installation's among them. */
  readonly vaultDomains: readonly string[]
  /** Of the installation. */
  readonly tenantId: string
  /** Addresses of a name. Errors: as `dns.lookup`. */
  readonly resolve: (name: string) => Promise<readonly string[]>
  /** Unix seconds. */
  readonly now: () => number
}

/** A connection that is looked at. */
export interface Examined {
  readonly id: string
  readonly name: string
  readonly document: ResourceDocument
  /** With its secrets. */
  readonly connection: Connection
  /** How it stands; absent: it is not in force. */
  readonly record: ConnectionRecord | undefined
}
