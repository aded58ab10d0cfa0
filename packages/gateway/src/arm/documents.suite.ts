import {
  type GatewaySettings,
  readGatewaySettings,
  readVirtualNetworkGateway,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { GatewayConfiguration } from '../configuration.ts'
import { formatConfigurationFault } from './configuration-fault.ts'
import { readGatewayConfiguration } from './read-gateway-configuration.ts'

type Properties = VirtualNetworkGateway['properties']
export type Clients = NonNullable<Properties['vpnClientConfiguration']>

/** Changes of a resource that has OpenVPN, a pool, and no authentication. */
export type Change = Partial<Omit<Properties, 'vpnClientConfiguration'>> & { clients?: Partial<Clients> }

export function resourceOf({ clients, ...properties }: Change): VirtualNetworkGateway {
  return {
    name: 'gw',
    properties: {
      sku: { name: 'VpnGw1' },
      ...properties,
      vpnClientConfiguration: {
        vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24'] },
        vpnClientProtocols: ['OpenVPN'],
        ...clients,
      },
    },
  }
}

/** Reads whatever this version acts on. */
function read(change: Change, settings: GatewaySettings) {
  return readGatewayConfiguration(resourceOf(change), settings)
}

export function configurationOf(change: Change, settings: GatewaySettings = {}): GatewayConfiguration {
  const result = read(change, settings)
  if (result.type === 'bad') throw new Error(result.faults.map(formatConfigurationFault).join('\n'))
  return result.value
}

/** What is wrong, a line each: first of the documents' shapes, and where those are good of what they mean. */
export function faultsOf(change: Change, settings: GatewaySettings = {}): string[] {
  const shapes = [
    ['gateway', readVirtualNetworkGateway(resourceOf(change))] as const,
    ['settings', readGatewaySettings(settings)] as const,
  ].flatMap(([document, checked]) =>
    checked.type === 'bad' ? checked.faults.map(fault => ({ ...fault, document })) : [],
  )
  const result = shapes.length > 0 ? { type: 'bad' as const, faults: shapes } : read(change, settings)
  return result.type === 'bad' ? result.faults.map(formatConfigurationFault) : []
}
