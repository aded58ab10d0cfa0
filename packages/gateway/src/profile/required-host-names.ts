import { type GatewaySettings, quote } from '@causeway/api-contract'
import { parseIpAddress } from '@causeway/wire'
import { isDnsName } from '../arm/index.ts'
import { CommandError } from '../quick-start/index.ts'

/**
 * The names and addresses that clients connect to, best first. Errors: `CommandError` `Conflict` where there are none,
 * `InvalidParameter` where one is neither: it would be read as something else where it stands in a profile.
 */
export function requireHostNames({ hostNames = [] }: GatewaySettings): readonly string[] {
  if (hostNames.length === 0) {
    const remedy = 'give its name or address as hostNames in the settings, or start it with --host NAME'
    throw new CommandError('Conflict', `it is not known how clients reach this gateway; ${remedy}`)
  }
  for (const name of hostNames) if (!isDnsName(name) && !parseIpAddress(name)) throw refused(name)
  return hostNames
}

function refused(name: string): CommandError {
  const message = `hostNames: ${quote(name)} is neither a DNS name nor an IP address; correct it`
  return new CommandError('InvalidParameter', message, [
    { code: 'InvalidParameter', message, target: 'hostNames' },
  ])
}
