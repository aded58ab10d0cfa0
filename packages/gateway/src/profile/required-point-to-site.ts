import { pointToSiteOf } from '../arm/index.ts'
import { CommandError, type Prepared, type PreparedGateway } from '../quick-start/index.ts'

/** A gateway that clients can connect to. Errors: `CommandError` `Conflict`, where there is none. */
export function requirePointToSite(prepared: Prepared): PreparedGateway {
  if (!prepared.resource) {
    const remedy = 'make one with `causeway apply FILE`, or through the management API'
    throw new CommandError('Conflict', `there is no gateway; ${remedy}`)
  }
  if (pointToSiteOf(prepared.resource) && prepared.configuration.tunnels.size > 0) return prepared
  const remedy = 'add vpnClientConfiguration, with a pool, tunnel types and what clients sign in by'
  throw new CommandError('Conflict', `the gateway has no point-to-site configuration; ${remedy}`)
}
