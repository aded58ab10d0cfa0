/** What a program signs in with, and for what. */
export type CredentialPlan = {
  /** Tokens that it asks for, one after the other, of one credential object. */
  readonly scopes: readonly string[]
} & (
  | {
      readonly type: 'secret'
      readonly tenantId: string
      readonly clientId: string
      readonly clientSecret: string
      readonly authorityHost: string
    }
  | {
      readonly type: 'certificate'
      readonly tenantId: string
      readonly clientId: string
      /** Certificate and private key in one PEM file. */
      readonly certificatePath: string
      readonly authorityHost: string
    }
  | {
      readonly type: 'managedIdentity'
      /** None: the resource's own, or its only one. */
      readonly identity: ManagedIdentityName
    }
)

/** How an identity is named. */
export type ManagedIdentityName =
  | { readonly clientId: string }
  | { readonly resourceId: string }
  | { readonly objectId: string }
  | Readonly<Record<string, never>>

/** What became of one request for a token. */
export type TokenOutcome =
  | { readonly type: 'token'; readonly token: string; readonly expiresAt: number }
  | { readonly type: 'error'; readonly name: string; readonly message: string }
