import {
  type IpAddress,
  type IpPrefix,
  ipAddress,
  parseIpAddress,
  parseIpPrefix,
  prefixContains,
} from '@causeway/wire'

function prefixes(texts: readonly string[]): readonly IpPrefix[] {
  return texts.flatMap(text => parseIpPrefix(text) ?? [])
}

/** No host, a neighbour on the link, or the metadata service of a cloud (Azure's wire server, Alibaba's, Oracle's, Amazon's). */
const FORBIDDEN = prefixes([
  '0.0.0.0/8',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '192.0.0.192/32',
  '224.0.0.0/3',
  '::/128',
  'fd00:ec2::254/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])
const LOOPBACK = prefixes(['127.0.0.0/8', '::1/128'])
/** Prefixes of 96 bits behind which an IPv4 address stands: mapped, compatible, translated and NAT64 (RFC 6052). */
const EMBEDDING = prefixes(['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '::/96'])

/**
 * Whether a revocation list may be fetched from there. Private addresses are allowed: authorities on one's own premises
 * have them.
 */
export function isAskedAddress(text: string, allowLoopback: boolean): boolean {
  const address = parseIpAddress(text.replace(/^\[|\]$/g, '').split('%')[0] ?? '')
  return address !== undefined && isAllowed(address, allowLoopback)
}

function isAllowed(address: IpAddress, allowLoopback: boolean): boolean {
  const isIn = (list: readonly IpPrefix[]) => list.some(prefix => prefixContains(prefix, address))
  if (isIn(LOOPBACK)) return allowLoopback
  if (isIn(FORBIDDEN)) return false
  return !isIn(EMBEDDING) || isAllowed(ipAddress(address.bytes.subarray(12)), allowLoopback)
}
