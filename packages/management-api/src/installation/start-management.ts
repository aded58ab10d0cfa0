import { completeGatewaySettings, type GatewaySettings } from '@causeway/api-contract'
import {
  ensureApiCertificate,
  ensureInstallationIdentity,
  type GatewayProcess,
  type InstallationIdentity,
} from '@causeway/gateway'
import { createPrincipalStore, type IdentityHosts, type PrincipalStore } from '@causeway/token-service'
import { formatPem } from '@causeway/x509'
import type { Logger } from 'pino'
import type { Installation } from '../call/services.ts'
import { RoleStore } from '../rights/role-store.ts'
import { createManagementApi } from '../server/management-api.ts'
import type { ManagementApi, ServerCertificate } from '../server/options.ts'
import { createManagedIdentityServer } from '../tokens/managed-identity-server.ts'
import { ensureAdministrator, type FirstAdministrator } from './first-administrator.ts'
import { ensureHeaderSecret, identityHosts, newHeaderSecret } from './identities.ts'
import { hostBeside, listenAt } from './listen-host.ts'
import { openOperatorCommands } from './open-operator-commands.ts'
import { baseUrlsOf, type ManagementPlace } from './place.ts'
import {
  DEFAULT_PORT,
  DEFAULT_VAULT_DOMAIN,
  keepStartOptions,
  type ManagementStartOptions,
} from './start-options.ts'
import { openTokens, type Tokens } from './tokens.ts'
import { createUpkeep } from './upkeep.ts'
import { openVaultReading } from './vault-reading.ts'

/** What of a gateway's process the management plane works with. */
export type ManagedProcess = Pick<
  GatewayProcess,
  'managed' | 'installation' | 'authority' | 'metrics' | 'capture' | 'attach'
>

export interface ManagementOptions {
  readonly process: ManagedProcess
  readonly start: ManagementStartOptions
  /** Of the program. */
  readonly version: string
  readonly log: Logger
}

/** The management plane, at work beside its gateway. */
export interface Management {
  /** The API's URLs, best first. */
  readonly urls: readonly [string, ...string[]]
  readonly tenantId: string
  readonly subscriptionId: string
  /** Only when it was just made. */
  readonly firstAdministrator: FirstAdministrator | undefined
  /** Lets the port go. The gateway runs on. */
  stop(): Promise<void>
}

/** Where every gateway of this program is. */
const LOCATION = { name: 'local', displayName: 'Local' } as const

/**
 * Starts the management API of an installation; when this resolves it listens. `undefined`: the operator wants none.
 * What is in force at the gateway is in the API's resources then. Errors: the store's, Node's for the port.
 */
export async function startManagement(options: ManagementOptions): Promise<Management | undefined> {
  const { process } = options
  const { documents } = process.installation.data
  const start = await keepStartOptions(documents, options.start)
  if (start.port === 'off') return undefined
  const identity = await ensureInstallationIdentity(process.installation)
  const settings = process.managed.settings()
  const place = placeOf(settings, start)
  const closers: (() => void | Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close; close = closers.pop()) await close()
  }
  try {
    const principals = createPrincipalStore(documents, process.installation.unixSeconds)
    const roles = await RoleStore.open(documents)
    closers.push(() => roles.close())
    const isServed = typeof start.identityPort === 'number'
    const gatewaySecret = newHeaderSecret()
    const hosts = await hostsOf(process, principals, gatewaySecret, isServed)
    const tokens = await installationTokens(options, place, identity, { principals, hosts })
    const api = await openApi(options, place, identity, { principals, tokens })
    closers.push(() => api.close())
    closers.push(await joinGateway(process, api, options.log))
    const opened = { process, identity, principals, roles, api, location: LOCATION.name }
    closers.push(process.attach(openOperatorCommands(opened)))
    const host = start.host ?? hostBeside(completeGatewaySettings(settings).listeners)
    await listenAt(api, host, place.port)
    closers.push(await readVaults(process, place, tokens, { host, gatewaySecret }))
    closers.push(await serveIdentities(process, tokens, start.identityPort))
    // Last: what is told once must not be made by a start that fails.
    const firstAdministrator = await ensureAdministrator(principals, roles, process.installation.unixSeconds)
    closers.push(createUpkeep({ api, certificate: () => certificateOf(process, place), log: options.log }))
    return { urls: baseUrlsOf(place), ...identity, firstAdministrator, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function placeOf(settings: GatewaySettings, start: ManagementStartOptions): ManagementPlace {
  const { hostNames } = completeGatewaySettings(settings)
  const { port, vaultDomain = DEFAULT_VAULT_DOMAIN } = start
  return { hostNames, port: typeof port === 'number' ? port : DEFAULT_PORT, vaultDomain }
}

async function installationTokens(
  { process }: ManagementOptions,
  place: ManagementPlace,
  { tenantId }: InstallationIdentity,
  { principals, hosts }: { readonly principals: PrincipalStore; readonly hosts: IdentityHosts },
): Promise<Tokens> {
  const { installation, managed } = process
  const { data, unixSeconds: now } = installation
  const { externalTenant } = completeGatewaySettings(managed.settings()).management
  return openTokens({ data, principals, place, tenantId, externalTenant, hosts, now })
}

/** The gateway has a secret of its own; another one is made where somebody can show it. */
async function hostsOf(
  { installation: { data }, managed }: ManagedProcess,
  principals: PrincipalStore,
  gatewaySecret: string,
  isServed: boolean,
): Promise<IdentityHosts> {
  const shown = isServed ? [await ensureHeaderSecret(data.secrets, data.path)] : []
  return identityHosts(managed, principals, [gatewaySecret, ...shown])
}

/** The gateway reads vaults, by the identities that are assigned to it. Answers what ends it. */
function readVaults(
  { managed, installation, authority }: ManagedProcess,
  { vaultDomain, port }: ManagementPlace,
  { service }: Tokens,
  { host, gatewaySecret }: { readonly host: string | undefined; readonly gatewaySecret: string },
): Promise<() => Promise<void>> {
  return openVaultReading({
    gateway: managed,
    documents: installation.data.documents,
    service,
    headerSecret: gatewaySecret,
    vaultDomain,
    authority: formatPem(authority.certificate),
    apiHost: host,
    apiPort: port,
  })
}

/** Tokens of the gateway's identities for programs of this machine, where they are wanted. Answers what ends it. */
async function serveIdentities(
  { managed }: ManagedProcess,
  { service }: Tokens,
  port: ManagementStartOptions['identityPort'],
): Promise<() => Promise<void>> {
  if (typeof port !== 'number') return async () => undefined
  const server = createManagedIdentityServer({
    service,
    imdsResourceId: () => managed.present()?.resource.id,
  })
  await server.listen(port)
  return () => server.close()
}

/** What the API judges its callers by. */
interface Trust {
  readonly principals: PrincipalStore
  readonly tokens: Tokens
}

async function openApi(
  { process, version, log }: ManagementOptions,
  place: ManagementPlace,
  identity: InstallationIdentity,
  { principals, tokens }: Trust,
): Promise<ManagementApi> {
  const { installation, managed, metrics, capture } = process
  const { documents, secrets } = installation.data
  const now = installation.unixSeconds
  const { externalTenant } = completeGatewaySettings(managed.settings()).management
  const [url] = baseUrlsOf(place)
  return createManagementApi({
    store: documents,
    secrets,
    tokens: { service: tokens.service, verifier: tokens.management },
    principals,
    hasExternalTenant: externalTenant !== undefined,
    installation: describeInstallation(identity),
    running: { gateway: managed, capture },
    baseUrls: baseUrlsOf(place),
    certificate: await certificateOf(process, place),
    vaults: {
      domain: place.vaultDomain,
      verifier: tokens.vaults,
      authorizationUri: `${url}/${identity.tenantId}`,
    },
    metrics: async () => ({ text: await metrics.text(), contentType: metrics.contentType }),
    version,
    log: log.child({ part: 'management' }),
    now,
  })
}

/** What is in force is in the resources from now on, whoever changed it. Answers what ends that. */
async function joinGateway(
  { managed }: ManagedProcess,
  api: ManagementApi,
  log: Logger,
): Promise<() => void> {
  managed.onChanged(async () => {
    await api.adopt(managed.present())
    // It may have another identity, by which the vault is read.
    managed.certificatesChanged()
    // Not awaited: nothing can be applied before the command has ended.
    api.rejoin().catch((error: unknown) => log.error({ err: error }, 'what runs was not brought in line'))
  })
  await api.adopt(managed.present())
  await api.rejoin()
  return () => managed.onChanged(undefined)
}

/** What the API shows, of the installation's own authority. */
async function certificateOf(
  { installation, authority }: ManagedProcess,
  { hostNames, vaultDomain }: ManagementPlace,
): Promise<ServerCertificate> {
  const names = { hostNames, vaultDomain }
  const { certificateChain: cert, privateKey: key } = await ensureApiCertificate(
    installation,
    authority,
    names,
  )
  return { cert, key }
}

function describeInstallation({ tenantId, subscriptionId }: InstallationIdentity): Installation {
  return {
    tenant: { id: tenantId, displayName: 'Causeway' },
    subscriptions: [{ id: subscriptionId, displayName: 'Causeway' }],
    location: LOCATION,
  }
}
