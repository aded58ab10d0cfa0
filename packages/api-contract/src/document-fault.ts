import type { TSchema } from 'typebox'
import { Errors } from 'typebox/value'
import { isSecretProperty, SECRET_TEXT } from './document-secrets.ts'

/** One thing wrong with a document that somebody gave us: a value, never thrown. */
export interface DocumentFault {
  /** The offending property, as `properties.sku.name` or `listeners[0].port`; empty: the whole document. */
  readonly path: string
  /** What is wrong. */
  readonly problem: string
  /** What to do about it. */
  readonly remedy: string
}

/** The outcome of a check: the checked value, or everything that was found wrong. */
export type Checked<Value, Fault = DocumentFault> =
  | { readonly type: 'good'; readonly value: Value }
  | { readonly type: 'bad'; readonly faults: readonly Fault[] }

/** Most faults reported for one document: a reader mends the first ones first. */
const FAULT_LIMIT = 20

/** Longest piece of a document that is repeated in a message. */
const QUOTE_LENGTH = 60

/** One line: `path: problem; remedy`. */
export function formatDocumentFault(fault: DocumentFault): string {
  const where = fault.path === '' ? '' : `${fault.path}: `
  return singleLine(`${where}${fault.problem}; ${fault.remedy}`)
}

/** `value` as a `Value`, whose schema it fits, or what is wrong with it. */
export function checkedAgainst<Value>(schema: TSchema, value: unknown): Checked<Value> {
  const faults = schemaFaults(schema, value)
  return faults.length === 0 ? { type: 'good', value: value as Value } : { type: 'bad', faults }
}

/** Everything in which `value` departs from `schema`; empty when it fits. */
export function schemaFaults(schema: TSchema, value: unknown): DocumentFault[] {
  const faults: DocumentFault[] = []
  for (const error of Errors(schema, value) as SchemaError[]) {
    if (faults.length >= FAULT_LIMIT) break
    faults.push(...faultsOf(error, value, isSecretAt(schema, error.schemaPath)))
  }
  return faults
}

/** A piece of user text for a message: quoted, one line, cut when long. */
export function quote(text: string): string {
  const line = singleLine(text)
  return `'${line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH)}…` : line}'`
}

/** What TypeBox reports; `params` depends on the keyword. */
interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  /** Where in the schema: `#/properties/a`. */
  readonly schemaPath: string
  readonly message: string
  readonly params: {
    readonly additionalProperties?: unknown
    readonly requiredProperties?: unknown
    readonly allowedValues?: unknown
    readonly type?: unknown
  }
}

function faultsOf(error: SchemaError, root: unknown, isSecret: boolean): DocumentFault[] {
  const path = propertyPath(error.instancePath)
  const within = (name: string): string => (path === '' ? name : `${path}.${name}`)
  switch (error.keyword) {
    case 'boolean':
      return []
    case 'additionalProperties':
      return names(error.params.additionalProperties).map(name => unknownOption(within(singleLine(name))))
    case 'required':
      return names(error.params.requiredProperties).map(name => ({
        path: within(name),
        problem: 'is missing',
        remedy: 'add it',
      }))
    case 'enum':
      return [notAllowed(path, shown(root, error, isSecret), names(error.params.allowedValues))]
    case 'type':
      return [wrongType(path, shown(root, error, isSecret), String(error.params.type))]
    default:
      return [outOfBounds(path, shown(root, error, isSecret), error.message)]
  }
}

function unknownOption(path: string): DocumentFault {
  return { path, problem: 'is not a known option', remedy: 'remove it or correct its spelling' }
}

function notAllowed(path: string, value: string, allowed: readonly string[]): DocumentFault {
  return { path, problem: `${value} is not allowed`, remedy: `use one of ${allowed.join(', ')}` }
}

function wrongType(path: string, value: string, wanted: string): DocumentFault {
  const article = /^[aio]/.test(wanted) ? 'an' : 'a'
  return {
    path,
    problem: `${value} is not ${article} ${wanted}`,
    remedy: `give ${article} ${wanted}`,
  }
}

function outOfBounds(path: string, value: string, message: string): DocumentFault {
  return { path, problem: `${value} is out of bounds`, remedy: `it ${message}` }
}

/** The value that a fault is about. No secret. */
function shown(root: unknown, { instancePath }: SchemaError, isSecret: boolean): string {
  const isNamedSecret = isSecretProperty(pointerParts(instancePath).at(-1) ?? '')
  return isSecret || isNamedSecret ? SECRET_TEXT : describe(valueAt(root, instancePath))
}

/** Whether the schema says of itself that its values are secrets (`writeOnly`, and `secret` of those that are answered). */
function isSecretAt(schema: TSchema, schemaPath: string): boolean {
  const place = valueAt(schema, schemaPath) as { writeOnly?: boolean; secret?: boolean } | undefined
  return place?.writeOnly === true || place?.secret === true
}

function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** JSON pointer (RFC 6901) to `a.b[0].c`. */
function propertyPath(pointer: string): string {
  let path = ''
  for (const part of pointerParts(pointer)) {
    if (/^[0-9]+$/.test(part)) path += `[${part}]`
    else path += path === '' ? part : `.${part}`
  }
  return singleLine(path)
}

function valueAt(root: unknown, pointer: string): unknown {
  let value = root
  for (const part of pointerParts(pointer)) value = (value as Record<string, unknown> | undefined)?.[part]
  return value
}

function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function singleLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
}
