import { quote, type RemoteGatewaySettings } from '@causeway/api-contract'
import type { RemotePlace } from '@causeway/site-to-site'
import { type IpPrefix, parseIpAddress, parseIpPrefix, prefixContains } from '@causeway/wire'
import { networkAdvice } from '../address-space.ts'
import type { Report } from '../configuration-fault.ts'
import type { ConnectionPeer } from '../connection-resource.ts'
import { isDnsName } from '../settings.ts'
import type { SiteSurroundings } from './site-surroundings.ts'

/** Azure's limit for a local network gateway. */
const PREFIX_LIMIT = 1_000

/** Where no peer is: this network, multicast. */
const NO_PEER: readonly IpPrefix[] = ['0.0.0.0/8', '224.0.0.0/3', '::/128', 'ff00::/8'].flatMap(
  text => parseIpPrefix(text) ?? [],
)

/** The other side of a connection: where it is, and what lies behind it. */
export interface SitePeer {
  readonly remote: RemotePlace
  readonly remotePrefixes: readonly IpPrefix[]
  readonly isDefaultSite: boolean
  /** The property of the connection that names it. */
  readonly path: string
}

/** What of a peer a document tells. */
interface Described {
  readonly address?: string | undefined
  readonly fqdn?: string | undefined
  readonly addressPrefixes: readonly string[]
}

/** `undefined`: it was reported. */
export function readSitePeer(
  peer: ConnectionPeer,
  surroundings: SiteSurroundings,
  report: Report,
): SitePeer | undefined {
  switch (peer.type) {
    case 'local-gateway': {
      const path = 'properties.localNetworkGateway2.id'
      const defaultSite = surroundings.gateway.properties.gatewayDefaultSite?.id
      const isDefaultSite = defaultSite !== undefined && defaultSite.toLowerCase() === peer.id.toLowerCase()
      const place = readPlace(peer, problem => report(path, `its local network gateway ${problem}`, ADVICE))
      const { length } = peer.addressPrefixes
      if (length > PREFIX_LIMIT) {
        const problem = `its local network gateway has ${length} address prefixes`
        report(path, problem, `give it ${PREFIX_LIMIT} or fewer`)
        return undefined
      }
      const remotePrefixes = readBehind(peer, (text, remedy) =>
        report(path, `its local network gateway has ${quote(text)}, which is not a network`, remedy),
      )
      return place && { remote: place, remotePrefixes, isDefaultSite, path }
    }
    case 'remote-gateway':
      return readRemoteGateway(peer.id, surroundings, report)
    default:
      return peer satisfies never
  }
}

const ADVICE = 'give it gatewayIpAddress or fqdn, one of the two'

function readRemoteGateway(
  id: string,
  { settings, gateway: own }: SiteSurroundings,
  report: Report,
): SitePeer | undefined {
  const path = 'properties.virtualNetworkGateway2.id'
  if (own.id !== undefined && own.id.toLowerCase() === id.toLowerCase()) {
    report(path, 'is the gateway itself', 'give the id of another one')
    return undefined
  }
  const found = settings.remoteGateways.find(gateway => gateway.id.toLowerCase() === id.toLowerCase())
  if (!found) {
    const remedy = 'add it there with its address and addressPrefixes'
    report(path, `${quote(id)} is none of the settings' sites.remoteGateways`, remedy)
    return undefined
  }
  // Its faults are the settings'.
  const remote = readPlace(found, () => undefined)
  return remote && { remote, remotePrefixes: readBehind(found, () => undefined), isDefaultSite: false, path }
}

/** Reports what is wrong with the gateways of other installations. */
export function checkRemoteGateways(gateways: readonly RemoteGatewaySettings[], report: Report): void {
  const seen = new Set<string>()
  for (const [i, gateway] of gateways.entries()) {
    const path = `sites.remoteGateways[${i}]`
    const id = gateway.id.toLowerCase()
    if (seen.has(id)) report(`${path}.id`, `${quote(gateway.id)} is listed twice`, 'take one out')
    seen.add(id)
    readPlace(gateway, problem => report(path, problem, 'give it address or fqdn, one of the two'))
    readBehind(gateway, (text, remedy) =>
      report(`${path}.addressPrefixes`, `${quote(text)} is not a network`, remedy),
    )
  }
}

function readPlace({ address, fqdn }: Described, say: (problem: string) => void): RemotePlace | undefined {
  const [ip, name] = [address ?? '', fqdn ?? '']
  if ((ip === '') === (name === '')) {
    say(ip === '' ? 'has neither an address nor a name' : 'has an address and a name')
    return undefined
  }
  if (name !== '') {
    if (isDnsName(name)) return { type: 'name', name }
    say(`has ${quote(name)}, which is not a domain name`)
    return undefined
  }
  const parsed = parseIpAddress(ip)
  if (parsed && !NO_PEER.some(prefix => prefixContains(prefix, parsed)))
    return { type: 'address', address: parsed }
  say(`has ${quote(ip)}, which is ${parsed ? 'the address of no peer' : 'not an IP address'}`)
  return undefined
}

function readBehind(
  { addressPrefixes }: Described,
  say: (text: string, remedy: string) => void,
): readonly IpPrefix[] {
  return addressPrefixes.flatMap(text => {
    const prefix = parseIpPrefix(text)
    if (!prefix) say(text, networkAdvice(text))
    return prefix ?? []
  })
}
