import {
  CONNECTION_MODES,
  type Connection,
  canonicalName,
  parseResourceId,
  quote,
  resourceGroupOf,
  skuOf,
} from '@causeway/api-contract'
import { formatIpAddress, parseIpAddress } from '@causeway/wire'
import type { SiteConnection, SiteTunnel } from '../../site/site-configuration.ts'
import type { Report } from '../configuration-fault.ts'
import type { ConnectionResource } from '../connection-resource.ts'
import { readSiteAuthentication } from './site-authentication.ts'
import { readSiteNat } from './site-nat.ts'
import { checkSiteSpace } from './site-overlaps.ts'
import { readSitePeer, type SitePeer } from './site-peer.ts'
import { readSelectors } from './site-selectors.ts'
import { readSitePolicy } from './site-suites.ts'
import type { SiteSurroundings } from './site-surroundings.ts'

type Properties = Connection['properties']

/** Azure's: a silent peer is asked for a sign of life after so long. */
const DPD_SECONDS = 45
/** Which type of connection leads where. */
const TYPES = { 'local-gateway': 'IPsec', 'remote-gateway': 'Vnet2Vnet' } as const

/** Reads one connection. `undefined`: what is missing was reported. */
export function readSiteConnection(
  { connection, peer }: ConnectionResource,
  surroundings: SiteSurroundings,
  report: Report,
): SiteConnection | undefined {
  const { properties } = connection
  checkKind(properties, TYPES[peer.type], report)
  const { settings } = surroundings
  const site = readSitePeer(peer, surroundings, report)
  const authentication = readSiteAuthentication(connection, settings.revocation, report)
  const policy = readSitePolicy(properties.ipsecPolicies, settings.allowWeakIpsec, report)
  const nat = readSiteNat(properties, surroundings, report)
  if (!site) return undefined
  checkSiteSpace(site.remotePrefixes, nat, surroundings, site.path, report)
  const selectors = readSelectors(properties, { ...site, name: nameOf(peer.id) }, surroundings, report)
  checkPrefixes(properties, site, report)
  const notes = notesOn(properties, surroundings)
  return (
    authentication && {
      ...namesOf(connection),
      mode: canonicalName(CONNECTION_MODES, properties.connectionMode ?? '') ?? 'Default',
      remote: site.remote,
      tunnels: tunnelsOf(connection, surroundings),
      authentication,
      ...policy,
      dpdSeconds: properties.dpdTimeoutSeconds || DPD_SECONDS,
      selectors,
      remotePrefixes: site.remotePrefixes,
      localPrefixes: surroundings.localPrefixes,
      routingWeight: properties.routingWeight ?? 0,
      isDefaultSite: site.isDefaultSite,
      nat,
      ...(notes.length > 0 && { notes }),
    }
  )
}

function checkKind({ connectionType, connectionProtocol }: Properties, wanted: string, report: Report): void {
  if (connectionType.toLowerCase() !== wanted.toLowerCase())
    report('properties.connectionType', `${quote(connectionType)} is not supported`, `use ${wanted} here`)
  if ((connectionProtocol ?? 'IKEv2').toLowerCase() !== 'ikev2')
    report(
      'properties.connectionProtocol',
      `${quote(connectionProtocol ?? '')} is not supported`,
      'use IKEv2, with a route-based gateway',
    )
}

/** Without routes by BGP a site without networks would be one that nothing is ever sent to. */
function checkPrefixes({ enableBgp }: Properties, site: SitePeer, report: Report): void {
  if (site.remotePrefixes.length > 0 || site.isDefaultSite || enableBgp === true) return
  report(site.path, 'leads to a site without address prefixes', 'give it those of the networks behind it')
}

function namesOf({ id = '', name }: Connection): Pick<SiteConnection, 'id' | 'name' | 'resourceGroup'> {
  const parsed = parseResourceId(id)
  const resourceGroup = parsed.type === 'good' ? resourceGroupOf(parsed.id)?.name : undefined
  return {
    id: id.toLowerCase(),
    name: name ?? nameOf(id),
    ...(resourceGroup !== undefined && { resourceGroup }),
  }
}

function nameOf(id: string): string {
  return id.split('/').at(-1) ?? id
}

/** One, or where the gateway is active-active one for each of its public addresses, unless private ones are wanted. */
function tunnelsOf(
  { name, id = '', properties }: Connection,
  { gateway, network }: SiteSurroundings,
): SiteTunnel[] {
  const wanted = properties.useLocalAzureIpAddress === true ? [] : (network?.publicAddresses ?? [])
  const known = wanted.flatMap(text => parseIpAddress(text) ?? [])
  const addresses = gateway.properties.activeActive === true ? known : known.slice(0, 1)
  const own = name ?? nameOf(id)
  if (addresses.length === 0) return [{ name: own }]
  return addresses.map(publicAddress => ({
    name: `${own}_${formatIpAddress(publicAddress)}`,
    publicAddress,
  }))
}

/** The S2S seed recommends zone-redundant SKUs for certificates. */
function notesOn(
  { authenticationType, enableBgp }: Properties,
  { gateway }: SiteSurroundings,
): readonly string[] {
  const sku = skuOf(gateway)
  const isSmall =
    authenticationType?.toLowerCase() === 'certificate' &&
    sku?.generation !== 'None' &&
    sku?.zoneRedundant === false
  return [
    ...(isSmall
      ? [`certificate authentication is recommended with VpnGw1AZ or higher; the gateway is ${sku.name}`]
      : []),
    ...(enableBgp === true
      ? ['routes are not exchanged by BGP yet; the address prefixes of the site are what is routed']
      : []),
  ]
}
