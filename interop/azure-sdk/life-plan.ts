import type { ManagementPlace, Principal } from '../harness/management.ts'
import type { SdkVersion } from './network-plan.ts'

/** The SDKs that a step may use; `arm` is the API itself, where no SDK here has the call. */
export type SdkName =
  | `network${SdkVersion}`
  | 'msi'
  | 'keyvault'
  | 'authorization'
  | 'certificates'
  | 'secrets'
  | 'arm'

/** Who does it: somebody with a secret, or whoever has a token. */
export type Signer = Principal | { readonly token: string }

/** One call of an SDK. */
export interface LifeStep {
  readonly sdk: SdkName
  readonly as: Signer
  /** Operations of the client: `virtualNetworkGateways`. A vault's client has none: the vault's name. */
  readonly group: string
  /** As the modular clients call it. Of `arm`: the method, or `TOKEN`. */
  readonly call: string
  /** `{$bytes: BASE64}` stands for bytes. Of `arm`: path, and body; a token's scope. */
  readonly with: readonly unknown[]
  readonly headers?: Readonly<Record<string, string>>
}

/** What a program is told at its start: where all is. */
export type LifePlan = ManagementPlace

/** A request that an SDK made, without its host. */
export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly status: number
}

/** ARM's error body, as it was on the wire: some SDKs leave a part of it out. */
export interface WireError {
  readonly code?: string
  readonly message?: string
  readonly target?: string
}

/** What came of a step. */
export type LifeOutcome = { readonly requests: readonly SentRequest[] } & (
  | // biome-ignore lint/suspicious/noExplicitAny: what SDKs answer is looked into
  { readonly type: 'value'; readonly value: any }
  | {
      readonly type: 'error'
      readonly status: number | undefined
      readonly code: string | undefined
      readonly message: string
      /** Of the last answer that was one. */
      readonly wire: WireError
    }
)
