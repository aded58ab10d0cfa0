import { generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  AUDIENCE,
  AUTHORITY,
  createFakeProvider,
  createSigningKey,
  type FakeProvider,
  ISSUER,
  KEYS_URI,
  METADATA_URI,
  metadataDocument,
  NOW,
  type SigningKey,
  signToken,
  TENANT,
} from '../testing/fake-provider.suite.ts'
import { createTokenValidator, type TokenVerdict } from '../token/token-validator.ts'
import { createOpenIdProvider, type ProviderOptions } from './open-id-provider.ts'

let old: SigningKey
let rotated: SigningKey
let fake: FakeProvider

beforeAll(async () => {
  old = await createSigningKey('old')
  rotated = await createSigningKey('new')
})

/** Judges tokens by one provider, kept from call to call. */
function createJudge(
  options: Partial<ProviderOptions> = {},
): (token: string, at: number) => Promise<TokenVerdict> {
  const keys = createOpenIdProvider({
    authority: AUTHORITY,
    issuers: [ISSUER],
    fetch: fake.fetch,
    ...options,
  })
  const validator = createTokenValidator({ tenant: TENANT, issuers: [ISSUER], audiences: [AUDIENCE], keys })
  return (token, at) => validator.validate(token, NOW + at)
}

const keyFetches = () => fake.asked.filter(url => url === KEYS_URI).length
const allowed = { type: 'allow', warning: undefined }

describe('keys', () => {
  it('are found by discovery and fetched once in an hour', async () => {
    fake = createFakeProvider(old)
    const judge = createJudge({ authority: `${AUTHORITY}/` })
    const token = await signToken(old)
    for (const at of [0, 1, 3_599]) expect(await judge(token, at)).toMatchObject(allowed)
    expect(fake.asked).toEqual([METADATA_URI, KEYS_URI])
    expect(await judge(token, 3_600)).toMatchObject(allowed)
    expect(fake.asked).toEqual([METADATA_URI, KEYS_URI, METADATA_URI, KEYS_URI])
  })

  it('of a rotation are fetched when a token names them', async () => {
    fake = createFakeProvider(old)
    const judge = createJudge()
    expect(await judge(await signToken(old), 0)).toMatchObject(allowed)
    fake.publish(rotated)
    expect(await judge(await signToken(rotated), 60)).toMatchObject(allowed)
    expect(await judge(await signToken(old), 61)).toMatchObject({ type: 'deny', temporary: true })
    expect(await judge(await signToken(old), 120)).toMatchObject({ type: 'deny', temporary: false })
  })

  it('that are unknown are asked for once in 30 s, however many ask', async () => {
    fake = createFakeProvider(old)
    const judge = createJudge()
    await judge(await signToken(old), 0)
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, i) => signToken({ ...rotated, kid: `made-up-${i}` })),
    )
    const verdicts = await Promise.all(tokens.map(token => judge(token, 60)))
    expect(new Set(verdicts.map(({ type }) => type))).toEqual(new Set(['deny']))
    expect(keyFetches()).toBe(2)
    for (const token of tokens) {
      expect(await judge(token, 89)).toMatchObject({
        type: 'deny',
        temporary: true,
        reason: expect.stringContaining('too early'),
      })
    }
    expect(keyFetches()).toBe(2)
    expect(await judge(await signToken(old), 89)).toMatchObject(allowed)
    await judge(tokens[0] ?? '', 90)
    expect(keyFetches()).toBe(3)
  })

  it('are fetched once for callers at the same time', async () => {
    fake = createFakeProvider(old)
    const judge = createJudge()
    const token = await signToken(old)
    await Promise.all(Array.from({ length: 20 }, () => judge(token, 0)))
    expect(fake.asked).toEqual([METADATA_URI, KEYS_URI])
  })

  it('are used for a day when the provider is gone, with a warning', async () => {
    fake = createFakeProvider(old)
    const judge = createJudge()
    const token = await signToken(old, { ...claimsOf(2 * 86_400) })
    await judge(token, 0)
    fake.documents.set(METADATA_URI, new TypeError('fetch failed', { cause: refusedConnection() }))
    fake.documents.set(KEYS_URI, new TypeError('fetch failed', { cause: refusedConnection() }))
    expect(await judge(token, 3_599)).toMatchObject(allowed)
    const warning = expect.stringMatching(
      /^keys are old: login.microsoftonline.com cannot be reached: ECONNREF/,
    )
    expect(await judge(token, 3_600)).toMatchObject({ type: 'allow', warning })
    expect(await judge(token, 86_399)).toMatchObject({ type: 'allow', warning })
    const reason = 'no keys: login.microsoftonline.com cannot be reached: ECONNREFUSED'
    expect(await judge(token, 86_400)).toMatchObject({ type: 'deny', temporary: true, reason })
  })

  it('are asked for again 5 s after a failure when there are none', async () => {
    fake = createFakeProvider(old)
    fake.documents.set(METADATA_URI, () => new Response('busy', { status: 503 }))
    const judge = createJudge()
    const token = await signToken(old)
    const reason = /^no keys: login.microsoftonline.com\/.*\/openid-configuration answers with status 503$/
    for (const at of [0, 1, 4]) {
      const verdict = await judge(token, at)
      expect(verdict).toMatchObject({ type: 'deny', temporary: true, reason: expect.stringMatching(reason) })
    }
    expect(fake.asked).toHaveLength(1)
    fake.documents.set(METADATA_URI, metadataDocument())
    expect(await judge(token, 5)).toMatchObject(allowed)
  })

  it('are not kept for longer by a clock that was set back', async () => {
    fake = createFakeProvider(old)
    const judge = createJudge()
    const token = await signToken(old)
    await judge(token, 1_000)
    fake.publish(rotated)
    expect(await judge(token, 0)).toMatchObject({ type: 'deny' })
    expect(keyFetches()).toBe(2)
  })
})

describe('keys that are left out', () => {
  const useless: readonly [string, (jwk: object) => unknown][] = [
    ['for encryption', jwk => ({ ...jwk, use: 'enc' })],
    ['of another algorithm', jwk => ({ ...jwk, alg: 'RSA-OAEP' })],
    ['of an algorithm with a shared secret', jwk => ({ ...jwk, alg: 'HS256' })],
    ['with the private part', jwk => ({ ...jwk, d: 'AQ' })],
    ['a shared secret', () => ({ kty: 'oct', k: 'c2VjcmV0', kid: 'old', alg: 'RS256' })],
    ['without a modulus', jwk => ({ ...jwk, n: undefined })],
    ['with a modulus that is no text', jwk => ({ ...jwk, n: 7 })],
    ['with a modulus of nothing', jwk => ({ ...jwk, n: 'AAAA' })],
    ['of more than 8192 bits', jwk => ({ ...jwk, n: `_${'A'.repeat(1_370)}` })],
    ['with a huge exponent', jwk => ({ ...jwk, e: 'A'.repeat(100) })],
    ['with an id that is no text', jwk => ({ ...jwk, kid: 7 })],
    ['of an unknown curve', () => ({ kty: 'EC', crv: 'secp256k1', x: 'AQ', y: 'AQ', kid: 'old' })],
    ['no object', () => 'key'],
    ['null', () => null],
  ]
  it.each(useless)('%s', async (_, change) => {
    fake = createFakeProvider(old)
    fake.documents.set(KEYS_URI, { keys: [change(old.jwk)] })
    const judge = createJudge()
    const reason = 'no keys: the key set has no usable key'
    expect(await judge(await signToken(old), 0)).toMatchObject({ type: 'deny', temporary: true, reason })
    fake.documents.set(KEYS_URI, { keys: [change(old.jwk), rotated.jwk] })
    expect(await judge(await signToken(rotated), 60)).toMatchObject(allowed)
  })

  it('for signing, not checking', async () => {
    fake = createFakeProvider({ ...old, jwk: { ...old.jwk, key_ops: ['sign'] } })
    const verdict = await createJudge()(await signToken(old), 0)
    expect(verdict).toMatchObject({ type: 'deny', reason: 'no key of the provider has the id "old"' })
  })

  it('of 1024 bits', async () => {
    const { publicKey } = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1024,
        publicExponent: Uint8Array.of(1, 0, 1),
        hash: 'SHA-256',
      },
      true,
      ['sign', 'verify'],
    )
    fake = createFakeProvider(old)
    fake.documents.set(KEYS_URI, {
      keys: [{ ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'old' }],
    })
    const reason = 'no keys: the key set has no usable key'
    expect(await createJudge()(await signToken(old), 0)).toMatchObject({ type: 'deny', reason })
  })

  it('two with one id: none is guessed', async () => {
    fake = createFakeProvider(old, { ...rotated, jwk: { ...rotated.jwk, kid: 'old' } })
    const verdict = await createJudge()(await signToken(old), 0)
    expect(verdict).toMatchObject({ type: 'deny', reason: expect.stringContaining('several keys') })
  })

  it('none is guessed for a token without a key id unless there is one alone', async () => {
    fake = createFakeProvider(old, rotated)
    const token = await signToken(old, claimsOf(3_600), { kid: undefined })
    expect(await createJudge()(token, 0)).toMatchObject({ type: 'deny' })
    fake.publish(old)
    expect(await createJudge()(token, 0)).toMatchObject(allowed)
  })

  it('Ed25519 where it is allowed', async () => {
    const edwards = await createSigningKey('ed', 'EdDSA')
    fake = createFakeProvider(edwards)
    const keys = createOpenIdProvider({ authority: AUTHORITY, issuers: [ISSUER], fetch: fake.fetch })
    const options = { tenant: TENANT, issuers: [ISSUER], audiences: [AUDIENCE], keys }
    const validator = createTokenValidator({ ...options, algorithms: ['EdDSA'] })
    expect(await validator.validate(await signToken(edwards), NOW)).toMatchObject(allowed)
    expect((await generateKeyPair('EdDSA')).publicKey.algorithm.name).toBe('Ed25519')
  })
})

describe('documents that are refused', () => {
  const big = 'x'.repeat(600_000)
  it.each<[string, object | (() => Response), RegExp]>([
    ['of another issuer', metadataDocument({ issuer: ISSUER.slice(0, -1) }), /calls itself "https:/],
    ['without an issuer', metadataDocument({ issuer: undefined }), /calls itself "undefined"/],
    ['without keys', metadataDocument({ jwks_uri: undefined }), /has no jwks_uri/],
    ['with keys over http', metadataDocument({ jwks_uri: 'http://keys.example/' }), /is not an https URL/],
    ['with keys in a file', metadataDocument({ jwks_uri: 'file:///etc/passwd' }), /is not an https URL/],
    ['with keys at metadata', metadataDocument({ jwks_uri: 'https://169.254.169.254/k' }), /never asked/],
    [
      'with keys at metadata, mapped',
      metadataDocument({ jwks_uri: 'https://[::ffff:a9fe:a9fe]/' }),
      /never asked/,
    ],
    [
      'with keys at metadata, in one number',
      metadataDocument({ jwks_uri: 'https://2852039166/' }),
      /never asked/,
    ],
    [
      'with a token endpoint over http',
      metadataDocument({ token_endpoint: 'http://a.example/' }),
      /not an https/,
    ],
    ['with credentials in a URL', metadataDocument({ jwks_uri: 'https://a:b@keys.example/' }), /credentials/],
    ['with a list for a URL', metadataDocument({ jwks_uri: ['https://a.example'] }), /not a URL/],
    ['too long', () => Response.json({ ...metadataDocument(), big }), /too many bytes/],
    ['too long and chunked', () => new Response(endless()), /too many bytes/],
    ['an array', [], /is not a JSON object/],
    ['HTML', () => new Response('<html>'), /is not JSON/],
    ['with a name twice', () => new Response(`{"issuer":"a","issuer":"${ISSUER}"}`), /names a member twice/],
    ['not found', () => new Response('', { status: 404 }), /status 404/],
    [
      'elsewhere',
      redirect('https://attacker.example/x'),
      /redirects to attacker.example, which is not followed/,
    ],
    ['on another port', redirect('https://login.microsoftonline.com:8443/x'), /not followed/],
    ['without TLS', redirect('http://login.microsoftonline.com/x'), /not followed/],
    ['nowhere', redirect('https://'), /not a URL/],
    ['round and round', redirect(METADATA_URI), /redirects too often/],
    ['a redirect without a target', () => new Response(null, { status: 302 }), /status 302/],
  ])('%s', async (_, document, reason) => {
    fake = createFakeProvider(old)
    fake.documents.set(METADATA_URI, document)
    expect(await createJudge()(await signToken(old), 0)).toMatchObject({
      type: 'deny',
      temporary: true,
      reason: expect.stringMatching(reason),
      userReason: 'sign-in cannot be checked now, try again later',
    })
    expect(fake.asked.every(url => url === METADATA_URI)).toBe(true)
  })

  it.each<[string, object, RegExp]>([
    ['without keys', {}, /no list of keys/],
    ['with an object for a list', { keys: { a: 1 } }, /no list of keys/],
    ['of too many keys', { keys: Array(101).fill({}) }, /more than 100 keys/],
    ['empty', { keys: [] }, /no usable key/],
  ])('a key set %s', async (_, document, reason) => {
    fake = createFakeProvider(old)
    fake.documents.set(KEYS_URI, document)
    const verdict = await createJudge()(await signToken(old), 0)
    expect(verdict).toMatchObject({ type: 'deny', temporary: true, reason: expect.stringMatching(reason) })
  })

  it('that do not come in time', async () => {
    const hanging: typeof fetch = (_, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const judge = createJudge({ fetch: hanging, timeoutMilliseconds: 1 })
    const reason = 'no keys: login.microsoftonline.com cannot be reached: no answer in time'
    expect(await judge(await signToken(old), 0)).toMatchObject({ type: 'deny', temporary: true, reason })
  })

  it('that are moved within their host are followed', async () => {
    fake = createFakeProvider(old)
    fake.documents.set(METADATA_URI, redirect('/moved'))
    fake.documents.set('https://login.microsoftonline.com/moved', metadataDocument())
    expect(await createJudge()(await signToken(old), 0)).toMatchObject(allowed)
  })
})

describe('settings', () => {
  it.each<Partial<ProviderOptions>>([
    { authority: 'http://login.example/' },
    { authority: 'login.example' },
    { authority: 'https://169.254.169.254/' },
    { issuers: [] },
    { times: { maxAgeSeconds: 0 } },
    { times: { maxAgeSeconds: 90_000 } },
    { times: { maxStaleSeconds: 60 } },
    { times: { refetchFloorSeconds: 1 } },
    { times: { retryFloorSeconds: Number.NaN } },
  ])('that make no sense are thrown back: %j', options => {
    const make = () => createOpenIdProvider({ authority: AUTHORITY, issuers: [ISSUER], ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_ENTRA_OPTION' }))
  })

  it('allow http for tests', async () => {
    fake = createFakeProvider(old)
    const authority = 'http://provider.test'
    fake.documents.set(`${authority}/.well-known/openid-configuration`, metadataDocument())
    expect(await createJudge({ authority, allowHttp: true })(await signToken(old), 0)).toMatchObject(allowed)
  })
})

function claimsOf(lifetime: number): Record<string, unknown> {
  const times = { iat: NOW - 60, nbf: NOW - 60, exp: NOW + lifetime }
  return {
    aud: AUDIENCE,
    iss: ISSUER,
    oid: 'o',
    sub: 's',
    tid: TENANT,
    upn: 'alice@contoso.example',
    ...times,
  }
}

function refusedConnection(): Error {
  return Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
}

function redirect(location: string): () => Response {
  return () => new Response(null, { status: 302, headers: { location } })
}

/** A body without end: whoever reads it has to stop. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: controller => controller.enqueue(new Uint8Array(65_536).fill(0x20)) })
}
