import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  DOMAIN,
  goodCredential,
  HELD,
  HOST,
  holding,
  refused,
  type Script,
  scriptedVault,
  TOKEN,
  VERSION,
} from './scripted-vault.suite.ts'
import { createVaultClient } from './vault-client.ts'

const CERTIFICATE = `https://${HOST}/certificates/gw`
const SECRET = `https://${HOST}/secrets/gw`

describe('a certificate with its key', () => {
  it.each([
    [CERTIFICATE, ['/certificates/gw/', `/secrets/gw/${VERSION}`]],
    [`${CERTIFICATE}/${VERSION}`, [`/certificates/gw/${VERSION}`, `/secrets/gw/${VERSION}`]],
    [SECRET, ['/secrets/gw/']],
    [`${SECRET}/${VERSION}`, [`/secrets/gw/${VERSION}`]],
  ])('is read by %s', async (id, paths) => {
    const { client, asked } = await scriptedVault(holding())
    const read = await client.readCertificate(id)
    expect(read).toMatchObject({
      type: 'certificate',
      vaultUrl: `https://${HOST}`,
      name: 'gw',
      version: VERSION,
      notAfter: HELD.notAfter,
    })
    if (read.type !== 'certificate') return
    const [own, ...others] = read.chain.map(der => Buffer.from(der))
    expect(own).toEqual(Buffer.from(HELD.certificate))
    expect(others).toEqual([Buffer.from(HELD.root)])
    expect(read.privateKey.trim()).toBe(HELD.privateKey.trim())
    expect(asked).toEqual(paths)
  })

  it('is read from PEM as from PKCS#12', async () => {
    const { client } = await scriptedVault(
      holding({ secret: { value: HELD.pem, contentType: 'application/x-pem-file' } }),
    )
    const read = await client.readCertificate(CERTIFICATE)
    expect(read.type === 'certificate' && read.chain).toHaveLength(2)
  })

  it('is read at the same time as others', async () => {
    const { client } = await scriptedVault(holding())
    const read = await Promise.all(Array.from({ length: 10 }, () => client.readCertificate(CERTIFICATE)))
    expect(read.map(({ type }) => type)).toEqual(Array.from({ length: 10 }, () => 'certificate'))
  })
})

describe('what a vault refuses', () => {
  const only =
    (path: string, said: ReturnType<Script>): Script =>
    (asked, method) =>
      asked.startsWith(path) ? said : holding()(asked, method)

  it.each<[string, Script, object]>([
    [
      'the certificate',
      only('/certificates/', refused(403, 'Forbidden', 'ForbiddenByRbac')),
      { reason: 'forbidden', role: 'Key Vault Certificate User' },
    ],
    [
      'the secret',
      only('/secrets/', refused(403, 'Forbidden', 'ForbiddenByRbac')),
      { reason: 'forbidden', role: 'Key Vault Secrets User' },
    ],
    [
      'by its firewall',
      only('/certificates/', refused(403, 'Forbidden', 'ForbiddenByFirewall')),
      { reason: 'unreachable' },
    ],
    ['what is not there', () => refused(404, 'CertificateNotFound'), { reason: 'not-found' }],
    ['when it is not there itself', () => refused(404, 'VaultNotFound'), { reason: 'not-found' }],
    [
      'what is deleted',
      path =>
        path.startsWith('/deletedcertificates/')
          ? {
              status: 200,
              body: {
                id: `https://${HOST}/certificates/gw/${VERSION}`,
                attributes: { enabled: true, created: 1, updated: 1 },
              },
            }
          : refused(404, 'CertificateNotFound'),
      { reason: 'deleted' },
    ],
    [
      'a certificate that is disabled',
      holding({ certificate: { attributes: { enabled: false, created: 1, updated: 1 } } }),
      { reason: 'disabled' },
    ],
    [
      'a secret that is disabled',
      only('/secrets/', refused(403, 'Forbidden', 'SecretDisabled')),
      { reason: 'disabled' },
    ],
    [
      'the key',
      holding({ secret: { value: HELD.pem.replace(/-----BEGIN PRIVATE[\s\S]*PRIVATE KEY-----/, '') } }),
      { reason: 'no-private-key' },
    ],
    ['to have one', holding({ secret: { value: 'hunter2 hunter2' } }), { reason: 'unreadable' }],
    ["to name the key's place", holding({ certificate: { sid: undefined } }), { reason: 'no-private-key' }],
    [
      'to name a place of its own',
      holding({ certificate: { sid: `https://fabrikam.${DOMAIN}/secrets/gw` } }),
      { reason: 'no-private-key' },
    ],
    ['the token', () => refused(401, 'Unauthorized'), { reason: 'unauthorized' }],
    [
      'to answer, with a place elsewhere',
      () => ({ status: 307, headers: { location: 'https://evil.example/' } }),
      { reason: 'unreachable', isTemporary: false },
    ],
  ])('%s', async (_what, script, told) => {
    const { client } = await scriptedVault(script)
    const read = await client.readCertificate(CERTIFICATE)
    expect(read).toMatchObject({ type: 'refused', isTemporary: false, ...told })
    expect(JSON.stringify(read)).not.toMatch(/hunter2|the-good-token|PRIVATE KEY/)
  })

  it('is another thing than what it cannot answer now', async () => {
    const { client, asked } = await scriptedVault(() => ({
      ...refused(429, 'Throttled'),
      headers: { 'retry-after-ms': '1' },
    }))
    const read = await client.readCertificate(CERTIFICATE)
    expect(read).toMatchObject({ type: 'refused', reason: 'unreachable', isTemporary: true })
    expect(asked).toHaveLength(3)
  })

  it('is told within the time that a reading may take', async () => {
    const { clientWith } = await scriptedVault(() => undefined)
    const client = clientWith({ readingMilliseconds: 200 })
    const read = await client.readCertificate(CERTIFICATE)
    expect(read).toMatchObject({ type: 'refused', reason: 'unreachable', isTemporary: true })
  })
})

describe('a vault that cannot be trusted', () => {
  it('is not asked when its certificate is of nobody known', async () => {
    const { port, asked } = await scriptedVault(holding())
    const client = createVaultClient({
      identity: { type: 'credential', credential: goodCredential },
      domains: [DOMAIN],
      lookup: () => ({ address: '127.0.0.1', port }),
    })
    onTestFinished(() => client.close())
    expect(await client.readCertificate(CERTIFICATE)).toMatchObject({ reason: 'unreachable' })
    expect(asked).toEqual([])
  })

  it("is not asked when its certificate is another one's", async () => {
    const { client, asked } = await scriptedVault(holding())
    const read = await client.readCertificate(`https://fabrikam.${DOMAIN}/certificates/gw`)
    expect(read).toMatchObject({ reason: 'unreachable' })
    expect(asked).toEqual([])
  })

  it('gets no token of another place, unless that is wanted', async () => {
    const { client, clientWith, asked } = await scriptedVault(holding(), 'https://management.example')
    const read = await client.readCertificate(CERTIFICATE)
    expect(read).toMatchObject({ type: 'refused', reason: 'unauthorized' })
    expect(asked).toEqual([])
    const lax = clientWith({ disableChallengeResourceVerification: true })
    expect(await lax.readCertificate(CERTIFICATE)).toMatchObject({ type: 'certificate' })
  })

  it('is not asked outside the domains that are allowed', async () => {
    const { client } = await scriptedVault(holding())
    const read = await client.readCertificate('https://contoso.vault.azure.net/certificates/gw')
    expect(read).toMatchObject({ type: 'refused', reason: 'not-a-vault-url' })
  })
})

describe('an identity', () => {
  /** An identity endpoint that answers what a test has it answer. */
  async function identityEndpoint(status: number, body: object): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers['x-identity-header']}`)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`, asked }
  }

  it("gets its token by App Service's form", async () => {
    const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600)
    const { url, asked } = await identityEndpoint(200, { access_token: TOKEN, expires_on })
    const { clientWith } = await scriptedVault(holding())
    const resourceId = '/subscriptions/s/resourceGroups/rg/providers/P/identities/gw'
    const client = clientWith({
      identity: { type: 'appService', endpoint: url, header: 'secret', resourceId },
    })
    expect(await client.readCertificate(CERTIFICATE)).toMatchObject({ type: 'certificate' })
    const query = new URLSearchParams({
      'api-version': '2019-08-01',
      resource: `https://${DOMAIN}`,
      mi_res_id: resourceId,
    })
    expect(asked[0]).toBe(`/msi/token?${query} secret`)
  })

  // One test: @azure/identity looks into the environment once in a process.
  it('is found as @azure/identity finds it, by either name', async () => {
    const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600)
    const { url, asked } = await identityEndpoint(200, { access_token: TOKEN, expires_on })
    vi.stubEnv('IDENTITY_ENDPOINT', url)
    vi.stubEnv('IDENTITY_HEADER', 'secret')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { clientWith } = await scriptedVault(holding())
    for (const name of [{ resourceId: 'one' }, { clientId: 'two' }]) {
      const client = clientWith({ identity: { type: 'azure', ...name } })
      expect(await client.readCertificate(CERTIFICATE)).toMatchObject({ type: 'certificate' })
    }
    expect(asked[0]).toMatch(/mi_res_id=one\S* secret$/)
    expect(asked.at(-1)).toMatch(/client_id=two\S* secret$/)
  })

  it('is named by its client id as well', async () => {
    const { url, asked } = await identityEndpoint(400, { error_description: 'no such identity' })
    const { clientWith } = await scriptedVault(holding())
    const client = clientWith({
      identity: { type: 'appService', endpoint: url, header: 'h', clientId: 'id' },
    })
    const read = await client.readCertificate(CERTIFICATE)
    expect(read).toMatchObject({ type: 'refused', reason: 'unauthorized', isTemporary: false })
    expect(read.type === 'refused' && read.message).toContain('no such identity')
    expect(asked[0]).toContain('client_id=id')
  })

  it('may be had later when its endpoint is not there', async () => {
    const { clientWith } = await scriptedVault(holding())
    const client = clientWith({
      identity: { type: 'appService', endpoint: 'http://127.0.0.1:1/msi/token', header: 'h' },
    })
    expect(await client.readCertificate(CERTIFICATE)).toMatchObject({
      reason: 'unauthorized',
      isTemporary: true,
    })
  })

  it('is asked for on this machine alone', () => {
    for (const endpoint of ['http://192.0.2.1/msi/token', 'https://127.0.0.1/msi/token', 'token'])
      expect(() => createVaultClient({ identity: { type: 'appService', endpoint, header: 'h' } })).toThrow(
        expect.objectContaining({ code: 'ERR_VAULT_OPTION' }),
      )
  })

  it('that gets no token opens nothing', async () => {
    const { clientWith, asked } = await scriptedVault(holding())
    const credential = { getToken: async () => null }
    const client = clientWith({ identity: { type: 'credential', credential } })
    expect(await client.readCertificate(CERTIFICATE)).toMatchObject({ reason: 'unauthorized' })
    expect(asked).toEqual([])
  })
})
