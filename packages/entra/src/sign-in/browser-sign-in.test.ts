import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOpenIdProvider } from '../provider/open-id-provider.ts'
import {
  AUTHORITY,
  accessTokenClaims,
  createFakeProvider,
  createSigningKey,
  type FakeProvider,
  ISSUER,
  METADATA_URI,
  metadataDocument,
  NOW,
  type SigningKey,
  signToken,
  TENANT,
  TOKEN_URI,
} from '../testing/fake-provider.suite.ts'
import {
  type BrowserSignIn,
  type BrowserSignInOptions,
  createBrowserSignIn,
  type SignInCallback,
  type SignInVerdict,
} from './browser-sign-in.ts'
import type { RefreshHandle } from './refresh-keeper.ts'

const CLIENT_ID = '77777777-1111-4222-8333-444444444444'
const REDIRECT_URI = 'https://vpn.example/sign-in/callback'
const ACCESS_TOKEN = 'opaque-access-token'
const REFRESH_TOKEN = 'secret-refresh-token'
const CODE = 'secret-code'
const owner = { sessionId: 'session-1', source: '198.51.100.7' }

let key: SigningKey
let fake: FakeProvider

beforeAll(async () => {
  key = await createSigningKey('key-1')
})
beforeEach(() => {
  fake = createFakeProvider(key)
})

function createSignIn(options: Partial<BrowserSignInOptions> = {}): BrowserSignIn {
  const provider = createOpenIdProvider({ authority: AUTHORITY, issuers: [ISSUER], fetch: fake.fetch })
  const defaults = { provider, clientId: CLIENT_ID, redirectUri: REDIRECT_URI, tenant: TENANT }
  return createBrowserSignIn({ ...defaults, ...options })
}

async function begin(signIn: BrowserSignIn, who = owner, now = NOW): Promise<URL> {
  const started = await signIn.begin(who, now)
  if (started.type === 'deny') throw new Error(started.reason)
  return new URL(started.url)
}

/** The token endpoint answers with an ID token of these claims, and what else is given. */
async function answerWithTokens(
  nonce: string | null,
  changes: Readonly<Record<string, unknown>> = {},
  answer: object = { access_token: ACCESS_TOKEN, refresh_token: REFRESH_TOKEN },
): Promise<void> {
  const claims = accessTokenClaims({ aud: CLIENT_ID, nonce: nonce ?? undefined, ...changes })
  fake.documents.set(TOKEN_URI, { token_type: 'Bearer', id_token: await signToken(key, claims), ...answer })
}

/** The whole way, as a browser goes it. */
async function signInWith(
  signIn: BrowserSignIn,
  changes: Readonly<Record<string, unknown>> = {},
  callback: Partial<SignInCallback> = {},
): Promise<SignInVerdict> {
  const url = await begin(signIn)
  const state = url.searchParams.get('state') ?? ''
  await answerWithTokens(url.searchParams.get('nonce'), changes)
  return signIn.complete({ ...owner, state, code: CODE, ...callback }, NOW + 10)
}

async function handleOf(signIn: BrowserSignIn): Promise<RefreshHandle> {
  const verdict = await signInWith(signIn)
  if (verdict.type === 'deny' || !verdict.handle) throw new Error('no handle')
  return verdict.handle
}

const denied = (reason: string | RegExp, temporary = false) => ({
  type: 'deny',
  reason: expect.stringMatching(reason),
  userReason: expect.stringMatching(/^[ -~]+$/),
  temporary,
})

describe('sign-in with the browser', () => {
  // session        gateway                    browser          provider
  //   begin ──────▶ url with state, nonce ──────▶ authorize ─────▶
  //                 complete ◀────────────── state, code ◀────────
  //                 code, verifier ──────────────────────────────▶
  //   allow ◀────── ID token checked ◀────────────────────────────
  it('goes all the way', async () => {
    const signIn = createSignIn()
    const url = await begin(signIn)
    expect(`${url.origin}${url.pathname}`).toBe(`${AUTHORITY}/oauth2/authorize`)
    const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams)
    expect(rest).toEqual({
      response_type: 'code',
      response_mode: 'query',
      client_id: CLIENT_ID,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile offline_access',
      code_challenge_method: 'S256',
    })
    expect(signIn.pending).toBe(1)
    await answerWithTokens(nonce ?? '')
    const verdict = await signIn.complete({ ...owner, state: state ?? '', code: CODE }, NOW + 299)
    expect(verdict).toMatchObject({ type: 'allow', user: 'alice@contoso.example', tenant: TENANT })
    expect(signIn.pending).toBe(0)
    const form = Object.fromEntries(fake.forms[0] ?? [])
    const { code_verifier: verifier = '' } = form
    expect(form).toMatchObject({
      grant_type: 'authorization_code',
      code: CODE,
      redirect_uri: REDIRECT_URI,
      client_id: CLIENT_ID,
    })
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge)
    expect(form).not.toHaveProperty('client_secret')
  })

  it('is never the same twice', async () => {
    const signIn = createSignIn()
    const urls = await Promise.all(['a', 'b'].map(sessionId => begin(signIn, { ...owner, sessionId })))
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = urls.map(url => url.searchParams.get(name))
      expect(new Set(values).size).toBe(2)
      expect(values.every(value => (value?.length ?? 0) >= 43)).toBe(true)
    }
  })

  it('asks for an account when told to', async () => {
    const url = await begin(createSignIn({ prompt: 'select_account', scopes: ['openid'] }))
    expect(url.searchParams.get('prompt')).toBe('select_account')
    expect(url.searchParams.get('scope')).toBe('openid')
  })

  it('shows a secret in the header, or in the form where the provider takes it there alone', async () => {
    const signIn = createSignIn({ clientSecret: 'a b:c' })
    expect(await signInWith(signIn)).toMatchObject({ type: 'allow' })
    const credentials = Buffer.from(`${CLIENT_ID}:a+b%3Ac`).toString('base64')
    expect(fake.forms[0]?.has('client_secret')).toBe(false)
    expect(fake.authorizations).toEqual([`Basic ${credentials}`])
    fake = createFakeProvider(key)
    const methods = ['client_secret_post']
    fake.documents.set(METADATA_URI, metadataDocument({ token_endpoint_auth_methods_supported: methods }))
    expect(await signInWith(createSignIn({ clientSecret: 'a b:c' }))).toMatchObject({ type: 'allow' })
    expect(fake.forms[0]?.get('client_secret')).toBe('a b:c')
  })
})

describe('a state', () => {
  it('is good for one time', async () => {
    const signIn = createSignIn()
    const state = (await begin(signIn)).searchParams.get('state') ?? ''
    await answerWithTokens('wrong')
    expect(await signIn.complete({ ...owner, state, code: CODE }, NOW)).toEqual(denied('nonce'))
    expect(await signIn.complete({ ...owner, state, code: CODE }, NOW)).toEqual(denied('used up'))
    expect(fake.forms).toHaveLength(1)
  })

  it('is good for five minutes', async () => {
    const signIn = createSignIn()
    const state = (await begin(signIn)).searchParams.get('state') ?? ''
    expect(await signIn.complete({ ...owner, state, code: CODE }, NOW + 300)).toEqual(denied('too old'))
    expect(signIn.pending).toBe(0)
  })

  it('cannot be guessed from its handle: a wrong secret neither counts nor uses it up', async () => {
    const signIn = createSignIn()
    const url = await begin(signIn)
    const state = url.searchParams.get('state') ?? ''
    const flipped = state.slice(0, 20) + (state[20] === 'A' ? 'B' : 'A') + state.slice(21)
    const wrong = [
      flipped,
      state.slice(0, 12),
      `${state}A`,
      '',
      state.toLowerCase(),
      `${state.slice(0, -1)}=`,
    ]
    for (const guess of wrong) {
      expect(await signIn.complete({ ...owner, state: guess, code: CODE }, NOW)).toEqual(denied('unknown'))
    }
    await answerWithTokens(url.searchParams.get('nonce'))
    expect(await signIn.complete({ ...owner, state, code: CODE }, NOW)).toMatchObject({ type: 'allow' })
  })

  it.each([
    [{ sessionId: 'session-2' }, 'another session'],
    [{ source: '203.0.113.9' }, 'came back from "203.0.113.9", the session is from "198.51.100.7"'],
    [{ error: 'access_denied' }, 'the provider refuses: "access_denied"'],
    [{ error: 'x"\n<script>' }, /refuses: "x\\"\\n<script>"$/],
    [{ iss: 'https://attacker.example/' }, 'another provider answered'],
    [{ code: 'x'.repeat(8_193) }, 'the code is too long'],
  ])('is used up by a browser that brings %j', async (callback, reason) => {
    const signIn = createSignIn()
    expect(await signInWith(signIn, {}, callback)).toEqual(denied(reason))
    expect(signIn.pending).toBe(0)
    expect(fake.forms).toEqual([])
  })

  it.each([
    [{ error: 'access_denied' }, 'the sign-in was refused (access_denied)'],
    [
      { error: 'access_denied', description: 'AADSTS50105: not assigned. Trace ID: secret' },
      'the sign-in was refused (access_denied AADSTS50105)',
    ],
    [{ error: '<b>' }, 'the sign-in was refused'],
  ])('tells the user of %j no more than what it is', async (callback, userReason) => {
    expect(await signInWith(createSignIn(), {}, callback)).toMatchObject({ userReason })
  })

  it('comes with a code', async () => {
    const signIn = createSignIn()
    const state = (await begin(signIn)).searchParams.get('state') ?? ''
    expect(await signIn.complete({ ...owner, state }, NOW)).toEqual(denied('brought no code'))
  })

  it('comes with the issuer where the provider says so (RFC 9207)', async () => {
    const metadata = metadataDocument({ authorization_response_iss_parameter_supported: true })
    fake.documents.set(METADATA_URI, metadata)
    expect(await signInWith(createSignIn())).toEqual(denied('another provider answered'))
    expect(await signInWith(createSignIn(), {}, { iss: ISSUER })).toMatchObject({ type: 'allow' })
  })

  it('is taken back when the session ends, and when it begins anew', async () => {
    const signIn = createSignIn()
    const first = (await begin(signIn)).searchParams.get('state') ?? ''
    const second = (await begin(signIn)).searchParams.get('state') ?? ''
    expect(signIn.pending).toBe(1)
    expect(await signIn.complete({ ...owner, state: first, code: CODE }, NOW)).toEqual(denied('unknown'))
    signIn.cancel(owner.sessionId)
    expect(await signIn.complete({ ...owner, state: second, code: CODE }, NOW)).toEqual(denied('unknown'))
  })
})

describe('sign-ins under way', () => {
  it('are bounded by source', async () => {
    const signIn = createSignIn()
    for (let i = 0; i < 64; i++) await begin(signIn, { ...owner, sessionId: `s-${i}` })
    expect(await signIn.begin({ ...owner, sessionId: 's-64' }, NOW)).toEqual(denied('too many', true))
    expect(await signIn.begin({ sessionId: 's-65', source: '203.0.113.9' }, NOW)).toMatchObject({
      type: 'started',
    })
    expect(await signIn.begin({ ...owner, sessionId: 's-8' }, NOW + 300)).toMatchObject({ type: 'started' })
    expect(signIn.pending).toBe(1)
  })

  it('are bounded in all', async () => {
    const signIn = createSignIn()
    for (let i = 0; i < 1_000; i++) await begin(signIn, { sessionId: `s-${i}`, source: `source-${i}` })
    expect(await signIn.begin(owner, NOW)).toEqual(denied('too many', true))
    expect(signIn.pending).toBe(1_000)
  })

  it('do not begin without the provider', async () => {
    fake.documents.delete(METADATA_URI)
    expect(await createSignIn().begin(owner, NOW)).toEqual(denied('status 404', true))
    fake.documents.set(METADATA_URI, metadataDocument({ authorization_endpoint: undefined }))
    expect(await createSignIn().begin(owner, NOW)).toEqual(denied('no authorization_endpoint', true))
  })
})

describe('an ID token', () => {
  const goodHash = createHash('sha256').update(ACCESS_TOKEN).digest().subarray(0, 16).toString('base64url')

  it.each([
    [{ nonce: undefined }, 'nonce'],
    [{ nonce: 'another' }, 'nonce'],
    [{ aud: 'another' }, 'audience'],
    [{ iss: 'https://another.example/' }, 'issuer'],
    [{ tid: undefined }, 'tenant'],
    [{ exp: NOW - 1_000 }, 'expired'],
    [{ azp: 'another' }, 'azp'],
    [{ aud: [CLIENT_ID, 'another'] }, 'azp'],
    [{ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'at_hash'],
    [{ at_hash: goodHash.slice(1) }, 'at_hash'],
    [{ at_hash: 7 }, 'the claim at_hash is not text'],
  ])('is refused with %j', async (changes, reason) => {
    expect(await signInWith(createSignIn(), changes)).toEqual(denied(reason))
  })

  it.each([
    { at_hash: goodHash },
    { azp: CLIENT_ID },
    { aud: [CLIENT_ID, 'another'], azp: CLIENT_ID },
    { groups: ['g-1'] },
  ])('is taken with %j', async changes => {
    expect(await signInWith(createSignIn(), changes)).toMatchObject({ type: 'allow' })
  })

  it('has a hash of the length of its algorithm', async () => {
    const long = await createSigningKey('long', 'PS512')
    fake = createFakeProvider(long)
    const signIn = createSignIn()
    const url = await begin(signIn)
    const at_hash = createHash('sha512').update(ACCESS_TOKEN).digest().subarray(0, 32).toString('base64url')
    const claims = accessTokenClaims({ aud: CLIENT_ID, nonce: url.searchParams.get('nonce'), at_hash })
    fake.documents.set(TOKEN_URI, { id_token: await signToken(long, claims), access_token: ACCESS_TOKEN })
    const state = url.searchParams.get('state') ?? ''
    const verdict = await signIn.complete({ ...owner, state, code: CODE }, NOW)
    expect(verdict).toMatchObject({ type: 'allow', handle: undefined })
  })
})

describe('the token endpoint', () => {
  const refusing = (status: number, body: object) => () => Response.json(body, { status })

  it.each<[string, object | (() => Response), RegExp, boolean]>([
    [
      'refuses',
      refusing(400, { error: 'invalid_grant', error_description: CODE }),
      /"invalid_grant"$/,
      false,
    ],
    ['wants more', refusing(400, { error: 'interaction_required' }), /"interaction_required"$/, false],
    ['does not know us', refusing(401, { error: 'invalid_client' }), /status 401: "invalid_client"/, true],
    ['is broken', () => new Response('oops', { status: 500 }), /status 500: no JSON/, true],
    ['is broken, and says so as a refusal', refusing(500, { error: 'invalid_grant' }), /status 500/, true],
    ['is busy', refusing(429, { error: 'slow_down' }), /status 429/, true],
    [
      'moves',
      () => new Response('', { status: 307, headers: { location: 'https://a.example' } }),
      /307/,
      true,
    ],
    ['gives no ID token', { access_token: 'a' }, /no ID token/, true],
    ['gives what is no token', { id_token: 7 }, /no text/, true],
    ['is gone', new Error('connect'), /cannot be reached: connect/, true],
  ])('%s', async (_, document, reason, temporary) => {
    const signIn = createSignIn()
    const state = (await begin(signIn)).searchParams.get('state') ?? ''
    fake.documents.set(TOKEN_URI, document)
    const verdict = await signIn.complete({ ...owner, state, code: CODE }, NOW)
    expect(verdict).toEqual(denied(reason, temporary))
    expect(JSON.stringify(verdict)).not.toContain(CODE)
  })

  it('is missing', async () => {
    fake.documents.set(METADATA_URI, metadataDocument({ token_endpoint: undefined }))
    expect(await signInWith(createSignIn())).toEqual(denied('no token_endpoint', true))
  })
})

describe('asking again with the refresh token', () => {
  it('says that the user is still allowed, and keeps the newest token', async () => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    await answerWithTokens(null, { exp: NOW + 9_000 }, { refresh_token: 'second-token' })
    expect(await signIn.recheck(handle, NOW + 60)).toEqual({ type: 'allow', expiresAt: NOW + 9_000 })
    fake.documents.set(TOKEN_URI, { access_token: 'a' })
    expect(await signIn.recheck(handle, NOW + 120)).toEqual({ type: 'allow', expiresAt: undefined })
    expect(await signIn.recheck(handle, NOW + 180)).toMatchObject({ type: 'allow' })
    const sent = fake.forms.slice(1).map(form => [form.get('grant_type'), form.get('refresh_token')])
    expect(sent).toEqual([
      ['refresh_token', REFRESH_TOKEN],
      ['refresh_token', 'second-token'],
      ['refresh_token', 'second-token'],
    ])
  })

  it('says that a disabled user is not', async () => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    const error_description = 'AADSTS50057: The user account is disabled. Trace ID: secret'
    const answer = { error: 'invalid_grant', error_description }
    fake.documents.set(TOKEN_URI, () => Response.json(answer, { status: 400 }))
    expect(await signIn.recheck(handle, NOW)).toEqual(
      denied('^the provider refuses: "invalid_grant" AADSTS50057$'),
    )
  })

  it.each<[string, object | (() => Response)]>([
    ['is down', () => new Response('', { status: 503 })],
    ['is gone', new Error('connect')],
    ['does not know the gateway any more', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
    ['answers nonsense', () => new Response('[]')],
  ])('says nothing about the user when the provider %s', async (_, document) => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    fake.documents.set(TOKEN_URI, document)
    expect(await signIn.recheck(handle, NOW)).toEqual({ type: 'unknown', reason: expect.any(String) })
  })

  it.each([
    { oid: 'another' },
    { sub: 'another' },
    { tid: 'another' },
    { nonce: 'another' },
    { aud: 'another' },
    { exp: NOW - 1_000 },
  ])('takes no ID token with %j', async changes => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    await answerWithTokens(null, changes)
    expect(await signIn.recheck(handle, NOW)).toMatchObject({ type: 'deny', temporary: false })
  })

  it('takes no ID token of another issuer, even one that is accepted', async () => {
    const other = 'https://issuer.example/'
    const options = { authority: AUTHORITY, issuers: [ISSUER, other], fetch: fake.fetch }
    const signIn = createSignIn({ provider: createOpenIdProvider(options) })
    const handle = await handleOf(signIn)
    await answerWithTokens(null, { iss: other })
    expect(await signIn.recheck(handle, NOW)).toEqual(denied('another user'))
  })

  it('says nothing when the keys are not to be had', async () => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    const other = await createSigningKey('other')
    const claims = accessTokenClaims({ aud: CLIENT_ID })
    fake.documents.set(TOKEN_URI, { id_token: await signToken(other, claims) })
    expect(await signIn.recheck(handle, NOW + 11)).toMatchObject({ type: 'unknown' })
  })

  it('asks once for callers at the same time', async () => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    await answerWithTokens(null)
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => signIn.recheck(handle, NOW)))
    expect(verdicts.every(({ type }) => type === 'allow')).toBe(true)
    expect(fake.forms).toHaveLength(2)
  })

  it('ends with the session', async () => {
    const signIn = createSignIn()
    const handle = await handleOf(signIn)
    await expect(createSignIn().recheck(handle, NOW)).rejects.toMatchObject({ code: 'ERR_ENTRA_HANDLE' })
    signIn.forget(handle)
    await expect(signIn.recheck(handle, NOW)).rejects.toMatchObject({ code: 'ERR_ENTRA_HANDLE' })
  })

  it('leaks nothing through the handle', async () => {
    const verdict = await signInWith(createSignIn())
    for (const text of [JSON.stringify(verdict), inspect(verdict, { depth: 9, showHidden: true })]) {
      for (const secret of [REFRESH_TOKEN, ACCESS_TOKEN, CODE]) expect(text).not.toContain(secret)
    }
  })
})

describe('settings', () => {
  it.each<Partial<BrowserSignInOptions>>([
    { clientId: '' },
    { redirectUri: 'http://vpn.example/' },
    { scopes: ['profile'] },
    { lifetimeSeconds: 9 },
    { lifetimeSeconds: 3_601 },
    { lifetimeSeconds: Number.NaN },
    { clockSkewSeconds: 301 },
  ])('that make no sense are thrown back: %j', options => {
    expect(() => createSignIn(options)).toThrow(expect.objectContaining({ code: 'ERR_ENTRA_OPTION' }))
  })
})
