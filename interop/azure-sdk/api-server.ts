import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { RoleAssignment, RoleDefinition } from '@causeway/access'
import {
  createManagedIdentityServer,
  createManagementApi,
  type ManagementApi,
  type ResourceServers,
  RoleStore,
} from '@causeway/management-api'
import { type DataDirectory, openDataDirectory } from '@causeway/store'
import {
  createPrincipalStore,
  type IdentityHosts,
  type ManagedIdentity,
  type PrincipalRefusal,
  type PrincipalStore,
  type TokenService,
} from '@causeway/token-service'
import { type Logger, pino } from 'pino'
import { baseUrlsOf, type ManagementPlace } from '../../packages/management-api/src/installation/place.ts'
import { openTokens, type Tokens } from '../../packages/management-api/src/installation/tokens.ts'
import { freePort } from '../harness/free-port.ts'
import { type ApiCertificate, ensureApiCertificate } from './api-certificate.ts'
import type { Person } from './network-plan.ts'

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'

/** Names of vaults are below it. */
export const VAULT_DOMAIN = 'vault.causeway.internal'

const HOST = '127.0.0.1'

/** A resource whose identities the programs of this machine have. */
export interface IdentityHolder {
  readonly id: string
  /** `IDENTITY_HEADER` of App Service's form. */
  readonly headerSecret: string
  /** Those that are assigned to it; tests change them. */
  readonly identities: ManagedIdentity[]
}

export interface ApiServerOptions {
  /** Has the data and the certificate, which outlive the server, and its CA as `ca.pem`. */
  readonly directory: string
  /** Default: a free one. */
  readonly port?: number
  /** What stands behind resource types beside the store. */
  readonly servers?: ResourceServers
  /** Absent: there is nobody who gives out identities. */
  readonly holder?: IdentityHolder
  /** Stands before the token service, to see what it is asked. */
  readonly before?: (service: TokenService) => TokenService
  /** Entries of one page of a list. */
  readonly pageEntries?: number
  /** Default: warnings, on standard error. */
  readonly log?: Logger
}

/** A role, and the scope of it. */
export type Grant = readonly [roleDefinitionId: string, scope: string]

/** The management API over HTTPS on 127.0.0.1, with a tenant and a subscription, and no gateway that runs. */
export interface ApiServer {
  readonly port: number
  /** Without a slash at the end. */
  readonly baseUrl: string
  /** The CA of its certificate, in PEM. */
  readonly ca: string
  readonly data: DataDirectory
  readonly principals: PrincipalStore
  readonly tokens: Tokens
  /** Of what gives the identities of the holder; without a slash at the end. */
  readonly identityUrl: string | undefined
  /** Makes a service principal that has a secret, and roles. */
  person(displayName: string, grants?: readonly Grant[]): Promise<Person>
  /** Makes a role of one's own. */
  define(role: RoleDefinition): Promise<void>
  close(): Promise<void>
}

/** Whole seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1_000)

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { directory, port = await freePort(), holder } = options
  const data = await openDataDirectory(join(directory, 'data'))
  const principals = createPrincipalStore(data.documents, now)
  const certificate = await ensureApiCertificate(directory, VAULT_DOMAIN, now())
  const place: ManagementPlace = { hostNames: [HOST], port, vaultDomain: VAULT_DOMAIN }
  const tokens = await tokensAt(place, data, principals, options)
  const api = await openApi({ ...options, place, data, principals, tokens, certificate })
  await api.listen({ host: HOST, port })
  const identities = await serveIdentities(tokens.service, holder)
  const roles = await RoleStore.open(data.documents)
  return {
    port,
    baseUrl: baseUrlsOf(place)[0],
    ca: certificate.ca,
    data,
    principals,
    tokens,
    identityUrl: identities?.url,
    person: (displayName, grants = []) => personWith(principals, roles, displayName, grants),
    define: async role => void (await roles.commit([roles.putDefinition(role)])),
    close: async () => {
      roles.close()
      await Promise.all([api.close(), identities?.close()])
      await data.close()
    },
  }
}

/** What a process of its own does with a server: it says where that is, and stays until it is told to end. */
export function stay(server: ApiServer, place: object): void {
  process.stdout.write(`ready ${JSON.stringify(place)}\n`)
  process.once('SIGTERM', () => void server.close())
}

async function tokensAt(
  place: ManagementPlace,
  data: DataDirectory,
  principals: PrincipalStore,
  { holder, before = service => service }: ApiServerOptions,
): Promise<Tokens> {
  const hosts = hostsOf(holder)
  const parts = { data, principals, place, tenantId: TENANT, externalTenant: undefined, hosts, now }
  const tokens = await openTokens(parts)
  return { ...tokens, service: before(tokens.service) }
}

interface ApiParts extends ApiServerOptions {
  readonly place: ManagementPlace
  readonly data: DataDirectory
  readonly principals: PrincipalStore
  readonly tokens: Tokens
  readonly certificate: ApiCertificate
}

function openApi(parts: ApiParts): Promise<ManagementApi> {
  const { place, data, principals, tokens, certificate, servers, pageEntries, log } = parts
  const baseUrls = baseUrlsOf(place)
  return createManagementApi({
    store: data.documents,
    secrets: data.secrets,
    tokens: { service: tokens.service, verifier: tokens.management },
    principals,
    installation: {
      tenant: { id: TENANT, displayName: 'Causeway' },
      subscriptions: [{ id: SUBSCRIPTION, displayName: 'Causeway' }],
      location: { name: 'local', displayName: 'Local' },
    },
    vaults: {
      domain: VAULT_DOMAIN,
      verifier: tokens.vaults,
      authorizationUri: `${baseUrls[0]}/${TENANT}`,
    },
    ...(servers && { servers }),
    ...(pageEntries !== undefined && { pageEntries }),
    baseUrls,
    certificate,
    version: '0.1.0',
    log: log ?? pino({ level: 'warn' }, process.stderr),
    now: () => Date.now() / 1_000,
  })
}

function hostsOf(holder: IdentityHolder | undefined): IdentityHosts {
  if (!holder) return { headerSecrets: async () => [], identitiesOf: async () => [] }
  const { id, headerSecret: secret, identities } = holder
  return {
    headerSecrets: async () => [{ resourceId: id, secret }],
    identitiesOf: async resourceId => (resourceId === id ? identities : []),
  }
}

/** Answers where, and what ends it. */
async function serveIdentities(
  service: TokenService,
  holder: IdentityHolder | undefined,
): Promise<{ readonly url: string; close(): Promise<void> } | undefined> {
  if (!holder) return undefined
  const server = createManagedIdentityServer({ service, imdsResourceId: () => holder.id })
  return { url: `http://${HOST}:${await server.listen(0)}`, close: () => server.close() }
}

async function personWith(
  principals: PrincipalStore,
  roles: RoleStore,
  displayName: string,
  grants: readonly Grant[],
): Promise<Person> {
  const { appId, objectId } = accepted(await principals.addServicePrincipal({ displayName })).principal
  const { secretText } = accepted(await principals.addSecret(appId, {}))
  if (grants.length > 0)
    await roles.commit(grants.map(([role, scope]) => roles.putAssignment(assignment(objectId, role, scope))))
  return { clientId: appId, objectId, clientSecret: secretText }
}

function accepted<Value extends { readonly type: string }>(
  outcome: Value | PrincipalRefusal,
): Exclude<Value, PrincipalRefusal> {
  if (outcome.type === 'refused') throw new Error((outcome as PrincipalRefusal).message)
  return outcome as Exclude<Value, PrincipalRefusal>
}

function assignment(principalId: string, roleDefinitionId: string, scope: string): RoleAssignment {
  const at = new Date().toISOString()
  return {
    id: randomUUID(),
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
