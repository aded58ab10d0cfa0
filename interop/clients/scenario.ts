import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  AuthenticationType,
  ClientProtocol,
  VirtualNetworkGateway,
  VpnClientConfiguration,
} from '@causeway/api-contract'
import { publicCertData } from '../harness/certificates.ts'
import { Freeradius } from '../harness/freeradius.ts'
import type { Namespace } from '../harness/namespace.ts'
import {
  applySettings,
  clientGateway,
  openScenario,
  type Scenario,
  writeDocument,
} from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import type { Finished } from '../harness/shell.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { createCertificates } from '../radius/loopback.ts'
import { PEOPLE, SECRET } from '../radius/people.ts'
import { PASSWORD_USER, TENANT_USER, USER_NAME } from './people.ts'
import { startTenant, type Tenant } from './tenant.ts'

/** A gateway with a RADIUS server and an Entra tenant. What it takes of them is configured cell by cell. */
export interface ClientsScenario extends Scenario {
  /** Absent where no cell of the file is of Entra ID. */
  readonly tenant?: Tenant
}

export interface ClientsOptions {
  /** How many client namespaces. */
  readonly clients: number
  /** What is signed in with. */
  readonly types: readonly AuthenticationType[]
}

export async function openClients({ clients, types }: ClientsOptions): Promise<ClientsScenario> {
  const scenario = await openScenario({ clients })
  try {
    const { router, inside } = scenario.topology
    const [tenant] = await Promise.all([
      types.includes('AAD') ? startTenant(router) : undefined,
      types.includes('Radius') ? startRadius(inside) : undefined,
    ])
    if (!tenant) return scenario
    await applySettings(scenario.gateway, { entra: tenant.settings })
    return { ...scenario, tenant }
  } catch (error) {
    await scenario.close()
    throw error
  }
}

async function startRadius(namespace: Namespace): Promise<void> {
  const { authority, server } = await createCertificates()
  await Freeradius.start({
    namespace,
    address: ADDRESSES.inside,
    peers: [{ prefix: ADDRESSES.insideGateway, secret: SECRET }],
    credential: server,
    authority,
    users: PEOPLE,
  })
}

/** Errors: there is none. */
export function tenantOf({ tenant }: ClientsScenario): Tenant {
  if (!tenant) throw new Error('the scenario was opened without Entra ID')
  return tenant
}

/** `causeway apply` of tunnel types and authentication types; whether they are taken is in what it returns. */
export function applyTypes(
  scenario: ClientsScenario,
  tunnels: readonly ClientProtocol[],
  types: readonly AuthenticationType[],
): Promise<Finished> {
  return scenario.gateway.cli('apply', writeDocument(gatewayResource(scenario, tunnels, types)))
}

/** The ARM resource with what each of the authentication types needs. */
export function gatewayResource(
  scenario: ClientsScenario,
  tunnels: readonly ClientProtocol[],
  types: readonly AuthenticationType[],
): VirtualNetworkGateway {
  return clientGateway({
    vpnClientProtocols: [...tunnels],
    vpnAuthenticationTypes: [...types],
    ...Object.assign({}, ...types.map(type => needed(scenario, type))),
  })
}

function needed(scenario: ClientsScenario, type: AuthenticationType): VpnClientConfiguration {
  const radius = { radiusServerAddress: ADDRESSES.inside, radiusServerSecret: SECRET }
  switch (type) {
    case 'Certificate': {
      const own = publicCertData({ certificatePath: join(scenario.gateway.data, 'ca.pem') })
      return { vpnClientRootCertificates: [{ name: 'own', properties: { publicCertData: own } }] }
    }
    case 'Radius':
      return { radiusServers: [{ ...radius, radiusServerScore: 30 }] }
    case 'AAD':
      return tenantOf(scenario).properties
    default:
      return type satisfies never
  }
}

/** What `client add` has written for somebody, while the gateway was as it was then. */
export interface Package {
  readonly directory: string
  readonly clientName: string
  /** Relative paths. */
  readonly files: readonly string[]
}

let packages = 0

/** Configures the gateway, which has to take it. */
export async function configure(
  scenario: ClientsScenario,
  tunnels: readonly ClientProtocol[],
  types: readonly AuthenticationType[],
): Promise<void> {
  const done = await applyTypes(scenario, tunnels, types)
  if (done.code !== 0) throw new Error(`${tunnels} with ${types}: ${done.stderr}${done.stdout}`)
}

/** The same, and has it write a package. */
export async function configureAndAdd(
  scenario: ClientsScenario,
  tunnels: readonly ClientProtocol[],
  types: readonly AuthenticationType[],
): Promise<Package> {
  await configure(scenario, tunnels, types)
  const clientName = types.includes('Certificate') ? `alice-${packages++}` : USER_NAME
  const directory = join(scratchDirectory('p'), clientName)
  await scenario.gateway.cliOk('client', 'add', clientName, '--out', directory)
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(directory.length + 1))
  return { directory, clientName, files }
}

/** Errors: there is no such file. */
export function readPackage({ directory }: Package, ...paths: readonly string[]): string {
  const found = paths.map(path => join(directory, path)).find(path => existsSync(path))
  if (found === undefined) throw new Error(`the package has none of ${paths.join(', ')}`)
  return readFileSync(found, 'utf8')
}

/** How sessions call whoever signs in so. */
function userOf(by: AuthenticationType, { clientName }: Package): string {
  return { Certificate: clientName, Radius: PASSWORD_USER, AAD: TENANT_USER.upn }[by]
}

/** A session of whoever signed in so has begun since a mark in the gateway's log. */
export async function begun(
  { gateway }: Scenario,
  by: AuthenticationType,
  given: Package,
  mark: number,
): Promise<void> {
  const user = userOf(by, given).replaceAll('.', '\\.')
  await gateway.logged(new RegExp(`"user":"${user}".*"msg":"${user} connected"`), 5_000, mark)
}
