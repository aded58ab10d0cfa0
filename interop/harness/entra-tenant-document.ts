import type { JWK } from 'jose'
import type { Credential } from './certificates.ts'
import type { TenantUser } from './entra-tenant-directory.ts'

/** A tenant as a provider has it: Entra has one for each version of tokens. */
export interface TenantEndpoint {
  /** Directory id. */
  readonly tenantId: string
  /** Where it is on the host: `/{tenantId}`, or `/{tenantId}/v2.0`. */
  readonly path: string
  /** What it calls itself, which at Entra is on another host. */
  readonly issuer: string
}

/** An application that users sign in to. */
export interface TenantApp {
  readonly clientId: string
  readonly clientSecret?: string
  /** None: it takes names and passwords by itself. */
  readonly redirectUris: readonly string[]
}

/** What the tenant's process reads. */
export interface TenantDocument {
  /** Where it listens, on port 443. */
  readonly address: string
  readonly credential: Credential
  readonly endpoints: readonly TenantEndpoint[]
  readonly users: readonly TenantUser[]
  readonly apps: readonly TenantApp[]
  /** Private; it signs with the first. */
  readonly keys: readonly JWK[]
}

/** What the tenant's process is told while it runs. */
export type TenantCommand =
  | { readonly type: 'keys'; readonly keys: readonly JWK[] }
  | { readonly type: 'user'; readonly upn: string; readonly isEnabled: boolean }

/** What a resource parameter has before the audience, for it has to be a URI. */
export const RESOURCE_PREFIX = 'app:'
