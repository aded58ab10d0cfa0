import {
  type ArmOperation,
  formatResourceId,
  type ResourceId,
  type ResourceTypeDefinition,
  subscriptionOf,
} from '@causeway/api-contract'
import type { Query } from '../envelope/query.ts'
import type { Caller } from '../rights/caller.ts'
import type { Services } from './services.ts'

/** A request that was read, whose sender is known and may make it. */
export interface Call {
  readonly services: Services
  readonly operation: ArmOperation
  readonly definition: ResourceTypeDefinition
  /** The resource; of lists and of what is done to no resource: what it is in. */
  readonly id: ResourceId
  /** Where the right was needed. */
  readonly scope: string
  /** The words of the path, decoded. */
  readonly words: readonly string[]
  readonly query: Query
  readonly apiVersion: string
  readonly caller: Caller
  /** `undefined`: there was none. */
  readonly body: unknown
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
  /** By which the client came, without a slash at the end. */
  readonly baseUrl: string
  readonly requestId: string
}

/** The time of a call as ARM writes it. */
export function timeOf({ services }: Call): string {
  return new Date(services.now() * 1_000).toISOString()
}

/** The subscription of a resource. Every resource that is stored is in one. */
export function subscriptionIdOf(id: ResourceId): string {
  return subscriptionOf(id) ?? ''
}

/** The provider of a type, as `Microsoft.Network`. */
export function namespaceOf({ type }: ResourceTypeDefinition): string {
  return type.slice(0, type.indexOf('/'))
}

/** An id as ARM writes it. */
export function idText(id: ResourceId): string {
  return formatResourceId(id)
}
