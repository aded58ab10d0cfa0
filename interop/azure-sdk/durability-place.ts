import type { Person, SdkVersion } from './network-plan.ts'

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

/** What a program does that counts a tag up with an SDK. */
export interface CountingPlan {
  readonly sdk: SdkVersion
  readonly place: DurablePlace
  /** Group and name of a localNetworkGateway. */
  readonly path: readonly [string, string]
  /** How often, each time until it is acknowledged. */
  readonly times: number
}

/** What came of it. */
export interface CountingOutcome {
  /** How often somebody else was quicker. */
  readonly conflicts: number
}
