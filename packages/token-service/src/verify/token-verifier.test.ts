import { type KeySource, readKeySet } from '@causeway/entra'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { issuersOf } from '../endpoint/metadata.ts'
import { managementAudiences, vaultAudiences } from '../endpoint/resource-table.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { issueToken } from '../token-issuer.ts'
import { BASE, NOW, sharedKeys, TENANT, VAULT } from '../token-service.suite.ts'
import {
  createTokenVerifier,
  type TokenAuthority,
  type TokenVerifierOptions,
  vaultChallenge,
} from './token-verifier.ts'

const APP = 'aaaaaaaa-0000-4000-8000-000000000001'
const OBJECT = 'bbbbbbbb-0000-4000-8000-000000000002'
const ENTRA_TENANT = '99999999-8888-4777-8666-555555555555'
const LOGIN = `${BASE}/${TENANT}`

let keys: SigningKeys

beforeAll(async () => {
  keys = await sharedKeys()
})

function ours(changes: Partial<TokenAuthority> = {}): TokenAuthority {
  return { tenant: TENANT, issuers: issuersOf([BASE], TENANT), keys, ...changes }
}

function verifier(changes: Partial<TokenVerifierOptions> = {}) {
  return createTokenVerifier({
    authorities: [ours()],
    audiences: managementAudiences([BASE]),
    authorizationUri: LOGIN,
    ...changes,
  })
}

async function token(claims: object = {}, header: object = {}): Promise<string> {
  const { keyId, privateKey } = await keys.signer(NOW)
  const usual = {
    aud: BASE,
    iss: `${BASE}/${TENANT}/v2.0`,
    iat: NOW,
    nbf: NOW,
    exp: NOW + 3_599,
    appid: APP,
    oid: OBJECT,
    sub: OBJECT,
    tid: TENANT,
    idtyp: 'app',
    ...claims,
  }
  return new SignJWT(usual)
    .setProtectedHeader({ alg: 'RS256', kid: keyId, typ: 'JWT', ...header })
    .sign(privateKey)
}

const refused = (code: string) => ({
  type: 'refused',
  status: 401,
  code,
  wwwAuthenticate: expect.stringContaining(
    `Bearer authorization_uri="${LOGIN}", error="invalid_token", error_description="`,
  ),
})

describe('tokens of our own', () => {
  it('tell who calls', async () => {
    const subject = { objectId: OBJECT, clientId: APP, strength: '1' } as const
    const issuer = `${BASE}/${TENANT}/`
    const order = {
      subject,
      audience: BASE,
      issuer,
      version: '1.0',
      tenant: TENANT,
      now: NOW,
      lifetimeSeconds: 600,
    } as const
    const { text } = await issueToken(order, keys)
    expect(await verifier().verify(`Bearer ${text}`, NOW + 599)).toEqual({
      type: 'verified',
      identity: {
        objectId: OBJECT,
        appId: APP,
        displayName: APP,
        tenant: TENANT,
        groups: [],
        hasMoreGroups: false,
      },
      expiresAt: NOW + 600,
      warning: undefined,
    })
    expect(await verifier().verify(`bearer  ${text}`, NOW)).toMatchObject({ type: 'verified' })
  })

  it.each([
    { iss: `${BASE}/${TENANT}/v2.0` },
    { iss: `${BASE}/${TENANT}/` },
    { iss: `${BASE}/adfs` },
    { aud: `${BASE}/` },
    { aud: 'https://management.azure.com' },
    { aud: ['x', BASE] },
  ])('with %j are taken', async claims => {
    expect(await verifier().verify(`Bearer ${await token(claims)}`, NOW)).toMatchObject({ type: 'verified' })
  })

  it.each([
    [{ aud: VAULT }, 'InvalidAuthenticationTokenAudience'],
    [{ aud: `${BASE}/x` }, 'InvalidAuthenticationTokenAudience'],
    [{ aud: undefined }, 'InvalidAuthenticationTokenAudience'],
    [{ iss: 'https://attacker.example/' }, 'InvalidAuthenticationTokenTenant'],
    [{ iss: `${BASE}/${ENTRA_TENANT}/v2.0` }, 'InvalidAuthenticationTokenTenant'],
    [{ iss: undefined }, 'InvalidAuthenticationTokenTenant'],
    [{ iss: 7 }, 'InvalidAuthenticationTokenTenant'],
    [{ tid: ENTRA_TENANT }, 'InvalidAuthenticationToken'],
    [{ tid: undefined }, 'InvalidAuthenticationToken'],
    [{ exp: NOW - 60 }, 'ExpiredAuthenticationToken'],
    [{ exp: undefined }, 'InvalidAuthenticationToken'],
    [{ exp: 'tomorrow' }, 'InvalidAuthenticationToken'],
    [{ nbf: NOW + 61 }, 'InvalidAuthenticationToken'],
    [{ iat: NOW + 61 }, 'InvalidAuthenticationToken'],
    [{ iat: undefined }, 'InvalidAuthenticationToken'],
    [{ oid: undefined, sub: undefined }, 'InvalidAuthenticationToken'],
    [{ oid: 7 }, 'InvalidAuthenticationToken'],
  ])('with %j are refused: %s', async (claims, code) => {
    const answer = await verifier().verify(`Bearer ${await token(claims)}`, NOW)
    expect(answer).toMatchObject(refused(code))
    expect(JSON.stringify(answer)).not.toContain('attacker')
  })

  it.each(['nonsense', 'a.b.c', 'e30.e30.'])('that are none are invalid: %s', async text => {
    expect(await verifier().verify(`Bearer ${text}`, NOW)).toMatchObject({
      code: text === 'e30.e30.' ? 'InvalidAuthenticationTokenTenant' : 'InvalidAuthenticationToken',
    })
  })

  it('may be late or early by as much as clocks may differ', async () => {
    expect(
      await verifier().verify(
        `Bearer ${await token({ iat: NOW - 600, nbf: NOW - 600, exp: NOW - 59 })}`,
        NOW,
      ),
    ).toMatchObject({
      type: 'verified',
    })
    expect(await verifier().verify(`Bearer ${await token({ nbf: NOW + 60 })}`, NOW)).toMatchObject({
      type: 'verified',
    })
    const strict = verifier({ clockSkewSeconds: 0 })
    expect(await strict.verify(`Bearer ${await token({ exp: NOW })}`, NOW)).toMatchObject({
      code: 'ExpiredAuthenticationToken',
    })
    expect(() => verifier({ clockSkewSeconds: 301 })).toThrow('300')
  })

  it('without a signature, by another key, or by a public value are refused', async () => {
    const [header, payload, signature] = (await token()).split('.')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const kid = keys.publicKeys(NOW)[0]?.kid
    const stranger = await generateKeyPair('RS256')
    const strange = await new SignJWT({
      iss: `${BASE}/adfs`,
      aud: BASE,
      tid: TENANT,
      oid: OBJECT,
      exp: NOW + 60,
      iat: NOW,
    })
      .setProtectedHeader({ alg: 'RS256', kid: String(kid) })
      .sign(stranger.privateKey)
    const hmac = await new SignJWT({
      iss: `${BASE}/adfs`,
      aud: BASE,
      tid: TENANT,
      oid: OBJECT,
      exp: NOW + 60,
      iat: NOW,
    })
      .setProtectedHeader({ alg: 'HS256', kid: String(kid) })
      .sign(new TextEncoder().encode(JSON.stringify(keys.publicKeys(NOW)[0])))
    const forged = [
      `${encode({ alg: 'none', kid })}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${encode({ ...JSON.parse(Buffer.from(payload!, 'base64url').toString()), oid: APP })}.${signature}`,
      strange,
      hmac,
      await token({}, { alg: 'RS256', kid: 'other' }),
      await token({}, { kid: undefined }),
      await token({}, { typ: 'logout+jwt' }),
      await token({}, { jwk: keys.publicKeys(NOW)[0] }),
    ]
    for (const text of forged)
      expect(await verifier().verify(`Bearer ${text}`, NOW)).toMatchObject(
        refused('InvalidAuthenticationToken'),
      )
  })

  it('signed by another algorithm than is allowed are refused', async () => {
    const pss = verifier({ authorities: [ours({ algorithms: ['PS256'] })] })
    expect(await pss.verify(`Bearer ${await token()}`, NOW)).toMatchObject(
      refused('InvalidAuthenticationToken'),
    )
  })

  it('of a principal that is gone are refused at once', async () => {
    let isThere = true
    const asked: string[] = []
    const isEnabled = async (id: string) => {
      asked.push(id)
      return isThere
    }
    const living = verifier({ authorities: [ours({ isEnabled })] })
    const text = `Bearer ${await token()}`
    expect(await living.verify(text, NOW)).toMatchObject({ type: 'verified' })
    isThere = false
    expect(await living.verify(text, NOW)).toMatchObject(refused('InvalidAuthenticationToken'))
    expect(asked).toEqual([OBJECT, OBJECT])
  })
})

describe('headers', () => {
  it.each([
    undefined,
    '',
    'Basic abc',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer é',
    `Bearer ${'a'.repeat(70_000)}`,
  ])('%j are refused', async header => {
    expect(await verifier().verify(header, NOW)).toMatchObject(refused('AuthenticationFailed'))
  })

  it.each(['a', 'a.b.c', '..', 'eyJhbGciOiJub25lIn0.e30.'])('with %j for a token are refused', async text => {
    const answer = await verifier().verify(`Bearer ${text}`, NOW)
    expect(answer).toMatchObject({ type: 'refused', status: 401 })
  })
})

describe('tokens of an external tenant', () => {
  const v1 = `https://sts.windows.net/${ENTRA_TENANT}/`
  const v2 = `https://login.microsoftonline.com/${ENTRA_TENANT}/v2.0`

  async function tenant(): Promise<{
    readonly authority: TokenAuthority
    sign(claims: object): Promise<string>
  }> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const set = readKeySet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'entra-1', use: 'sig' }] })
    const source: KeySource = {
      keyFor: async header => {
        const found = set.type === 'keys' ? await set.find(header) : undefined
        return found?.type === 'key'
          ? { type: 'key', key: found.key, stale: undefined }
          : { type: 'unknown', reason: 'no such key', isRecent: false }
      },
    }
    const usual = {
      aud: 'https://management.azure.com/',
      iat: NOW,
      nbf: NOW,
      exp: NOW + 3_600,
      tid: ENTRA_TENANT,
      oid: OBJECT,
      sub: 'pairwise',
    }
    return {
      authority: { tenant: ENTRA_TENANT, issuers: [v1, v2], keys: source },
      sign: claims =>
        new SignJWT({ ...usual, ...claims })
          .setProtectedHeader({ alg: 'RS256', kid: 'entra-1', typ: 'JWT' })
          .sign(privateKey),
    }
  }

  it('tell of users with their groups, and of applications', async () => {
    const { authority, sign } = await tenant()
    const both = verifier({ authorities: [ours(), authority] })
    const user = await sign({
      iss: v1,
      upn: 'ann@contoso.example',
      appid: APP,
      groups: ['g1', 'g2'],
      scp: 'user_impersonation',
    })
    expect(await both.verify(`Bearer ${user}`, NOW)).toMatchObject({
      identity: {
        objectId: OBJECT,
        appId: APP,
        displayName: 'ann@contoso.example',
        tenant: ENTRA_TENANT,
        groups: ['g1', 'g2'],
      },
    })
    const app = await sign({ iss: v2, azp: APP, idtyp: 'app', hasgroups: true })
    expect(await both.verify(`Bearer ${app}`, NOW)).toMatchObject({
      identity: { objectId: OBJECT, appId: APP, displayName: APP, groups: [], hasMoreGroups: true },
    })
    expect(await both.verify(`Bearer ${await token()}`, NOW)).toMatchObject({ type: 'verified' })
  })

  it('stand under their own issuer alone', async () => {
    const { authority, sign } = await tenant()
    const both = verifier({ authorities: [ours(), authority] })
    const posing = await sign({ iss: `${BASE}/adfs`, tid: TENANT })
    expect(await both.verify(`Bearer ${posing}`, NOW)).toMatchObject(refused('InvalidAuthenticationToken'))
    const ownPosing = await token({ iss: v1, tid: ENTRA_TENANT })
    expect(await both.verify(`Bearer ${ownPosing}`, NOW)).toMatchObject(refused('InvalidAuthenticationToken'))
  })

  it('cannot be judged while its keys are not to be had', async () => {
    const { authority, sign } = await tenant()
    const source: KeySource = { keyFor: async () => ({ type: 'unavailable', reason: 'timed out' }) }
    const away = verifier({ authorities: [{ ...authority, keys: source }] })
    const answer = await away.verify(`Bearer ${await sign({ iss: v1 })}`, NOW)
    expect(answer).toMatchObject({ type: 'refused', status: 503, code: 'ServiceUnavailable' })
    expect(answer).not.toHaveProperty('wwwAuthenticate')
  })
})

describe('a verifier', () => {
  it('has at least one authority, and is for one plane', async () => {
    expect(() => verifier({ authorities: [] })).toThrow('at least one issuer')
    const vault = verifier({ audiences: vaultAudiences([VAULT]) })
    expect(await vault.verify(`Bearer ${await token()}`, NOW)).toMatchObject(
      refused('InvalidAuthenticationTokenAudience'),
    )
    expect(await vault.verify(`Bearer ${await token({ aud: VAULT })}`, NOW)).toMatchObject({
      type: 'verified',
    })
    expect(vaultChallenge(LOGIN, VAULT)).toBe(`Bearer authorization="${LOGIN}", resource="${VAULT}"`)
  })
})
