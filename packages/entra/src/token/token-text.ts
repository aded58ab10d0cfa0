import { base64url } from 'jose'
import { parseJsonObject } from '../json-object.ts'
import { limits } from '../limits.ts'
import { quoted } from '../quoted.ts'
import { type Fault, fault } from '../result.ts'
import { isAlgorithm, type SignatureAlgorithm } from './algorithms.ts'

/** What the header of a token says, as far as it is acted on. Nothing of it has been proven. */
export interface TokenHeader {
  readonly type: 'header'
  readonly algorithm: SignatureAlgorithm
  readonly keyId: string | undefined
}

/** Members with which a token would bring, or point to, the key that it is to be checked with. */
const ownKeyMembers = ['jwk', 'jku', 'x5u', 'x5c'] as const

/** RFC 7519 §5.1 and RFC 9068 §2.1: other types are other things (logout tokens, proofs, events). */
const tokenTypes: readonly unknown[] = ['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']

/** Three parts of base64url: RFC 7515 §7.1. A token without signature (`alg: none`) has an empty third one. */
const compactForm = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** Reads a token as far as its header. Whatever the text is, the answer is a value that does not repeat it. */
export function readTokenHeader(token: string): TokenHeader | Fault {
  if (token.length > limits.tokenCharacters)
    return fault(`has more than ${limits.tokenCharacters} characters`)
  const encoded = compactForm.exec(token)?.[1]
  if (encoded === undefined) return fault('is not a signed token (three parts of base64url)')
  const parsed = parseJsonObject(decodeText(encoded))
  if (parsed.type === 'fault') return fault(`has a header that ${parsed.reason}`)
  const { alg, kid, typ } = parsed.object
  const member = ['crit', ...ownKeyMembers].find(name => name in parsed.object)
  if (member !== undefined) return fault(`has ${member} in its header, which is not accepted`)
  if (!isAlgorithm(alg)) return fault(`is signed by ${quoted(alg)}, which is no algorithm for tokens here`)
  if (typ !== undefined && !isTokenType(typ)) return fault(`is of the type ${quoted(typ)}, not JWT`)
  if (kid !== undefined && !isKeyId(kid)) return fault('has a key id that is empty, too long or no text')
  return { type: 'header', algorithm: alg, keyId: kid }
}

/** Whether a key id is text of a length that is looked at. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= limits.keyIdCharacters
}

function isTokenType(value: unknown): boolean {
  return typeof value === 'string' && tokenTypes.includes(value.toLowerCase())
}

/** Malformed base64url gives the empty text, which is no JSON; malformed UTF-8 gives U+FFFD. */
function decodeText(encoded: string): string {
  try {
    return new TextDecoder().decode(base64url.decode(encoded))
  } catch {
    return ''
  }
}
