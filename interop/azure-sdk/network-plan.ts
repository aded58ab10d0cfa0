/** Who signs in. */
export interface Person {
  readonly clientId: string
  readonly objectId: string
  readonly clientSecret: string
}

/** Where the API is, and who there is. */
export interface ServerPlace {
  readonly baseUrl: string
  readonly tenantId: string
  readonly subscriptionId: string
  readonly owner: Person
  readonly reader: Person
}

/** Generations of @azure/arm-network: the generated clients of old, and the modular ones. */
export const SDK_VERSIONS = ['36', '39'] as const
export type SdkVersion = (typeof SDK_VERSIONS)[number]

/** A group of operations of the client, as it calls them. */
export type OperationGroup =
  | 'localNetworkGateways'
  | 'publicIPAddresses'
  | 'virtualNetworkGateways'
  | 'virtualNetworks'
  | 'subnets'

/** One call of the SDK; groups are made without one, for @azure/arm-network has none. */
export type Step =
  | { readonly do: 'group'; readonly name: string; readonly location: string }
  | {
      readonly do: 'put'
      readonly group: OperationGroup
      readonly path: readonly string[]
      readonly body: object
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly do: 'get' | 'delete'
      readonly group: OperationGroup
      readonly path: readonly string[]
      /** Instead of what the credential gets. */
      readonly token?: string
    }
  | {
      readonly do: 'tags'
      readonly group: OperationGroup
      readonly path: readonly string[]
      readonly tags: object
    }
  | {
      readonly do: 'action'
      readonly group: OperationGroup
      /** As the modular client calls it. */
      readonly name: string
      readonly isLong: boolean
      readonly path: readonly string[]
      readonly body?: object
    }
  | { readonly do: 'list'; readonly group: OperationGroup; readonly path: readonly string[] }

/** What a program does with an SDK. */
export interface NetworkPlan {
  readonly sdk: SdkVersion
  readonly place: Omit<ServerPlace, 'owner' | 'reader'>
  readonly person: Person
  readonly steps: readonly Step[]
}

/** What came of a step. */
export type StepOutcome =
  | { readonly type: 'value'; readonly value: unknown }
  | {
      readonly type: 'error'
      readonly status: number | undefined
      readonly code: string | undefined
      readonly message: string
      /** Of ARM's error body. */
      readonly target: string | undefined
    }
