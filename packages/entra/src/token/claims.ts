import { isJsonObject, type JsonObject, parseJsonObject } from '../json-object.ts'
import { limits } from '../limits.ts'
import { type Fault, fault } from '../result.ts'

/** The groups of a user by object id, or `overage` when they did not fit into the token. */
export type Groups = readonly string[] | 'overage'

/** The claims of a token that are acted on, each of the type that it must have. Not judged. */
export interface Claims {
  readonly type: 'claims'
  readonly issuer: string
  readonly audiences: readonly string[]
  /** Unix seconds, as `notBefore` and `issuedAt`. */
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly issuedAt: number
  /** `sub`: one per user and application at Entra. */
  readonly subject: string | undefined
  /** `oid`: one per user in the tenant. */
  readonly objectId: string | undefined
  readonly tenant: string | undefined
  /** `upn`, else `preferred_username`, else `unique_name`. */
  readonly userName: string | undefined
  readonly groups: Groups
  /** A user of another tenant: `acct` is 1, or `#EXT#` stands in the name. */
  readonly isGuest: boolean
  /** An application signed in, not a user. */
  readonly isApplication: boolean
  readonly nonce: string | undefined
  readonly accessTokenHash: string | undefined
  readonly authorizedParty: string | undefined
  /** Short claims that explain a sign-in in the log: {@link loggedClaims}. */
  readonly logged: Readonly<Record<string, string>>
}

/** Claims for the log: which application, how the user signed in, from where, and Entra's own ids for it. */
export const loggedClaims = ['ver', 'appid', 'azp', 'amr', 'acr', 'ipaddr', 'idp', 'uti', 'sid'] as const

/** Names that identify a user, in the order in which they are taken. */
const userNameClaims = ['upn', 'preferred_username', 'unique_name'] as const

/**
 * Reads the claims set of a token whose signature is good: RFC 7519 §4.1, and Entra's own claims. A claim of
 * another type than it should have is a fault, not a claim that is left out.
 */
export function readClaims(text: string): Claims | Fault {
  const parsed = parseJsonObject(text)
  if (parsed.type === 'fault') return fault(`the claims set ${parsed.reason}`)
  try {
    return readMembers(parsed.object)
  } catch (thrown) {
    if (thrown instanceof IllTypedClaim) return fault(`the claim ${thrown.claim} ${thrown.expectation}`)
    throw thrown
  }
}

/** Raised inside {@link readClaims} alone. Not an `Error`: strangers choose how often. */
class IllTypedClaim {
  readonly claim: string
  readonly expectation: string

  constructor(claim: string, expectation: string) {
    this.claim = claim
    this.expectation = expectation
  }
}

function readMembers(object: JsonObject): Claims {
  const name = (claim: string) => optionalText(object, claim, limits.nameCharacters)
  const uri = (claim: string) => optionalText(object, claim, limits.uriCharacters)
  const names = userNameClaims.map(name)
  const { aud, acct } = object
  return {
    type: 'claims',
    issuer: required('iss', uri('iss')),
    audiences: readAudiences(aud),
    expiresAt: required('exp', optionalTime(object, 'exp')),
    notBefore: optionalTime(object, 'nbf'),
    issuedAt: required('iat', optionalTime(object, 'iat')),
    subject: name('sub'),
    objectId: name('oid'),
    tenant: name('tid'),
    userName: names.find(found => found !== undefined),
    groups: readGroups(object),
    isGuest: acct === 1 || acct === '1' || names.some(found => found?.includes('#EXT#')),
    isApplication: isApplication(object, names),
    nonce: uri('nonce'),
    accessTokenHash: name('at_hash'),
    authorizedParty: name('azp'),
    logged: readLogged(object),
  }
}

/**
 * `idtyp` says it where the resource asks for that claim. Without it, Microsoft's rule: `oid` and `sub` are
 * the same; and there are neither delegated scopes nor a name of a user.
 */
function isApplication(object: JsonObject, names: readonly (string | undefined)[]): boolean {
  const kind = optionalText(object, 'idtyp', limits.nameCharacters)
  if (kind !== undefined) return kind.toLowerCase() === 'app'
  const { oid, sub } = object
  const isNameless = names.every(name => name === undefined) && !Object.hasOwn(object, 'scp')
  return isNameless && typeof oid === 'string' && oid === sub
}

function required<T>(claim: string, value: T | undefined): T {
  if (value === undefined) throw new IllTypedClaim(claim, 'is missing')
  return value
}

/** Text without control characters; the empty text counts as absent. */
function optionalText(object: JsonObject, claim: string, maxCharacters: number): string | undefined {
  if (!Object.hasOwn(object, claim)) return undefined
  const value = object[claim]
  if (typeof value !== 'string') throw new IllTypedClaim(claim, 'is not text')
  if (!isPlainText(value, maxCharacters))
    throw new IllTypedClaim(claim, 'is too long or has control characters')
  return value === '' ? undefined : value
}

/** RFC 7519 §2: a NumericDate is seconds since the epoch, and may have a fraction. */
function optionalTime(object: JsonObject, claim: string): number | undefined {
  if (!Object.hasOwn(object, claim)) return undefined
  const value = object[claim]
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value
  throw new IllTypedClaim(claim, 'is not a time in seconds')
}

/** RFC 7519 §4.1.3: one text, or an array of them. */
function readAudiences(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [required('aud', value)]
  const isGood = list.length > 0 && list.length <= limits.audiences && list.every(isAudience)
  if (!isGood) throw new IllTypedClaim('aud', 'is neither text nor a short list of texts')
  return list.filter(isAudience)
}

/**
 * `groups`, unless the token says that they did not fit: by `_claim_names` (a reference to Microsoft Graph)
 * or by `hasgroups`. The reference is not followed: a token must not choose where the gateway connects to.
 */
function readGroups(object: JsonObject): Groups {
  const { _claim_names: elsewhere, groups = [], hasgroups } = object
  if (elsewhere !== undefined && !isJsonObject(elsewhere)) {
    throw new IllTypedClaim('_claim_names', 'is not an object')
  }
  const isGood = Array.isArray(groups) && groups.length <= limits.groups && groups.every(isGroup)
  if (!isGood) throw new IllTypedClaim('groups', `is not a list of at most ${limits.groups} texts`)
  const isOverage = [true, 'true', 1].some(said => said === hasgroups)
  if (isOverage || (elsewhere && Object.hasOwn(elsewhere, 'groups'))) return 'overage'
  return groups.filter(isGroup)
}

/** What is there and short; anything else is left out, for nothing is decided by it. */
function readLogged(object: JsonObject): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  for (const claim of loggedClaims) {
    const value = object[claim]
    const text = Array.isArray(value) ? value.filter(isGroup).slice(0, limits.audiences).join(' ') : value
    if (isGroup(text)) entries.push([claim, text])
  }
  return Object.fromEntries(entries)
}

function isAudience(value: unknown): value is string {
  return isPlainText(value, limits.uriCharacters) && value !== ''
}

function isGroup(value: unknown): value is string {
  return isPlainText(value, limits.nameCharacters) && value !== ''
}

/**
 * Control characters, line and paragraph separators, and those that turn the direction of writing: nothing
 * that a name needs, and all that could make one line of a log look like another.
 */
const control = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}/u

function isPlainText(value: unknown, maxCharacters: number): value is string {
  return typeof value === 'string' && value.length <= maxCharacters && !control.test(value)
}
