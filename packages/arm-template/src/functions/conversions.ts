import { utf8Bytes, utf8Text } from '@causeway/wire'
import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { formatBase64, parseBase64 } from './base64.ts'
import { fingerprint, textOf } from './fingerprint.ts'
import { ANY_NUMBER, type FunctionTable, takes } from './template-function.ts'

/** Functions from one form of a value to another. */
export const CONVERSION_FUNCTIONS: FunctionTable = {
  string: takes(1, 1, (args, { budget }) => textOf(args.value(0), budget)),
  json: takes(1, 1, json),
  base64: takes(1, 1, (args, { budget }) => {
    budget.text(args.text(0).length * 4)
    return formatBase64(utf8Bytes(args.text(0)))
  }),
  base64ToString: takes(1, 1, (args, { budget }) => decoded(args, budget)),
  base64ToJson: takes(1, 1, (args, { budget }) => parsed(args, decoded(args, budget), budget)),
  uri: takes(2, 2, uri),
  uriComponent: takes(1, 1, (args, { budget }) => escaped(args, budget, encodeURIComponent)),
  uriComponentToString: takes(1, 1, (args, { budget }) => escaped(args, budget, decodeURIComponent)),
  uniqueString: takes(1, ANY_NUMBER, uniqueString),
  guid: takes(1, ANY_NUMBER, guid),
  newGuid: takes(0, 0, newGuid),
}

type Budget = Scope['budget']

function json(args: Arguments, { budget }: Scope): Value {
  return parsed(args, args.text(0), budget)
}

function parsed(args: Arguments, text: string, budget: Budget): Value {
  budget.spend(1 + text.length)
  try {
    const value = JSON.parse(text) as Value
    budget.whole(value)
    return value
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof RangeError)
      throw args.fault('with a text that is not JSON', 'give JSON')
    throw thrown
  }
}

function decoded(args: Arguments, budget: Budget): string {
  const text = args.text(0)
  budget.spend(1 + text.length)
  const bytes = parseBase64(text)
  if (!bytes) throw args.wrong(0, 'base64 with its padding')
  return utf8Text(bytes)
}

/** Azure's: relative to the last slash of the base, which is left as it is where it has none behind its host. */
function uri(args: Arguments, { budget }: Scope): Value {
  const [base, relative] = [args.text(0), args.text(1)]
  budget.text(base.length + relative.length)
  const end = base.lastIndexOf('/')
  const hasPath = end > base.indexOf('//') + 1
  const folder = hasPath ? base.slice(0, end) : base
  return `${folder}/${relative.replace(/^\//, '')}`
}

function escaped(args: Arguments, budget: Budget, change: (text: string) => string): Value {
  const text = args.text(0)
  budget.text(text.length * 3)
  try {
    return change(text)
  } catch (thrown) {
    if (thrown instanceof URIError) throw args.wrong(0, 'a text that percent signs can stand for')
    throw thrown
  }
}

/** Alphabet of Azure's unique strings: letters and digits that make names of every resource type. */
const UNIQUE_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const UNIQUE_LENGTH = 13

/**
 * Thirteen letters and digits that the same texts always give. Azure's own algorithm is not public: the letters are
 * others than Azure's.
 */
function uniqueString(args: Arguments, scope: Scope): Value {
  const digest = digestOf(args, scope)
  return Array.from({ length: UNIQUE_LENGTH }, (_, i) =>
    UNIQUE_ALPHABET.charAt((digest[i] ?? 0) % UNIQUE_ALPHABET.length),
  ).join('')
}

/** A GUID that the same texts always give, of the form of RFC 9562 version 8: its hash is of our own choice. */
function guid(args: Arguments, scope: Scope): Value {
  const bytes = Uint8Array.from(digestOf(args, scope).slice(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function digestOf(args: Arguments, { budget, context }: Scope): Uint8Array {
  return context.hash(fingerprint(args.texts(), budget))
}

function newGuid(args: Arguments, { context, isDefault }: Scope): Value {
  if (!isDefault) throw args.fault('outside of a default', 'use it in the default of a parameter')
  return context.newGuid()
}
