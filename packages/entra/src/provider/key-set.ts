import { base64url, createLocalJWKSet, errors, type JWK } from 'jose'
import { isJsonObject, type JsonObject } from '../json-object.ts'
import { limits } from '../limits.ts'
import { type Fault, fault } from '../result.ts'
import { isAlgorithm } from '../token/algorithms.ts'
import { isKeyId, type TokenHeader } from '../token/token-text.ts'

/** A key that checks signatures. */
export type VerificationKey = Awaited<ReturnType<ReturnType<typeof createLocalJWKSet>>>

/** The usable keys of one key set. */
export interface KeySet {
  readonly type: 'keys'
  /** How many keys are usable. */
  readonly size: number
  /** The key for a token, imported once; `undefined` when the set has none for it. */
  find(header: TokenHeader): Promise<{ type: 'key'; key: VerificationKey } | Fault | undefined>
}

/**
 * Reads a key set (RFC 7517 §5). Keys that are not for checking signatures, and keys that are too weak, are
 * left out: a provider publishes keys for other uses beside them.
 */
export function readKeySet(document: JsonObject): KeySet | Fault {
  const { keys } = document
  if (!Array.isArray(keys)) return fault('the key set has no list of keys')
  if (keys.length > limits.keys) return fault(`the key set has more than ${limits.keys} keys`)
  const usable = keys.filter(isUsable).map(publicMembers)
  const resolve = createLocalJWKSet({ keys: usable })
  return { type: 'keys', size: usable.length, find: header => findKey(resolve, header) }
}

async function findKey(
  resolve: ReturnType<typeof createLocalJWKSet>,
  header: TokenHeader,
): Promise<{ type: 'key'; key: VerificationKey } | Fault | undefined> {
  const wanted = { alg: header.algorithm, ...(header.keyId !== undefined && { kid: header.keyId }) }
  try {
    return { type: 'key', key: await resolve(wanted) }
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined
    if (error instanceof errors.JWKSMultipleMatchingKeys) return fault('several keys fit the token')
    return fault('the key cannot be read')
  }
}

const curves: readonly unknown[] = ['P-256', 'P-384', 'P-521', 'Ed25519']

/** RFC 7517 §4.2–4.4. A private or shared key in a public document is a leaked one. */
function isUsable(key: unknown): key is JWK & JsonObject {
  if (!isJsonObject(key)) return false
  const { kty, use, alg, kid, crv, d, k } = key
  if (d !== undefined || k !== undefined) return false
  if (use !== undefined && use !== 'sig') return false
  if (alg !== undefined && !isAlgorithm(alg)) return false
  if (kid !== undefined && !isKeyId(kid)) return false
  if (kty === 'RSA') return isRsaKey(key)
  return (kty === 'EC' || kty === 'OKP') && curves.includes(crv)
}

function isRsaKey({ n, e }: JsonObject): boolean {
  if (typeof n !== 'string' || typeof e !== 'string' || e.length > 8) return false
  const bits = modulusBits(n)
  return bits >= limits.rsaBits.min && bits <= limits.rsaBits.max
}

function modulusBits(encoded: string): number {
  if (encoded.length > limits.rsaBits.max) return Number.POSITIVE_INFINITY
  try {
    const bytes = base64url.decode(encoded)
    const start = bytes.findIndex(byte => byte !== 0)
    return start < 0 ? 0 : 8 * (bytes.length - start) - Math.clz32(bytes[start] ?? 0) + 24
  } catch {
    // Not base64url: no key at all.
    return 0
  }
}

/** What makes the key; certificates and anything else beside it are not looked at. */
function publicMembers(key: JWK & JsonObject): JWK {
  const members = ['kty', 'use', 'alg', 'kid', 'key_ops', 'n', 'e', 'crv', 'x', 'y']
  return Object.fromEntries(Object.entries(key).filter(([name]) => members.includes(name))) as JWK
}
