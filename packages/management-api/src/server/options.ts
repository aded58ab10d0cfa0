import type { ResourceTypeName } from '@causeway/api-contract'
import type { GatewayResource } from '@causeway/gateway'
import type { DocumentStore, SecretStore } from '@causeway/store'
import type { PrincipalStore, TokenService, TokenVerifier } from '@causeway/token-service'
import type { Logger } from 'pino'
import type { Installation, ResourceServers, Services } from '../call/services.ts'
import type { DeployRequest } from '../deployments/deploy-as.ts'
import type { DeploymentOutcome } from '../deployments/run.ts'
import type { RunningNetwork } from '../network/network-options.ts'
import type { MetricsText } from '../observation/metrics-routes.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import type { VaultsTended } from '../vault/tending.ts'
import type { InstallationAnswer, InstallationRequest } from './installation-calls.ts'

/** A certificate chain and its key, PEM. */
export interface ServerCertificate {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
}

/** The data plane of vaults, which are reached by host. */
export interface VaultPlane {
  /** What follows a vault's name in its host: `vault.example.org`. Its https URL is what tokens for vaults are for. */
  readonly domain: string
  /** Of tokens for vaults: those for the management API open no vault, and the other way round. */
  readonly verifier: TokenVerifier
  /** Where clients of vaults sign in: `https://HOST/TENANT`. */
  readonly authorizationUri: string
}

export interface ManagementApiOptions {
  readonly store: DocumentStore
  readonly secrets: Pick<SecretStore, 'read'>
  readonly tokens: { readonly service: TokenService; readonly verifier: TokenVerifier }
  readonly principals: PrincipalStore
  /** Whether the verifier takes tokens of another tenant too. Default no. */
  readonly hasExternalTenant?: boolean
  readonly installation: Installation
  /** What stands behind resource types beside the store. */
  readonly servers?: ResourceServers
  /** The running gateway, to which the types of the network are joined. Absent: they are plain documents. */
  readonly running?: RunningNetwork
  /** https URLs by which clients come, without a slash at the end. The first one is used when a client names none. */
  readonly baseUrls: readonly [string, ...string[]]
  readonly certificate: ServerCertificate
  /** Absent: there are no vaults. */
  readonly vaults?: VaultPlane
  /** What Prometheus reads. Absent: there is no `/metrics`. */
  readonly metrics?: () => Promise<MetricsText>
  /** Entries of one page of a list, unless a client asks for fewer. Default 500. */
  readonly pageEntries?: number
  /** Of the gateway, for the OpenAPI document. */
  readonly version: string
  readonly log: Logger
  /** Unix seconds. */
  readonly now: () => number
  /** How to wait until something is tried again. Default: a timer that keeps no process from ending. */
  readonly pause?: (milliseconds: number) => Promise<void>
}

/** The HTTPS API. */
export interface ManagementApi {
  /** What the operator's commands look into, beside making requests. */
  readonly services: Pick<Services, 'resources' | 'vaults'>
  /** Begins to listen. Answers the port that it was given, for port 0. Errors: Node's, as EADDRINUSE. */
  listen(address: { readonly host: string; readonly port: number }): Promise<number>
  /** Takes another certificate for connections that begin from now on. Errors: OpenSSL's. */
  replaceCertificate(certificate: ServerCertificate): void
  /**
   * What the gateway is to go by of a type: each resource as it was last applied, its secrets in it. Resources that
   * never were are not there.
   */
  running(type: ResourceTypeName): Promise<readonly ServedResource[]>
  /**
   * Does what vaults do by themselves, to be called now and then: new versions of certificates whose policies say so;
   * what was deleted is purged when its time has come. Errors: the store's.
   */
  tendVaults(): Promise<VaultsTended>
  /**
   * Makes the resources say what is in force of the gateway, after the operator's commands or another process have
   * changed it: to be called at the start, and from `ManagedGateway.onChanged`. A resource that is being changed follows
   * when that has ended; until then no change of a gateway is applied. Errors: the store's; `ERR_API_ADOPT` without
   * `running`.
   */
  adopt(present: GatewayResource | undefined): Promise<void>
  /**
   * Brings what runs in line with the stored connections and with what is around the gateway: to be called at the start,
   * when {@link adopt} has ended. What cannot be done is logged. Errors: the store's.
   */
  rejoin(): Promise<void>
  /** Makes a request as the installation itself, which may do everything. Errors are answers, as over HTTPS. */
  asInstallation(request: InstallationRequest): Promise<InstallationAnswer>
  /** What such a request came to, once the operation that it may have begun has ended. */
  waitFor(answer: InstallationAnswer): Promise<InstallationAnswer>
  /** Deploys a template as the installation itself, and waits for its end. Errors: the store's. */
  deploy(request: DeployRequest): Promise<DeploymentOutcome>
  /** Ends what was begun, within limits, and lets the port go. */
  close(): Promise<void>
  /** Answers a request without a network, for tests. */
  inject: (request: InjectedRequest) => Promise<InjectedAnswer>
}

export interface InjectedRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string | Buffer
}

export interface InjectedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}
