import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createOpenIdProvider } from '@causeway/entra'
import { APP_SERVICE_PATH } from '@causeway/management-api'
import { createTokenVerifier } from '@causeway/token-service'
import { formatPem, issueClientCertificate, issueRoot } from '@causeway/x509'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TENANT, VAULT_DOMAIN } from './api-server.ts'
import type { CredentialPlan, TokenOutcome } from './credential-plan.ts'
import type { Person } from './network-plan.ts'
import { startTokenServer, type TokenServer } from './token-server.ts'

// @azure/identity, as it is on npm, in a process of its own: it trusts the server's CA by NODE_EXTRA_CA_CERTS alone, as
// users have it do.

const run = promisify(execFile)
const VAULT = `https://${VAULT_DOMAIN}`
const MAIN = fileURLToPath(new URL('./credential-main.ts', import.meta.url))
const IDENTITIES =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities'

let server: TokenServer
let directory: string
let deployer: Person

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-azure-sdk-'))
  server = await startTokenServer(directory)
  deployer = await server.person('deployer')
})

afterAll(async () => {
  await server?.close()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

beforeEach(() => {
  server.asked.length = 0
})

/** Runs the program; `environment` is all of it that names a place to ask. */
async function signIn(
  plan: CredentialPlan,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly TokenOutcome[]> {
  const { PATH = '', HOME = '' } = process.env
  const loader = ['--conditions=@causeway/source', '--import', 'tsx']
  const { stdout } = await run(process.execPath, [...loader, MAIN, JSON.stringify(plan)], {
    env: { PATH, HOME, NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'), ...environment },
    timeout: 60_000,
  })
  return JSON.parse(/^outcomes (.*)$/m.exec(stdout)?.[1] ?? 'no outcomes') as TokenOutcome[]
}

function secretPlan(
  changes: Partial<Extract<CredentialPlan, { readonly type: 'secret' }>> = {},
): CredentialPlan {
  return {
    type: 'secret',
    tenantId: TENANT,
    clientId: deployer.clientId,
    clientSecret: deployer.clientSecret,
    authorityHost: server.baseUrl,
    scopes: [`${server.baseUrl}/.default`],
    ...changes,
  }
}

function tokenOf(outcome: TokenOutcome | undefined): string {
  if (outcome?.type !== 'token') throw new Error(JSON.stringify(outcome))
  return outcome.token
}

const now = () => Date.now() / 1_000

describe('ClientSecretCredential', () => {
  it('gets tokens for the management API, by its URL and by the name of Azure, and for vaults', async () => {
    const { clientId, objectId } = deployer
    const scopes = [
      `${server.baseUrl}/.default`,
      'https://management.azure.com/.default',
      `${VAULT}/.default`,
    ]
    const outcomes = await signIn(secretPlan({ scopes }))
    expect(server.asked).toEqual([`configuration v2 ${TENANT}`, ...scopes.map(() => `token v2 ${TENANT}`)])
    for (const outcome of outcomes.slice(0, 2))
      expect(await server.tokens.management.verify(`Bearer ${tokenOf(outcome)}`, now())).toMatchObject({
        type: 'verified',
        identity: { objectId, appId: clientId, displayName: clientId, tenant: TENANT },
      })
    const forVault = `Bearer ${tokenOf(outcomes[2])}`
    expect(await server.tokens.vaults.verify(forVault, now())).toMatchObject({
      type: 'verified',
      identity: { objectId },
    })
    expect(await server.tokens.management.verify(forVault, now())).toMatchObject({
      code: 'InvalidAuthenticationTokenAudience',
    })
    const [first] = outcomes
    const isAnHour =
      first?.type === 'token' && first.expiresAt > now() + 3_500 && first.expiresAt < now() + 3_700
    expect(isAnHour).toBe(true)
  })

  it('gets tokens that others can check, by what the service publishes', async () => {
    const { clientId, objectId } = deployer
    const token = tokenOf((await signIn(secretPlan()))[0])
    const issuers = [`${server.baseUrl}/${TENANT}/v2.0`]
    const keys = createOpenIdProvider({ authority: issuers[0] ?? '', issuers, ca: [server.ca] })
    const authorities = [{ tenant: TENANT, issuers, keys }]
    const elsewhere = { authorities, audiences: [server.baseUrl], authorizationUri: server.baseUrl }
    expect(await createTokenVerifier(elsewhere).verify(`Bearer ${token}`, now())).toMatchObject({
      type: 'verified',
      identity: { objectId, appId: clientId },
    })
    expect(server.asked.slice(-2)).toEqual([`configuration v2 ${TENANT}`, 'keys'])
  })

  it('gets them under /adfs too, as old clients have to', async () => {
    const outcomes = await signIn(secretPlan({ tenantId: 'adfs' }))
    expect(server.asked).toEqual(['configuration adfs', 'token adfs'])
    expect(decodeJwt(tokenOf(outcomes[0]))).toMatchObject({ iss: `${server.baseUrl}/adfs`, tid: TENANT })
  })

  it.each([
    [{ clientSecret: 'wrong' }, 'AADSTS7000215'],
    [{ clientId: 'aaaaaaaa-0000-4000-8000-000000000001' }, 'AADSTS700016'],
    [{ scopes: ['https://graph.microsoft.com/.default'] }, 'AADSTS500011'],
  ])('says why there is none: %j', async (changes, code) => {
    const [outcome] = await signIn(secretPlan(changes))
    expect(outcome).toMatchObject({ type: 'error', message: expect.stringContaining(code) })
  })

  it('is refused with a removed client, whose tokens end at once', async () => {
    const { clientId, clientSecret } = await server.person('short-lived')
    const plan = secretPlan({ clientId, clientSecret })
    const token = `Bearer ${tokenOf((await signIn(plan))[0])}`
    expect(await server.tokens.management.verify(token, now())).toMatchObject({ type: 'verified' })
    await server.principals.removeServicePrincipal(clientId)
    expect(await server.tokens.management.verify(token, now())).toMatchObject({
      code: 'InvalidAuthenticationToken',
    })
    expect((await signIn(plan))[0]).toMatchObject({
      type: 'error',
      message: expect.stringContaining('AADSTS700016'),
    })
  })
})

describe('ClientCertificateCredential', () => {
  it('gets tokens for several resources with one signed assertion', async () => {
    const { clientId, objectId } = deployer
    const validity = { notBefore: now() - 3_600, notAfter: now() + 86_400 }
    const root = await issueRoot({ commonName: 'clients', key: 'ecdsa-p256', ...validity })
    const own = await issueClientCertificate(root, { commonName: 'deployer', key: 'rsa-2048', ...validity })
    const certificatePath = join(directory, 'client.pem')
    writeFileSync(certificatePath, `${formatPem(own.certificate)}\n${own.privateKey}`)
    const plan: CredentialPlan = {
      type: 'certificate',
      tenantId: TENANT,
      clientId,
      certificatePath,
      authorityHost: server.baseUrl,
      scopes: [`${server.baseUrl}/.default`, `${VAULT}/.default`],
    }
    expect((await signIn(plan))[0]).toMatchObject({
      type: 'error',
      message: expect.stringContaining('AADSTS700027'),
    })
    await server.principals.addCertificate(clientId, own.certificate)
    server.assertions.length = 0
    const [management, vault] = await signIn(plan)
    expect(server.assertions).toHaveLength(2)
    expect(new Set(server.assertions).size).toBe(1)
    const token = tokenOf(management)
    expect(decodeJwt(token)).toMatchObject({ appidacr: '2' })
    expect(await server.tokens.management.verify(`Bearer ${token}`, now())).toMatchObject({
      identity: { objectId },
    })
    expect(await server.tokens.vaults.verify(`Bearer ${tokenOf(vault)}`, now())).toMatchObject({
      identity: { objectId },
    })
  })
})

describe('ManagedIdentityCredential', () => {
  const appService = () => ({
    IDENTITY_ENDPOINT: `${server.identityUrl}${APP_SERVICE_PATH}`,
    IDENTITY_HEADER: server.holder.headerSecret,
  })
  const imds = () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: server.identityUrl ?? '' })
  const plan = (
    identity: Extract<CredentialPlan, { readonly type: 'managedIdentity' }>['identity'],
  ): CredentialPlan => ({
    type: 'managedIdentity',
    identity,
    scopes: [`${VAULT}/.default`],
  })

  beforeEach(async () => {
    server.holder.identities.splice(0)
    for (const name of ['one', 'other'])
      server.holder.identities.push(
        await server.principals.ensureManagedIdentity(`${IDENTITIES}/${name}`, 'userAssigned'),
      )
  })

  it.each([
    ['App Service', appService],
    ['IMDS', imds],
  ])('gets tokens from %s by client id, object id and resource id', async (_, environment) => {
    const [, other] = server.holder.identities
    if (!other) throw new Error('nothing is assigned')
    const { clientId, principalId, resourceId } = other
    for (const identity of [{ clientId }, { objectId: principalId }, { resourceId }]) {
      const [outcome] = await signIn(plan(identity), environment())
      const token = tokenOf(outcome)
      expect(decodeJwt(token)).toMatchObject({ xms_mirid: resourceId, idtyp: 'app', aud: VAULT })
      expect(await server.tokens.vaults.verify(`Bearer ${token}`, now())).toMatchObject({
        identity: { objectId: principalId, appId: clientId },
      })
    }
  })

  it.each([
    ['App Service', appService],
    ['IMDS', imds],
  ])(
    'gets the only one from %s without a name, and is told when there are several',
    async (_, environment) => {
      expect((await signIn(plan({}), environment()))[0]).toMatchObject({
        type: 'error',
        message: expect.stringContaining('Multiple user assigned identities exist'),
      })
      server.holder.identities.splice(1)
      expect((await signIn(plan({}), environment()))[0]).toMatchObject({ type: 'token' })
    },
  )

  it('gets none of an identity that is not assigned, or with another secret', async () => {
    const strange = await server.principals.ensureManagedIdentity(`${IDENTITIES}/strange`, 'userAssigned')
    const asked = plan({ resourceId: strange.resourceId })
    for (const environment of [appService(), imds()])
      expect((await signIn(asked, environment))[0]).toMatchObject({
        type: 'error',
        message: expect.stringContaining('Identity not found'),
      })
    const wrong = { ...appService(), IDENTITY_HEADER: 'guessed' }
    expect((await signIn(plan({}), wrong))[0]).toMatchObject({
      type: 'error',
      message: expect.stringContaining('X-IDENTITY-HEADER'),
    })
  })
})
