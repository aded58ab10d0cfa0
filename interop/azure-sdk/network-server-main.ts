// The management API in a process of its own, on a store of its own. One plan in; it says where it is, and stays.
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { BUILT_IN_ROLE_IDS, type RoleAssignment } from '@causeway/access'
import { createManagementApi, RoleStore } from '@causeway/management-api'
import { openSqliteDocumentStore, type SqliteDocumentStore } from '@causeway/store'
import {
  createPrincipalStore,
  createResourceTable,
  createTokenService,
  createTokenVerifier,
  managementAudiences,
  openSigningKeys,
  type PrincipalStore,
} from '@causeway/token-service'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { pino } from 'pino'
import type { Person, ServerPlace } from './network-plan.ts'
import { actingServer, slowServer } from './network-slow-server.ts'

const TENANT = '11111111-2222-4333-8444-555555555555'
const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'

const directory = process.argv[2] ?? ''
const now = (): number => Math.floor(Date.now() / 1_000)
const store = await openSqliteDocumentStore(join(directory, 'store.db'), { key: new Uint8Array(32).fill(7) })
const port = await freePort()
const baseUrl = `https://127.0.0.1:${port}`
const principals = createPrincipalStore(store, now)
const roles = await RoleStore.open(store)
const keys = await openSigningKeys({ store: store.secrets, now: now() })
const audiences = managementAudiences([baseUrl])
const service = createTokenService({
  keys,
  directory: principals,
  hosts: { headerSecrets: async () => [], identitiesOf: async () => [] },
  resources: createResourceTable(audiences),
  tenant: TENANT,
  baseUrls: [baseUrl],
  now,
})
const isEnabled = (objectId: string): Promise<boolean> => principals.isEnabled(objectId)
const authorities = [{ tenant: TENANT, issuers: service.issuers, keys, isEnabled }]
const verifier = createTokenVerifier({ authorities, audiences, authorizationUri: `${baseUrl}/${TENANT}` })
const api = await createManagementApi({
  store,
  secrets: store.secrets,
  tokens: { service, verifier },
  principals,
  installation: {
    tenant: { id: TENANT, displayName: 'Causeway' },
    subscriptions: [{ id: SUBSCRIPTION, displayName: 'Causeway' }],
    location: { name: 'local', displayName: 'Local' },
  },
  servers: {
    'Microsoft.Network/publicIPAddresses': slowServer,
    'Microsoft.Network/virtualNetworkGateways': actingServer,
  },
  baseUrls: [baseUrl],
  certificate: await certificateAt(directory),
  version: '0.1.0',
  pageEntries: 2,
  log: pino({ level: 'warn' }, process.stderr),
  now: () => Date.now() / 1_000,
})
const place: ServerPlace = {
  baseUrl,
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  owner: await personWith(store, principals, roles, 'owner', BUILT_IN_ROLE_IDS.owner),
  reader: await personWith(store, principals, roles, 'reader', BUILT_IN_ROLE_IDS.reader),
}
await api.listen({ host: '127.0.0.1', port })
process.stdout.write(`ready ${JSON.stringify(place)}\n`)
process.once('SIGTERM', () => void api.close().then(() => store.close()))

async function personWith(
  documents: SqliteDocumentStore,
  directoryOfPrincipals: PrincipalStore,
  roleStore: RoleStore,
  name: string,
  roleDefinitionId: string,
): Promise<Person> {
  const added = await directoryOfPrincipals.addServicePrincipal({ displayName: name })
  if (added.type === 'refused') throw new Error(added.message)
  const { appId, objectId } = added.principal
  const secret = await directoryOfPrincipals.addSecret(appId, {})
  if (secret.type === 'refused') throw new Error(secret.message)
  const at = new Date().toISOString()
  const assignment: RoleAssignment = {
    id: objectId,
    principalId: objectId,
    principalType: 'ServicePrincipal',
    roleDefinitionId,
    scope: name === 'owner' ? '/' : `/subscriptions/${SUBSCRIPTION}`,
    createdOn: at,
    updatedOn: at,
    createdBy: '',
    updatedBy: '',
  }
  await documents.commit([roleStore.putAssignment(assignment)])
  return { clientId: appId, objectId, clientSecret: secret.secretText }
}

async function certificateAt(folder: string): Promise<{ readonly cert: string; readonly key: string }> {
  const validity = { notBefore: now() - 3_600, notAfter: now() + 86_400 }
  const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const names = { commonName: '127.0.0.1', ipAddresses: ['127.0.0.1'] }
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
