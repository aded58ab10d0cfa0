import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { parseIpAddress } from '@causeway/wire'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  AUDIENCE,
  createSigningKey,
  ISSUER,
  metadataDocument,
  NOW,
  type SigningKey,
  signToken,
  TENANT,
} from '../testing/fake-provider.suite.ts'
import { createTokenValidator } from '../token/token-validator.ts'
import { isAllowedAddress } from './destination.ts'
import { postForm } from './document.ts'
import { createHttpsFetch, type HostAddress } from './https-fetch.ts'
import { createOpenIdProvider } from './open-id-provider.ts'

let server: Server
let ca: string
let key: SigningKey
let base: string
/** Bodies that the server was sent. */
const posted: string[] = []

beforeAll(async () => {
  key = await createSigningKey('key-1')
  const now = Math.floor(Date.now() / 1000)
  const validity = { key: 'ecdsa-p256', notBefore: now - 3600, notAfter: now + 3600 } as const
  const root = await issueRoot({ commonName: 'Provider CA', ...validity })
  const names = { commonName: 'provider.test', dnsNames: ['provider.test'] }
  const leaf = await issueServerCertificate(root, { ...names, ...validity })
  ca = formatPem(root.certificate)
  server = createServer({
    cert: formatPem(leaf.certificate),
    key: leaf.privateKey,
  })
  server.on('request', (request, response) => {
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': metadataDocument({ jwks_uri: `${base}/keys` }),
      '/keys': { keys: [key.jwk] },
    }
    request.on('data', chunk => posted.push(String(chunk)))
    request.on('end', () => {
      if (request.url === '/cut') return response.socket?.destroy()
      if (request.url === '/empty') return response.writeHead(204).end()
      if (request.url === '/never') return response.writeHead(200).write('{')
      const document = documents[request.url ?? '']
      return response.writeHead(document ? 200 : 404).end(JSON.stringify(document ?? {}))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `https://provider.test:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  return new Promise(resolve => server.close(resolve))
})

const resolveTo = (...addresses: string[]) => {
  const found: HostAddress[] = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
  return async () => found
}
const resolve = resolveTo('127.0.0.1')

describe('a provider over HTTPS', () => {
  const judge = async (fetch: typeof globalThis.fetch) => {
    const keys = createOpenIdProvider({ authority: base, issuers: [ISSUER], fetch })
    const options = { tenant: TENANT, issuers: [ISSUER], audiences: [AUDIENCE], keys }
    return createTokenValidator(options).validate(await signToken(key), NOW)
  }

  it('is trusted by its CA', async () => {
    const verdict = await judge(createHttpsFetch({ ca: [ca], resolve }))
    expect(verdict).toMatchObject({ type: 'allow', user: 'alice@contoso.example' })
  })

  it('is not trusted without', async () => {
    const verdict = await judge(createHttpsFetch({ resolve }))
    const reason = expect.stringMatching(/cannot be reached: (UNABLE_TO_|SELF_SIGNED)/)
    expect(verdict).toMatchObject({ type: 'deny', temporary: true, reason })
  })

  it('is not taken under another name', async () => {
    const fetch = createHttpsFetch({ ca: [ca], resolve })
    const other = base.replace('provider.test', 'other.test')
    await expect(fetch(`${other}/keys`)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})

describe('the fetch for documents', () => {
  it.each([['169.254.169.254'], ['fe80::1'], ['127.0.0.1', '169.254.169.254'], []])(
    'does not connect to a name that resolves to %j %j',
    async (...addresses) => {
      const fetch = createHttpsFetch({ ca: [ca], resolve: resolveTo(...addresses) })
      await expect(fetch(`${base}/keys`)).rejects.toMatchObject({ code: 'ERR_FORBIDDEN_ADDRESS' })
    },
  )

  it('passes on that a name is unknown', async () => {
    const failure = Object.assign(new Error('none'), { code: 'ENOTFOUND' })
    const fetch = createHttpsFetch({ resolve: () => Promise.reject(failure) })
    await expect(fetch(`${base}/keys`)).rejects.toBe(failure)
  })

  it('refuses URLs that are not to be asked', async () => {
    const fetch = createHttpsFetch()
    await expect(fetch('http://provider.test/')).rejects.toThrow('not an https URL')
    await expect(fetch('https://169.254.169.254/')).rejects.toThrow('never asked')
  })

  it('posts forms, and says when the server breaks off or has no body', async () => {
    const options = {
      fetch: createHttpsFetch({ ca: [ca], resolve }),
      timeoutMilliseconds: 5_000,
      allowHttp: false,
    }
    const answer = await postForm(`${base}/keys`, new URLSearchParams({ a: 'b c' }), {}, options)
    expect(answer).toMatchObject({ type: 'answer', status: 200, object: { keys: [{ kid: 'key-1' }] } })
    expect(posted).toEqual(['a=b+c'])
    const cut = await postForm(`${base}/cut`, new URLSearchParams(), {}, options)
    expect(cut).toMatchObject({ type: 'fault', reason: expect.stringContaining('ECONNRESET') })
    const empty = await postForm(`${base}/empty`, new URLSearchParams(), {}, options)
    expect(empty).toEqual({ type: 'answer', status: 204, object: undefined })
  })

  it('stops when a body does not end in time', async () => {
    const fetch = createHttpsFetch({ ca: [ca], resolve })
    const options = { fetch, timeoutMilliseconds: 200, allowHttp: false }
    const answer = await postForm(`${base}/never`, new URLSearchParams(), {}, options)
    expect(answer).toMatchObject({ type: 'fault', reason: expect.stringContaining('no answer in time') })
  })
})

describe('addresses', () => {
  it.each([
    '0.0.0.0',
    '168.63.129.16',
    '169.254.1.1',
    '100.100.100.200',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'febf::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
  ])('never asked: %s', text => expect(isAllowedAddress(parseIpAddress(text)!)).toBe(false))

  it.each(['127.0.0.1', '10.0.0.1', '20.190.128.1', '::1', '2603:1026::1', 'fd00::1', '::ffff:10.0.0.1'])(
    'asked: %s',
    text => expect(isAllowedAddress(parseIpAddress(text)!)).toBe(true),
  )
})
