import type { ResourceTypeName } from '@causeway/api-contract'
import type { PrincipalStore } from '@causeway/token-service'
import type { Logger } from 'pino'
import type { DeploymentStore } from '../deployments/deployment-store.ts'
import type { Adoption } from '../network/adopting.ts'
import type { NetworkOptions } from '../network/network-options.ts'
import type { OperationStore } from '../operations/operation-store.ts'
import type { Locks } from '../resources/locks.ts'
import type { ResourceServer } from '../resources/resource-server.ts'
import type { ResourceStore } from '../resources/resource-store.ts'
import type { RoleStore } from '../rights/role-store.ts'
import type { Vaults } from '../vault/vaults.ts'

/** Where this API is in the world: what a tenant, a subscription and a location are called here. */
export interface Installation {
  readonly tenant: { readonly id: string; readonly displayName: string; readonly domain?: string }
  readonly subscriptions: readonly { readonly id: string; readonly displayName: string }[]
  /** Where the gateway is, as ARM writes places: `local`. */
  readonly location: { readonly name: string; readonly displayName: string }
}

export type ResourceServers = Partial<Readonly<Record<ResourceTypeName, ResourceServer>>>

/** What everything that answers requests works with. */
export interface Services {
  readonly installation: Installation
  readonly resources: ResourceStore
  readonly operations: OperationStore
  readonly deployments: DeploymentStore
  readonly roles: RoleStore
  readonly principals: PrincipalStore
  /** Whether tokens of another tenant count, whose principals are not known here. */
  readonly hasExternalTenant: boolean
  readonly servers: ResourceServers
  /** Absent: there are no vaults. */
  readonly vaults?: Vaults
  /** What joins the types of the network to the gateway. Absent: there is no gateway. */
  readonly network?: NetworkOptions
  readonly locks: Locks
  /** Takes over what the operator's commands make of the gateway. Absent: there is no gateway. */
  readonly adoption?: Adoption
  /** Entries of one page of a list, unless a client asks for fewer. */
  readonly pageEntries: number
  /** Unix seconds. */
  readonly now: () => number
  /** Waits, and keeps no process from ending. */
  readonly pause: (milliseconds: number) => Promise<void>
  readonly log: Logger
  /** Work that goes on after its request was answered. */
  readonly background: Set<Promise<void>>
}
