import {
  type Connection,
  type GatewaySettings,
  parseResourceId,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { GatewayConfiguration } from '../../configuration.ts'
import type { SiteConnection } from '../../site/site-configuration.ts'
import { formatConfigurationFault } from '../configuration-fault.ts'
import type { ConnectionPeer, ConnectionResource } from '../connection-resource.ts'
import type { GatewayNetwork } from '../gateway-network.ts'
import { readGatewayConfiguration } from '../read-gateway-configuration.ts'

const GROUP =
  '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/Hub/providers/Microsoft.Network'
export const GATEWAY_ID: string = `${GROUP}/virtualNetworkGateways/gw`
export const SITE_ID: string = `${GROUP}/localNetworkGateways/Site-1`
export const REMOTE_GATEWAY_ID: string = `${GROUP}/virtualNetworkGateways/other`
export const VAULT_ID = 'https://kv.vault.example/certificates/gw'

export function connectionId(name: string): string {
  const id = `${GROUP}/connections/${name}`
  if (parseResourceId(id).type === 'bad') throw new Error(`${name} makes no id`)
  return id
}

export function natRuleId(name: string): string {
  return `${GATEWAY_ID}/natRules/${name}`
}

export const SITE: ConnectionPeer = {
  type: 'local-gateway',
  id: SITE_ID,
  address: '192.0.2.1',
  addressPrefixes: ['10.20.0.0/16'],
}

type Properties = Connection['properties']

/** A connection by shared key to a site, changed. */
export function connectionOf(
  properties: Partial<Properties> = {},
  peer: Partial<ConnectionPeer> = {},
  name = 'site-1',
): ConnectionResource {
  return {
    connection: {
      id: connectionId(name),
      name,
      properties: {
        virtualNetworkGateway1: { id: GATEWAY_ID },
        connectionType: 'IPsec',
        sharedKey: 'Wombat7',
        ...properties,
      },
    },
    peer: { ...SITE, ...peer } as ConnectionPeer,
  }
}

/** To another gateway. */
export function toGateway(properties: Partial<Properties> = {}, id = REMOTE_GATEWAY_ID): ConnectionResource {
  const { connection } = connectionOf({ connectionType: 'Vnet2Vnet', ...properties })
  return { connection, peer: { type: 'remote-gateway', id } }
}

/** By certificates, with a chain that nothing here looks into. */
export const CERTIFICATES: Partial<Properties> = {
  authenticationType: 'Certificate',
  certificateAuthentication: {
    outboundAuthCertificate: VAULT_ID,
    inboundAuthCertificateSubjectName: 'site-1',
    inboundAuthCertificateChain: ['MII='],
  },
}

/** What a connection is read with. */
export interface Around {
  readonly gateway?: Partial<VirtualNetworkGateway['properties']>
  readonly settings?: GatewaySettings
  readonly network?: Partial<GatewayNetwork>
}

function read(connections: readonly ConnectionResource[], { gateway, settings = {}, network }: Around) {
  const resource: VirtualNetworkGateway = {
    id: GATEWAY_ID,
    name: 'gw',
    identity: { type: 'UserAssigned', userAssignedIdentities: { '/i': {} } },
    properties: { sku: { name: 'VpnGw2AZ' }, ...gateway },
  }
  const around: GatewayNetwork = { addressPrefixes: ['10.1.0.0/16'], dnsServers: [], ...network }
  return readGatewayConfiguration(resource, settings, around, connections)
}

export function configurationWith(
  connections: readonly ConnectionResource[],
  around: Around = {},
): GatewayConfiguration {
  const result = read(connections, around)
  if (result.type === 'bad') throw new Error(result.faults.map(formatConfigurationFault).join('\n'))
  return result.value
}

/** One connection, read. Errors: it has faults. */
export function siteOf(resource: ConnectionResource, around: Around = {}): SiteConnection {
  const [site] = configurationWith([resource], around).sites.connections
  if (!site) throw new Error('the connection was left out')
  return site
}

/** What is wrong, a line each. */
export function faultsWith(
  connections: ConnectionResource | readonly ConnectionResource[],
  around: Around = {},
): string[] {
  const list = 'peer' in connections ? [connections] : connections
  const result = read(list, around)
  return result.type === 'bad' ? result.faults.map(formatConfigurationFault) : []
}
