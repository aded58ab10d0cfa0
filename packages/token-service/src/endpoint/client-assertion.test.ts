import { createHash, X509Certificate } from 'node:crypto'
import type { IssuedCertificate } from '@causeway/x509'
import { importPKCS8, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  BASE,
  clientCertificate,
  NOW,
  TENANT,
  type TestService,
  testService,
  VAULT,
} from '../token-service.suite.ts'
import { ASSERTION_TYPE } from './token-form.ts'

let certificate: IssuedCertificate
let stranger: IssuedCertificate

beforeAll(async () => {
  certificate = await clientCertificate()
  stranger = await clientCertificate()
})

const digest = (algorithm: string, { certificate: der }: IssuedCertificate) =>
  createHash(algorithm).update(der).digest('base64url')

async function signed(
  { appId }: TestService,
  claims: JWTPayload = {},
  header: object = {},
  by: IssuedCertificate = certificate,
): Promise<string> {
  const protectedHeader = { alg: 'PS256', 'x5t#S256': digest('sha256', by), ...header }
  const usual = {
    aud: `${BASE}/${TENANT}/oauth2/v2.0/token`,
    iss: appId,
    sub: appId,
    nbf: NOW,
    exp: NOW + 600,
    jti: 'one',
    ...claims,
  }
  return new SignJWT(usual)
    .setProtectedHeader(protectedHeader)
    .sign(await importPKCS8(by.privateKey, protectedHeader.alg))
}

async function withCertificate(added: IssuedCertificate = certificate): Promise<TestService> {
  const service = await testService()
  await service.principals.addCertificate(service.appId, added.certificate)
  return service
}

function ask(service: TestService, assertion: string, scope = `${BASE}/.default`, source = '192.0.2.1') {
  const form = {
    client_secret: undefined,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
    scope,
  }
  return service.ask(form, { source })
}

describe('a client assertion', () => {
  it('is signed as new libraries do, and old ones, and names its certificate', async () => {
    const service = await withCertificate()
    const sha1 = digest('sha1', certificate)
    const headers = [
      {},
      { x5c: [Buffer.from(stranger.certificate).toString('base64')] },
      { alg: 'RS256', x5t: sha1, 'x5t#S256': undefined },
      { alg: 'RS256', kid: Buffer.from(sha1, 'base64url').toString('hex'), 'x5t#S256': undefined },
      { alg: 'RS256', kid: sha1, 'x5t#S256': undefined },
    ]
    for (const [at, header] of headers.entries()) {
      const answer = await ask(service, await signed(service, { jti: `good ${at}` }, header))
      expect(answer).toMatchObject({ status: 200 })
    }
  })

  it.each([`${BASE}/${TENANT}/oauth2/token`, `${BASE}/${TENANT}/v2.0`, `${BASE}/adfs/oauth2/token`])(
    'is meant for %s as well',
    async aud => {
      const service = await withCertificate()
      expect((await ask(service, await signed(service, { aud }))).status).toBe(200)
    },
  )

  it.each<[JWTPayload, number]>([
    [{ aud: 'https://login.microsoftonline.com/x/oauth2/v2.0/token' }, 700_023],
    [{ aud: undefined as never }, 700_023],
    [{ iss: 'somebody' }, 700_021],
    [{ sub: 'somebody' }, 700_021],
    [{ exp: NOW - 301 }, 700_024],
    [{ exp: undefined as never }, 50_027],
    [{ exp: NOW + 86_401 }, 700_024],
    [{ nbf: NOW + 301 }, 700_024],
    [{ jti: undefined as never }, 50_027],
    [{ jti: '' }, 50_027],
    [{ jti: 7 as never }, 50_027],
    [{ jti: 'x'.repeat(257) }, 50_027],
  ])('with %j is refused', async (claims, code) => {
    const service = await withCertificate()
    const answer = await ask(service, await signed(service, claims))
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [code] } })
  })

  it('of a certificate that is not there is refused, whatever it brings along', async () => {
    const service = await withCertificate()
    const x5c = [Buffer.from(stranger.certificate).toString('base64')]
    const own = await signed(service, {}, { x5c }, stranger)
    expect(await ask(service, own)).toMatchObject({ status: 401, body: { error_codes: [700_027] } })
    const posing = await signed(service, {}, { 'x5t#S256': digest('sha256', certificate), x5c }, stranger)
    expect(await ask(service, posing)).toMatchObject({ status: 401, body: { error_codes: [700_027] } })
    const nameless = await signed(service, {}, { 'x5t#S256': undefined })
    expect(await ask(service, nameless)).toMatchObject({ status: 401, body: { error_codes: [700_027] } })
  })

  it('of another client is refused', async () => {
    const service = await withCertificate()
    const other = await service.principals.addServicePrincipal({ displayName: 'other' })
    if (other.type === 'refused') throw new Error(other.message)
    await service.principals.addCertificate(other.principal.appId, stranger.certificate)
    const assertion = await signed({ ...service, appId: other.principal.appId }, {}, {}, stranger)
    expect(await ask(service, assertion)).toMatchObject({ status: 401, body: { error_codes: [700_027] } })
  })

  it('without a signature, or with one by a public value, is refused', async () => {
    const service = await withCertificate()
    const [, payload] = (await signed(service)).split('.')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const x5t = { 'x5t#S256': digest('sha256', certificate) }
    for (const alg of ['none', 'None', 'HS256']) {
      const answer = await ask(
        service,
        `${encode({ alg, ...x5t })}.${payload}.${alg === 'HS256' ? 'AAAA' : ''}`,
      )
      expect(answer).toMatchObject({ status: 401, body: { error_codes: [50_027] } })
    }
    const read = new X509Certificate(certificate.certificate)
    const publicKey = read.publicKey.export({ type: 'spki', format: 'pem' })
    for (const key of [read.toString(), String(publicKey)]) {
      const forged = await new SignJWT({ iss: service.appId, sub: service.appId, jti: 'x', exp: NOW + 600 })
        .setProtectedHeader({ alg: 'HS256', ...x5t })
        .sign(new TextEncoder().encode(key))
      expect(await ask(service, forged)).toMatchObject({ status: 401, body: { error_codes: [50_027] } })
    }
    for (const text of ['a.b.c', 'x', '..', (await signed(service)).slice(0, -5)])
      expect((await ask(service, text, undefined, `source of ${text}`)).status).toBe(401)
  })

  it('of a certificate that has expired is refused', async () => {
    const expired = await clientCertificate({ notBefore: NOW - 100_000, notAfter: NOW - 1 })
    const service = await withCertificate(expired)
    const answer = await ask(service, await signed(service, {}, {}, expired))
    const body = { error_codes: [700_027], error_description: expect.stringMatching('expired') }
    expect(answer).toMatchObject({ status: 401, body })
  })

  it('may come again for other resources from where it came first, and from nowhere else', async () => {
    const service = await withCertificate()
    const assertion = await signed(service)
    expect((await ask(service, assertion)).status).toBe(200)
    expect((await ask(service, assertion, `${VAULT}/.default`)).status).toBe(200)
    const replayed = await ask(service, assertion, `${VAULT}/.default`, '198.51.100.66')
    expect(replayed).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [50_012] } })
    expect(
      (await ask(service, await signed(service, { jti: 'two' }), undefined, '198.51.100.66')).status,
    ).toBe(200)
    service.clock.now += 1_000
    expect(await ask(service, assertion)).toMatchObject({ body: { error_codes: [700_024] } })
  })
})
