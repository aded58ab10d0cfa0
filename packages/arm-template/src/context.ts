import type { ResourceId } from '@causeway/api-contract'
import type { Budget } from './budget.ts'
import type { Value, ValueObject } from './value.ts'

/** Where and when a template is evaluated: all that its functions know of the world. */
export interface TemplateContext {
  /** What it is deployed to: a group or a subscription. */
  readonly target: Extract<ResourceId, { type: 'resourceGroup' | 'subscription' }>
  /** What `deployment()` gives. */
  readonly deployment: ValueObject
  /** What `subscription()` gives. */
  readonly subscription: ValueObject
  /** What `tenant()` gives. */
  readonly tenant: ValueObject
  /** What `environment()` gives. */
  readonly environment: ValueObject
  /** What `resourceGroup()` gives; absent: it is deployed to a subscription, or the group is not there yet. */
  readonly resourceGroup?: ValueObject
  /** Api-versions of a type, the newest first, for `providers()`; `undefined`: there is no such type. */
  readonly apiVersions: (type: string) => readonly string[] | undefined
  /** A digest of at least 16 bytes, as SHA-256, for `uniqueString` and `guid`. */
  readonly hash: (text: string) => Uint8Array
  /** A random GUID. */
  readonly newGuid: () => string
  /** Unix seconds: what `utcNow` gives. One deployment happens at one time. */
  readonly now: number
}

/**
 * What is known of resources, by {@link referenceKey}: as they are answered, or `undefined` for one that is not there.
 * What is not in it is pending.
 */
export type References = ReadonlyMap<string, ValueObject | undefined>

/** The key of a resource in {@link References}: its id in lower case. */
export function referenceKey(id: string): string {
  return id.toLowerCase()
}

/** One turn of a copy loop. */
export interface Loop {
  readonly name: string
  readonly index: number
}

/** What the names in an expression stand for. */
export interface Scope {
  readonly context: TemplateContext
  readonly budget: Budget
  readonly parameter: (name: string) => Value
  readonly variable: (name: string) => Value
  /** The innermost last. */
  readonly loops: readonly Loop[]
  /** Absent: where this stands, nothing may be asked of resources. */
  readonly references?: References
  /** Id of a resource of the template by its name. */
  readonly resourceNamed: (name: string) => string
  /** Whether it is a parameter's default: there alone may a template differ from one run to the next. */
  readonly isDefault: boolean
}
