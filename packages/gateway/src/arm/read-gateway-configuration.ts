import {
  type AuthenticationType,
  type Checked,
  type CompleteGatewaySettings,
  completeGatewaySettings,
  type GatewaySettings,
  parseResourceId,
  resourceGroupOf,
  type VirtualNetworkGateway,
  type VpnClientConfiguration,
} from '@causeway/api-contract'
import type { TunnelType } from '../authentication/identity.ts'
import type { GatewayConfiguration, Listener } from '../configuration.ts'
import type { SitesConfiguration } from '../site/site-configuration.ts'
import { checkOverlaps, prefixesOf, readAddressPool, readPrefixes } from './address-space.ts'
import { readBrowser } from './browser-sign-in.ts'
import { readCertificateAuthentication } from './certificate-authentication.ts'
import type { ConfigurationFault, DocumentName, Report } from './configuration-fault.ts'
import type { ConnectionResource } from './connection-resource.ts'
import { readEntra } from './entra.ts'
import type { GatewayNetwork } from './gateway-network.ts'
import { checkSku, sessionLimitsOf, throughputOf } from './gateway-sku.ts'
import { readGroupSettings } from './group-settings.ts'
import { readIkev2, readIkev2Listeners } from './ikev2-settings.ts'
import { type P2sPolicies, readP2sPolicies } from './ipsec-policies.ts'
import { pointToSiteOf } from './point-to-site.ts'
import { type GroupPool, type ResourceGroup, readPolicyGroups } from './policy-groups.ts'
import { readRadius } from './radius.ts'
import { checkHostNames, readDnsServers, readListeners, readOpenVpn, readSearchDomains } from './settings.ts'
import { readSites } from './sites/read-sites.ts'
import { readTunnels } from './tunnels.ts'

/** Path of the P2S part of the resource. */
const P2S = 'properties.vpnClientConfiguration'

/** What a gateway is called whose document does not say. */
const UNNAMED = 'gateway'

/** What stands for a gateway where there is none: nothing that a client could connect to. */
const NO_GATEWAY: VirtualNetworkGateway = {
  name: 'none',
  properties: { gatewayType: 'Vpn', vpnType: 'RouteBased', sku: { name: 'Unlimited', tier: 'Unlimited' } },
}

/**
 * Reads what a gateway is to do from its ARM resource and its settings, both of the right shape
 * already (`readVirtualNetworkGateway`, `readGatewaySettings`). Everything that the runtime relies
 * on is checked here; all faults are reported, not only the first.
 *
 * @param resource `undefined`: there is no gateway. Then, and without a point-to-site part, the configuration has no
 * tunnel types, no listeners and no pool.
 * @param network that of the subnet which the resource names, if it does.
 * @param connections those of the gateway. One that stays should stay the same object: it is not read again then.
 */
export function readGatewayConfiguration(
  resource: VirtualNetworkGateway | undefined,
  settings: GatewaySettings,
  network?: GatewayNetwork,
  connections: readonly ConnectionResource[] = [],
): Checked<GatewayConfiguration, ConfigurationFault> {
  const { value, faults } = read(resource ?? NO_GATEWAY, settings, network, resource ? connections : [])
  return faults.length === 0 ? { type: 'good', value } : { type: 'bad', faults }
}

function reportInto(faults: ConfigurationFault[]): (document: DocumentName) => Report {
  return document => (path, problem, remedy) => void faults.push({ document, path, problem, remedy })
}

/** The value counts only where there are no faults. */
function read(
  resource: VirtualNetworkGateway,
  settings: GatewaySettings,
  network: GatewayNetwork | undefined,
  connections: readonly ConnectionResource[],
): { readonly value: GatewayConfiguration; readonly faults: ConfigurationFault[] } {
  const faults: ConfigurationFault[] = []
  const inDocument = reportInto(faults)
  const complete = completeGatewaySettings(settings)
  const clients = pointToSiteOf(resource)
  const { policies, types, groups, groupPools, ...fromResource } = clients
    ? readResource(resource, clients, inDocument('gateway'))
    : withoutClients(resource, inDocument('gateway'))
  const needsIke = fromResource.tunnels.has('IkeV2') || connections.length > 0
  const fromSettings = readSettings(complete, fromResource.tunnels, needsIke, inDocument('settings'))
  const networks = { ...fromResource, ...fromSettings, ...readNetwork(complete, network, inDocument) }
  const pools = [fromResource.pool, ...groupPools.map(({ prefixes }) => prefixes)].flatMap(prefixesOf)
  const { sites, insidePrefixes: localPrefixes } = { ...networks, sites: complete.sites }
  const surroundings = { gateway: resource, network, settings: sites, localPrefixes, pools }
  const readConnections = readSites(connections, surroundings, inDocument('settings'))
  faults.push(...readConnections.faults)
  checkSiteMtu(readConnections.value, complete, inDocument('settings'))
  const value: GatewayConfiguration = {
    ...networks,
    groups: clients ? readGroupSettings(groups, complete, networks, inDocument('settings')) : [],
    ...readProviders(clients ?? {}, complete, types, fromResource.name, inDocument),
    ikev2: readIkev2(complete.ikev2, policies, inDocument('settings')),
    ...throughputOf(resource, complete),
    sites: readConnections.value,
  }
  // What the settings say of clients waits until there are some again.
  if (!clients) return { value, faults }
  checkTogether(value, complete, inDocument)
  const browser = readBrowser(value, complete, inDocument('settings'))
  for (const { prefixes, path } of groupPools) checkOverlaps(prefixes, value, path, inDocument('gateway'))
  const { entra } = value
  return { value: entra && browser ? { ...value, entra: { ...entra, browser } } : value, faults }
}

type ResourcePart = Pick<
  GatewayConfiguration,
  | 'name'
  | 'resourceGroup'
  | 'tunnels'
  | 'authentication'
  | 'pool'
  | 'customRoutes'
  | 'certificateAuthentication'
  | 'sessionLimits'
>

/** What is read of the resource only to be used in reading further. */
interface Between {
  readonly policies: P2sPolicies
  readonly types: ReadonlySet<AuthenticationType>
  readonly groups: readonly ResourceGroup[]
  readonly groupPools: readonly GroupPool[]
}

function readResource(
  resource: VirtualNetworkGateway,
  clients: VpnClientConfiguration,
  report: Report,
): ResourcePart & Between {
  const { properties } = resource
  const { tunnels, types, authentication } = readTunnels(clients, P2S, report)
  const pool = readAddressPool(
    clients.vpnClientAddressPool?.addressPrefixes ?? [],
    `${P2S}.vpnClientAddressPool.addressPrefixes`,
    report,
  )
  const { groups, pools: groupPools } = readPolicyGroups(
    properties.virtualNetworkGatewayPolicyGroups ?? [],
    clients.vngClientConnectionConfigurations ?? [],
    pool,
    P2S,
    report,
  )
  return {
    tunnels,
    types,
    authentication,
    policies: readP2sPolicies(clients.vpnClientIpsecPolicies ?? [], `${P2S}.vpnClientIpsecPolicies`, report),
    pool,
    groups,
    groupPools,
    certificateAuthentication: readCertificateAuthentication(clients, types.has('Certificate'), P2S, report),
    ...readOwn(resource, report),
  }
}

/** Nobody connects, and nothing is listened on. */
function withoutClients(resource: VirtualNetworkGateway, report: Report): ResourcePart & Between {
  return {
    tunnels: new Set(),
    types: new Set(),
    authentication: new Map(),
    policies: readP2sPolicies([], `${P2S}.vpnClientIpsecPolicies`, report),
    pool: {},
    groups: [],
    groupPools: [],
    certificateAuthentication: { roots: [], intermediates: [], revokedThumbprints: new Set() },
    ...readOwn(resource, report),
  }
}

/** What a gateway is whether or not clients connect to it. */
function readOwn(
  resource: VirtualNetworkGateway,
  report: Report,
): Pick<GatewayConfiguration, 'name' | 'resourceGroup' | 'customRoutes' | 'sessionLimits'> {
  const custom = resource.properties.customRoutes?.addressPrefixes ?? []
  const id = resource.id === undefined ? undefined : parseResourceId(resource.id)
  const resourceGroup = id?.type === 'good' ? resourceGroupOf(id.id)?.name : undefined
  checkSku(resource, report)
  return {
    ...(resourceGroup !== undefined && { resourceGroup }),
    name: resource.name ?? resource.id?.split('/').at(-1) ?? UNNAMED,
    customRoutes: readPrefixes(custom, 'properties.customRoutes.addressPrefixes', report),
    sessionLimits: sessionLimitsOf(resource),
  }
}

/** Who is asked about users, beside the roots. What is not configured is not looked at. */
function readProviders(
  clients: VpnClientConfiguration,
  settings: CompleteGatewaySettings,
  types: ReadonlySet<AuthenticationType>,
  name: string,
  inDocument: (document: DocumentName) => Report,
): Pick<GatewayConfiguration, 'radius' | 'entra'> {
  const radius = types.has('Radius') ? readRadius(clients, settings.radius, name, P2S, inDocument) : undefined
  const entra = types.has('AAD') ? readEntra(clients, settings.entra, P2S, inDocument) : undefined
  return { ...(radius && { radius }), ...(entra && { entra }) }
}

function readSettings(
  settings: CompleteGatewaySettings,
  tunnels: ReadonlySet<TunnelType>,
  needsIke: boolean,
  report: Report,
): Omit<
  GatewayConfiguration,
  keyof ResourcePart | keyof NetworkPart | 'ikev2' | 'radius' | 'entra' | 'groups' | 'sites'
> {
  checkHostNames(settings.hostNames, report)
  return {
    listeners: [
      ...ofTunnels(readListeners(settings.listeners, report), tunnels, report),
      ...(needsIke ? readIkev2Listeners(settings.ikev2, report) : []),
    ],
    openvpn: readOpenVpn(settings.openvpn, report),
    sstp: settings.sstp,
    clientToClient: settings.clientToClient,
    nat: settings.nat,
    userLimits: settings.users,
  }
}

type NetworkPart = Pick<GatewayConfiguration, 'insidePrefixes' | 'dnsServers' | 'dnsSearchDomains'>

/** A virtual network says what lies inside; its name servers serve where the settings name none. */
function readNetwork(
  { insidePrefixes, dns }: CompleteGatewaySettings,
  network: GatewayNetwork | undefined,
  inDocument: (document: DocumentName) => Report,
): NetworkPart {
  const [ofSettings, ofNetwork] = [inDocument('settings'), inDocument('network')]
  return {
    insidePrefixes: network
      ? readPrefixes(network.addressPrefixes, 'addressSpace.addressPrefixes', ofNetwork)
      : readPrefixes(insidePrefixes, 'insidePrefixes', ofSettings),
    dnsServers:
      network && dns.servers.length === 0
        ? readDnsServers(network.dnsServers, 'dhcpOptions.dnsServers', ofNetwork)
        : readDnsServers(dns.servers, 'dns.servers', ofSettings),
    dnsSearchDomains: readSearchDomains(dns.searchDomains, 'dns.searchDomains', ofSettings),
  }
}

/** TCP ports serve OpenVPN and SSTP, UDP ports OpenVPN alone. */
function ofTunnels(
  listeners: readonly Listener[],
  tunnels: ReadonlySet<TunnelType>,
  report: Report,
): Listener[] {
  const openvpn = tunnels.has('OpenVPN')
  const tcp = listeners.filter(({ transport }) => transport === 'tcp')
  if (tunnels.has('SSTP') && tcp.length === 0)
    report(
      'listeners',
      'has no TCP port, which SSTP needs',
      'add one, as tcp 0.0.0.0 443, or take SSTP out of vpnClientProtocols',
    )
  if (openvpn) return [...listeners]
  return tunnels.has('SSTP') ? tcp : []
}

/** What no document shows by itself. */
function checkTogether(
  configuration: GatewayConfiguration,
  settings: CompleteGatewaySettings,
  inDocument: (document: DocumentName) => Report,
): void {
  checkOverlaps(
    configuration.pool,
    configuration,
    `${P2S}.vpnClientAddressPool.addressPrefixes`,
    inDocument('gateway'),
  )
  const { ipv4, ipv6 } = configuration.pool
  const isSstpAlone = [...configuration.tunnels].every(tunnel => tunnel === 'SSTP')
  if (ipv6 && !ipv4 && isSstpAlone)
    inDocument('gateway')(
      `${P2S}.vpnClientAddressPool.addressPrefixes`,
      'has no IPv4 prefix, and SSTP carries IPv4 alone',
      'add one, as 172.16.201.0/24, or another tunnel type',
    )
  // The device has the largest MTU of those that are on, and an IPv6 address of the gateway in any case.
  for (const part of isSstpAlone ? (['sstp'] as const) : (['openvpn', 'ikev2'] as const))
    if (ipv6 && settings[part].tunnelMtu < IPV6_MTU_MINIMUM)
      inDocument('settings')(
        `${part}.tunnelMtu`,
        `${settings[part].tunnelMtu} is less than IPv6 needs (${IPV6_MTU_MINIMUM}, RFC 8200 §5)`,
        `give ${IPV6_MTU_MINIMUM} or more, or take the IPv6 prefix out of the address pool`,
      )
}

/** As for clients: the device carries IPv6 of sites too. */
function checkSiteMtu(
  { connections }: SitesConfiguration,
  { ikev2 }: CompleteGatewaySettings,
  report: Report,
): void {
  const found = connections.find(({ remotePrefixes }) =>
    remotePrefixes.some(({ address }) => address.family === 6),
  )
  if (!found || ikev2.tunnelMtu >= IPV6_MTU_MINIMUM) return
  report(
    'ikev2.tunnelMtu',
    `${ikev2.tunnelMtu} is less than IPv6 needs (${IPV6_MTU_MINIMUM}, RFC 8200 §5), which connection ${found.name} carries`,
    `give ${IPV6_MTU_MINIMUM} or more`,
  )
}

const IPV6_MTU_MINIMUM = 1_280
