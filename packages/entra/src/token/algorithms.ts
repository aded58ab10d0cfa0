import { EntraError } from '../errors.ts'

/**
 * Signature algorithms that may be configured (RFC 7518 §3.1, RFC 8037 §3.1). No `none`, and none with a
 * shared secret: with HS256 whoever knows the public key could sign.
 */
export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

export type SignatureAlgorithm = (typeof algorithms)[number]

/** Entra signs with RS256; the other RSA ones cost nothing. Elliptic curves are asked for by a setting. */
export const defaultAlgorithms: readonly SignatureAlgorithm[] = algorithms.slice(0, 6)

export function isAlgorithm(value: unknown): value is SignatureAlgorithm {
  return algorithms.some(algorithm => algorithm === value)
}

/** Errors: `ERR_ENTRA_OPTION` for an empty list and for anything that is not in {@link algorithms}. */
export function checkAlgorithms(list: readonly string[]): readonly SignatureAlgorithm[] {
  const wrong = list.find(algorithm => !isAlgorithm(algorithm))
  if (list.length > 0 && wrong === undefined) return list.filter(isAlgorithm)
  const message = `${wrong ?? 'an empty list'} cannot be allowed for tokens: choose from ${algorithms.join(', ')}`
  throw new EntraError('ERR_ENTRA_OPTION', message)
}
