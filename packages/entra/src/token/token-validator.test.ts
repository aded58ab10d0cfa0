import { CompactSign, exportSPKI, importJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOpenIdProvider } from '../provider/open-id-provider.ts'
import {
  AUDIENCE,
  AUTHORITY,
  accessTokenClaims,
  createFakeProvider,
  createSigningKey,
  ISSUER,
  NOW,
  type SigningKey,
  signToken,
  TENANT,
} from '../testing/fake-provider.suite.ts'
import { createTokenValidator, type TokenValidatorOptions, type TokenVerdict } from './token-validator.ts'

let key: SigningKey
let stranger: SigningKey
let curve: SigningKey

beforeAll(async () => {
  key = await createSigningKey('key-1')
  stranger = await createSigningKey('key-1')
  curve = await createSigningKey('key-2', 'ES256')
})

/** A token is judged by a validator for the tests' tenant, whose provider publishes `key` and `curve`. */
async function judge(token: string, options: Partial<TokenValidatorOptions> = {}): Promise<TokenVerdict> {
  const { fetch } = createFakeProvider(key, curve)
  const keys = createOpenIdProvider({ authority: AUTHORITY, issuers: [ISSUER], fetch })
  const defaults = { tenant: TENANT, issuers: [ISSUER], audiences: [AUDIENCE], keys }
  const verdict = await createTokenValidator({ ...defaults, ...options }).validate(token, NOW)
  if (verdict.type === 'deny') expectNoToken(verdict, token)
  return verdict
}

async function judgeClaims(changes: Readonly<Record<string, unknown>>, options = {}): Promise<TokenVerdict> {
  return judge(await signToken(key, accessTokenClaims(changes)), options)
}

/** Neither the payload nor the signature stands in what is said about a token. */
function expectNoToken(verdict: TokenVerdict, token: string): void {
  const said = JSON.stringify(verdict)
  for (const part of token.split('.').slice(1)) if (part.length > 20) expect(said).not.toContain(part)
}

const denied = (reason: string | RegExp, userReason: string | RegExp = 'the access token is not valid') => ({
  type: 'deny',
  reason: expect.stringMatching(reason),
  userReason: expect.stringMatching(userReason),
  temporary: false,
})

describe('a good token', () => {
  it('tells who the user is', async () => {
    expect(await judge(await signToken(key))).toEqual({
      type: 'allow',
      subject: 'aaaaaaaa-0000-4000-8000-000000000001',
      user: 'alice@contoso.example',
      tenant: TENANT,
      groups: [],
      isGuest: false,
      expiresAt: NOW + 3_600,
      notBefore: NOW - 60,
      claims: {
        iss: ISSUER,
        aud: AUDIENCE,
        ver: '1.0',
        appid: AUDIENCE,
        amr: 'pwd mfa',
        ipaddr: '198.51.100.7',
        uti: 'request-id',
      },
      warning: undefined,
    })
  })

  it.each([
    [{ preferred_username: 'b@x.example' }, 'alice@contoso.example'],
    [{ upn: undefined, preferred_username: 'b@x.example' }, 'b@x.example'],
    [{ upn: '', unique_name: 'c@x.example' }, 'c@x.example'],
    [{ upn: undefined, unique_name: undefined }, 'aaaaaaaa-0000-4000-8000-000000000001'],
    [{ upn: undefined, unique_name: undefined, oid: undefined }, 'pairwise-subject'],
  ])('names the user by upn, preferred_username, unique_name, oid, sub: %j', async (changes, user) => {
    expect(await judgeClaims(changes)).toMatchObject({ type: 'allow', user })
  })

  it('may be signed by PS256, and by ES256 where that is allowed', async () => {
    const pss = await createSigningKey('pss', 'PS256')
    const { fetch } = createFakeProvider(pss)
    const keys = createOpenIdProvider({ authority: AUTHORITY, issuers: [ISSUER], fetch })
    expect(await judge(await signToken(pss), { keys })).toMatchObject({ type: 'allow' })
    const token = await signToken(curve)
    expect(await judge(token)).toEqual(denied('signed by ES256, not allowed'))
    expect(await judge(token, { algorithms: ['ES256'] })).toMatchObject({ type: 'allow' })
  })

  it('holds with clocks up to five minutes apart', async () => {
    const ended = { exp: NOW - 299, nbf: NOW - 900, iat: NOW - 900 }
    expect(await judgeClaims(ended)).toMatchObject({ type: 'allow' })
    expect(await judgeClaims({ nbf: NOW + 300, iat: NOW + 300 })).toMatchObject({ type: 'allow' })
    expect(await judgeClaims(ended, { clockSkewSeconds: 60 })).toMatchObject({ type: 'deny' })
  })

  it('marks guests', async () => {
    const upn = 'bob_fabrikam.example#EXT#@contoso.example'
    expect(await judgeClaims({ upn })).toMatchObject({ user: upn, isGuest: true })
    expect(await judgeClaims({ acct: 1 })).toMatchObject({ isGuest: true })
    expect(await judgeClaims({ acct: 0 })).toMatchObject({ isGuest: false })
  })
})

describe('a user whose oid is also the sub', () => {
  it.each([{ scp: undefined }, { upn: undefined, unique_name: undefined }])(
    'is no application with a name or a scope: %j',
    async changes => {
      expect(await judgeClaims({ ...changes, oid: 'x', sub: 'x' })).toMatchObject({ type: 'allow' })
    },
  )

  it('is none either when idtyp says so', async () => {
    const nameless = { upn: undefined, unique_name: undefined, scp: undefined }
    const verdict = await judgeClaims({ ...nameless, oid: 'x', sub: 'x', idtyp: 'user' })
    expect(verdict).toMatchObject({ type: 'allow', user: 'x' })
  })
})

describe('groups', () => {
  it('are object ids', async () => {
    const groups = ['g-1', 'g-2']
    expect(await judgeClaims({ groups })).toMatchObject({ groups })
  })

  it.each([
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example/' } } },
    { hasgroups: true },
    { hasgroups: 'true' },
    { groups: ['g-1'], _claim_names: { groups: 'src1' } },
  ])('may be too many for the token: %j', async changes => {
    expect(await judgeClaims(changes)).toMatchObject({ type: 'allow', groups: 'overage' })
  })

  it('are not said to be too many by other claims that are elsewhere', async () => {
    expect(await judgeClaims({ _claim_names: { roles: 'src1' } })).toMatchObject({ groups: [] })
  })
})

describe('claims that are refused', () => {
  it.each([
    [{ aud: '41b23e61-6c1e-4545-b367-cd054e0ed4b4' }, /^audience "41b23e61/, 'another application'],
    [{ aud: ['a', 'b'] }, /^audience "a", "b" is not "c632b3df/, 'another application'],
    [{ iss: ISSUER.slice(0, -1) }, /^issuer "https:\/\/sts.*[^/]" is not ".*\/"$/, 'another issuer'],
    [{ iss: `https://login.microsoftonline.com/${TENANT}/v2.0` }, /^issuer/, 'another issuer'],
    [{ iss: ISSUER.toUpperCase() }, /^issuer/, 'another issuer'],
    [{ tid: '99999999-2222-3333-4444-555555555555' }, /^tenant "99999999/, 'another tenant'],
    [{ tid: undefined }, /^tenant "" is not/, 'another tenant'],
    [{ exp: NOW - 300 }, 'the token expired 300 s ago', 'has expired, sign in again'],
    [{ nbf: NOW + 301 }, '301 s ahead: compare the clocks', 'not valid yet'],
    [{ nbf: undefined, iat: NOW + 301 }, '301 s ahead', 'not valid yet'],
    [{ iat: NOW + 301 }, '301 s ahead', 'not valid yet'],
    [{ exp: NOW - 100, nbf: NOW - 100 }, 'ends before it begins', 'the token is not valid'],
    [{ oid: undefined, sub: undefined }, 'neither oid nor sub', 'without a user'],
    [{ idtyp: 'app' }, 'an application signed in', 'of an application'],
    [
      { sub: 'x', oid: 'x', scp: undefined, upn: undefined, unique_name: undefined },
      'an application signed in',
      'of an application',
    ],
  ])('%j', async (changes, reason, userReason) => {
    expect(await judgeClaims(changes)).toEqual(denied(reason, userReason))
  })

  it.each([
    ['iss', 1],
    ['iss', undefined],
    ['aud', undefined],
    ['aud', { a: 1 }],
    ['aud', []],
    ['aud', ['x', 7]],
    ['exp', '1900000000'],
    ['exp', undefined],
    ['exp', -1],
    ['exp', 1e300],
    ['nbf', null],
    ['iat', undefined],
    ['iat', {}],
    ['tid', [TENANT]],
    ['oid', 5],
    ['sub', false],
    ['upn', { x: 1 }],
    ['upn', 'alice\n2026 admin signed in'],
    ['upn', 'alice\u202emoc'],
    ['upn', 'x'.repeat(257)],
    ['unique_name', null],
    ['groups', 'admins'],
    ['groups', null],
    ['groups', [1]],
    ['groups', [['g']]],
    ['groups', Array(2_001).fill('g')],
    ['_claim_names', 'groups'],
    ['idtyp', true],
  ])('%s of the wrong type: %j', async (claim, value) => {
    expect(await judgeClaims({ [claim]: value })).toEqual(denied(`^the claim ${claim} `))
  })

  it('quote what the token says, cut and on one line', async () => {
    const verdict = await judgeClaims({ aud: `"x ü${'y'.repeat(500)}` })
    expect(verdict).toEqual(denied(/^audience "\\"x \\u00fcy+"… is not/, 'another application'))
  })

  it('are not missed when a name stands twice', async () => {
    const text = JSON.stringify(accessTokenClaims())
    for (const twice of ['{"aud":"x",', '{"a\\u0075d":"x",', '{"a":[{"b":{"c":1,"c":2}}],']) {
      const token = await signText(twice + text.slice(1))
      expect(await judge(token)).toEqual(denied('the claims set names a member twice'))
    }
    expect(await judge(await signText(`{"x":{"aud":"{\\"aud\\":1}"},${text.slice(1)}`))).toMatchObject({
      type: 'allow',
    })
  })

  it.each([['[]'], ['"x"'], ['nothing'], [''], ['null']])('are no object: %j', async text => {
    expect(await judge(await signText(text))).toMatchObject({ type: 'deny' })
  })

  it('are no UTF-8', async () => {
    expect(await judge(await signBytes(Uint8Array.of(0x7b, 0xff, 0x7d)))).toEqual(denied('is malformed'))
  })
})

describe('settings', () => {
  it('accept several audiences, the v2 issuer, and applications', async () => {
    const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
    expect(await judgeClaims({ aud: 'b' }, { audiences: ['a', 'b'] })).toMatchObject({ type: 'allow' })
    expect(await judgeClaims({ iss: v2 }, { issuers: [ISSUER, v2] })).toMatchObject({ type: 'allow' })
    expect(await judgeClaims({ idtyp: 'app' }, { allowApplications: true })).toMatchObject({ type: 'allow' })
    expect(await judgeClaims({ tid: undefined }, { tenant: undefined })).toMatchObject({ type: 'allow' })
  })

  it.each([
    { algorithms: ['none'] },
    { algorithms: ['RS256', 'HS256'] },
    { algorithms: [] },
    { clockSkewSeconds: 301 },
    { clockSkewSeconds: -1 },
    { clockSkewSeconds: Number.NaN },
    { issuers: [] },
    { audiences: [] },
    { audiences: Array(17).fill('a') },
  ])('that are not safe are thrown back: %j', options => {
    const keys = { keyFor: async () => ({ type: 'unavailable', reason: '' }) as const }
    const defaults = { tenant: TENANT, issuers: [ISSUER], audiences: [AUDIENCE], keys }
    const make = () => createTokenValidator({ ...defaults, ...(options as object) })
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_ENTRA_OPTION' }))
  })
})

describe('signatures that are refused', () => {
  it('of another key with the same id', async () => {
    expect(await judge(await signToken(stranger))).toEqual(denied('^the signature is wrong$'))
  })

  it('over other claims', async () => {
    const [header, , signature] = (await signToken(key)).split('.')
    const claims = encode(accessTokenClaims({ upn: 'admin@contoso.example' }))
    expect(await judge(`${header}.${claims}.${signature}`)).toEqual(denied('^the signature is wrong$'))
  })

  it('with one bit changed, or cut', async () => {
    const token = await signToken(key)
    const at = token.lastIndexOf('.') + 20
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    for (const bad of [changed, token.slice(0, -10), `${token}AAAA`]) {
      expect(await judge(bad)).toMatchObject({ type: 'deny', temporary: false })
    }
  })

  it('none at all: alg none, in any spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const unsigned = `${encode({ alg, typ: 'JWT' })}.${encode(accessTokenClaims())}.`
      expect(await judge(unsigned)).toEqual(denied(`signed by "${alg}", which is no algorithm`))
    }
    const stripped = (await signToken(key)).replace(/[^.]*$/, '')
    expect(await judge(stripped)).toMatchObject({ type: 'deny' })
  })

  it('HS256 with the public key as the secret', async () => {
    const { publicKey } = await publicOf(key)
    for (const secret of [publicKey, JSON.stringify(key.jwk), key.jwk.n ?? '']) {
      const token = await new SignJWT(accessTokenClaims())
        .setProtectedHeader({ alg: 'HS256', kid: 'key-1', typ: 'JWT' })
        .sign(new TextEncoder().encode(secret))
      expect(await judge(token)).toEqual(denied('signed by "HS256", which is no algorithm'))
    }
  })

  it('of a family that the key is not of', async () => {
    const token = await signToken({ ...curve, kid: 'key-1' })
    expect(await judge(token, { algorithms: ['RS256', 'ES256'] })).toEqual(denied('no key of the provider'))
  })
})

describe('headers that are refused', () => {
  it.each([
    [{ crit: ['exp'], exp: 1 }, 'crit'],
    [{ jwk: { kty: 'RSA', n: 'AQ', e: 'AQAB' } }, 'jwk'],
    [{ jku: 'https://attacker.example/keys' }, 'jku'],
    [{ x5u: 'https://attacker.example/cert' }, 'x5u'],
    [{ x5c: ['MII'] }, 'x5c'],
    [{ typ: 'logout+jwt' }, 'of the type "logout\\+jwt"'],
    [{ typ: 7 }, 'of the type "number"'],
    [{ kid: 7 }, 'key id'],
    [{ kid: 'k'.repeat(257) }, 'key id'],
    [{ alg: 7 }, 'signed by "number"'],
    [{ alg: undefined }, 'signed by "undefined"'],
  ])('%j', async (header, reason) => {
    const [, payload, signature] = (await signToken(key)).split('.')
    const token = `${encode({ alg: 'RS256', kid: 'key-1', ...header })}.${payload}.${signature}`
    expect(await judge(token)).toEqual(denied(reason))
  })

  it('with a name twice', async () => {
    const [, payload, signature] = (await signToken(key)).split('.')
    const header = Buffer.from('{"alg":"none","kid":"key-1","alg":"RS256"}').toString('base64url')
    expect(await judge(`${header}.${payload}.${signature}`)).toEqual(denied('names a member twice'))
  })

  it('an embedded key does not check its own signature', async () => {
    const token = await signToken(stranger, accessTokenClaims(), { jwk: stranger.jwk })
    expect(await judge(token)).toEqual(denied('has jwk in its header'))
  })
})

describe('texts that are no token', () => {
  it.each(['', 'hunter2', 'a.b', 'a.b.c', 'a.b.c.d.e', '..', 'é.b.c', ' a.b.c', 'a.b.c\n', '{}.{}.{}'])(
    '%j',
    async text => {
      const verdict = await judge(text)
      expect(verdict).toEqual(denied('^the token '))
      if (text.length > 3) expect(JSON.stringify(verdict)).not.toContain(text)
    },
  )

  it('64 KB are read, one more is not', async () => {
    const token = await signToken(key, accessTokenClaims({ padding: 'x'.repeat(47_000) }))
    expect(token.length).toBeLessThan(65_536)
    expect(await judge(token)).toMatchObject({ type: 'allow' })
    expect(await judge('A'.repeat(65_537))).toEqual(denied('has more than 65536 characters'))
    const larger = await signToken(key, accessTokenClaims({ padding: 'x'.repeat(50_000) }))
    expect(await judge(larger)).toEqual(denied('has more than 65536 characters'))
  })
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

async function publicOf({ jwk }: SigningKey): Promise<{ publicKey: string }> {
  const imported = await importJWK(jwk, 'RS256', { extractable: true })
  if (imported instanceof Uint8Array) throw new Error('not a public key')
  return { publicKey: await exportSPKI(imported) }
}

function signText(text: string): Promise<string> {
  return signBytes(new TextEncoder().encode(text))
}

function signBytes(payload: Uint8Array): Promise<string> {
  return new CompactSign(payload).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(key.privateKey)
}
