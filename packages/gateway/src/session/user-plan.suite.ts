import type { UserLimits } from '../configuration.ts'
import type { UserPlan } from './user-plan.ts'

export const NO_LIMITS: UserLimits = {
  maximumSeconds: 0,
  idleSeconds: 0,
  reauthenticationSeconds: 0,
  devicesPerUser: 0,
}

/** The plan of a user in no group, with these limits. */
export function planWithin(limits: Partial<UserLimits> = {}): UserPlan {
  return {
    pools: [],
    network: { insidePrefixes: [], customRoutes: [], dnsServers: [], dnsSearchDomains: [] },
    limits: { ...NO_LIMITS, ...limits },
  }
}
