import { createHash, timingSafeEqual } from 'node:crypto'
import { type Denial, deny } from '../result.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import type { TokenIdentity } from '../token/claim-rules.ts'
import type { ProvenToken } from '../token/token-validator.ts'

/** What an ID token has to fit to. */
export interface IdTokenContext {
  readonly clientId: string
  /** The nonce of the sign-in. A token of a refresh may leave it out: OpenID Connect Core 1.0 §12.2. */
  readonly nonce: { readonly value: string; readonly isRequired: boolean }
  /** The access token that came along. */
  readonly accessToken: string | undefined
}

const untrusted = 'the sign-in is not valid'

/** The rules of ID tokens beyond those of every token: OpenID Connect Core 1.0 §3.1.3.7 and §3.1.3.8. */
export function judgeIdToken(proven: ProvenToken, context: IdTokenContext): TokenIdentity | Denial {
  const { nonce, authorizedParty, audiences, accessTokenHash } = proven.claims
  const isNonceGood = nonce === undefined ? !context.nonce.isRequired : sameText(nonce, context.nonce.value)
  if (!isNonceGood) return deny('the nonce is not the one of this sign-in', untrusted)
  const needsParty = audiences.length > 1
  if ((needsParty || authorizedParty !== undefined) && authorizedParty !== context.clientId) {
    return deny('the ID token is for another client (azp)', untrusted)
  }
  if (accessTokenHash !== undefined && context.accessToken !== undefined) {
    const expected = halfHash(context.accessToken, proven.algorithm)
    if (!sameText(accessTokenHash, expected)) return deny('at_hash is not of the access token', untrusted)
  }
  return proven.identity
}

/** OpenID Connect Core 1.0 §3.1.3.6: the left half of the hash that the algorithm's name ends in. */
function halfHash(accessToken: string, algorithm: SignatureAlgorithm): string {
  const bits = algorithm === 'EdDSA' ? '512' : algorithm.slice(2)
  const hash = createHash(`sha${bits}`).update(accessToken).digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}

/** In constant time: over hashes, which are of one length. */
export function sameText(a: string, b: string): boolean {
  const [hashA, hashB] = [a, b].map(text => createHash('sha256').update(text).digest())
  return hashA !== undefined && hashB !== undefined && timingSafeEqual(hashA, hashB)
}
