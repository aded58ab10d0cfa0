import {
  type Checked,
  type CompleteGatewaySettings,
  completeGatewaySettings,
  type GatewaySettings,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { IpPrefix } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import { checkOverlaps, readAddressPool, readPrefixes } from './address-space.ts'
import { readCertificateAuthentication } from './certificate-authentication.ts'
import type { ConfigurationFault, DocumentName, Report } from './configuration-fault.ts'
import { readSessionLimit } from './gateway-sku.ts'
import { checkHostNames, readDns, readListeners, readOpenVpn } from './settings.ts'
import { checkTunnels } from './tunnels.ts'

/** Path of the P2S part of the resource. */
const P2S = 'properties.vpnClientConfiguration'

/** What a gateway is called whose document does not say. */
const UNNAMED = 'gateway'

/**
 * Reads what a gateway is to do from its ARM resource and its settings, both of the right shape
 * already (`readVirtualNetworkGateway`, `readGatewaySettings`). Everything that the runtime relies
 * on is checked here; all faults are reported, not only the first.
 */
export function readGatewayConfiguration(
  resource: VirtualNetworkGateway,
  settings: GatewaySettings,
): Checked<GatewayConfiguration, ConfigurationFault> {
  const faults: ConfigurationFault[] = []
  const inDocument =
    (document: DocumentName): Report =>
    (path, problem, remedy) =>
      faults.push({ document, path, problem, remedy })
  const complete = completeGatewaySettings(settings)
  const fromResource = readResource(resource, inDocument('gateway'))
  const fromSettings = readSettings(complete, inDocument('settings'))
  const value: GatewayConfiguration = { ...fromResource, ...fromSettings }
  checkTogether(value, complete, resource, inDocument)
  return faults.length === 0 ? { type: 'good', value } : { type: 'bad', faults }
}

type ResourcePart = Pick<
  GatewayConfiguration,
  'name' | 'pool' | 'customRoutes' | 'certificateAuthentication' | 'sessionLimit'
>

function readResource(resource: VirtualNetworkGateway, report: Report): ResourcePart {
  const { properties } = resource
  const clients = properties.vpnClientConfiguration
  if (!clients) report(P2S, 'is missing', 'add it: without it no client can connect')
  checkKind(resource, report)
  checkTunnels(clients ?? {}, P2S, report)
  const pool = clients?.vpnClientAddressPool?.addressPrefixes ?? []
  const custom = properties.customRoutes?.addressPrefixes ?? []
  return {
    name: resource.name ?? resource.id?.split('/').at(-1) ?? UNNAMED,
    pool: readAddressPool(
      pool,
      `${P2S}.vpnClientAddressPool.addressPrefixes`,
      properties.activeActive,
      report,
    ),
    customRoutes: readPrefixes(custom, 'properties.customRoutes.addressPrefixes', report),
    certificateAuthentication: readCertificateAuthentication(clients ?? {}, P2S, report),
    sessionLimit: readSessionLimit(properties, report),
  }
}

function readSettings(
  settings: CompleteGatewaySettings,
  report: Report,
): Omit<GatewayConfiguration, keyof ResourcePart> {
  checkHostNames(settings.hostNames, report)
  return {
    listeners: readListeners(settings.listeners, report),
    insidePrefixes: readPrefixes(settings.insidePrefixes, 'insidePrefixes', report),
    ...readDns(settings.dns, report),
    openvpn: readOpenVpn(settings.openvpn, report),
    clientToClient: settings.clientToClient,
    nat: settings.nat,
  }
}

/** P2S needs a route-based VPN gateway (the seed). */
function checkKind({ properties }: VirtualNetworkGateway, report: Report): void {
  const { gatewayType = 'Vpn', vpnType = 'RouteBased' } = properties
  if (gatewayType.toLowerCase() !== 'vpn')
    report('properties.gatewayType', `${gatewayType} is not a VPN gateway`, 'use Vpn')
  if (vpnType.toLowerCase() !== 'routebased')
    report('properties.vpnType', `${vpnType} cannot serve point-to-site clients`, 'use RouteBased')
}

/** What no document shows by itself. */
function checkTogether(
  configuration: GatewayConfiguration,
  settings: CompleteGatewaySettings,
  resource: VirtualNetworkGateway,
  inDocument: (document: DocumentName) => Report,
): void {
  checkOverlaps(configuration, `${P2S}.vpnClientAddressPool.addressPrefixes`, inDocument('gateway'))
  const ipv6: IpPrefix | undefined = configuration.pool.ipv6
  if (ipv6 && settings.openvpn.tunnelMtu < IPV6_MTU_MINIMUM)
    inDocument('settings')(
      'openvpn.tunnelMtu',
      `${settings.openvpn.tunnelMtu} is less than IPv6 needs (${IPV6_MTU_MINIMUM}, RFC 8200 §5)`,
      `give ${IPV6_MTU_MINIMUM} or more, or take the IPv6 prefix out of the address pool`,
    )
  if (ipv6 && resource.properties.sku?.name?.toLowerCase() === 'basic')
    inDocument('gateway')(
      'properties.sku.name',
      'Basic has no IPv6',
      'use VpnGw1 or above, or an IPv4 pool alone',
    )
}

const IPV6_MTU_MINIMUM = 1_280
