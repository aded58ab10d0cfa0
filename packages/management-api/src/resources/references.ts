import {
  formatResourceId,
  isWithin,
  parentOf,
  parseResourceId,
  type ResourceId,
  resourceKey,
  resourceTypeDefinition,
  resourceTypeOf,
} from '@causeway/api-contract'
import { type Body, isObject } from './document.ts'

/** A resource that another one refers to. */
export interface Reference {
  /** Where it stands, as `properties.ipConfigurations[0].properties.subnet.id`. */
  readonly path: string
  readonly text: string
  /** `undefined`: the text is no id. */
  readonly id: ResourceId | undefined
}

/**
 * Everything that a body refers to, itself and its own parts apart. What its schema does not know counts where it is an
 * id; where the schema has a reference, what is no id is one that cannot be followed.
 */
export function referencesOf(body: Body, self: ResourceId): readonly Reference[] {
  const found: Reference[] = []
  const shape = resourceTypeDefinition(resourceTypeOf(self))?.model as Shape | undefined
  // Tags are their owners' own words, and the id of the body itself is its own.
  const { tags: _tags, id: _id, ...rest } = body
  collect(rest, shape, '', found)
  return found.filter(({ id }) => id === undefined || !isWithin(id, self))
}

/** A resource and what it is a part of: whoever refers to a subnet uses its network. */
function usedBy(id: ResourceId): readonly string[] {
  const keys: string[] = []
  for (let at: ResourceId | undefined = id; at?.type === 'resource'; at = parentOf(at))
    keys.push(resourceKey(at))
  return keys
}

/** A schema, as far as references go by it. */
interface Shape {
  readonly reference?: boolean
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

function collect(value: unknown, shape: Shape | undefined, path: string, found: Reference[]): void {
  if (Array.isArray(value)) {
    for (const [i, entry] of value.entries()) collect(entry, shape?.items, `${path}[${i}]`, found)
    return
  }
  if (!isObject(value)) return
  for (const [name, part] of Object.entries(value)) {
    const place = path === '' ? name : `${path}.${name}`
    if (name === 'id' && typeof part === 'string') {
      const reference = referenceOf(place, part)
      if (reference.id || shape?.reference) found.push(reference)
    } else if (name === 'userAssignedIdentities' && isObject(part))
      for (const id of Object.keys(part)) found.push(referenceOf(place, id))
    else collect(part, ownShape(shape, name), place, found)
  }
}

function ownShape(shape: Shape | undefined, name: string): Shape | undefined {
  return shape?.properties && Object.hasOwn(shape.properties, name) ? shape.properties[name] : undefined
}

function referenceOf(path: string, text: string): Reference {
  const read = parseResourceId(text, path)
  return { path, text, id: read.type === 'good' ? read.id : undefined }
}

/** Who refers to what, kept at hand. */
export class ReferenceIndex {
  /** Resources, by what is common to their spellings, to ids of those that refer to them or to a part of them. */
  readonly #users = new Map<string, Map<string, string>>()
  /** What each document refers to. */
  readonly #used = new Map<string, readonly string[]>()

  /** Notes what a resource refers to now. */
  set(key: string, self: ResourceId, body: Body): void {
    this.forget(key)
    const used = referencesOf(body, self).flatMap(({ id }) => (id ? usedBy(id) : []))
    for (const each of used) this.#add(each, key, formatResourceId(self))
    if (used.length > 0) this.#used.set(key, used)
  }

  /** A document is gone. */
  forget(key: string): void {
    for (const each of this.#used.get(key) ?? []) {
      const users = this.#users.get(each)
      users?.delete(key)
      if (users?.size === 0) this.#users.delete(each)
    }
    this.#used.delete(key)
  }

  /** Ids of those that refer to a resource or to a part of it. */
  usersOf(id: ResourceId): readonly string[] {
    return [...(this.#users.get(resourceKey(id))?.values() ?? [])]
  }

  #add(used: string, key: string, id: string): void {
    const users = this.#users.get(used)
    if (users) users.set(key, id)
    else this.#users.set(used, new Map([[key, id]]))
  }
}
