import type { Person } from './network-plan.ts'

/** Where the API is, and who there is over its restarts. */
export interface DurablePlace {
  readonly baseUrl: string
  readonly tenantId: string
  readonly subscriptionId: string
  /** Owner of everything. */
  readonly owner: Person
  /** Somebody without any role at first. */
  readonly newcomer: Person
}
