import type { TSchema } from 'typebox'
import { type DocumentFault, quote, schemaFaults } from '../document-fault.ts'
import { SECRET_TEXT } from '../document-secrets.ts'
import type { ShapeNotes } from './schema/shape.ts'

/**
 * What is done to ARM documents by their schemas. Everything here copies: no document is changed in place. What a
 * schema does not know is kept as it is.
 */

/** A schema as JSON Schema has it, with our notes. */
interface Shape extends ShapeNotes {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly patternProperties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

type JsonObject = Readonly<Record<string, unknown>>

/** A body as it will be kept, and everything that is wrong with it. */
export interface CanonicalBody {
  readonly value: unknown
  readonly faults: readonly DocumentFault[]
}

/**
 * A body as clients send it, in the form that we keep: names of properties and of enumerations are spelled as the
 * schema spells them (ARM compares both in any case, and az sends `IPSec`), a property that is null is not there (az
 * sends what it has no value for), a reference is its id alone (az sends whole gateways), and what is read-only is
 * gone. Then it is checked against the schema.
 */
export function canonicalBody(schema: TSchema, body: unknown): CanonicalBody {
  const faults: DocumentFault[] = []
  const value = withoutReadOnly(schema, spelled(schema as Shape, body, '', faults))
  return { value, faults: [...schemaFaults(schema, value), ...faults] }
}

/** A body without what the server fills in, which clients send back as they read it. */
export function withoutReadOnly(schema: TSchema, body: unknown): unknown {
  return without(schema as Shape, body, ({ readOnly }) => readOnly === true)
}

/** A document as it may be answered: its secrets are not there. */
export function withoutWriteOnly(schema: TSchema, document: unknown): unknown {
  return without(schema as Shape, document, ({ writeOnly }) => writeOnly === true)
}

/**
 * A body that replaces a document, with what its sender cannot have meant to remove: secrets, which are never
 * answered and so cannot be sent back, and properties that are newer than the sender's api-version. Entries of lists
 * are the same when their names are (or what the schema says instead). A secret that belongs to an address is kept
 * only while the address stays.
 *
 * @param former the document that is replaced, secrets and all; absent: there is none.
 * @param apiVersion of the request; without one nothing is newer.
 */
export function keepingOmitted(
  schema: TSchema,
  body: unknown,
  former: unknown,
  apiVersion?: string,
): unknown {
  return kept(schema as Shape, body, former, apiVersion)
}

function spelled(shape: Shape, value: unknown, path: string, faults: DocumentFault[]): unknown {
  if (typeof value === 'string') return shape.names ? spelledName(shape.names, value, path, faults) : value
  if (Array.isArray(value)) {
    const { items } = shape
    const entries = items ? value.filter(entry => entry !== null) : value
    return items ? entries.map((entry, i) => spelled(items, entry, `${path}[${i}]`, faults)) : entries
  }
  if (!isObject(value)) return value
  const present = Object.entries(value).flatMap(([name, part]) => {
    const key = canonicalKey(shape, name)
    if (key === name || !Object.hasOwn(value, key)) return [[key, part] as const]
    const problem = `is there as '${key}' as well`
    faults.push({ path: path === '' ? name : `${path}.${name}`, problem, remedy: 'give one of them' })
    return []
  })
  const known = present.filter(([name, part]) => part !== null || !propertyShape(shape, name))
  const entries = known.flatMap(([name, part]) => {
    if (shape.reference && name !== 'id') return []
    const inner = propertyShape(shape, name)
    const place = path === '' ? name : `${path}.${name}`
    return [[name, inner ? spelled(inner, part, place, faults) : part] as const]
  })
  return Object.fromEntries(entries)
}

/** The name of the schema's that this one is, in another case. */
function canonicalKey({ properties }: Shape, name: string): string {
  if (!properties || Object.hasOwn(properties, name)) return name
  const wanted = name.toLowerCase()
  const canonical = Object.keys(properties).find(each => each.toLowerCase() === wanted)
  return canonical ?? name
}

function spelledName(names: readonly string[], text: string, path: string, faults: DocumentFault[]): string {
  const wanted = text.trim().toLowerCase()
  const name = names.find(each => each.toLowerCase() === wanted)
  if (name === undefined)
    faults.push({ path, problem: `${quote(text)} is not allowed`, remedy: `use one of ${names.join(', ')}` })
  return name ?? text
}

function without(shape: Shape, value: unknown, isLeftOut: (shape: Shape) => boolean): unknown {
  if (Array.isArray(value)) {
    const { items } = shape
    return items ? value.map(entry => without(items, entry, isLeftOut)) : value
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).flatMap(([name, part]) => {
    const inner = propertyShape(shape, name)
    if (!inner) return [[name, part] as const]
    return isLeftOut(inner) ? [] : [[name, without(inner, part, isLeftOut)] as const]
  })
  return Object.fromEntries(entries)
}

function kept(shape: Shape, value: unknown, former: unknown, apiVersion: string | undefined): unknown {
  if (Array.isArray(value)) {
    const { items } = shape
    if (!items || !Array.isArray(former)) return value
    const key = shape.key ?? 'name'
    const formerly = new Map(former.map(entry => [entryKey(entry, key), entry]))
    return value.map(entry => {
      const name = entryKey(entry, key)
      return name === undefined ? entry : kept(items, entry, formerly.get(name), apiVersion)
    })
  }
  if (!isObject(value) || !isObject(former)) return value
  const present = Object.entries(value).map(([name, part]) => {
    const inner = propertyShape(shape, name)
    if (!inner) return [name, part] as const
    const own = propertyOf(former, name)
    return [name, isUntold(inner, part) ? own : kept(inner, part, own, apiVersion)] as const
  })
  const omitted = Object.entries(former).filter(
    ([name]) => !Object.hasOwn(value, name) && isKept(propertyShape(shape, name), apiVersion),
  )
  const all = [...present, ...omitted].filter(([name]) =>
    isStillOf(propertyShape(shape, name), name, value, former),
  )
  return Object.fromEntries(all.filter(([, part]) => part !== undefined))
}

/** A secret that a client sends as it was shown. */
function isUntold({ writeOnly }: Shape, part: unknown): boolean {
  return writeOnly === true && (part === '' || part === null || part === SECRET_TEXT)
}

function isKept(shape: Shape | undefined, apiVersion: string | undefined): boolean {
  if (!shape) return false
  const isNewer = shape.since !== undefined && apiVersion !== undefined && shape.since > apiVersion
  return shape.writeOnly === true || isNewer
}

/** Whether a secret may stay: the body tells it, or what it is bound to has not changed. */
function isStillOf(shape: Shape | undefined, name: string, body: JsonObject, former: JsonObject): boolean {
  if (!shape?.boundTo) return true
  const told = propertyOf(body, name)
  if (told !== undefined && !isUntold(shape, told)) return true
  const [now, then] = [propertyOf(body, shape.boundTo), propertyOf(former, shape.boundTo)]
  return typeof now === 'string' && typeof then === 'string' && now.toLowerCase() === then.toLowerCase()
}

/** By what an entry of a list is the same as another: its name, in any case. */
function entryKey(entry: unknown, key: string): string | undefined {
  const name = isObject(entry) ? propertyOf(entry, key) : undefined
  return typeof name === 'string' ? name.toLowerCase() : undefined
}

/** Only what a document has itself: `__proto__` and `constructor` are names like any other. */
function propertyOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function propertyShape({ properties, patternProperties }: Shape, name: string): Shape | undefined {
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return patternProperties && Object.values(patternProperties)[0]
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
