import { compactVerify, errors } from 'jose'
import { EntraError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { VerificationKey } from '../provider/key-set.ts'
import type { KeySource } from '../provider/open-id-provider.ts'
import { type Denial, deny, denyForNow, type Fault, fault } from '../result.ts'
import { checkAlgorithms, defaultAlgorithms, type SignatureAlgorithm } from './algorithms.ts'
import { type ClaimRules, judgeClaims, type TokenIdentity } from './claim-rules.ts'
import { type Claims, readClaims } from './claims.ts'
import { readTokenHeader, type TokenHeader } from './token-text.ts'

/** What a token comes to. */
export type TokenVerdict = (TokenIdentity & { readonly warning: string | undefined }) | Denial

/** Judges access tokens. One for each configuration; it keeps nothing but what its key source keeps. */
export interface TokenValidator {
  /**
   * Judges a token at a time in Unix seconds. Whatever the token is, the answer is a value, and no part of
   * a token whose signature was not checked stands in it but for the algorithm, type and key id of its
   * header, cut short.
   *
   * An allow carries a `warning` for the log when the keys are older than they should be.
   */
  validate(token: string, now: number): Promise<TokenVerdict>
}

export interface TokenValidatorOptions {
  /** Directory id that `tid` must be; `undefined` for a provider without tenants. */
  readonly tenant: string | undefined
  /** Issuers, to the letter: Entra's v1 form ends in a slash. */
  readonly issuers: readonly string[]
  /** Values of `aud` of which one must be there. Azure has just one. */
  readonly audiences: readonly string[]
  readonly keys: KeySource
  /** Default: RS256 to RS512 and PS256 to PS512. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Default and at most 300. */
  readonly clockSkewSeconds?: number
  /** Whether an application may sign in without a user. Default false. */
  readonly allowApplications?: boolean
}

/** A token whose signature and claims are good, with its claims: for ID tokens, which have further rules. */
export interface ProvenToken {
  readonly type: 'proven'
  readonly identity: TokenIdentity
  readonly claims: Claims
  readonly algorithm: SignatureAlgorithm
  readonly warning: string | undefined
}

/**
 * Makes a validator.
 *
 * @example
 * const settings = readEntraConfiguration(configuration)
 * if (settings.type === 'settings') {
 *   const keys = createOpenIdProvider(settings)
 *   const verdict = await createTokenValidator({ ...settings, keys }).validate(token, Date.now() / 1000)
 * }
 *
 * Errors: `ERR_ENTRA_OPTION` for an algorithm that is no public-key signature, a skew out of bounds, or an
 * empty list of issuers or audiences.
 */
export function createTokenValidator(options: TokenValidatorOptions): TokenValidator {
  const prove = createTokenProver(options)
  return {
    validate: async (token, now) => {
      const proven = await prove(token, now)
      return proven.type === 'deny' ? proven : { ...proven.identity, warning: proven.warning }
    },
  }
}

/** The validator that also gives the claims. Errors: as {@link createTokenValidator}. */
export function createTokenProver(
  options: TokenValidatorOptions,
): (token: string, now: number) => Promise<ProvenToken | Denial> {
  const rules = claimRules(options)
  const allowed = checkAlgorithms(options.algorithms ?? defaultAlgorithms)
  return async (token, now) => {
    const header = readTokenHeader(token)
    if (header.type === 'fault') return deny(`the token ${header.reason}`, unreadable)
    const { algorithm } = header
    if (!allowed.includes(algorithm))
      return deny(`the token is signed by ${algorithm}, not allowed`, unreadable)
    const answer = await options.keys.keyFor(header, now)
    if (answer.type === 'unavailable') return denyForNow(`no keys: ${answer.reason}`, unavailable)
    if (answer.type === 'unknown') return unknownKey(answer.reason, answer.isRecent)
    const claims = await openToken(token, header, answer.key)
    if (claims.type === 'fault') return deny(claims.reason, unreadable)
    const identity = judgeClaims(claims, rules, now)
    if (identity.type === 'deny') return identity
    const warning = answer.stale === undefined ? undefined : `keys are old: ${answer.stale}`
    return { type: 'proven', identity, claims, algorithm, warning }
  }
}

const unreadable = 'the access token is not valid'
const unavailable = 'sign-in cannot be checked now, try again later'

function unknownKey(reason: string, isRecent: boolean): Denial {
  if (!isRecent) return deny(reason, unreadable)
  return denyForNow(`${reason}, and it is too early to fetch the keys again`, unavailable)
}

/** Checks the signature and reads the claims. The reason of a fault is a whole sentence. */
async function openToken(token: string, header: TokenHeader, key: VerificationKey): Promise<Claims | Fault> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [header.algorithm] })
    return readClaims(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return fault('the signature is wrong')
    const isMalformed = error instanceof errors.JOSEError || error instanceof TypeError
    if (isMalformed) return fault('the token is malformed')
    throw error
  }
}

function claimRules(options: TokenValidatorOptions): ClaimRules {
  const { tenant, issuers, audiences, clockSkewSeconds = limits.clockSkewSeconds } = options
  const isBounded = clockSkewSeconds >= 0 && clockSkewSeconds <= limits.clockSkewSeconds
  if (!isBounded) throw optionError(`clocks may be 0 to ${limits.clockSkewSeconds} s apart`)
  if (issuers.length === 0) throw optionError('at least one issuer must be accepted')
  const isListed = audiences.length > 0 && audiences.length <= limits.audiences
  if (!isListed) throw optionError(`1 to ${limits.audiences} audiences must be accepted`)
  const { allowApplications = false } = options
  return { tenant: tenant?.toLowerCase(), issuers, audiences, clockSkewSeconds, allowApplications }
}

function optionError(message: string): EntraError {
  return new EntraError('ERR_ENTRA_OPTION', message)
}
