// npm's oidc-provider has no types: what the tenant uses of it.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface Client {
    readonly clientId: string
    grantTypeAllowed(type: string): boolean
  }

  /** What Koa calls a context, in a request for OpenID Connect. */
  export interface Context {
    readonly oidc: {
      readonly client: Client
      readonly params: { readonly username?: string; readonly password?: string; readonly resource?: string }
    }
    body: unknown
  }

  export interface ResourceServerInfo {
    readonly scope: string
    readonly audience: string
    readonly accessTokenTTL: number
    readonly accessTokenFormat: 'jwt'
    readonly jwt: { readonly sign: { readonly alg: string } }
  }

  export interface AccessToken {
    resourceServer?: ResourceServerInfo
    readonly accountId?: string
    readonly expiration: number
    save(): Promise<string>
  }

  export interface Grant {
    addOIDCScope(scope: string): void
    addOIDCClaims(claims: readonly string[]): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  export interface Interaction {
    readonly uid: string
    readonly grantId?: string
    readonly session?: { readonly accountId: string }
    readonly params: { readonly client_id?: string }
    readonly prompt: {
      readonly name: string
      readonly details: {
        readonly missingOIDCScope?: readonly string[]
        readonly missingOIDCClaims?: readonly string[]
        readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>
      }
    }
  }

  export type InteractionResult =
    | { readonly login: { readonly accountId: string } }
    | { readonly consent: { readonly grantId: string } }
    | { readonly error: string; readonly error_description: string }

  export default class Provider {
    constructor(issuer: string, configuration: object)
    readonly AccessToken: new (of: {
      readonly accountId: string
      readonly client: Client
      readonly gty: string
    }) => AccessToken
    readonly ResourceServer: new (
      identifier: string,
      info: ResourceServerInfo,
    ) => ResourceServerInfo
    readonly Grant: {
      new (of: { readonly accountId: string; readonly clientId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
    registerGrantType(
      name: string,
      handler: (context: Context) => Promise<void>,
      parameters: readonly string[],
    ): void
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: InteractionResult,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
  }

  export const errors: {
    readonly InvalidGrant: new (description: string) => Error
  }
}
