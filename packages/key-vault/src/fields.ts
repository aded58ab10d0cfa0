import { badParameter } from './vault-error.ts'

/** An object of a request's body, and where in the body it stands. */
export interface Fields {
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
}

/** The body of a request. Errors of this and those below: `VaultError` `BadParameter`, which names the field. */
export function bodyOf(body: unknown): Fields {
  if (isObject(body)) return { path: '', values: body }
  throw badParameter('body', 'must be a JSON object')
}

/** An object in an object; `undefined` where there is none. */
export function objectIn(fields: Fields, name: string): Fields | undefined {
  const value = presentIn(fields, name)
  if (value === undefined) return undefined
  if (isObject(value)) return { path: pathOf(fields, name), values: value }
  throw badParameter(pathOf(fields, name), 'must be a JSON object')
}

/** At most so many characters; default 256. */
export function stringIn(fields: Fields, name: string, maximum = 256): string | undefined {
  const value = presentIn(fields, name)
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw badParameter(pathOf(fields, name), 'must be a string')
  if (value.length <= maximum) return value
  throw badParameter(pathOf(fields, name), `may have at most ${maximum} characters`)
}

export function booleanIn(fields: Fields, name: string): boolean | undefined {
  const value = presentIn(fields, name)
  if (value === undefined || typeof value === 'boolean') return value
  throw badParameter(pathOf(fields, name), 'must be true or false')
}

export function integerIn(fields: Fields, name: string, least: number, most: number): number | undefined {
  const value = presentIn(fields, name)
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw badParameter(pathOf(fields, name), `must be a whole number from ${least} to ${most}`)
}

/** At most 100 strings. */
export function stringsIn(fields: Fields, name: string): readonly string[] | undefined {
  const value = presentIn(fields, name)
  if (value === undefined) return undefined
  const isGood = Array.isArray(value) && value.length <= 100 && value.every(item => typeof item === 'string')
  if (isGood) return value as string[]
  throw badParameter(pathOf(fields, name), 'must be a list of at most 100 strings')
}

/** At most 100 objects; `path[0]` is the first. */
export function objectsIn(fields: Fields, name: string): readonly Fields[] | undefined {
  const value = presentIn(fields, name)
  if (value === undefined) return undefined
  const path = pathOf(fields, name)
  if (!Array.isArray(value) || value.length > 100)
    throw badParameter(path, 'must be a list of at most 100 objects')
  return value.map((values: unknown, i) => {
    if (isObject(values)) return { path: `${path}[${i}]`, values }
    throw badParameter(`${path}[${i}]`, 'must be a JSON object')
  })
}

/** One of these words. */
export function wordIn<Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = stringIn(fields, name)
  if (value === undefined) return undefined
  const word = words.find(one => one.toLowerCase() === value.toLowerCase())
  if (word !== undefined) return word
  throw badParameter(pathOf(fields, name), `'${value}' is not one of ${words.join(', ')}`)
}

/** Azure's limits of tags: 15, names of 512 and values of 256 characters. */
export function tagsIn(fields: Fields): Readonly<Record<string, string>> | undefined {
  const tags = objectIn(fields, 'tags')
  if (!tags) return undefined
  const entries = Object.entries(tags.values)
  if (entries.length > 15) throw badParameter(tags.path, 'may have at most 15 entries')
  for (const [name, value] of entries) {
    if (name.length > 512) throw badParameter(tags.path, 'has a name of more than 512 characters')
    if (typeof value !== 'string' || value.length > 256)
      throw badParameter(pathOf(tags, name), 'must be a string of at most 256 characters')
  }
  return tags.values as Record<string, string>
}

/** The place of a field, as errors name it: `policy.key_props.kty`. */
export function pathOf({ path }: Fields, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** What a client sends as null it has not set. */
function presentIn({ values }: Fields, name: string): unknown {
  return Object.hasOwn(values, name) ? (values[name] ?? undefined) : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
