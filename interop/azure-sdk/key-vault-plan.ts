import type { Person } from './network-plan.ts'

/** Who takes part. */
export const PEOPLE = ['owner', 'reader', 'certificateUser', 'secretsUser', 'nobody'] as const
export type VaultPerson = (typeof PEOPLE)[number]

/** Where vaults are, and who there is. */
export interface VaultPlace {
  readonly port: number
  readonly baseUrl: string
  readonly domain: string
  readonly tenantId: string
  readonly subscriptionId: string
  readonly people: Readonly<Record<VaultPerson, Person>>
  /** `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` of the gateway, whose identity is `identityId`. */
  readonly identityEndpoint: string
  readonly identityHeader: string
  readonly identityId: string
  /** Object id of the identity. */
  readonly identityPrincipalId: string
  /** Tokens of the owner, each with one thing wrong. */
  readonly wrongTokens: Readonly<Record<WrongToken, string>>
}

export const WRONG_TOKENS = ['audience', 'issuer', 'tenant', 'age', 'signature'] as const
export type WrongToken = (typeof WRONG_TOKENS)[number]

/** Clients of the SDKs, as the steps call them. */
export type VaultClientName = 'certificates' | 'secrets' | 'vaults'

/** One call of an SDK, or of the API itself. */
export type VaultStep =
  | {
      readonly do: VaultClientName
      /** Of the client. What answers page by page is read to its end, and what takes time is waited for. */
      readonly call: string
      /** `{$bytes: BASE64}` stands for bytes. */
      readonly with: readonly unknown[]
      /** Whose contents; not needed for `vaults`. */
      readonly vault?: string
      /** Instead of what the credential gets. */
      readonly token?: string
    }
  /** As the owner. */
  | { readonly do: 'arm'; readonly method: string; readonly path: string; readonly body?: object }

/** What a program does. */
export interface VaultPlan {
  readonly place: Omit<VaultPlace, 'people' | 'wrongTokens'>
  readonly owner: Person
  /** Who does it: somebody with a secret, or the identity that the environment gives. */
  readonly as: Person | 'managedIdentity'
  readonly steps: readonly VaultStep[]
}

/** What came of a step. Bytes are base64. */
export type VaultOutcome =
  // biome-ignore lint/suspicious/noExplicitAny: what SDKs answer is looked into
  | { readonly type: 'value'; readonly value: any }
  | {
      readonly type: 'error'
      readonly name: string
      readonly status: number | undefined
      readonly code: string | undefined
      readonly inner: string | undefined
      readonly message: string
    }
