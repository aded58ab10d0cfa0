import { RadiusError } from '../radius-error.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { fitsAttribute } from '../wire/attribute-values.ts'
import type { NasIdentity, RadiusServer } from './client-options.ts'

/** Errors: `ERR_RADIUS_OPTIONS` when the gateway has no name, which no server has to take (RFC 2865 §4.1). */
export function checkNas(nas: NasIdentity): void {
  const attributes = nasAttributes(nas)
  if (attributes.length === 0) throw refused('the gateway needs an identifier or an address')
  if (!attributes.every(fitsAttribute)) throw refused('the identifier is longer than 253 bytes')
}

/**
 * The gateway's name as attributes of every request to a server (RFC 2865 §5.4, §5.32; RFC 3162 §2.1): of each
 * address family one, first of all the one by which the server sees us.
 */
export function nasAttributes(
  { identifier, addresses = [] }: NasIdentity,
  { local }: Pick<RadiusServer, 'local'> = {},
): NamedAttribute[] {
  const all = local ? [local, ...addresses] : addresses
  const [v4, v6] = [4, 6].map(family => all.find(one => one.family === family))
  const attributes: NamedAttribute[] = []
  if (identifier) attributes.push({ name: 'NAS-Identifier', value: identifier })
  if (v4) attributes.push({ name: 'NAS-IP-Address', value: v4 })
  if (v6) attributes.push({ name: 'NAS-IPv6-Address', value: v6 })
  return attributes
}

/** Errors: `ERR_RADIUS_OPTIONS` when a server cannot be asked. Names the server, never its secret. */
export function checkServers(servers: readonly RadiusServer[]): void {
  const ids = servers.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) throw refused(`two servers are called ${twice}`)
  for (const server of servers) {
    const { id, score, transport, secret, authentication, accounting, sendsBeforeFailOver = 1 } = server
    if (transport === 'udp' && !secret?.length) throw refused(`${id} has no secret`)
    if (!authentication && !accounting) throw refused(`${id} has no address`)
    if (!Number.isFinite(score)) throw refused(`${id} has no score`)
    if (!Number.isInteger(sendsBeforeFailOver) || sendsBeforeFailOver < 1)
      throw refused(`${id}: sendsBeforeFailOver is a number from 1`)
  }
}

function refused(message: string): RadiusError {
  return new RadiusError('ERR_RADIUS_OPTIONS', message)
}
