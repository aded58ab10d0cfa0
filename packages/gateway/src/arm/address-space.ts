import { quote } from '@causeway/api-contract'
import { formatIpPrefix, type IpPrefix, parseIpPrefix, prefixContains, prefixesOverlap } from '@causeway/wire'
import type { AddressPrefixes, GatewayConfiguration } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

/** Space that no client can have an address in: this network, loopback, link-local, multicast. */
export const UNUSABLE: readonly IpPrefix[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/8',
  'fe80::/10',
  'ff00::/8',
].flatMap(text => parseIpPrefix(text) ?? [])

/**
 * Routes as wide as these are forced tunnelling (Azure: `0.0.0.0/1` and `128.0.0.0/1`), for which the
 * pool lying inside is no mistake.
 */
const FORCED_TUNNEL_BITS = { 4: 1, 6: 3 } as const

/** Reads CIDR prefixes; bad ones are reported and left out. */
export function readPrefixes(texts: readonly string[], path: string, report: Report): IpPrefix[] {
  return texts.flatMap((text, i) => {
    const prefix = parseIpPrefix(text)
    if (!prefix) report(`${path}[${i}]`, `${quote(text)} is not a network`, networkAdvice(text))
    return prefix ?? []
  })
}

/** Reads the client address pool: at most one prefix of each family, of usable space. `checkSku` looks at its size. */
export function readAddressPool(texts: readonly string[], path: string, report: Report): AddressPrefixes {
  if (texts.length === 0) report(path, 'is empty', 'give a prefix for client addresses, as 172.16.201.0/24')
  const prefixes = readPrefixes(texts, path, report)
  const families = { ipv4: ofFamily(prefixes, 4), ipv6: ofFamily(prefixes, 6) }
  for (const [family, found] of Object.entries(families))
    if (found.length > 1) {
      const list = found.map(formatIpPrefix).join(', ')
      report(
        path,
        `holds ${found.length} prefixes of ${family} (${list})`,
        'give one of each family, a larger one',
      )
    }
  for (const prefix of prefixes) checkPoolPrefix(prefix, path, report)
  const [ipv4] = families.ipv4
  const [ipv6] = families.ipv6
  return { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }
}

/** A pool must be apart from everything else that clients or the gateway reach by another way. */
export function checkOverlaps(
  pool: AddressPrefixes,
  configuration: Pick<GatewayConfiguration, 'insidePrefixes' | 'customRoutes' | 'listeners'>,
  path: string,
  report: Report,
): void {
  const { insidePrefixes, customRoutes, listeners } = configuration
  for (const own of prefixesOf(pool)) {
    const inside = insidePrefixes.find(prefix => prefixesOverlap(own, prefix))
    if (inside) overlap(path, own, `the inside network ${formatIpPrefix(inside)}`, report)
    const custom = customRoutes.find(prefix => !isForcedTunnel(prefix) && prefixesOverlap(own, prefix))
    if (custom) overlap(path, own, `the custom route ${formatIpPrefix(custom)}`, report)
    const listener = listeners.find(({ local }) => prefixContains(own, local.address))
    if (listener) overlap(path, own, 'an address that the gateway listens on', report)
  }
}

/** Two pools must be apart from each other. `name`: whose the other is. */
export function checkApart(
  pool: AddressPrefixes,
  other: AddressPrefixes,
  name: string,
  path: string,
  report: Report,
): void {
  for (const own of prefixesOf(pool)) {
    const found = prefixesOf(other).find(prefix => prefixesOverlap(own, prefix))
    if (found) overlap(path, own, `${formatIpPrefix(found)} of ${name}`, report)
  }
}

/** Its prefixes, of whichever family. */
export function prefixesOf({ ipv4, ipv6 }: AddressPrefixes): IpPrefix[] {
  return [ipv4 ?? [], ipv6 ?? []].flat()
}

function checkPoolPrefix(prefix: IpPrefix, path: string, report: Report): void {
  const text = formatIpPrefix(prefix)
  const unusable = UNUSABLE.find(other => prefixesOverlap(prefix, other))
  if (unusable)
    report(path, `${text} lies in ${formatIpPrefix(unusable)}, which hosts cannot use`, 'give private space')
}

function overlap(path: string, pool: IpPrefix, other: string, report: Report): void {
  report(path, `${formatIpPrefix(pool)} overlaps ${other}`, 'give the clients a prefix of their own')
}

/** Whether a route as wide as this means everything. */
export function isForcedTunnel({ address, length }: IpPrefix): boolean {
  return length <= FORCED_TUNNEL_BITS[address.family]
}

function ofFamily(prefixes: readonly IpPrefix[], family: 4 | 6): IpPrefix[] {
  return prefixes.filter(({ address }) => address.family === family)
}

/** What to write instead of a text that is no network: bits past the length are the commonest typing error. */
export function networkAdvice(text: string): string {
  const [address = '', length = ''] = text.split('/')
  const example = address.includes(':') ? 'fd00:10::/64' : '10.0.0.0/16'
  const advice = `give ADDRESS/LENGTH with no bits set past the length, as ${example}`
  return length === '' ? `${advice}, or a single address` : advice
}
