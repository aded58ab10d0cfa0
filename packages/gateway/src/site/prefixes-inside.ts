import {
  type IpPrefix,
  ipAddressFromInteger,
  ipAddressToInteger,
  ipPrefix,
  prefixContains,
  prefixesOverlap,
} from '@causeway/wire'
import type { SiteConnection, SiteNatRule } from './site-configuration.ts'

/**
 * The networks behind a connection as they are known inside: the external addresses of `IngressSnat` rules where these
 * hold, and the real ones of what is left.
 */
export function remotePrefixesInside({ remotePrefixes, nat }: Translated): IpPrefix[] {
  return remotePrefixes.flatMap(prefix => {
    const rules = nat.ingress.filter(({ internal }) => prefixesOverlap(internal.prefix, prefix))
    const isWhole = rules.some(rule => isWholly(prefix, rule))
    return [...rules.map(rule => translated(prefix, rule)), ...(isWhole ? [] : [prefix])]
  })
}

type Translated = Pick<SiteConnection, 'remotePrefixes' | 'nat'>

function isWholly(prefix: IpPrefix, { internal }: SiteNatRule): boolean {
  const isWithin = internal.prefix.length <= prefix.length && prefixContains(internal.prefix, prefix.address)
  return isWithin && internal.ports === undefined
}

/** What a rule makes of the part of the prefix that it has. */
function translated(prefix: IpPrefix, { type, internal, external }: SiteNatRule): IpPrefix {
  if (type === 'dynamic' || prefix.length <= internal.prefix.length) return external.prefix
  const offset = ipAddressToInteger(prefix.address) - ipAddressToInteger(internal.prefix.address)
  const { address } = external.prefix
  const first = ipAddressFromInteger(address.family, ipAddressToInteger(address) + offset)
  return ipPrefix(first, prefix.length)
}
