/** Times and amounts of a connection, all ours but those with a source; milliseconds. */
export interface ConnectionLimits {
  /** Wait before a dial after the first failure; each later one is twice as long … */
  readonly firstBackOffMs: number
  /** … up to this. Jitter takes up to a quarter off. */
  readonly longestBackOffMs: number
  /** A session that lived so long has worked: the back-off begins anew. */
  readonly stableMs: number
  /** After the loss of a session that worked: a random wait up to this, so that both ends do not dial at once. */
  readonly redialMs: number
  /** Dials of a tunnel in any minute. */
  readonly dialsPerMinute: number
  /** IKE has its own, shorter deadline; a dial of which nothing is heard is given up after so long. */
  readonly dialMs: number
  /** A tunnel that cannot dial for a reason of ours looks again after so long. */
  readonly lookAgainMs: number
  /** Sessions begun by both ends and established so close together have crossed. */
  readonly crossingMs: number
  /** Traffic has moved to the session that stays; up to as much again is added at random. */
  readonly settleMs: number
  /** The other end should have closed it; up to as much again is added at random. */
  readonly patienceMs: number
  /** A session is not replaced before this age: two ends that do so must not cross with its beginning. */
  readonly renewAfterMs: number
  /** Wait after a replacement that failed, twice as long each time … */
  readonly firstRenewalBackOffMs: number
  /** … up to this. */
  readonly longestRenewalBackOffMs: number
  /** A session under a configuration that is gone ends after so long, replaced or not. */
  readonly oldTermsMs: number
  /** An IKE SA without a Child SA ends after so long. */
  readonly childMs: number
  /** IKE SAs of a tunnel; beyond, the oldest that carries nothing gives way. */
  readonly sessionsPerTunnel: number
  /** The vault is asked so often whether there is a new version; jitter takes up to a tenth off. */
  readonly pollMs: number
  /** Wait after a refusal by the vault, twice as long each time … */
  readonly firstFetchBackOffMs: number
  /** … up to this. Jitter takes up to a quarter off. */
  readonly longestFetchBackOffMs: number
  /** Between the beginnings of two calls to the vault, whatever happens. */
  readonly fetchSpacingMs: number
  /** A call to the vault is given up after so long. The vault's client gives up after 30 s. */
  readonly fetchMs: number
  /** The wall clock, which may jump, is looked at so often. */
  readonly clockMs: number
  /** Azure keeps an address for five minutes (facts §5.3). */
  readonly addressMs: number
  readonly resolveMs: number
}

export const DEFAULT_LIMITS: ConnectionLimits = {
  firstBackOffMs: 1_000,
  longestBackOffMs: 60_000,
  stableMs: 60_000,
  redialMs: 1_000,
  dialsPerMinute: 10,
  dialMs: 90_000,
  lookAgainMs: 30_000,
  crossingMs: 10_000,
  settleMs: 5_000,
  patienceMs: 60_000,
  renewAfterMs: 20_000,
  firstRenewalBackOffMs: 5_000,
  longestRenewalBackOffMs: 300_000,
  oldTermsMs: 60_000,
  childMs: 15_000,
  sessionsPerTunnel: 4,
  pollMs: 600_000,
  firstFetchBackOffMs: 5_000,
  longestFetchBackOffMs: 300_000,
  fetchSpacingMs: 5_000,
  fetchMs: 60_000,
  clockMs: 600_000,
  addressMs: 300_000,
  resolveMs: 15_000,
}
