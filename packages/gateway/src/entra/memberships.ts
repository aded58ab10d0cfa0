import type { TokenIdentity } from '@causeway/entra'
import type { Logger } from 'pino'
import type { GroupMember } from '../configuration.ts'

/**
 * By what policy groups know the user of a token: the object ids of its groups. A guest is a member of none, as in
 * Azure. More groups than fit into a token are none that could be told: such a user is in the default group, and the
 * log says so.
 */
export function membershipsOf({ groups, user, isGuest }: TokenIdentity, log: Logger): readonly GroupMember[] {
  if (groups === 'overage') {
    log.warn({ user }, `Entra ID: ${user} has more groups than fit into the token; the default group applies`)
    return []
  }
  if (isGuest && groups.length > 0)
    log.info({ user }, `Entra ID: ${user} is a guest of the tenant; the default group applies`)
  return isGuest ? [] : groups.map(group => ({ type: 'AADGroupId', value: group.toLowerCase() }))
}
