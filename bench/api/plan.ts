/** What the loader is to know of a server. */
export interface LoadPlace {
  readonly baseUrl: string
  /** Of the server's certificate, PEM. */
  readonly ca: string
  /** Clients, each with a connection of its own. */
  readonly clients: number
  /** Absent: nobody signs in. */
  readonly api?: ApiPlace
}

/** Where in the API the clients work. */
export interface ApiPlace {
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  /** `/subscriptions/S/resourceGroups`; the groups below are in it. */
  readonly groups: string
}

/** What every client does. */
export type Work =
  /** Asks for a token, and has it from then on. */
  | 'token'
  /** Makes what the others need: two groups, and in one of them resources. By the first client alone. */
  | 'prepare'
  | 'read'
  | 'list'
  /** PUT of a resource that was not there. */
  | 'write'
  /** Reads one of a few resources and counts its tag up with If-Match. */
  | 'increment'
  /** Asks how high the counters are. By the first client alone. */
  | 'count'

/**
 * - `once`: each client, as soon as it can. - `crowd`: each client again as soon as it was answered. - `pace`: each
 * client so often a second, however long its answers take.
 */
export type Arrival =
  | { readonly type: 'once' }
  | { readonly type: 'crowd'; readonly seconds: number }
  | { readonly type: 'pace'; readonly seconds: number; readonly perSecond: number }

export interface Phase {
  readonly work: Work
  readonly arrival: Arrival
}

/** What became of a phase. */
export interface PhaseResult {
  readonly requests: number
  /** From the first request's beginning until the last one's end. */
  readonly seconds: number
  /** Milliseconds of a request; with a pace from when it was to begin. */
  readonly median: number
  readonly p99: number
  /** How often each status was answered; 0 stands for a connection that broke. */
  readonly statuses: Readonly<Record<string, number>>
  /** Of `count`: the sum of all counters. */
  readonly counted?: number
}

/** In the group that is read and listed. */
export const READ_RESOURCES = 100
/** That all clients count up: of a thousand clients some ten meet at each. */
export const COUNTERS = 100
