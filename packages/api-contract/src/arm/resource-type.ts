import type { TSchema } from 'typebox'
import type { NameRule } from './name-rule.ts'
import type { ResourceTypeName } from './type-names.ts'

/**
 * How a long-running operation tells its end (`final-state-via` of ARM): by `Azure-AsyncOperation` and the resource
 * itself, or by `Location`, which then has the result.
 */
export type LongRunning = 'azure-async-operation' | 'location'

/** A parameter of a query, `api-version` apart. */
export interface QueryParameter {
  readonly name: string
  readonly isRequired?: boolean
}

/** An operation of a type beyond creating, reading, changing tags, deleting and listing. */
export interface ResourceAction {
  /** Second half of its id in ARM's own documents, as `Generatevpnclientpackage`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** What follows the resource's path, as `generatevpnclientpackage`; with `/` before it: the whole path. */
  readonly path: string
  /** What one needs the right to do, after the type's prefix, as `generatevpnclientpackage/action`. */
  readonly right: string
  readonly longRunning?: LongRunning
  readonly body?: TSchema
  readonly isBodyOptional?: boolean
  /** Absent: it answers nothing. */
  readonly result?: TSchema
  readonly query?: readonly QueryParameter[]
}

/** Entries of a list in a resource that have ids, etags and states of their own, and no paths. */
export interface ResourcePart {
  /** Where the list is, as `properties.ipConfigurations`. */
  readonly path: string
  /** Its word in the entries' ids. */
  readonly segment: string
  /** The type of the entries, where they are resources by themselves as well. */
  readonly type?: ResourceTypeName
}

/** What a resource type is: everything that the management plane goes by. */
export interface ResourceTypeDefinition {
  readonly type: ResourceTypeName
  /** First half of its operations' ids in ARM's own documents. */
  readonly title: string
  /** Path of one resource; words in braces are parameters, the last of them its name. */
  readonly path: string
  /** Where it is listed, and how that operation is called there. */
  readonly lists: readonly {
    readonly path: string
    readonly operation: string
    readonly query?: readonly QueryParameter[]
  }[]
  /** Another place where the same type is found, and how its operations are called there. */
  readonly alsoAt?: {
    readonly path: string
    readonly list: string
    /** What follows the operations' names, as `AtSubscriptionScope`. */
    readonly suffix: string
  }
  readonly name: NameRule
  readonly parent?: ResourceTypeName
  readonly apiVersions: readonly string[]
  /** Whether a PUT must say where it is. */
  readonly isTracked: boolean
  /** What stands before `/read`, `/write` and `/delete` in the actions of role-based access control. */
  readonly actionPrefix: string
  /** What is answered, and, unless `put.body` says otherwise, what is put. */
  readonly model: TSchema
  /** Absent: nobody makes one. */
  readonly put?: { readonly longRunning?: LongRunning; readonly body?: TSchema; readonly operation?: string }
  /** Absent: no PATCH. */
  readonly patch?: {
    readonly body: TSchema
    readonly operation: string
    readonly longRunning?: LongRunning
  }
  readonly remove?: { readonly longRunning?: LongRunning }
  readonly hasHead?: boolean
  readonly actions: readonly ResourceAction[]
  readonly parts: readonly ResourcePart[]
  /** Operations that ARM has and that are none of ours: the last words of their paths. Answered with 501. */
  readonly declined: readonly string[]
}

export const SUBSCRIPTION_PATH = '/subscriptions/{subscriptionId}'
export const GROUP_PATH = `${SUBSCRIPTION_PATH}/resourceGroups/{resourceGroupName}`
