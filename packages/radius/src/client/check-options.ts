import { RadiusError } from '../radius-error.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { fitsAttribute } from '../wire/attribute-values.ts'
import type { NasIdentity, RadiusServer } from './client-options.ts'

/**
 * The gateway's name as attributes of every request (RFC 2865 §5.4, §5.32; RFC 3162 §2.1): of each address family
 * the first. Errors: `ERR_RADIUS_OPTIONS` when there is none, which no server has to take (RFC 2865 §4.1).
 */
export function nasAttributes({ identifier, addresses = [] }: NasIdentity): NamedAttribute[] {
  const [v4, v6] = [4, 6].map(family => addresses.find(one => one.family === family))
  const attributes: NamedAttribute[] = []
  if (identifier) attributes.push({ name: 'NAS-Identifier', value: identifier })
  if (v4) attributes.push({ name: 'NAS-IP-Address', value: v4 })
  if (v6) attributes.push({ name: 'NAS-IPv6-Address', value: v6 })
  if (attributes.length === 0) throw refused('the gateway needs an identifier or an address')
  if (!attributes.every(fitsAttribute)) throw refused('the identifier is longer than 253 bytes')
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
