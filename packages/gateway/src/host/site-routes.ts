import {
  formatIpAddress,
  formatIpPrefix,
  type IpAddress,
  type IpPrefix,
  prefixContains,
} from '@causeway/wire'
import type { InterfaceRoute } from './address-batch.ts'
import { isWide, peerWithin } from './default-site.ts'
import type { HostSites } from './host.ts'
import type { MachineAddress, MachineNetwork, MachineRoute } from './machine-network.ts'

/** Routes to sites, and what the operator should know of them. */
export interface SiteRoutes {
  readonly routes: readonly InterfaceRoute[]
  readonly notes: readonly string[]
}

/**
 * Routes of remote prefixes that are not wide to the TUN device, before routes that the machine has to the same. They begin at an
 * inside address of the machine where it has one: nothing else would be let into the tunnel, and nobody behind it
 * could answer. A network that the machine stands in itself stays reachable: it gets no route to the site. Errors:
 * the system's.
 */
export async function siteRoutes(
  tun: string,
  sites: HostSites,
  machine: MachineNetwork,
): Promise<SiteRoutes> {
  const destinations = sites.remotePrefixes.filter(prefix => !isWide(prefix, sites))
  const ownNotes = sites.remotePrefixes.flatMap(prefix => peerNote(prefix, peerWithin(prefix, sites)))
  if (destinations.length === 0) return { routes: [], notes: ownNotes }
  const existing = (await machine.routes()).filter(({ device }) => device !== tun)
  const inside = machine.addresses().filter(({ device }) => device !== tun)
  const judged = destinations.map(destination => judge(destination, sites, existing, inside))
  return {
    routes: judged.flatMap(({ route }) => (route ? [route] : [])),
    notes: [...ownNotes, ...judged.flatMap(({ note }) => (note ? [note] : []))],
  }
}

interface Judged {
  readonly route?: InterfaceRoute
  readonly note?: string
}

function judge(
  destination: IpPrefix,
  { insidePrefixes }: HostSites,
  existing: readonly MachineRoute[],
  addresses: readonly MachineAddress[],
): Judged {
  const text = formatIpPrefix(destination)
  const same = existing.filter(route => formatIpPrefix(route.destination) === text)
  const own = same.find(({ isOwnNetwork }) => isOwnNetwork)
  if (own) return { note: ownNetworkNote(text, own) }
  const source = sourceOf(destination.address.family, insidePrefixes, addresses)
  const route = { destination, isBefore: true, ...(source && { source }) }
  return same[0] ? { route, note: existingNote(text, same[0]) } : { route }
}

function sourceOf(
  family: 4 | 6,
  insidePrefixes: readonly IpPrefix[],
  addresses: readonly MachineAddress[],
): IpAddress | undefined {
  const isInside = (address: IpAddress) => insidePrefixes.some(prefix => prefixContains(prefix, address))
  return addresses.find(({ address }) => address.family === family && isInside(address))?.address
}

function peerNote(prefix: IpPrefix, peer: IpAddress | undefined): string[] {
  if (!peer || prefix.length === 0) return []
  const [network, device] = [formatIpPrefix(prefix), formatIpAddress(peer)]
  return [
    `${network} holds ${device}, the device of a site itself: what this machine itself sends to that network does not ` +
      'go to the site, only what comes from inside networks does',
  ]
}

function ownNetworkNote(text: string, { device }: MachineRoute): string {
  return (
    `${text} is a network of this machine itself (${device ?? 'no device'}): what is sent there does not go to the ` +
    'site; give one of the two another prefix, or translate the site by an IngressSnat rule'
  )
}

function existingNote(text: string, { device, via }: MachineRoute): string {
  const way = [via && `via ${via}`, device && `dev ${device}`].filter(part => part).join(' ') || 'to nowhere'
  return `this machine has a route to ${text} of its own (${way}): while the site has it, the site comes first`
}
