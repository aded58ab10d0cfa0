import { join } from 'node:path'
import type { ClientProtocol, GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import type { Profiles } from '../harness/causeway.ts'
import { Freeradius, type FreeradiusOptions } from '../harness/freeradius.ts'
import { ipBatch } from '../harness/namespace.ts'
import {
  applyGateway,
  applySettings,
  gatewayDocument,
  openScenario,
  type Scenario,
} from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { type Certificates, createCertificates } from './loopback.ts'
import { PEOPLE, SECRET } from './people.ts'

/** Where the servers are, behind the gateway; the first is asked first. */
export const SERVERS = [ADDRESSES.inside, '10.1.0.11'] as const

export interface RadiusScenario extends Scenario {
  readonly certificates: Certificates
  readonly primary: Freeradius
  readonly secondary: Freeradius
  /** What `client add` writes for whoever signs in by password. */
  readonly profiles: Profiles
  /** What the gateway calls itself. */
  readonly serverName: string
}

export interface RadiusScenarioOptions {
  readonly clients?: number
  readonly protocols: readonly ClientProtocol[]
  readonly settings?: GatewaySettings
  /** What the servers ask themselves; it is there before they are. */
  readonly directory?: (scenario: Scenario) => Promise<void>
  /** What is not as usual with either server. */
  readonly servers?: (scenario: Scenario) => readonly [Partial<FreeradiusOptions>, Partial<FreeradiusOptions>]
}

/** A gateway whose users sign in by RADIUS alone, and two servers that know them. */
export async function openRadius(options: RadiusScenarioOptions): Promise<RadiusScenario> {
  const { clients = 1, protocols, settings = {}, directory, servers = () => [{}, {}] as const } = options
  const certificates = await createCertificates()
  const scenario = await openScenario({ clients })
  try {
    const { gateway, topology } = scenario
    await ipBatch(topology.inside, [`addr add ${SERVERS[1]}/24 dev lan`])
    await directory?.(scenario)
    const unusual = servers(scenario)
    const [primary, secondary] = await Promise.all(
      SERVERS.map((address, i) => startInside(scenario, certificates, address, unusual[i] ?? {})),
    )
    if (!primary || !secondary) throw new Error('two servers')
    await applySettings(gateway, settings)
    await applyGateway(gateway, radiusDocument(scenario, protocols))
    const profiles = await gateway.addClient('alice')
    const serverName = profileServerName(profiles)
    return { ...scenario, certificates, primary, secondary, profiles, serverName }
  } catch (error) {
    await scenario.close()
    throw error
  }
}

/** A server on the network behind the gateway. */
export function startInside(
  { topology }: Scenario,
  { authority, server }: Certificates,
  address: string,
  options: Partial<FreeradiusOptions>,
): Promise<Freeradius> {
  return Freeradius.start({
    namespace: topology.inside,
    address,
    peers: [{ prefix: ADDRESSES.insideGateway, secret: SECRET }],
    credential: server,
    authority,
    users: PEOPLE,
    ...options,
  })
}

/** The ARM resource with RADIUS in place of certificates. */
export function radiusDocument(
  { gateway }: Scenario,
  protocols: readonly ClientProtocol[],
  { secret = SECRET, servers = SERVERS }: { secret?: string; servers?: readonly string[] } = {},
): VirtualNetworkGateway {
  const document = gatewayDocument(gateway, [], { protocols })
  const { vpnClientConfiguration, ...properties } = document.properties
  return {
    ...document,
    properties: {
      ...properties,
      vpnClientConfiguration: {
        vpnClientAddressPool: vpnClientConfiguration?.vpnClientAddressPool ?? { addressPrefixes: [] },
        vpnClientProtocols: [...protocols],
        vpnAuthenticationTypes: ['Radius'],
        radiusServers: servers.map((radiusServerAddress, i) => ({
          radiusServerAddress,
          radiusServerScore: 30 - i,
          radiusServerSecret: secret,
        })),
      },
    },
  }
}

function profileServerName({ azure }: Profiles): string {
  const name = /^verify-x509-name ['"]?([^'"\s]+)/m.exec(azure)?.[1]
  if (name === undefined) throw new Error(`the profile does not name the gateway:\n${azure}`)
  return name
}

/** A session as `causeway sessions --json` lists it. */
export interface ListedSession {
  readonly id: string
  readonly user: string
  readonly protocol: string
  readonly innerAddresses: readonly string[]
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly packetsReceived: number
  readonly packetsSent: number
}

export async function sessionsOf({ gateway }: Scenario, user: string): Promise<readonly ListedSession[]> {
  const { sessions } = await gateway.json<{ sessions: ListedSession[] }>('sessions')
  return sessions.filter(session => session.user === user)
}

/** The root of the gateway's certificate: a file. */
export function gatewayAuthority({ gateway }: Pick<Scenario, 'gateway'>): string {
  return join(gateway.data, 'ca.pem')
}
