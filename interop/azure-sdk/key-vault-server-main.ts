// The management API with vaults, in a process of its own, and its managed identities. The folder for its store in; it
// says where it is, and stays.
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { BUILT_IN_ROLE_IDS, type RoleAssignment, type RoleDefinition } from '@causeway/access'
import {
  APP_SERVICE_PATH,
  createManagedIdentityServer,
  createManagementApi,
  RoleStore,
} from '@causeway/management-api'
import { openSqliteDocumentStore } from '@causeway/store'
import {
  createPrincipalStore,
  createResourceTable,
  createTokenService,
  createTokenVerifier,
  type ManagedIdentity,
  managementAudiences,
  openSigningKeys,
  vaultAudiences,
} from '@causeway/token-service'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { type JWTPayload, SignJWT } from 'jose'
import { pino } from 'pino'
import type { VaultPerson, VaultPlace, WrongToken } from './key-vault-plan.ts'
import type { Person } from './network-plan.ts'

const TENANT = '11111111-2222-4333-8444-555555555555'
const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'
const DOMAIN = 'vault.causeway.internal'
const SUB = `/subscriptions/${SUBSCRIPTION}`
const GATEWAY = `${SUB}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw`
const IDENTITY = `${SUB}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/gw`
const IDENTITY_HEADER = 'the-secret-of-the-gateway'

/** What a certificate's user may do who is to see no key: less than Azure's role of that name. */
const CERTIFICATE_READER: RoleDefinition = {
  id: '99999999-0000-4000-8000-000000000001',
  roleName: 'Certificate Reader',
  description: 'Reads certificates, and no secrets.',
  type: 'CustomRole',
  permissions: [
    {
      actions: [],
      notActions: [],
      dataActions: ['Microsoft.KeyVault/vaults/certificates/read'],
      notDataActions: [],
    },
  ],
  assignableScopes: [SUB],
}

/** What each may do, and where. */
const ROLES: Readonly<Record<VaultPerson, readonly (readonly [string, string])[]>> = {
  owner: [
    [BUILT_IN_ROLE_IDS.owner, '/'],
    [BUILT_IN_ROLE_IDS.keyVaultAdministrator, SUB],
  ],
  reader: [[BUILT_IN_ROLE_IDS.keyVaultReader, SUB]],
  certificateUser: [[CERTIFICATE_READER.id, SUB]],
  secretsUser: [[BUILT_IN_ROLE_IDS.keyVaultSecretsUser, SUB]],
  nobody: [],
}

const directory = process.argv[2] ?? ''
const now = (): number => Math.floor(Date.now() / 1_000)
const store = await openSqliteDocumentStore(join(directory, 'store.db'), { key: new Uint8Array(32).fill(7) })
const port = await freePort()
const baseUrl = `https://127.0.0.1:${port}`
const principals = createPrincipalStore(store, now)
const roles = await RoleStore.open(store)
const keys = await openSigningKeys({ store: store.secrets, now: now() })
const assigned: ManagedIdentity[] = [await principals.ensureManagedIdentity(IDENTITY, 'userAssigned')]
const audiences = managementAudiences([baseUrl])
const forVaults = vaultAudiences([`https://${DOMAIN}`])
const service = createTokenService({
  keys,
  directory: principals,
  hosts: {
    headerSecrets: async () => [{ resourceId: GATEWAY, secret: IDENTITY_HEADER }],
    identitiesOf: async resourceId => (resourceId === GATEWAY ? assigned : []),
  },
  resources: createResourceTable([...audiences, ...forVaults]),
  tenant: TENANT,
  baseUrls: [baseUrl],
  now,
})
const isEnabled = (objectId: string): Promise<boolean> => principals.isEnabled(objectId)
const authorities = [{ tenant: TENANT, issuers: service.issuers, keys, isEnabled }]
const authorizationUri = `${baseUrl}/${TENANT}`
const api = await createManagementApi({
  store,
  secrets: store.secrets,
  tokens: { service, verifier: createTokenVerifier({ authorities, audiences, authorizationUri }) },
  principals,
  installation: {
    tenant: { id: TENANT, displayName: 'Causeway' },
    subscriptions: [{ id: SUBSCRIPTION, displayName: 'Causeway' }],
    location: { name: 'local', displayName: 'Local' },
  },
  vaults: {
    domain: DOMAIN,
    verifier: createTokenVerifier({ authorities, audiences: forVaults, authorizationUri }),
    authorizationUri,
  },
  baseUrls: [baseUrl],
  certificate: await certificateAt(directory),
  version: '0.1.0',
  log: pino({ level: 'info' }, process.stderr),
  now: () => Date.now() / 1_000,
})
await store.commit([roles.putDefinition(CERTIFICATE_READER)])
const people = Object.fromEntries(
  await Promise.all(Object.keys(ROLES).map(async name => [name, await personNamed(name as VaultPerson)])),
) as VaultPlace['people']
const identities = createManagedIdentityServer({ service, imdsResourceId: () => GATEWAY })
await api.listen({ host: '127.0.0.1', port })
const place: VaultPlace = {
  port,
  baseUrl,
  domain: DOMAIN,
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  people,
  identityEndpoint: `http://127.0.0.1:${await identities.listen(0)}${APP_SERVICE_PATH}`,
  identityHeader: IDENTITY_HEADER,
  identityId: IDENTITY,
  identityPrincipalId: assigned[0]?.principalId ?? '',
  wrongTokens: await wrongTokensOf(people.owner),
}
process.stdout.write(`ready ${JSON.stringify(place)}\n`)
process.once('SIGTERM', () => void Promise.all([api.close(), identities.close()]).then(() => store.close()))

async function personNamed(name: VaultPerson): Promise<Person> {
  const added = await principals.addServicePrincipal({ displayName: name })
  if (added.type === 'refused') throw new Error(added.message)
  const { appId, objectId } = added.principal
  const secret = await principals.addSecret(appId, {})
  if (secret.type === 'refused') throw new Error(secret.message)
  const grants = ROLES[name].map(([role, scope]) => roles.putAssignment(assignment(objectId, role, scope)))
  if (grants.length > 0) await store.commit(grants)
  return { clientId: appId, objectId, clientSecret: secret.secretText }
}

function assignment(principalId: string, roleDefinitionId: string, scope: string): RoleAssignment {
  const at = new Date().toISOString()
  return {
    id: crypto.randomUUID(),
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId,
    scope,
    createdOn: at,
    updatedOn: at,
    createdBy: '',
    updatedBy: '',
  }
}

/** Good but for one thing, and signed with our own key but for the last. */
async function wrongTokensOf({ objectId, clientId }: Person): Promise<Readonly<Record<WrongToken, string>>> {
  const { keyId, privateKey } = await keys.signer(now())
  const { keyId: _, privateKey: foreign } = await strangersKeys()
  const sign = (changes: JWTPayload, key = privateKey): Promise<string> =>
    new SignJWT({
      aud: `https://${DOMAIN}`,
      iss: service.issuers[0] ?? '',
      iat: now(),
      nbf: now(),
      exp: now() + 3_600,
      appid: clientId,
      oid: objectId,
      sub: objectId,
      tid: TENANT,
      ver: '2.0',
      ...changes,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
      .sign(key)
  return {
    audience: await sign({ aud: audiences[0] ?? '' }),
    issuer: await sign({ iss: `https://login.example/${TENANT}/v2.0` }),
    tenant: await sign({ tid: SUBSCRIPTION }),
    age: await sign({ iat: now() - 7_200, nbf: now() - 7_200, exp: now() - 3_600 }),
    signature: await sign({}, foreign),
  }
}

async function strangersKeys(): ReturnType<typeof keys.signer> {
  const stored = new Map<string, Uint8Array>()
  const memory = {
    read: async (name: string) => stored.get(name),
    write: async (name: string, bytes: Uint8Array) => void stored.set(name, bytes),
  }
  return (await openSigningKeys({ store: memory, now: now() })).signer(now())
}

async function certificateAt(folder: string): Promise<{ readonly cert: string; readonly key: string }> {
  const validity = { notBefore: now() - 3_600, notAfter: now() + 86_400 }
  const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const names = { commonName: '127.0.0.1', ipAddresses: ['127.0.0.1'], dnsNames: [`*.${DOMAIN}`] }
  const issued = await issueServerCertificate(root, { key: 'ecdsa-p256', ...names, ...validity })
  writeFileSync(join(folder, 'ca.pem'), formatPem(root.certificate))
  return { cert: formatPem(issued.certificate), key: issued.privateKey }
}

/** The token service has to know its own URL before anybody listens. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port: free } = probe.address() as AddressInfo
  await new Promise<void>(resolve => probe.close(() => resolve()))
  return free
}
