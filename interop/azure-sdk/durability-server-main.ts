// The management API on a data directory that outlives it. It says where it is, and stays.
// arguments: DIRECTORY PORT [LOG]; without a LOG only warnings are said, on standard error.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_IN_ROLE_IDS, type RoleAssignment } from '@causeway/access'
import { createManagementApi, RoleStore, type ServerCertificate } from '@causeway/management-api'
import { openDataDirectory } from '@causeway/store'
import {
  createPrincipalStore,
  createResourceTable,
  createTokenService,
  createTokenVerifier,
  managementAudiences,
  openSigningKeys,
  type PrincipalRefusal,
} from '@causeway/token-service'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { pino } from 'pino'
import type { DurablePlace } from './durability-place.ts'
import type { Person } from './network-plan.ts'
import { slowServer } from './network-slow-server.ts'

const TENANT = '11111111-2222-4333-8444-555555555555'
const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'

const [directory = '', portText = '', logPath] = process.argv.slice(2)
const port = Number(portText)
const now = (): number => Math.floor(Date.now() / 1_000)
const data = await openDataDirectory(join(directory, 'data'))
const { documents, secrets } = data
const baseUrl = `https://127.0.0.1:${port}`
const principals = createPrincipalStore(documents, now)
const roles = await RoleStore.open(documents)
const keys = await openSigningKeys({ store: secrets, now: now() })
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
const { certificate, people } = existsSync(join(directory, 'place.json')) ? former() : await first()
const api = await createManagementApi({
  store: documents,
  secrets,
  tokens: { service, verifier },
  principals,
  installation: {
    tenant: { id: TENANT, displayName: 'Causeway' },
    subscriptions: [{ id: SUBSCRIPTION, displayName: 'Causeway' }],
    location: { name: 'local', displayName: 'Local' },
  },
  servers: { 'Microsoft.Network/publicIPAddresses': slowServer },
  baseUrls: [baseUrl],
  certificate,
  version: '0.1.0',
  log:
    logPath === undefined
      ? pino({ level: 'warn' }, process.stderr)
      : pino({ level: 'info' }, pino.destination({ dest: logPath, sync: true })),
  now: () => Date.now() / 1_000,
})
await api.listen({ host: '127.0.0.1', port })
const place: DurablePlace = { baseUrl, tenantId: TENANT, subscriptionId: SUBSCRIPTION, ...people }
process.stdout.write(`ready ${JSON.stringify(place)}\n`)
process.once('SIGTERM', () => void api.close().then(() => data.close()))

/** What the first start makes and every later one has again. */
interface Beginning {
  readonly certificate: ServerCertificate
  readonly people: { readonly owner: Person; readonly newcomer: Person }
}

function former(): Beginning {
  return JSON.parse(readFileSync(join(directory, 'place.json'), 'utf8')) as Beginning
}

async function first(): Promise<Beginning> {
  const made: Beginning = {
    certificate: await issueCertificate(),
    people: { owner: await person('owner'), newcomer: await person('newcomer') },
  }
  await documents.commit([roles.putAssignment(ownership(made.people.owner.objectId))])
  writeFileSync(join(directory, 'place.json'), JSON.stringify(made), { mode: 0o600 })
  return made
}

async function person(displayName: string): Promise<Person> {
  const { appId, objectId } = accepted(await principals.addServicePrincipal({ displayName })).principal
  const { secretText } = accepted(await principals.addSecret(appId, {}))
  return { clientId: appId, objectId, clientSecret: secretText }
}

function accepted<Value extends { readonly type: string }>(
  outcome: Value | PrincipalRefusal,
): Exclude<Value, PrincipalRefusal> {
  if (outcome.type === 'refused') throw new Error((outcome as PrincipalRefusal).message)
  return outcome as Exclude<Value, PrincipalRefusal>
}

function ownership(objectId: string): RoleAssignment {
  const at = new Date().toISOString()
  return {
    id: objectId,
    principalId: objectId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: BUILT_IN_ROLE_IDS.owner,
    scope: '/',
    createdOn: at,
    updatedOn: at,
    createdBy: '',
    updatedBy: '',
  }
}

async function issueCertificate(): Promise<ServerCertificate> {
  const validity = { notBefore: now() - 3_600, notAfter: now() + 86_400 }
  const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const names = { commonName: '127.0.0.1', ipAddresses: ['127.0.0.1'] }
  const issued = await issueServerCertificate(root, { key: 'ecdsa-p256', ...names, ...validity })
  writeFileSync(join(directory, 'ca.pem'), formatPem(root.certificate))
  return { cert: formatPem(issued.certificate), key: issued.privateKey }
}
