import { quoted } from '../quoted.ts'
import { type Denial, deny } from '../result.ts'
import type { Claims, Groups } from './claims.ts'

/** What the claims of a token must say. */
export interface ClaimRules {
  /** Directory id that `tid` must be; `undefined` for a provider without tenants. */
  readonly tenant: string | undefined
  /** `iss` must be one of them, to the letter. */
  readonly issuers: readonly string[]
  /** One of them must be in `aud`. */
  readonly audiences: readonly string[]
  readonly clockSkewSeconds: number
  /** Whether an application may sign in without a user. */
  readonly allowApplications: boolean
}

/** A user as an accepted token tells. */
export interface TokenIdentity {
  readonly type: 'allow'
  /** `oid`, or `sub` where the provider has no object ids. */
  readonly subject: string
  /** `upn`, `preferred_username`, `unique_name` or {@link subject}, whichever is there first. */
  readonly user: string
  readonly tenant: string | undefined
  /** `overage`: more groups than fit into the token; the default group applies. */
  readonly groups: Groups
  /** A user of another tenant, who counts as a member of no group. */
  readonly isGuest: boolean
  /** Unix seconds. */
  readonly expiresAt: number
  /** Unix seconds. */
  readonly notBefore: number
  /** Issuer, audience and what else explains the sign-in in a log. No secrets. */
  readonly claims: Readonly<Record<string, string>>
}

/** Judges claims by the rules at a time in Unix seconds. */
export function judgeClaims(claims: Claims, rules: ClaimRules, now: number): TokenIdentity | Denial {
  return judgeOrigin(claims, rules) ?? judgeTimes(claims, rules, now) ?? judgeUser(claims, rules)
}

/** Ours: as many as a line of a log has room for. */
const QUOTED_AUDIENCES = 3

function judgeOrigin(claims: Claims, rules: ClaimRules): Denial | undefined {
  const { issuer, audiences, tenant } = claims
  if (!rules.issuers.includes(issuer)) {
    return deny(`issuer ${quoted(issuer)} is not ${alternatives(rules.issuers)}`, 'token of another issuer')
  }
  if (!audiences.some(audience => rules.audiences.includes(audience))) {
    const more = audiences.length > QUOTED_AUDIENCES ? ' and more' : ''
    const said = audiences.slice(0, QUOTED_AUDIENCES).map(quoted).join(', ')
    return deny(
      `audience ${said}${more} is not ${alternatives(rules.audiences)}`,
      'token for another application',
    )
  }
  if (rules.tenant !== undefined && tenant !== rules.tenant) {
    return deny(`tenant ${quoted(tenant ?? '')} is not ${rules.tenant}`, 'token of another tenant')
  }
  return undefined
}

function judgeTimes(claims: Claims, rules: ClaimRules, now: number): Denial | undefined {
  const { expiresAt, issuedAt, notBefore = issuedAt } = claims
  const skew = rules.clockSkewSeconds
  if (expiresAt <= now - skew) {
    const ago = Math.floor(now - expiresAt)
    return deny(`the token expired ${ago} s ago`, 'the sign-in has expired, sign in again')
  }
  const start = Math.max(notBefore, issuedAt)
  if (start > now + skew) {
    const ahead = Math.ceil(start - now)
    const reason = `the token holds from ${ahead} s ahead: compare the clocks of gateway and provider`
    return deny(reason, 'the sign-in is not valid yet')
  }
  if (expiresAt <= notBefore) return deny('the token ends before it begins', 'the token is not valid')
  return undefined
}

function judgeUser(claims: Claims, rules: ClaimRules): TokenIdentity | Denial {
  const subject = claims.objectId ?? claims.subject
  if (subject === undefined) return deny('neither oid nor sub is in the token', 'token without a user')
  if (claims.isApplication && !rules.allowApplications) {
    return deny('an application signed in, not a user (idtyp)', 'token of an application')
  }
  const accepted = claims.audiences.filter(audience => rules.audiences.includes(audience))
  return {
    type: 'allow',
    subject,
    user: claims.userName ?? subject,
    tenant: claims.tenant,
    groups: claims.groups,
    isGuest: claims.isGuest,
    expiresAt: claims.expiresAt,
    notBefore: claims.notBefore ?? claims.issuedAt,
    claims: { iss: claims.issuer, aud: accepted.join(' '), ...claims.logged },
  }
}

function alternatives(values: readonly string[]): string {
  return values.map(quoted).join(' or ')
}
