import { createHash } from 'node:crypto'
import { EntraError } from '../errors.ts'
import { limits } from '../limits.ts'
import { parseDestination } from '../provider/destination.ts'
import type { OpenIdProvider } from '../provider/open-id-provider.ts'
import { quoted } from '../quoted.ts'
import { type Denial, deny, denyForNow } from '../result.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import { createTokenProver, type TokenVerdict } from '../token/token-validator.ts'
import { judgeIdToken, sameText } from './id-token.ts'
import { createPendingSignIns, type PendingSignIn, type SignInOwner } from './pending-sign-ins.ts'
import { createRefreshKeeper, type RecheckVerdict, type RefreshHandle } from './refresh-keeper.ts'
import { numberOf, requestGrant } from './token-endpoint.ts'

/** What a sign-in with the browser needs to know. */
export interface BrowserSignInOptions {
  readonly provider: OpenIdProvider
  readonly clientId: string
  /** For a confidential client. */
  readonly clientSecret?: string
  /** Where the provider sends the browser back to, as registered there. */
  readonly redirectUri: string
  /** Directory id that `tid` must be; `undefined` for a provider without tenants. */
  readonly tenant: string | undefined
  /** Default `openid profile offline_access`; the last one is for {@link BrowserSignIn.recheck}. */
  readonly scopes?: readonly string[]
  /** Let the user choose an account, or sign in again, although the browser is signed in already. */
  readonly prompt?: 'login' | 'select_account'
  /** How long the user may take. Default 300 s, at most 3,600. */
  readonly lifetimeSeconds?: number
  readonly algorithms?: readonly SignatureAlgorithm[]
  readonly clockSkewSeconds?: number
}

/** The browser is to be sent to `url`, and comes back with `state` until `expiresAt` (Unix seconds). */
export interface StartedSignIn {
  readonly type: 'started'
  readonly url: string
  readonly state: string
  readonly expiresAt: number
}

/** What the browser brought to the redirect URI, and who brought it. Nothing of it is trusted. */
export interface SignInCallback extends SignInOwner {
  readonly state: string
  readonly code?: string
  readonly error?: string
  /** `error_description`: only Entra's number of the error is taken from it. */
  readonly description?: string
  /** RFC 9207. */
  readonly iss?: string
}

/** A user who signed in. */
export type SignInVerdict =
  | (Exclude<TokenVerdict, Denial> & {
      /** For {@link BrowserSignIn.recheck}; `undefined` when the provider gave no refresh token. */
      readonly handle: RefreshHandle | undefined
    })
  | Denial

/**
 * Sign-in with the browser: authorization code (OpenID Connect Core 1.0 §3.1) with PKCE (RFC 7636). It keeps
 * no timers: times are Unix seconds that the caller gives. Pages and sockets are the caller's.
 */
export interface BrowserSignIn {
  /** Sign-ins that wait for the browser. */
  readonly pending: number
  /** Begins a sign-in, in place of an earlier one of the same session. */
  begin(owner: SignInOwner, now: number): Promise<StartedSignIn | Denial>
  /** Takes what the browser brought. The state is used up by it, whatever comes of it. */
  complete(callback: SignInCallback, now: number): Promise<SignInVerdict>
  /** Forgets the sign-in of a session that has ended. */
  cancel(sessionId: string): void
  /**
   * Asks the provider whether the user may still sign in, with the refresh token behind the handle. Calls at
   * the same time share one request. Errors: `ERR_ENTRA_HANDLE` for a handle that was forgotten.
   */
  recheck(handle: RefreshHandle, now: number): Promise<RecheckVerdict>
  /** Forgets the refresh token of a session that has ended. */
  forget(handle: RefreshHandle): void
}

/** Errors: `ERR_ENTRA_OPTION`. */
export function createBrowserSignIn(options: BrowserSignInOptions): BrowserSignIn {
  const settings = checkOptions(options)
  const { provider, client, redirectUri } = settings
  const waiting = createPendingSignIns(settings.lifetimeSeconds)
  const prove = createTokenProver({
    ...options,
    issuers: provider.issuers,
    audiences: [client.clientId],
    keys: provider,
  })
  const refresh = createRefreshKeeper({ provider, client, prove })

  const begin = async (owner: SignInOwner, now: number): Promise<StartedSignIn | Denial> => {
    const metadata = await provider.metadata(now)
    if (metadata.type === 'fault') return denyForNow(metadata.reason, unavailable)
    const endpoint = metadata.value.authorizationEndpoint
    if (endpoint === undefined) return denyForNow('the metadata has no authorization_endpoint', unavailable)
    const begun = waiting.begin(owner, now)
    if (!begun) return denyForNow('too many sign-ins wait for the browser', unavailable)
    const { state, pending } = begun
    return {
      type: 'started',
      url: authorizationUrl(endpoint, settings, state, pending),
      state,
      expiresAt: pending.expiresAt,
    }
  }
  const exchange = async (code: string, pending: PendingSignIn, now: number): Promise<SignInVerdict> => {
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    const grant = await requestGrant(provider, client, { ...form, code_verifier: pending.codeVerifier }, now)
    if (grant.type === 'fault') return denyForNow(grant.reason, unavailable)
    if (grant.type === 'refused') return deny(grant.reason, refused)
    if (grant.idToken === undefined) return denyForNow('the provider gave no ID token', unavailable)
    const proven = await prove(grant.idToken, now)
    if (proven.type === 'deny') return proven
    const nonce = { value: pending.nonce, isRequired: true }
    const identity = judgeIdToken(proven, {
      clientId: client.clientId,
      nonce,
      accessToken: grant.accessToken,
    })
    if (identity.type === 'deny') return identity
    const handle =
      grant.refreshToken === undefined ? undefined : refresh.keep(grant.refreshToken, proven, nonce.value)
    return { ...identity, warning: proven.warning, handle }
  }
  const complete = async (callback: SignInCallback, now: number): Promise<SignInVerdict> => {
    const pending = waiting.take(callback.state, now)
    if (!pending)
      return deny('the state is unknown, used up or too old', 'the sign-in took too long, try again')
    const problem = judgeCallback(callback, pending, await provider.metadata(now))
    if (problem) return problem
    if (callback.code === undefined) return deny('the browser brought no code', refused)
    return exchange(callback.code, pending, now)
  }
  return {
    get pending() {
      return waiting.size
    },
    begin,
    complete,
    cancel: waiting.cancel,
    recheck: refresh.recheck,
    forget: refresh.forget,
  }
}

const unavailable = 'sign-in is not possible now, try again later'
const refused = 'the sign-in was refused'

/** RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core 1.0 §3.1.2.1. */
function authorizationUrl(
  endpoint: string,
  { client, redirectUri, scopes, prompt }: Settings,
  state: string,
  pending: PendingSignIn,
): string {
  const url = new URL(endpoint)
  const parameters = {
    response_type: 'code',
    response_mode: 'query',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    nonce: pending.nonce,
    code_challenge: createHash('sha256').update(pending.codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(prompt !== undefined && { prompt }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** Whether the browser that came back is the one that was sent, from the provider that it was sent to. */
function judgeCallback(
  callback: SignInCallback,
  { owner }: PendingSignIn,
  metadata: Awaited<ReturnType<OpenIdProvider['metadata']>>,
): Denial | undefined {
  if (!sameText(callback.sessionId, owner.sessionId)) return deny('the state is of another session', refused)
  if (!sameText(callback.source, owner.source)) {
    const reason = `the sign-in came back from ${quoted(callback.source)}, the session is from ${quoted(owner.source)}`
    return deny(reason, 'sign in on the device that connects')
  }
  if (metadata.type === 'fault') return denyForNow(metadata.reason, unavailable)
  const { issuer, namesIssuerInCallback } = metadata.value
  const isNamed = callback.iss !== undefined || namesIssuerInCallback
  if (isNamed && callback.iss !== issuer) return deny('another provider answered (iss)', refused)
  if (callback.error !== undefined) return refusedBy(callback.error, callback.description)
  const isLong = (callback.code?.length ?? 0) > limits.callbackCharacters
  return isLong ? deny('the code is too long', refused) : undefined
}

/** The user is told the error where it is one of RFC 6749 §4.1.2.1 in form, and Entra's number of it. */
function refusedBy(error: string, description: string | undefined): Denial {
  const number = numberOf(description)
  const words = [errorForm.test(error) ? [error] : [], number === undefined ? [] : [number]].flat()
  const told = words.length === 0 ? refused : `${refused} (${words.join(' ')})`
  const said = [quoted(error), ...(number === undefined ? [] : [number])].join(' ')
  return deny(`the provider refuses: ${said}`, told)
}

const errorForm = /^[a-z_]{1,40}$/

interface Settings {
  readonly provider: OpenIdProvider
  readonly client: { readonly clientId: string; readonly clientSecret: string | undefined }
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly prompt: string | undefined
  readonly lifetimeSeconds: number
}

function checkOptions(options: BrowserSignInOptions): Settings {
  const { provider, clientId, clientSecret, redirectUri, prompt, lifetimeSeconds = 300 } = options
  const { scopes = ['openid', 'profile', 'offline_access'] } = options
  if (clientId === '') throw new EntraError('ERR_ENTRA_OPTION', 'the client id is empty')
  if (!scopes.includes('openid'))
    throw new EntraError('ERR_ENTRA_OPTION', 'the scopes must have openid in them')
  const target = parseDestination(redirectUri, provider.fetchOptions.allowHttp)
  if (target.type === 'fault') throw new EntraError('ERR_ENTRA_OPTION', `redirect URI: ${target.reason}`)
  if (!(lifetimeSeconds >= 10 && lifetimeSeconds <= 3_600)) {
    throw new EntraError('ERR_ENTRA_OPTION', 'a sign-in may take 10 to 3600 s')
  }
  const client = { clientId, clientSecret }
  return { provider, client, redirectUri, scopes, prompt, lifetimeSeconds }
}
