import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Credential, createAuthority, issue, publicCertData } from '../harness/certificates.ts'
import { addPrincipal, type ManagedScenario, openManaged, type Principal } from '../harness/management.ts'
import { runInOk } from '../harness/namespace.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { runOk } from '../harness/shell.ts'
import type { CredentialPlan, TokenOutcome } from './credential-plan.ts'
import { LifeBodies } from './life-bodies.ts'
import { SdkProgram } from './life-sdk.ts'

// A key vault of `causeway up` by its name, with Azure's own clients: who sees a certificate, and who its key.

const GROUP = 'vaults'
const VAULT = 'contoso'
const NAME = 'gateway'
const CREDENTIAL_MAIN = fileURLToPath(new URL('./credential-main.ts', import.meta.url))
const IDENTITY_PORT = '8450'

let scenario: ManagedScenario
let sdks: SdkProgram
let bodies: LifeBodies
let vaultId: string
let people: Readonly<Record<'officer' | 'reader' | 'user' | 'nobody', Principal>>
let certificate: Credential

beforeAll(async () => {
  scenario = await openManaged(1, {
    inside: '',
    args: ['--gateway', 'none', '--identity-port', IDENTITY_PORT],
  })
  sdks = await SdkProgram.start(scenario)
  bodies = new LifeBodies(scenario.place, GROUP)
  await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
  const add = (name: string) => addPrincipal(scenario.gateway, name)
  people = {
    officer: await add('officer'),
    reader: await add('reader'),
    user: await add('user'),
    nobody: await add('nobody'),
  }
  const root = await createAuthority('Office Root')
  certificate = await issue(root, { commonName: 'gateway.example.org' })
})

afterAll(async () => {
  await sdks?.stop()
  await scenario?.close()
})

async function grant(who: Principal, role: string): Promise<() => Promise<void>> {
  const roleDefinitionId = `/subscriptions/${scenario.place.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`
  const name = randomUUID()
  const body = { principalId: who.objectId, principalType: 'ServicePrincipal', roleDefinitionId }
  await sdks.call('authorization', 'roleAssignments.create', [vaultId, name, body])
  return () => sdks.call('authorization', 'roleAssignments.delete', [vaultId, name])
}

const FORBIDDEN = { status: 403, code: 'Forbidden' }

it('is made, found, and has its own URL', async () => {
  const body = {
    location: 'local',
    properties: {
      tenantId: scenario.place.tenantId,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
    },
  }
  const made = await sdks.call('keyvault', 'vaults.createOrUpdate', [GROUP, VAULT, body])
  vaultId = made.id
  const { baseUrl, vaultDomain } = scenario.place
  const port = new URL(baseUrl).port
  expect(made.properties.vaultUri).toBe(`https://${VAULT}.${vaultDomain}:${port}/`)
  expect(await sdks.call('keyvault', 'vaults.get', [GROUP, VAULT])).toMatchObject({ name: VAULT })
  expect(await sdks.call('keyvault', 'vaults.listByResourceGroup', [GROUP])).toHaveLength(1)
})

it('is closed to its Owner, who has no role in it', async () => {
  const owner = await sdks.refused('certificates', `${VAULT}.getCertificate`, [NAME])
  expect(owner).toMatchObject(FORBIDDEN)
  expect(await sdks.refused('secrets', `${VAULT}.getSecret`, [NAME])).toMatchObject(FORBIDDEN)
})

it('takes a certificate from its officer, who sees no key', async () => {
  await grant(people.officer, BUILT_IN_ROLE_IDS.keyVaultCertificatesOfficer)
  const as = { as: people.officer }
  const password = 'pfx-password'
  const pfx = readFileSync(await exportPfx(password)).toString('base64')
  const parameters = [NAME, { $bytes: pfx }, { password }]
  const imported = await sdks.call('certificates', `${VAULT}.importCertificate`, parameters, as)
  expect(imported).toMatchObject({ name: NAME, cer: publicCertData(certificate) })
  const read = await sdks.call('certificates', `${VAULT}.getCertificate`, [NAME], as)
  expect(read.cer).toBe(publicCertData(certificate))
  expect(await sdks.refused('secrets', `${VAULT}.getSecret`, [NAME], as)).toMatchObject(FORBIDDEN)
})

it('shows a reader the certificate, and never the key', async () => {
  const as = { as: people.reader }
  expect(await sdks.refused('certificates', `${VAULT}.getCertificate`, [NAME], as)).toMatchObject(FORBIDDEN)
  await grant(people.reader, BUILT_IN_ROLE_IDS.keyVaultReader)
  const read = await sdks.call('certificates', `${VAULT}.getCertificate`, [NAME], as)
  expect(read.cer).toBe(publicCertData(certificate))
  expect(JSON.stringify(read)).not.toMatch(/PRIVATE KEY/)
  expect(await sdks.refused('secrets', `${VAULT}.getSecret`, [NAME], as)).toMatchObject(FORBIDDEN)
  const listed = await sdks.call('secrets', `${VAULT}.listPropertiesOfSecrets`, [], as)
  expect(listed).toMatchObject([{ name: NAME }])
  expect(JSON.stringify(listed)).not.toContain('"value"')
})

it('gives the key to whoever may read secrets, until the next call after the role is taken away', async () => {
  const as = { as: people.user }
  const takeAway = await grant(people.user, BUILT_IN_ROLE_IDS.keyVaultSecretsUser)
  const { value, properties } = await sdks.call('secrets', `${VAULT}.getSecret`, [NAME], as)
  expect(properties.contentType).toBe('application/x-pkcs12')
  const key = await keyOf(value)
  expect(key).toBe(await runOk('openssl', ['pkey', '-in', certificate.keyPath, '-pubout']))
  await takeAway()
  expect(await sdks.refused('secrets', `${VAULT}.getSecret`, [NAME], as)).toMatchObject(FORBIDDEN)
})

it('is closed to everybody else, and to tokens that are for the API', async () => {
  const as = { as: people.nobody }
  expect(await sdks.refused('certificates', `${VAULT}.getCertificate`, [NAME], as)).toMatchObject(FORBIDDEN)
  const token = await sdks.call('arm', '.TOKEN', [`${scenario.place.baseUrl}/.default`], {
    as: people.reader,
  })
  const forApi = await sdks.refused('certificates', `${VAULT}.getCertificate`, [NAME], { as: { token } })
  expect(forApi).toMatchObject({ status: 401 })
})

it("gives the gateway's identity its certificate, as long as it is the gateway's", async () => {
  const identity = await sdks.call('msi', 'userAssignedIdentities.createOrUpdate', [
    GROUP,
    'reads',
    { location: 'local' },
  ])
  await sdks.call('network39', 'virtualNetworks.createOrUpdate', [GROUP, 'net', bodies.network()])
  await sdks.call('network39', 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
  const put = (changes: object) =>
    sdks.call('network39', 'virtualNetworkGateways.createOrUpdate', [GROUP, 'gw', bodies.gateway(changes)])
  await put({})
  expect(await identityToken(identity.id)).toMatchObject({ type: 'error' })
  await put({ identity: { type: 'UserAssigned', userAssignedIdentities: { [identity.id]: {} } } })
  const given = await identityToken(identity.id)
  if (given.type !== 'token') throw new Error(given.message)
  const as = { as: { token: given.token } }
  expect(await sdks.refused('secrets', `${VAULT}.getSecret`, [NAME], as)).toMatchObject(FORBIDDEN)
  await grant({ ...people.nobody, objectId: identity.principalId }, BUILT_IN_ROLE_IDS.keyVaultSecretsUser)
  const { value } = await sdks.call('secrets', `${VAULT}.getSecret`, [NAME], as)
  expect(await keyOf(value)).toMatch(/BEGIN PUBLIC KEY/)
  await put({ identity: { type: 'None' } })
  expect(await identityToken(identity.id)).toMatchObject({ type: 'error' })
})

it('can be deleted and brought back with what is in it', async () => {
  await sdks.call('keyvault', 'vaults.delete', [GROUP, VAULT])
  const listed = await sdks.call('keyvault', 'vaults.listDeleted', [])
  expect(listed).toMatchObject([{ name: VAULT }])
  const { tenantId } = scenario.place
  const properties = { tenantId, sku: { family: 'A', name: 'standard' }, createMode: 'recover' }
  await sdks.call('keyvault', 'vaults.createOrUpdate', [GROUP, VAULT, { location: 'local', properties }])
  // Azure: rights in a vault go with it, and are given anew.
  const as = { as: people.reader }
  expect(await sdks.refused('certificates', `${VAULT}.getCertificate`, [NAME], as)).toMatchObject(FORBIDDEN)
  await grant(people.reader, BUILT_IN_ROLE_IDS.keyVaultReader)
  const read = await sdks.call('certificates', `${VAULT}.getCertificate`, [NAME], as)
  expect(read.cer).toBe(publicCertData(certificate))
})

/** A token for vaults, as @azure/identity gets it on the gateway's machine. */
async function identityToken(resourceId: string): Promise<TokenOutcome> {
  const { gateway, place, topology } = scenario
  const plan: CredentialPlan = {
    type: 'managedIdentity',
    identity: { resourceId },
    scopes: [`https://${place.vaultDomain}/.default`],
  }
  const text = await runInOk(
    topology.gateway,
    process.execPath,
    ['--conditions=@causeway/source', '--import', 'tsx', CREDENTIAL_MAIN, JSON.stringify(plan)],
    {
      env: {
        IDENTITY_ENDPOINT: `http://127.0.0.1:${IDENTITY_PORT}/msi/token`,
        IDENTITY_HEADER: readFileSync(join(gateway.data, 'identity-header'), 'utf8').trim(),
      },
    },
  )
  const [outcome] = JSON.parse(/^outcomes (.*)$/m.exec(text)?.[1] ?? '[]') as TokenOutcome[]
  if (!outcome) throw new Error(`no outcome: ${text}`)
  return outcome
}

/** The certificate with its key as administrators have them. */
async function exportPfx(password: string): Promise<string> {
  const path = join(scratchDirectory('f'), 'gateway.pfx')
  const { certificatePath, keyPath } = certificate
  const files = ['-in', certificatePath, '-inkey', keyPath, '-out', path]
  await runOk('openssl', ['pkcs12', '-export', ...files, '-passout', `pass:${password}`])
  return path
}

/** The public half of the key in a PKCS#12 file without a password. */
async function keyOf(base64: string): Promise<string> {
  const decode = `base64 -d | openssl pkcs12 -nocerts -nodes -passin pass: | openssl pkey -pubout`
  return runOk('sh', ['-c', decode], { input: base64 })
}
