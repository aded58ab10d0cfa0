import { createHash } from 'node:crypto'
import {
  formatResourceId,
  type ProvisioningState,
  type ResourceId,
  type ResourceTypeName,
} from '@causeway/api-contract'

/** The body of a resource: JSON. */
export type Body = Readonly<Record<string, unknown>>

/** A resource as it is stored. Its secrets lie beside it. */
export interface ResourceDocument {
  /** As it was first written. */
  readonly id: string
  readonly type: ResourceTypeName
  /** What somebody put, without secrets and without what is filled in. */
  readonly body: Body
  /** What the gateway goes by until `body` is applied, where that has not succeeded yet. */
  readonly applied?: Body
  /** Whether there are secrets of it: {@link SealedBodies}. */
  readonly isSealed: boolean
  /** `resourceGuid`: another one each time that it is made. */
  readonly guid: string
  /** Counts changes of the body from 1. */
  readonly revision: number
  readonly state: ProvisioningState
  /** The operation that changes it now. */
  readonly operation?: OperationReference
  readonly createdAt: string
  readonly createdBy: string
  readonly changedAt: string
  readonly changedBy: string
}

/** An operation, and what its paths are made of. */
export interface OperationReference {
  readonly id: string
  readonly status: string
}

/** Bodies with their secrets, sealed by the store. */
export interface SealedBodies {
  readonly revision: number
  readonly body: Body
  readonly applied?: Body
}

/** A resource as it was read. */
export interface Resource {
  readonly id: ResourceId
  readonly key: string
  readonly version: number
  readonly document: ResourceDocument
}

const RESOURCES = 'resources'
/** Ours: the longest key that the store takes. */
const KEY_LIMIT = 2_048
/** What a name may hold to be a part of a key; no name of a resource holds anything else. */
const KEY_WORD = /^[\p{L}\p{M}\p{N}._()@+~=,:!$&'-]+$/u

/** The key of a resource; `undefined`: no resource can have such an id. */
export function documentKey(id: ResourceId): string | undefined {
  const text = formatResourceId(id).toLowerCase().normalize('NFC')
  const words = text.slice(1).split('/')
  if (!words.every(word => KEY_WORD.test(word))) return undefined
  // No word of a key begins with a dot, and no name holds a percent sign.
  const key = [RESOURCES, ...words.map(word => word.replace(/^\./, '%2e'))].join('/')
  return key.length <= KEY_LIMIT ? key : undefined
}

/** The value of `etag`: of this resource in this revision, and of no other that had its name. */
export function etagOf({ guid, revision }: ResourceDocument): string {
  const digest = createHash('sha256').update(`${guid} ${revision}`).digest('hex')
  const parts = [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ].map(([from, to]) => digest.slice(from, to))
  return `W/"${parts.join('-')}"`
}

export function propertiesOf(body: Body): Body {
  const { properties } = body
  return isObject(properties) ? properties : {}
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
