import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { createVaultClient, type VaultClientOptions } from '@causeway/vault-client'
import { createPkcs12, formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type RunningProcess, start } from '../harness/process.ts'
import {
  type VaultClientName,
  type VaultOutcome,
  type VaultPerson,
  type VaultPlace,
  type VaultPlan,
  type VaultStep,
  WRONG_TOKENS,
} from './key-vault-plan.ts'

// @azure/keyvault-certificates, @azure/keyvault-secrets, @azure/arm-keyvault and @azure/identity, as they are on npm, in
// a process of its own against the management API in another one, over HTTPS.

const run = promisify(execFile)
const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']
const SERVER = fileURLToPath(new URL('./key-vault-server-main.ts', import.meta.url))
const CLIENT = fileURLToPath(new URL('./key-vault-client-main.ts', import.meta.url))
const VAULT = 'contoso'

let directory: string
let server: RunningProcess
let place: VaultPlace

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-vault-'))
  server = start(process.execPath, [...LOADER, SERVER, directory], { title: 'management API' })
  const { text } = await server.waitFor(/^ready /, 60_000)
  place = JSON.parse(text.slice('ready '.length)) as VaultPlace
  const made = await runSdk([
    { do: 'arm', method: 'PUT', path: `${group()}?api-version=2021-04-01`, body: { location: 'local' } },
    vaults('createOrUpdate', 'rg', VAULT, vaultBody()),
  ])
  expect(made).toMatchObject([{ type: 'value' }, { type: 'value', value: { name: VAULT } }])
})

afterAll(async () => {
  await server?.stop()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

const group = (): string => `/subscriptions/${place.subscriptionId}/resourceGroups/rg`
const vaultId = (name = VAULT): string => `${group()}/providers/Microsoft.KeyVault/vaults/${name}`
const vaultUrl = (name = VAULT): string => `https://${name}.${place.domain}:${place.port}`

function vaultBody(properties: object = {}): object {
  const sku = { family: 'A', name: 'standard' }
  return {
    location: 'local',
    properties: { tenantId: place.tenantId, sku, enableRbacAuthorization: true, ...properties },
  }
}

async function runSdk(
  steps: readonly VaultStep[],
  as: VaultPerson | 'managedIdentity' = 'owner',
): Promise<readonly VaultOutcome[]> {
  const { people, wrongTokens: _, ...rest } = place
  const who = as === 'managedIdentity' ? as : people[as]
  const plan: VaultPlan = { place: rest, owner: people.owner, as: who, steps }
  const { PATH = '', HOME = '' } = process.env
  const environment = {
    PATH,
    HOME,
    NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
    ...(as === 'managedIdentity' && {
      IDENTITY_ENDPOINT: place.identityEndpoint,
      IDENTITY_HEADER: place.identityHeader,
    }),
  }
  const { stdout } = await run(process.execPath, [...LOADER, CLIENT, JSON.stringify(plan)], {
    env: environment,
    timeout: 120_000,
    maxBuffer: 16_777_216,
  })
  return JSON.parse(/^outcomes (.*)$/m.exec(stdout)?.[1] ?? 'no outcomes') as VaultOutcome[]
}

const step =
  (client: VaultClientName) =>
  (call: string, ...parameters: readonly unknown[]): VaultStep => ({
    do: client,
    call,
    with: parameters,
    vault: VAULT,
  })
const vaults = step('vaults')
const certificates = step('certificates')
const secrets = step('secrets')

/** What the owner grants somebody, and how it is taken away again. */
function grant(
  id: string,
  principalId: string,
  role: string,
  scope = vaultId(),
): readonly [VaultStep, VaultStep] {
  const roles = '/providers/Microsoft.Authorization'
  const path = `${scope}${roles}/roleAssignments/${id}?api-version=2022-04-01`
  const roleDefinitionId = `/subscriptions/${place.subscriptionId}${roles}/roleDefinitions/${role}`
  const body = { properties: { principalId, principalType: 'ServicePrincipal', roleDefinitionId } }
  return [
    { do: 'arm', method: 'PUT', path, body },
    { do: 'arm', method: 'DELETE', path },
  ]
}

const refused = (status: number, code: string, inner?: string) => ({
  type: 'error',
  status,
  code,
  ...(inner !== undefined && { inner }),
})

/** A certificate with its key and its root, as administrators get them from an authority. */
async function issuedPfx(password: string): Promise<{ readonly pfx: string; readonly der: Buffer }> {
  const at = Math.floor(Date.now() / 1_000)
  const validity = { notBefore: at - 3_600, notAfter: at + 86_400 }
  const root = await issueRoot({ commonName: 'office root', key: 'rsa-2048', ...validity })
  const names = { commonName: 'azure.example.org', dnsNames: ['azure.example.org'] }
  const { certificate, privateKey } = await issueServerCertificate(root, {
    key: 'rsa-2048',
    ...names,
    ...validity,
  })
  const pfx = createPkcs12({ privateKey, certificate, chain: [root.certificate], password })
  return { pfx: Buffer.from(pfx).toString('base64'), der: Buffer.from(certificate) }
}

const POLICY = {
  issuerName: 'Self',
  subject: 'CN=vpn.example.org',
  subjectAlternativeNames: { dnsNames: ['vpn.example.org'] },
  keyType: 'RSA',
  keySize: 2_048,
  contentType: 'application/x-pkcs12',
  validityInMonths: 12,
  enhancedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
}

describe('@azure/keyvault-certificates', () => {
  it('imports a PKCS#12 file, and reads the certificate', async () => {
    const { pfx, der } = await issuedPfx('hunter2')
    const [imported, read, secret, wrong] = await runSdk([
      certificates('importCertificate', 'office', { $bytes: pfx }, { password: 'hunter2' }),
      certificates('getCertificate', 'office'),
      secrets('getSecret', 'office'),
      certificates('importCertificate', 'other', { $bytes: pfx }, { password: 'hunter3' }),
    ])
    expect(imported).toMatchObject({
      type: 'value',
      value: {
        name: 'office',
        policy: {
          issuerName: 'Unknown',
          contentType: 'application/x-pkcs12',
          keyType: 'RSA',
          keySize: 2_048,
        },
        properties: { enabled: true, vaultUrl: vaultUrl() },
      },
    })
    expect(read).toMatchObject({ type: 'value', value: { name: 'office', cer: der.toString('base64') } })
    expect(secret).toMatchObject({
      type: 'value',
      value: { properties: { contentType: 'application/x-pkcs12', managed: true } },
    })
    expect(wrong).toMatchObject(refused(400, 'BadParameter'))
    expect(wrong?.type === 'error' && wrong.message).toContain('password')
  })

  it('imports PEM', async () => {
    const at = Math.floor(Date.now() / 1_000)
    const root = await issueRoot({
      commonName: 'pem',
      key: 'ecdsa-p256',
      notBefore: at,
      notAfter: at + 9_000,
    })
    const pem = Buffer.from(`${root.privateKey}\n${formatPem(root.certificate)}`).toString('base64')
    const [imported, secret] = await runSdk([
      certificates(
        'importCertificate',
        'pem',
        { $bytes: pem },
        { policy: { issuerName: 'Unknown', contentType: 'application/x-pem-file' } },
      ),
      secrets('getSecret', 'pem'),
    ])
    expect(imported).toMatchObject({ type: 'value', value: { name: 'pem' } })
    expect(secret?.type === 'value' && secret.value.value).toContain('BEGIN PRIVATE KEY')
  })

  it('makes a self-signed certificate, its versions, and changes them', async () => {
    const [made, again, versions, listed, changed, read, policy, , newPolicy, operation] = await runSdk([
      certificates('beginCreateCertificate', 'vpn', POLICY),
      certificates('beginCreateCertificate', 'vpn', POLICY),
      certificates('listPropertiesOfCertificateVersions', 'vpn'),
      certificates('listPropertiesOfCertificates'),
      certificates('updateCertificateProperties', 'vpn', '', { tags: { team: 'one' } }),
      certificates('getCertificate', 'vpn'),
      certificates('getCertificatePolicy', 'vpn'),
      // 4.10.3 answers an empty policy, whatever it is told.
      certificates('updateCertificatePolicy', 'vpn', { ...POLICY, validityInMonths: 3 }),
      certificates('getCertificatePolicy', 'vpn'),
      certificates('getCertificateOperation', 'vpn'),
    ])
    expect(made).toMatchObject({ type: 'value', value: { name: 'vpn', properties: { enabled: true } } })
    const [first, second] = [made, again].map(told => told?.type === 'value' && told.value.properties.version)
    expect(first).not.toBe(second)
    const listedVersions =
      versions?.type === 'value' && versions.value.map(({ version }: { readonly version: string }) => version)
    expect(listedVersions.toSorted()).toEqual([first, second].toSorted())
    const names = listed?.type === 'value' && listed.value.map(({ name }: { readonly name: string }) => name)
    expect(names).toContain('vpn')
    expect(changed).toMatchObject({ type: 'value', value: { properties: { tags: { team: 'one' } } } })
    expect(read).toMatchObject({
      value: {
        properties: { version: second, tags: { team: 'one' } },
        policy: { subject: 'CN=vpn.example.org' },
      },
    })
    const cer = read?.type === 'value' ? read.value.cer : ''
    const { subject, subjectAltName } = new X509Certificate(Buffer.from(cer, 'base64'))
    expect([subject, subjectAltName]).toEqual(['CN=vpn.example.org', 'DNS:vpn.example.org'])
    expect(policy).toMatchObject({ type: 'value', value: { issuerName: 'Self', validityInMonths: 12 } })
    expect(newPolicy).toMatchObject({ type: 'value', value: { validityInMonths: 3 } })
    expect(operation).toMatchObject({ type: 'value' })
  })

  it('deletes, recovers and purges', async () => {
    const outcomes = await runSdk([
      certificates('beginCreateCertificate', 'gone', POLICY),
      certificates('beginDeleteCertificate', 'gone'),
      certificates('getCertificate', 'gone'),
      certificates('getDeletedCertificate', 'gone'),
      certificates('listDeletedCertificates'),
      certificates('beginCreateCertificate', 'gone', POLICY),
      certificates('beginRecoverDeletedCertificate', 'gone'),
      certificates('getCertificate', 'gone'),
      certificates('beginDeleteCertificate', 'gone'),
      certificates('purgeDeletedCertificate', 'gone'),
      certificates('getDeletedCertificate', 'gone'),
    ])
    expect(outcomes).toMatchObject([
      { type: 'value' },
      { type: 'value', value: { name: 'gone', recoveryId: `${vaultUrl()}/deletedcertificates/gone` } },
      refused(404, 'CertificateNotFound'),
      { type: 'value', value: { name: 'gone' } },
      { type: 'value', value: [{ name: 'gone' }] },
      refused(409, 'Conflict', 'ObjectIsDeletedButRecoverable'),
      { type: 'value', value: { name: 'gone' } },
      { type: 'value', value: { name: 'gone' } },
      { type: 'value' },
      { type: 'value' },
      refused(404, 'CertificateNotFound'),
    ])
  })

  it('is told what a vault has not', async () => {
    const outcomes = await runSdk([
      certificates('backupCertificate', 'office'),
      certificates('getContacts'),
      certificates('listPropertiesOfIssuers'),
      certificates('beginCreateCertificate', 'signed', { ...POLICY, issuerName: 'DigiCert' }),
    ])
    expect(outcomes).toMatchObject([
      refused(501, 'NotSupported'),
      refused(501, 'NotSupported'),
      refused(501, 'NotSupported'),
      refused(400, 'BadParameter'),
    ])
  })
})

describe('@azure/keyvault-secrets', () => {
  it('sets, reads, changes, lists, deletes, recovers and purges', async () => {
    const outcomes = await runSdk([
      secrets('setSecret', 'psk', 'hunter2', { contentType: 'text', tags: { team: 'one' } }),
      secrets('setSecret', 'psk', 'hunter3'),
      secrets('getSecret', 'psk'),
      secrets('listPropertiesOfSecretVersions', 'psk'),
      secrets('listPropertiesOfSecrets'),
      secrets('beginDeleteSecret', 'psk'),
      secrets('getSecret', 'psk'),
      secrets('getDeletedSecret', 'psk'),
      secrets('listDeletedSecrets'),
      secrets('beginRecoverDeletedSecret', 'psk'),
      secrets('getSecret', 'psk'),
      secrets('beginDeleteSecret', 'psk'),
      secrets('purgeDeletedSecret', 'psk'),
      secrets('getDeletedSecret', 'psk'),
      secrets('backupSecret', 'psk'),
    ])
    expect(outcomes).toMatchObject([
      { value: { value: 'hunter2', properties: { contentType: 'text', tags: { team: 'one' } } } },
      { value: { value: 'hunter3' } },
      { value: { value: 'hunter3' } },
      { value: [{ name: 'psk' }, { name: 'psk' }] },
      { type: 'value' },
      { value: { name: 'psk' } },
      refused(404, 'SecretNotFound'),
      { value: { name: 'psk' } },
      { value: [{ name: 'psk' }] },
      { type: 'value' },
      { value: { value: 'hunter3' } },
      { type: 'value' },
      { type: 'value' },
      refused(404, 'SecretNotFound'),
      refused(501, 'NotSupported'),
    ])
  })

  it('follows a list from page to page', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `many-${String(i).padStart(2, '0')}`)
    const outcomes = await runSdk([
      ...names.map(name => secrets('setSecret', name, 'x')),
      secrets('listPropertiesOfSecrets'),
    ])
    const listed = outcomes.at(-1)
    const found = listed?.type === 'value' && listed.value.map(({ name }: { readonly name: string }) => name)
    expect(found).toEqual(expect.arrayContaining(names))
    expect(new Set(found).size).toBe(found.length)
  })

  it('refuses a value that is disabled', async () => {
    const [set] = await runSdk([secrets('setSecret', 'off', 'hunter2', { enabled: false })])
    expect(set).toMatchObject({ type: 'value' })
    const [read] = await runSdk([secrets('getSecret', 'off')])
    expect(read).toMatchObject(refused(403, 'Forbidden', 'SecretDisabled'))
  })
})

describe('rights in a vault', () => {
  beforeAll(async () => {
    const made = await runSdk([
      certificates('beginCreateCertificate', 'guarded', POLICY),
      secrets('setSecret', 'value', 'hunter2'),
      certificates('beginCreateCertificate', 'guarded-old', POLICY),
      certificates('beginDeleteCertificate', 'guarded-old'),
    ])
    expect(made.map(({ type }) => type)).toEqual(['value', 'value', 'value', 'value'])
  })

  const everyRead = (): readonly VaultStep[] => [
    certificates('getCertificate', 'guarded'),
    certificates('getCertificatePolicy', 'guarded'),
    certificates('getCertificateOperation', 'guarded'),
    certificates('listPropertiesOfCertificates'),
    certificates('listPropertiesOfCertificateVersions', 'guarded'),
    certificates('listDeletedCertificates'),
    certificates('getDeletedCertificate', 'guarded-old'),
    certificates('backupCertificate', 'guarded'),
    secrets('getSecret', 'guarded'),
    secrets('getSecret', 'value'),
    secrets('listPropertiesOfSecrets'),
    secrets('listPropertiesOfSecretVersions', 'guarded'),
    secrets('listDeletedSecrets'),
    secrets('backupSecret', 'guarded'),
  ]
  const everyChange = (): readonly VaultStep[] => [
    certificates('beginCreateCertificate', 'guarded', POLICY),
    certificates('updateCertificateProperties', 'guarded', '', { enabled: false }),
    certificates('updateCertificatePolicy', 'guarded', POLICY),
    certificates('beginDeleteCertificate', 'guarded'),
    certificates('beginRecoverDeletedCertificate', 'guarded-old'),
    certificates('purgeDeletedCertificate', 'guarded-old'),
    secrets('setSecret', 'value', 'hunter3'),
    secrets('beginDeleteSecret', 'value'),
  ]

  it.each<[VaultPerson, number]>([
    ['reader', 10],
    ['certificateUser', 7],
  ])('never show %s a private key or a value, by any path', async (person, allowed) => {
    const [own] = await runSdk([secrets('getSecret', 'guarded')])
    const pkcs12: string = own?.type === 'value' ? own.value.value : ''
    expect(pkcs12.length).toBeGreaterThan(1_000)
    const outcomes = await runSdk(everyRead(), person)
    const text = JSON.stringify(outcomes)
    expect(text).not.toContain(pkcs12.slice(0, 200))
    expect(text).not.toMatch(/hunter|PRIVATE KEY/)
    expect(outcomes.filter(({ type }) => type === 'value')).toHaveLength(allowed)
    for (const outcome of outcomes) if (outcome.type === 'error') expect([403, 501]).toContain(outcome.status)
    const changes = await runSdk(everyChange(), person)
    for (const outcome of changes) expect(outcome).toMatchObject(refused(403, 'Forbidden', 'ForbiddenByRbac'))
  })

  it('are none without a role', async () => {
    const outcomes = await runSdk([...everyRead(), ...everyChange()], 'nobody')
    for (const outcome of outcomes)
      if (outcome.type !== 'error' || outcome.status !== 501)
        // Of a page the SDKs pass on no inner code.
        expect(outcome).toMatchObject(refused(403, 'Forbidden'))
  })

  it('end at the next call when the role is removed', async () => {
    const { objectId } = place.people.nobody
    const role = BUILT_IN_ROLE_IDS.keyVaultSecretsUser
    const [give, take] = grant('aaaaaaaa-0000-4000-8000-000000000001', objectId, role)
    const outcomes = await runSdk(
      [
        secrets('getSecret', 'value'),
        give,
        secrets('getSecret', 'value'),
        take,
        secrets('getSecret', 'value'),
      ],
      'nobody',
    )
    expect(outcomes).toMatchObject([
      refused(403, 'Forbidden'),
      { type: 'value' },
      { type: 'value', value: { value: 'hunter2' } },
      { type: 'value' },
      refused(403, 'Forbidden'),
    ])
  })

  it('are those of access policies in a vault that goes by them', async () => {
    const policed = (client: VaultStep): VaultStep => ({ ...client, vault: 'policed' }) as VaultStep
    const { objectId } = place.people.nobody
    const permissions = { secrets: ['get', 'list'], certificates: ['get', 'list', 'create'] }
    const accessPolicies = [{ tenantId: place.tenantId, objectId, permissions }]
    const [made] = await runSdk([
      vaults(
        'createOrUpdate',
        'rg',
        'policed',
        vaultBody({ enableRbacAuthorization: false, accessPolicies }),
      ),
    ])
    expect(made).toMatchObject({ type: 'value' })
    const outcomes = await runSdk(
      [
        policed(certificates('beginCreateCertificate', 'vpn', POLICY)),
        policed(secrets('getSecret', 'vpn')),
        policed(certificates('beginDeleteCertificate', 'vpn')),
      ],
      'nobody',
    )
    expect(outcomes).toMatchObject([
      { type: 'value' },
      { type: 'value' },
      refused(403, 'Forbidden', 'AccessDenied'),
    ])
    const [owner] = await runSdk([policed(secrets('getSecret', 'vpn'))])
    expect(owner).toMatchObject(refused(403, 'Forbidden', 'AccessDenied'))
  })
})

describe('tokens', () => {
  it.each(WRONG_TOKENS)('with a wrong %s open no vault', async wrong => {
    const token = place.wrongTokens[wrong]
    const [read] = await runSdk([{ ...secrets('listPropertiesOfSecrets'), token } as VaultStep])
    expect(read).toMatchObject(refused(401, 'Unauthorized'))
  })

  it('for vaults are none for the management API, and the other way round', async () => {
    const { baseUrl, domain, tenantId, people } = place
    const form = (resource: string) =>
      `(async () => {
        const body = new URLSearchParams(${JSON.stringify({
          grant_type: 'client_credentials',
          client_id: people.owner.clientId,
          client_secret: people.owner.clientSecret,
          scope: `${resource}/.default`,
        })})
        const url = ${JSON.stringify(`${baseUrl}/${tenantId}/oauth2/v2.0/token`)}
        const { access_token } = await (await fetch(url, { method: 'POST', body })).json()
        const headers = { authorization: 'Bearer ' + access_token }
        const answer = await fetch(${JSON.stringify(`${baseUrl}/subscriptions?api-version=2022-12-01`)}, { headers })
        console.log(answer.status)
      })()`
    const status = async (resource: string): Promise<string> => {
      const { PATH = '' } = process.env
      const environment = { PATH, NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') }
      const { stdout } = await run(process.execPath, ['-e', form(resource)], { env: environment })
      return stdout.trim()
    }
    expect(await status(baseUrl)).toBe('200')
    expect(await status(`https://${domain}`)).toBe('401')
  })
})

describe('@azure/arm-keyvault', () => {
  it('makes, reads, lists, deletes, recovers and purges vaults', async () => {
    const body = vaultBody({ softDeleteRetentionInDays: 7 })
    const at = (client: VaultStep): VaultStep => ({ ...client, vault: 'whole' }) as VaultStep
    const outcomes = await runSdk([
      vaults('checkNameAvailability', { name: 'whole', type: 'Microsoft.KeyVault/vaults' }),
      vaults('createOrUpdate', 'rg', 'whole', body),
      vaults('get', 'rg', 'whole'),
      vaults('checkNameAvailability', { name: 'Whole', type: 'Microsoft.KeyVault/vaults' }),
      at(secrets('setSecret', 'one', 'hunter2')),
      vaults('update', 'rg', 'whole', { tags: { team: 'one' } }),
      vaults('listByResourceGroup', 'rg'),
      vaults('delete', 'rg', 'whole'),
      at(secrets('getSecret', 'one')),
      vaults('getDeleted', 'whole', 'local'),
      vaults('listDeleted'),
      vaults('createOrUpdate', 'rg', 'whole', body),
      vaults('createOrUpdate', 'rg', 'whole', vaultBody({ createMode: 'recover' })),
      at(secrets('getSecret', 'one')),
      vaults('delete', 'rg', 'whole'),
      vaults('purgeDeleted', 'whole', 'local'),
      vaults('getDeleted', 'whole', 'local'),
      vaults('createOrUpdate', 'rg', 'whole', vaultBody({ enablePurgeProtection: true })),
      at(secrets('getSecret', 'one')),
      vaults('createOrUpdate', 'rg', 'whole', vaultBody({ enablePurgeProtection: false })),
      vaults('delete', 'rg', 'whole'),
      vaults('purgeDeleted', 'whole', 'local'),
    ])
    expect(outcomes).toMatchObject([
      { value: { nameAvailable: true } },
      { value: { name: 'whole', properties: { vaultUri: `${vaultUrl('whole')}/` } } },
      { value: { properties: { softDeleteRetentionInDays: 7, provisioningState: 'Succeeded' } } },
      { value: { nameAvailable: false, reason: 'AlreadyExists' } },
      { value: { value: 'hunter2' } },
      { value: { tags: { team: 'one' } } },
      { value: expect.arrayContaining([expect.objectContaining({ name: 'whole' })]) },
      { type: 'value' },
      refused(404, 'VaultNotFound'),
      { value: { name: 'whole', properties: { vaultId: vaultId('whole') } } },
      { value: [{ name: 'whole' }] },
      refused(409, 'Conflict'),
      { value: { name: 'whole', tags: { team: 'one' }, properties: { softDeleteRetentionInDays: 7 } } },
      { value: { value: 'hunter2' } },
      { type: 'value' },
      { type: 'value' },
      refused(404, 'ResourceNotFound'),
      { type: 'value' },
      refused(404, 'SecretNotFound'),
      refused(400, 'InvalidParameter'),
      { type: 'value' },
      refused(409, 'Conflict'),
    ])
  })
})

describe('the gateway as a reader', () => {
  const client = (changes: Partial<VaultClientOptions> = {}) => {
    const made = createVaultClient({
      identity: {
        type: 'appService',
        endpoint: place.identityEndpoint,
        header: place.identityHeader,
        resourceId: place.identityId,
      },
      domains: [place.domain],
      ca: readFileSync(join(directory, 'ca.pem'), 'utf8'),
      lookup: () => ({ address: '127.0.0.1', port: place.port }),
      ...changes,
    })
    onTestFinished(() => made.close())
    return made
  }

  it('reads its certificate through a managed identity, and is told which role it lacks', async () => {
    const { pfx, der } = await issuedPfx('hunter2')
    await runSdk([certificates('importCertificate', 'gateway', { $bytes: pfx }, { password: 'hunter2' })])
    const id = `https://${VAULT}.${place.domain}/certificates/gateway`
    const gateway = client()
    expect(await gateway.readCertificate(id)).toMatchObject({
      reason: 'forbidden',
      role: 'Key Vault Certificate User',
    })
    const who = place.identityPrincipalId
    const { keyVaultReader, keyVaultSecretsUser, keyVaultCertificateUser } = BUILT_IN_ROLE_IDS
    const [giveReader, takeReader] = grant('aaaaaaaa-0000-4000-8000-000000000002', who, keyVaultReader)
    await runSdk([giveReader])
    expect(await gateway.readCertificate(id)).toMatchObject({
      reason: 'forbidden',
      role: 'Key Vault Secrets User',
    })
    const [giveUser] = grant('aaaaaaaa-0000-4000-8000-000000000003', who, keyVaultCertificateUser)
    const [giveSecrets] = grant('aaaaaaaa-0000-4000-8000-000000000004', who, keyVaultSecretsUser)
    const given = await runSdk([takeReader, giveUser, giveSecrets])
    expect(given.map(({ type }) => type)).toEqual(['value', 'value', 'value'])
    const read = await gateway.readCertificate(id)
    expect(read).toMatchObject({ type: 'certificate', name: 'gateway' })
    if (read.type !== 'certificate') return
    expect(Buffer.from(read.chain[0])).toEqual(der)
    expect(read.chain).toHaveLength(2)
    expect(new X509Certificate(read.chain[0]).publicKey.asymmetricKeyType).toBe('rsa')
    const pinned = `${vaultUrl()}/secrets/gateway/${read.version}`
    expect(await gateway.readCertificate(pinned)).toEqual({ ...read, vaultUrl: vaultUrl() })
  })

  it('is told what is disabled, deleted, or there without a key', async () => {
    const at = (name: string): string => `${vaultUrl()}/certificates/${name}`
    const who = place.identityPrincipalId
    const [give] = grant('aaaaaaaa-0000-4000-8000-000000000005', who, BUILT_IN_ROLE_IDS.keyVaultAdministrator)
    await runSdk([
      give,
      certificates('beginCreateCertificate', 'disabled', POLICY),
      certificates('updateCertificateProperties', 'disabled', '', { enabled: false }),
      certificates('beginCreateCertificate', 'deleted', POLICY),
      certificates('beginDeleteCertificate', 'deleted'),
      certificates('beginCreateCertificate', 'kept', { ...POLICY, exportable: false }),
    ])
    const gateway = client()
    expect(await gateway.readCertificate(at('disabled'))).toMatchObject({ reason: 'disabled' })
    expect(await gateway.readCertificate(at('deleted'))).toMatchObject({ reason: 'deleted' })
    expect(await gateway.readCertificate(at('kept'))).toMatchObject({ reason: 'no-private-key' })
    expect(await gateway.readCertificate(at('nothing'))).toMatchObject({ reason: 'not-found' })
    const elsewhere = `https://nowhere.${place.domain}/certificates/gateway`
    expect(await gateway.readCertificate(elsewhere)).toMatchObject({ reason: 'not-found' })
  })

  it('gets nothing as an identity that is not its own', async () => {
    const resourceId = `${place.identityId}2`
    const { identityEndpoint: endpoint, identityHeader: header } = place
    const other = client({ identity: { type: 'appService', endpoint, header, resourceId } })
    const id = `${vaultUrl()}/certificates/gateway`
    expect(await other.readCertificate(id)).toMatchObject({ reason: 'unauthorized', isTemporary: false })
    const stranger = client({
      identity: { type: 'appService', endpoint, header: 'wrong', resourceId: place.identityId },
    })
    expect(await stranger.readCertificate(id)).toMatchObject({ reason: 'unauthorized' })
  })

  it('is a managed identity for the SDKs too', async () => {
    const outcomes = await runSdk([certificates('getCertificate', 'gateway')], 'managedIdentity')
    expect(outcomes).toMatchObject([{ type: 'value', value: { name: 'gateway' } }])
  })
})
