import {
  type IpAddress,
  type IpPrefix,
  ipAddress,
  parseIpAddress,
  parseIpPrefix,
  prefixContains,
} from '@causeway/wire'
import { quoted } from '../quoted.ts'
import { type Fault, fault } from '../result.ts'

/**
 * Where no provider is, and where a forged metadata document would point a gateway: link-local addresses,
 * the metadata services of clouds (Azure's wire server, Amazon's over IPv6, Alibaba's, Oracle's) and what is
 * no host at all. Private and loopback addresses are allowed: providers on one's own premises have them.
 */
const forbidden: readonly IpPrefix[] = [
  '0.0.0.0/8',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '192.0.0.192/32',
  '224.0.0.0/3',
  '::/128',
  'fd00:ec2::254/128',
  'fe80::/10',
  'ff00::/8',
].flatMap(text => parseIpPrefix(text) ?? [])

/** Prefixes of 96 bits behind which an IPv4 address stands: mapped, compatible and NAT64 (RFC 6052). */
const embeddingIpv4: readonly IpPrefix[] = ['::ffff:0:0/96', '64:ff9b::/96'].flatMap(
  text => parseIpPrefix(text) ?? [],
)

/** Whether the gateway may connect to this address on behalf of a sign-in. */
export function isAllowedAddress(address: IpAddress): boolean {
  if (forbidden.some(prefix => prefixContains(prefix, address))) return false
  const isEmbedding = embeddingIpv4.some(prefix => prefixContains(prefix, address))
  return !isEmbedding || isAllowedAddress(ipAddress(address.bytes.subarray(12)))
}

/**
 * Reads the URL of a provider's document or endpoint: `https`, without credentials, not a forbidden address.
 *
 * @param allowHttp for tests: `http` is accepted too.
 */
export function parseDestination(text: string, allowHttp: boolean): { type: 'url'; url: URL } | Fault {
  if (!URL.canParse(text)) return fault(`${quoted(text)} is not a URL`)
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
    return fault(`${quoted(text)} is not an https URL`)
  }
  if (url.username !== '' || url.password !== '') return fault(`the URL of ${url.host} carries credentials`)
  const literal = parseIpAddress(url.hostname.replaceAll(/^\[|\]$/g, ''))
  if (literal && !isAllowedAddress(literal)) return fault(`${url.hostname} is an address that is never asked`)
  return { type: 'url', url }
}
