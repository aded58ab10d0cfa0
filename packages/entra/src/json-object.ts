import { type Fault, fault } from './result.ts'

/** The members of a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a parsed value is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads a JSON object. RFC 7515 §4 and RFC 7519 §4 want names to be unique: an object that says a name
 * twice, at any depth, is refused, since another reader might take the other value.
 */
export function parseJsonObject(text: string): { type: 'object'; object: JsonObject } | Fault {
  let object: unknown
  try {
    object = JSON.parse(text)
  } catch {
    // The parser's message quotes the text, which may be secret.
    return fault('is not JSON')
  }
  if (!isJsonObject(object)) return fault('is not a JSON object')
  return hasRepeatedName(text) ? fault('names a member twice') : { type: 'object', object }
}

const stringsAndBraces = /"(?:[^"\\]+|\\.)*"|[{}[\],:]/g

/** Whether any object in `text`, which is JSON, has two members of one name. */
function hasRepeatedName(text: string): boolean {
  const open: (Set<unknown> | undefined)[] = []
  let last = ''
  for (const [token] of text.matchAll(stringsAndBraces)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const name: unknown = JSON.parse(last)
      const names = open.at(-1)
      if (names?.has(name)) return true
      names?.add(name)
    } else last = token
  }
  return false
}
