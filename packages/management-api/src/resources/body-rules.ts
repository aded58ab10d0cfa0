import {
  type DocumentFault,
  definitionOf,
  NAME_RULES,
  nameFault,
  type ResourcePart,
  type ResourceTypeDefinition,
} from '@causeway/api-contract'
import { type Body, isObject } from './document.ts'
import { entriesAt, valueAt, withValueAt } from './schema-paths.ts'

/**
 * A body as it is kept: without what the path of the request says, and without ids of its parts, which are ours to
 * give. A list of children that is left out is the one that there is: clients make children one by one, and put the
 * parent without them.
 */
export function ownBody(definition: ResourceTypeDefinition, body: Body, former: Body | undefined): Body {
  const { id: _id, name: _name, type: _type, etag: _etag, ...rest } = body
  return definition.parts.reduce((whole, part) => {
    const list = valueAt(whole, part.path)
    if (Array.isArray(list)) return withValueAt(whole, part.path, list.map(withoutEnvelope))
    const kept = part.type !== undefined && former ? valueAt(former, part.path) : undefined
    return kept === undefined ? whole : withValueAt(whole, part.path, kept)
  }, rest as Body)
}

function withoutEnvelope(entry: unknown): unknown {
  if (!isObject(entry)) return entry
  const { id: _id, etag: _etag, type: _type, ...rest } = entry
  return rest
}

/** What is wrong with the names of a resource's parts. */
export function partFaults(definition: ResourceTypeDefinition, body: Body): readonly DocumentFault[] {
  return definition.parts.flatMap(part => namesFaults(body, part))
}

function namesFaults(body: Body, { path, type }: ResourcePart): DocumentFault[] {
  const rule = type === undefined ? NAME_RULES.network : definitionOf(type).name
  const seen = new Set<string>()
  return entriesAt(body, path).flatMap(({ name }, i): DocumentFault[] => {
    const place = `${path}[${i}].name`
    if (typeof name !== 'string')
      return [{ path: place, problem: 'is missing', remedy: 'give it a name that no other entry has' }]
    const key = name.toLowerCase()
    const isTwice = seen.has(key)
    seen.add(key)
    if (isTwice)
      return [{ path: place, problem: `'${name}' is there twice`, remedy: 'give each entry its own name' }]
    const fault = nameFault(rule, name, place)
    return fault ? [fault] : []
  })
}
