/** Who changed what, for the audit. It holds no secrets: its writer leaves them out. */
export interface HistoryEntry {
  /** Unix seconds. */
  readonly at: number
  /** The principal: a user's name or an object id. */
  readonly who: string
  /** As in role-based access control: `Microsoft.Network/virtualNetworkGateways/write`. */
  readonly action: string
  /** The resource, as a document key. */
  readonly target: string
  /** JSON; absent where there was nothing before. */
  readonly before?: unknown
  /** JSON; absent where there is nothing any more. */
  readonly after?: unknown
}

/** An entry with its place in the history. */
export interface HistoryRecord extends HistoryEntry {
  /** Grows with every entry. */
  readonly id: number
}

/** Which records are wanted. */
export interface HistoryQuery {
  /** This resource and what is below it. Absent: all. */
  readonly target?: string | undefined
  /** Unix seconds: not before. */
  readonly from?: number | undefined
  /** Unix seconds: before. */
  readonly to?: number | undefined
  /** The last id of the page before. */
  readonly after?: number | undefined
  /** At most so many records, 1 to 1,000. Default 100. */
  readonly limit?: number | undefined
}

/** How much of the history is kept. */
export interface HistoryLimits {
  readonly records: number
  readonly seconds: number
}

/** Ours: of the history is kept what is younger and among the newest. */
export const DEFAULT_HISTORY_LIMITS: HistoryLimits = { records: 100_000, seconds: 400 * 86_400 }
