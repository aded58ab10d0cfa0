/** How patience with one key ends and comes back. */
interface PaceRule {
  /** So many failures cost nothing. */
  readonly free: number
  /** The wait after the first beyond them; each further one doubles it. */
  readonly firstSeconds: number
  readonly longestSeconds: number
  /** How long after its last failure a key is forgotten. */
  readonly forgetSeconds: number
}

/** One client id from one source: a script with an old secret, which tries for ever. */
const PAIR: PaceRule = { free: 5, firstSeconds: 1, longestSeconds: 60, forgetSeconds: 600 }
/** One source, with whatever client ids. */
const SOURCE: PaceRule = { free: 30, firstSeconds: 1, longestSeconds: 10, forgetSeconds: 120 }
/** Entries of some 200 bytes. */
const MOST = 8_192

/** Whose credentials are to be judged. */
export interface PacedClient {
  readonly clientId: string
  /** Where the request came from: an address, for IPv6 its /64. */
  readonly source: string
}

/**
 * Clients whose secrets were wrong again and again have to wait before another one is looked at. Nothing here has a
 * timer, and all of it is bounded. Nobody is locked out by what others do elsewhere: there is no count by client alone.
 */
export class FailurePace {
  readonly #pairs = new FailureTable(PAIR)
  readonly #sources = new FailureTable(SOURCE)

  /** Whole seconds that the client has to wait; 0: it may be judged. */
  wait({ clientId, source }: PacedClient, now: number): number {
    const seconds = Math.max(
      this.#pairs.wait(pairKey(clientId, source), now),
      this.#sources.wait(source, now),
    )
    return Math.ceil(seconds)
  }

  /**
   * Asked when an attempt begins. Of those with too many failures one is let through at a time: the next waits, whatever
   * becomes of this one. Others may have as many under way as they like.
   */
  begin({ clientId, source }: PacedClient, now: number): void {
    this.#pairs.hold(pairKey(clientId, source), now)
    this.#sources.hold(source, now)
  }

  fail({ clientId, source }: PacedClient, now: number): void {
    this.#pairs.charge(pairKey(clientId, source), now)
    this.#sources.charge(source, now)
  }

  /** It was right: what stands against the client there is forgotten. */
  succeed({ clientId, source }: PacedClient): void {
    this.#pairs.forget(pairKey(clientId, source))
  }
}

interface Failures {
  count: number
  last: number
  until: number
}

class FailureTable {
  readonly #rule: PaceRule
  /** In the order in which they were touched. */
  readonly #failures = new Map<string, Failures>()

  constructor(rule: PaceRule) {
    this.#rule = rule
  }

  wait(key: string, now: number): number {
    return Math.max(0, (this.#present(key, now)?.until ?? 0) - now)
  }

  charge(key: string, now: number): void {
    const count = (this.#present(key, now)?.count ?? 0) + 1
    this.#failures.delete(key)
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size < MOST) break
      this.#failures.delete(oldest)
    }
    this.#failures.set(key, { count, last: now, until: now + this.#delay(count) })
  }

  hold(key: string, now: number): void {
    const failures = this.#present(key, now)
    if (failures) failures.until = now + this.#delay(failures.count)
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  #present(key: string, now: number): Failures | undefined {
    const failures = this.#failures.get(key)
    return failures && now < failures.last + this.#rule.forgetSeconds ? failures : undefined
  }

  #delay(count: number): number {
    const { free, firstSeconds, longestSeconds } = this.#rule
    const beyond = count - free
    return beyond <= 0 ? 0 : Math.min(longestSeconds, firstSeconds * 2 ** Math.min(beyond - 1, 30))
  }
}

function pairKey(clientId: string, source: string): string {
  return `${clientId.toLowerCase()}\n${source}`
}
