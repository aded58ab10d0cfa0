/** What an expression comes to: JSON. Names of objects are their maker's: read them with {@link own} alone. */
export type Value = string | number | boolean | null | readonly Value[] | ValueObject
export interface ValueObject {
  readonly [name: string]: Value
}

export function isObject(value: unknown): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What an object has itself under a name, its case not minded; `undefined`: nothing. */
export function own(object: ValueObject, name: string): Value | undefined {
  if (Object.hasOwn(object, name)) return object[name]
  const wanted = name.toLowerCase()
  const spelled = Object.keys(object).find(key => key.toLowerCase() === wanted)
  return spelled === undefined ? undefined : object[spelled]
}

/** What kind of value it is, with an article. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'an array'
  switch (typeof value) {
    case 'string':
      return 'a string'
    case 'number':
      return Number.isInteger(value) ? 'an integer' : 'a number'
    case 'boolean':
      return 'a boolean'
    default:
      return 'an object'
  }
}
