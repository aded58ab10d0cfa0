import type { ErrorBody } from '@causeway/api-contract'

/** One condition of a `$filter`. All of them have to hold. */
export type Condition =
  /** `name eq 'value'`. */
  | { readonly type: 'equal'; readonly name: string; readonly value: string }
  /** `name()` or `name('value')`. */
  | { readonly type: 'call'; readonly name: string; readonly value: string | undefined }

/** Ours: no client writes more of them. */
const CONDITION_LIMIT = 10
const TEXT_LIMIT = 2_048
const EQUAL = /^([a-z][\w/]*)\s+eq\s+(?:guid)?'((?:[^']|'')*)'$/i
const CALL = /^([a-z]\w*)\(\s*(?:'((?:[^']|'')*)')?\s*\)$/i
/** `and` between conditions, and not within quotes. */
const AND = /\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)/i

/**
 * Reads a `$filter` of OData as far as ARM's lists have it. Names are in lower case.
 *
 * @param allowed what a list can be filtered by, as its users write it: `resourceType eq`, `atScope()`.
 */
export function readFilter(
  text: string | undefined,
  allowed: readonly string[],
):
  | { readonly type: 'good'; readonly conditions: readonly Condition[] }
  | { readonly type: 'bad'; readonly error: ErrorBody } {
  if (text === undefined) return { type: 'good', conditions: [] }
  const parts = text.slice(0, TEXT_LIMIT).trim().split(AND)
  const conditions = parts.slice(0, CONDITION_LIMIT).map(part => readCondition(part.trim()))
  const known = new Set(allowed.map(each => each.toLowerCase()))
  const isShort = text.length <= TEXT_LIMIT && parts.length <= CONDITION_LIMIT
  const isGood = isShort && conditions.every(each => each && known.has(nameOf(each)))
  if (isGood) return { type: 'good', conditions: conditions.filter(each => each !== undefined) }
  return {
    type: 'bad',
    error: {
      code: 'InvalidParameter',
      message: `The $filter '${text.slice(0, 200)}' is not one that this list has. Join with 'and' what it can be filtered by: ${allowed.join(', ')}.`,
      target: '$filter',
    },
  }
}

/** The value that a filter asks for, in lower case; `undefined`: any. */
export function equalTo(conditions: readonly Condition[], name: string): string | undefined {
  const found = conditions.find(each => each.type === 'equal' && each.name === name.toLowerCase())
  return found?.value?.toLowerCase()
}

/** What a filter calls a function with, in lower case; `''`: with nothing; `undefined`: it does not. */
export function callOf(conditions: readonly Condition[], name: string): string | undefined {
  const found = conditions.find(each => each.type === 'call' && each.name === name.toLowerCase())
  return found && (found.value ?? '').toLowerCase()
}

function readCondition(text: string): Condition | undefined {
  const [, name, value] = EQUAL.exec(text) ?? []
  if (name !== undefined && value !== undefined)
    return { type: 'equal', name: name.toLowerCase(), value: unquoted(value) }
  const [, called, argument] = CALL.exec(text) ?? []
  if (called === undefined) return undefined
  return {
    type: 'call',
    name: called.toLowerCase(),
    value: argument === undefined ? undefined : unquoted(argument),
  }
}

function nameOf(condition: Condition): string {
  return condition.type === 'equal' ? `${condition.name} eq` : `${condition.name}()`
}

function unquoted(text: string): string {
  return text.replaceAll("''", "'")
}
