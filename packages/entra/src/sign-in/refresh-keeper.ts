import { EntraError } from '../errors.ts'
import type { OpenIdProvider } from '../provider/open-id-provider.ts'
import { type Denial, deny } from '../result.ts'
import type { ProvenToken } from '../token/token-validator.ts'
import { judgeIdToken } from './id-token.ts'
import { type ClientRegistration, type Grant, requestGrant } from './token-endpoint.ts'

/** Names a kept refresh token. The token itself is not in it, so that nothing that prints it can leak it. */
export interface RefreshHandle {
  readonly type: 'refresh-handle'
  /** The user's `oid` or `sub`. */
  readonly subject: string
}

/** Whether a user may still sign in. */
export type RecheckVerdict =
  /** `expiresAt` (Unix seconds) is the new ID token's, or `undefined` when the provider sent none. */
  | { readonly type: 'allow'; readonly expiresAt: number | undefined }
  | Denial
  /** The provider could not be asked, or says that the gateway asks wrongly: nothing about the user. */
  | { readonly type: 'unknown'; readonly reason: string }

/** Refresh tokens of the sessions that run. They are in memory alone: a session does not outlive it either. */
export interface RefreshKeeper {
  keep(refreshToken: string, first: ProvenToken, nonce: string): RefreshHandle
  recheck(handle: RefreshHandle, now: number): Promise<RecheckVerdict>
  forget(handle: RefreshHandle): void
}

export interface RefreshKeeperOptions {
  readonly provider: OpenIdProvider
  readonly client: ClientRegistration
  readonly prove: (token: string, now: number) => Promise<ProvenToken | Denial>
}

interface Kept {
  /** Providers may give a new one each time, and take a second use of the old one for theft. */
  token: string
  readonly first: ProvenToken
  readonly nonce: string
  underWay: Promise<RecheckVerdict> | undefined
}

export function createRefreshKeeper(options: RefreshKeeperOptions): RefreshKeeper {
  const all = new WeakMap<RefreshHandle, Kept>()
  return {
    keep: (token, first, nonce) => {
      const handle: RefreshHandle = Object.freeze({ type: 'refresh-handle', subject: first.identity.subject })
      all.set(handle, { token, first, nonce, underWay: undefined })
      return handle
    },
    recheck: async (handle, now) => {
      const kept = all.get(handle)
      if (!kept)
        throw new EntraError('ERR_ENTRA_HANDLE', 'this refresh handle was forgotten, or is of another')
      kept.underWay ??= refresh(kept, options, now).finally(() => {
        kept.underWay = undefined
      })
      return kept.underWay
    },
    forget: handle => {
      all.delete(handle)
    },
  }
}

async function refresh(kept: Kept, options: RefreshKeeperOptions, now: number): Promise<RecheckVerdict> {
  const form = { grant_type: 'refresh_token', refresh_token: kept.token }
  const grant = await requestGrant(options.provider, options.client, form, now)
  if (grant.type === 'fault') return { type: 'unknown', reason: grant.reason }
  if (grant.type === 'refused') return deny(grant.reason, 'the sign-in no longer holds')
  kept.token = grant.refreshToken ?? kept.token
  return grant.idToken === undefined
    ? { type: 'allow', expiresAt: undefined }
    : judge(kept, grant, options, now)
}

/** OpenID Connect Core 1.0 §12.2: a new ID token is of the same issuer and the same user. */
async function judge(
  { first, nonce }: Kept,
  { idToken = '', accessToken }: Grant,
  { client, prove }: RefreshKeeperOptions,
  now: number,
): Promise<RecheckVerdict> {
  const proven = await prove(idToken, now)
  if (proven.type === 'deny') return proven.temporary ? { type: 'unknown', reason: proven.reason } : proven
  const expected = { value: nonce, isRequired: false }
  const identity = judgeIdToken(proven, { clientId: client.clientId, nonce: expected, accessToken })
  if (identity.type === 'deny') return identity
  const { issuer, subject } = proven.claims
  const isSame = issuer === first.claims.issuer && subject === first.claims.subject
  const isSameObject = identity.subject === first.identity.subject
  if (!isSame || !isSameObject) return deny('the refreshed sign-in is of another user', 'sign in again')
  return { type: 'allow', expiresAt: identity.expiresAt }
}
