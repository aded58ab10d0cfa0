import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
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
      args: [...(options.args ?? []), ...documentArgs(options)],
    })
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

/** `causeway apply` of a document, the gateway's or the settings'. */
export async function applyDocument(
  gateway: Causeway,
  document: GatewaySettings | VirtualNetworkGateway,
): Promise<void> {
  await gateway.cliOk('apply', writeDocument(document))
}

export function writeDocument(document: unknown): string {
  const path = join(scratchDirectory('j'), 'document.json')
  writeFileSync(path, JSON.stringify(document, undefined, 2))
  return path
}

/** The ARM resource that admits the clients of further roots and refuses the thumbprints given. */
export function gatewayDocument(
  roots: readonly Credential[],
  revokedThumbprints: readonly string[] = [],
  pool: readonly string[] = POOL,
): VirtualNetworkGateway {
  return {
    name: 'interop',
    properties: {
      gatewayType: 'Vpn',
      vpnType: 'RouteBased',
      sku: { name: 'VpnGw5', tier: 'VpnGw5' },
      vpnClientConfiguration: {
        vpnClientAddressPool: { addressPrefixes: [...pool] },
        vpnClientProtocols: ['OpenVPN'],
        vpnAuthenticationTypes: ['Certificate'],
        vpnClientRootCertificates: roots.map(root => ({
          name: root.commonName.replaceAll(' ', '-'),
          properties: { publicCertData: publicCertData(root) },
        })),
        vpnClientRevokedCertificates: revokedThumbprints.map((thumbprint, index) => ({
          name: `revoked-${index}`,
          properties: { thumbprint },
        })),
      },
    },
  }
}

export const POOL: readonly string[] = ['172.16.0.0/22', 'fd99::/112']

function documentArgs({ root, settings }: ScenarioOptions): string[] {
  return [
    ...(root ? ['--config', writeDocument(gatewayDocument([root]))] : []),
    ...(settings ? ['--settings', writeDocument(settings)] : []),
  ]
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

/** Whether echoes come back from the inside host through a client's tunnel. */
export async function reachesInside(
  client: OpenVpnClient,
  address: string = ADDRESSES.inside,
): Promise<boolean> {
  const result = await ping(client.namespace, address, { device: client.device })
  return result.received === result.sent
}
