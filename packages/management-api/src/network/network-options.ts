import type { ErrorBody, ResourceTypeName } from '@causeway/api-contract'
import type { ManagedGateway } from '@causeway/gateway'
import type { Logger } from 'pino'
import type { Body } from '../resources/document.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import type { Caller } from '../rights/caller.ts'
import type { PackageUrls } from './package-urls.ts'

/** Packets of the gateway, caught to be looked at. Errors of both: a `ResourceServerError`, or an `Error` for the log. */
export interface PacketCapture {
  /** @param filterData as ARM has it: JSON in a text. Answers what the caller is told. */
  start(filterData: string | undefined): Promise<string>
  /** @param sasUrl where the capture is to go. Answers what the caller is told. */
  stop(sasUrl: string | undefined): Promise<string>
}

/** The running gateway, as it is handed to the management API. */
export interface RunningNetwork {
  readonly gateway: ManagedGateway
  /** Absent: packets cannot be captured. */
  readonly capture?: PacketCapture
}

/** What the servers of the network's types work with. */
export interface NetworkOptions extends RunningNetwork {
  readonly resources: NetworkResources
  readonly packages: PackageUrls
  /** Domains below which the gateway may ask vaults for certificates. */
  readonly vaultDomains: readonly string[]
  /** Whether a command of the operator has changed the gateway, and its resource does not say so yet. */
  readonly isBehind: () => boolean
  /** Has the stored connections run again, where they do not: within {@link NetworkResources.changing}. */
  readonly rejoin: () => Promise<void>
  /** Unix seconds. */
  readonly now: () => number
  readonly log: Logger
}

/** Stored resources, as far as the network's types look at each other. Errors of every method: the store's. */
export interface NetworkResources {
  /** As it was last put, its secrets in it. `undefined`: there is none. */
  read(id: string): Promise<ServedResource | undefined>
  /** As it was last applied, where it ever was; else as it was put. */
  running(id: string): Promise<ServedResource | undefined>
  /** As ARM answers it. */
  view(id: string): Promise<Body | undefined>
  ofType(type: ResourceTypeName): Promise<readonly ServedResource[]>
  /** Ids of those that refer to a resource or to a part of it. */
  usersOf(id: string): readonly string[]
  /** Why somebody may not do something to a resource; `undefined`: they may. */
  judgeRight(caller: Caller, right: string, id: string): ErrorBody | undefined
  /** Changes what is in force: one at a time, and while nobody changes the resources that it relies on. */
  changing<Result>(relies: readonly string[], work: () => Promise<Result>): Promise<Result>
}
