import type { AccessAccept } from '@causeway/radius'
import { formatHex, type IpAddress } from '@causeway/wire'
import type { SessionTerms } from '../authentication/identity.ts'
import { printableName } from '../authentication/printable-name.ts'
import type { GroupMember } from '../configuration.ts'

/** What a server's accept allows the session of this user. */
export function termsOf(accept: AccessAccept, user: string, unixSeconds: number): SessionTerms {
  const { sessionTimeoutSeconds, idleTimeoutSeconds, framedAddress, interimSeconds } = accept
  const ipv6 = framedIpv6Address(accept)
  const groupName = printableName(accept.filterIds[0] ?? '').trim()
  return {
    ...(sessionTimeoutSeconds && { endsAt: unixSeconds + sessionTimeoutSeconds }),
    ...(idleTimeoutSeconds && { idleSeconds: idleTimeoutSeconds }),
    ...(framedAddress && { ipv4: framedAddress }),
    ...(ipv6 && { ipv6 }),
    ...(groupName && { groupName }),
    accounting: {
      userName: accept.userName ?? user,
      classes: accept.classes,
      ...(interimSeconds && { interimSeconds: Math.max(interimSeconds, SHORTEST_INTERIM_SECONDS) }),
    },
  }
}

/** By what policy groups know whom the server let in: each MS-Azure-Policy-ID. */
export function membershipsOf({ policyIds }: AccessAccept): GroupMember[] {
  return policyIds.map(octets => ({ type: 'RadiusAzureGroupId', value: formatHex(octets) }))
}

/** What an accept asks for and the gateway does not do, in words for the log. */
export function unservedOf(accept: AccessAccept): string[] {
  return UNSERVED.flatMap(({ isAsked, words }) => (isAsked(accept) ? [words] : []))
}

const HOST_BITS = 128

const UNSERVED: readonly { readonly isAsked: (accept: AccessAccept) => boolean; readonly words: string }[] = [
  {
    isAsked: ({ framedRoutes, framedIpv6Routes }) => framedRoutes.length + framedIpv6Routes.length > 0,
    words: 'Framed-Route: there are no networks behind clients here, and none is routed',
  },
  {
    isAsked: ({ framedIpv6Prefixes }) => framedIpv6Prefixes.some(({ length }) => length !== HOST_BITS),
    words: 'a Framed-IPv6-Prefix shorter than /128: a client has one address, which the pool then chooses',
  },
  {
    isAsked: ({ framedPool }) => framedPool !== undefined,
    words: 'Framed-Pool: pools belong to policy groups; name one by Filter-Id or MS-Azure-Policy-ID',
  },
  {
    isAsked: ({ dnsServers }) => dnsServers.length > 0,
    words: 'DNS servers: those of the gateway, or of the policy group, are given',
  },
  {
    isAsked: ({ filterIds }) => filterIds.length > 1,
    words: 'several Filter-Id: the first alone is looked at',
  },
]

/** RFC 2869 §5.16. */
const SHORTEST_INTERIM_SECONDS = 60

/** Framed-IPv6-Address (RFC 6911), or what says the same in the words of RFC 3162. */
function framedIpv6Address({ framedIpv6Addresses, framedIpv6Prefixes }: AccessAccept): IpAddress | undefined {
  return framedIpv6Addresses[0] ?? framedIpv6Prefixes.find(({ length }) => length === HOST_BITS)?.address
}
