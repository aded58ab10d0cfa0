import type { ResourceTypeDefinition } from '@causeway/api-contract'
import { type Body, isObject } from './document.ts'

/** Whether a type has a property, as `properties.resourceGuid`. */
export function hasProperty({ model }: ResourceTypeDefinition, path: string): boolean {
  let shape: unknown = model
  for (const word of path.split('.')) {
    const { properties }: Body = isObject(shape) ? shape : {}
    if (!isObject(properties) || !Object.hasOwn(properties, word)) return false
    shape = properties[word]
  }
  return true
}

/** What is at a path of a body. */
export function valueAt(body: Body, path: string): unknown {
  let value: unknown = body
  for (const word of path.split('.')) value = isObject(value) ? value[word] : undefined
  return value
}

/** A copy of a body with another value at a path, all of which is there but perhaps its end. */
export function withValueAt(body: Body, path: string, value: unknown): Body {
  const [word = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...body, [word]: value }
  const inner = body[word]
  return { ...body, [word]: withValueAt(isObject(inner) ? inner : {}, rest.join('.'), value) }
}

/** The entries of a list at a path that are objects; none where there is no list. */
export function entriesAt(body: Body, path: string): readonly Body[] {
  const list = valueAt(body, path)
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** The entry of this name, in any case. */
export function entryNamed(entries: readonly Body[], name: string): Body | undefined {
  const wanted = name.toLowerCase()
  return entries.find(({ name: own }) => typeof own === 'string' && own.toLowerCase() === wanted)
}
