import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  ClientProtocol,
  GatewaySettings,
  IpsecPolicy,
  VirtualNetworkGateway,
  VpnClientConfiguration,
} from '@causeway/api-contract'
import { Causeway } from './causeway.ts'
import { type Credential, publicCertData } from './certificates.ts'
import { OpenVpnClient, type OpenVpnClientOptions } from './openvpn-client.ts'
import { ping } from './ping.ts'
import { combine, editProfile, type ProfileEdit, reaching } from './profile.ts'
import { scratchDirectory } from './scratch.ts'
import { ADDRESSES, createTopology, type Topology } from './topology.ts'

export interface ScenarioOptions {
  /** How many client namespaces. */
  readonly clients?: number
  /** The settings document to start from. */
  readonly settings?: GatewaySettings
  /** A root whose clients may sign in, beside the gateway's own. */
  readonly root?: Credential
  /** The tunnel types; OpenVPN alone by default. */
  readonly protocols?: readonly ClientProtocol[]
  /** Whether the management API runs; it does not by default. */
  readonly api?: boolean
  readonly args?: readonly string[]
}

/** A topology with a gateway that is ready. */
export interface Scenario {
  readonly topology: Topology
  readonly gateway: Causeway
  close(): Promise<void>
}

export async function openScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const topology = await createTopology(options.clients ?? 1)
  try {
    const gateway = await Causeway.start({
      namespace: topology.gateway,
      host: ADDRESSES.gateway,
      inside: [ADDRESSES.insideNetwork, ADDRESSES.insideNetwork6].join(','),
      api: options.api ?? false,
      args: [...(options.args ?? []), ...settingsArgs(options)],
    })
    if (options.root) await applyGateway(gateway, gatewayDocument(gateway, [options.root], options))
    const close = async (): Promise<void> => {
      await gateway.stop()
      topology.close()
    }
    return { topology, gateway, close }
  } catch (error) {
    topology.close()
    throw error
  }
}

/** `causeway apply` of the ARM resource. */
export async function applyGateway(gateway: Causeway, document: VirtualNetworkGateway): Promise<void> {
  await gateway.cliOk('apply', writeDocument(document))
}

/** `causeway apply` of settings; a settings document replaces the one before, so the scenario's own are repeated. */
export async function applySettings(gateway: Causeway, settings: GatewaySettings): Promise<void> {
  const own = {
    hostNames: [ADDRESSES.gateway],
    insidePrefixes: [ADDRESSES.insideNetwork, ADDRESSES.insideNetwork6],
  }
  await gateway.cliOk('apply', writeDocument({ ...own, ...settings }))
}

export function writeDocument(document: unknown): string {
  const path = join(scratchDirectory('j'), 'document.json')
  writeFileSync(path, JSON.stringify(document, undefined, 2))
  return path
}

export interface DocumentOptions {
  readonly protocols?: readonly ClientProtocol[]
  readonly revokedThumbprints?: readonly string[]
  /** Custom policies in place of the defaults. */
  readonly ipsecPolicies?: readonly IpsecPolicy[]
}

/** The ARM resource that admits clients of the gateway's own root and of others, and refuses the thumbprints given. */
export function gatewayDocument(
  gateway: Causeway,
  others: readonly Pick<Credential, 'commonName' | 'certificatePath'>[],
  { protocols = ['OpenVPN'], revokedThumbprints = [], ipsecPolicies = [] }: DocumentOptions = {},
): VirtualNetworkGateway {
  const roots = [{ commonName: 'own', certificatePath: join(gateway.data, 'ca.pem') }, ...others]
  return clientGateway({
    vpnClientProtocols: [...protocols],
    vpnAuthenticationTypes: ['Certificate'],
    vpnClientRootCertificates: roots.map(root => ({
      name: root.commonName.replaceAll(' ', '-'),
      properties: { publicCertData: publicCertData(root) },
    })),
    vpnClientIpsecPolicies: [...ipsecPolicies],
    vpnClientRevokedCertificates: revokedThumbprints.map((thumbprint, index) => ({
      name: `revoked-${index}`,
      properties: { thumbprint },
    })),
  })
}

/** The ARM resource of a gateway whose clients connect and sign in like this. */
export function clientGateway(clients: VpnClientConfiguration): VirtualNetworkGateway {
  return {
    name: 'interop',
    properties: {
      gatewayType: 'Vpn',
      vpnType: 'RouteBased',
      sku: { name: 'VpnGw5', tier: 'VpnGw5' },
      vpnClientConfiguration: { vpnClientAddressPool: { addressPrefixes: [...POOL] }, ...clients },
    },
  }
}

export const POOL: readonly string[] = ['172.16.0.0/22', 'fd99::/112']

function settingsArgs({ settings }: ScenarioOptions): string[] {
  return settings ? ['--settings', writeDocument(settings)] : []
}

/** A client of a scenario: a profile with an edit, in one of the client namespaces. */
export interface DialOptions extends Omit<OpenVpnClientOptions, 'namespace' | 'profile'> {
  /** `udp`, `tcp`, `udp6` or `tcp6`; as the profile says by default. */
  readonly protocol?: string
  readonly edit?: ProfileEdit
  /** Which client namespace. */
  readonly at?: number
  /** Many clients share a namespace: none installs routes, and traffic is bound to its device. */
  readonly sharing?: boolean
}

export function dial(scenario: Scenario, profile: string, options: DialOptions = {}): OpenVpnClient {
  const { edit = {}, protocol, at = 0, sharing = true, args = [], ...rest } = options
  const namespace = scenario.topology.clients[at]
  if (!namespace) throw new Error(`no client namespace ${at}`)
  const address = protocol?.endsWith('6') ? ADDRESSES.gateway6 : ADDRESSES.gateway
  const edits = protocol ? combine(reaching(address, protocol), edit) : edit
  return new OpenVpnClient({
    ...rest,
    namespace,
    profile: editProfile(profile, edits),
    args: [...(sharing ? ['--route-noexec'] : []), ...args],
  })
}

/** A client of any kind whose tunnel is a device. */
export type InsideClient = Pick<OpenVpnClient, 'namespace' | 'device' | 'process'>

/** Every echo comes back from the inside host through a client's tunnel. Errors: with the end of the client's log. */
export async function expectInside(client: InsideClient, address: string = ADDRESSES.inside): Promise<void> {
  const { received, sent } = await ping(client.namespace, address, { device: client.device })
  if (received === sent) return
  throw new Error(
    `${received} of ${sent} echoes from ${address} by ${client.device}\n${client.process.tail()}`,
  )
}
