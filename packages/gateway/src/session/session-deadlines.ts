import type { TerminateCause } from '@causeway/radius'
import type { SessionTerms } from '../authentication/identity.ts'
import type { UserLimits } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { Session } from './session.ts'

/** So often it is looked whose time is over. */
const ROUND_MILLISECONDS = 1_000

/** What a server limits a session to in time. */
export type SessionTimes = Pick<SessionTerms, 'endsAt' | 'idleSeconds'>

export interface SessionDeadlinesOptions {
  readonly clock: Clock
  /** Told why a session ends, before it does. */
  readonly explain: (id: string, cause: TerminateCause) => void
  /** Judges the session's user anew; the reason to end it, if there is one. */
  readonly judgeAnew: (session: Session) => string | undefined
}

interface Watched {
  readonly session: Session
  times: SessionTimes
  limits: UserLimits
  /** Packets of both directions, and when they were so many last. */
  packets: number
  quietSince: number
  judgedAt: number
}

interface End {
  readonly cause: TerminateCause
  readonly reason: string
}

/**
 * Ends sessions when the time has come that a server or the user's limits allow them, whichever is the earlier. Costs
 * nothing for those that have no limit.
 */
export class SessionDeadlines {
  readonly #options: SessionDeadlinesOptions
  readonly #watched = new Map<string, Watched>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: SessionDeadlinesOptions) {
    this.#options = options
  }

  watch(session: Session): void {
    this.#update(session, {})
  }

  /** Other times of the server's from now on; what is not given stays. */
  change(session: Session, times: SessionTimes): void {
    const before = this.#watched.get(session.id)?.times ?? session.terms
    this.#update(session, { times: { ...before, ...times }, quietSince: this.#options.clock.now() })
  }

  /** Other limits of the user from now on. */
  hold(session: Session, limits: UserLimits): void {
    this.#update(session, { limits })
  }

  forget(id: string): void {
    this.#watched.delete(id)
    if (this.#watched.size === 0) this.close()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #update(session: Session, change: Partial<Pick<Watched, 'times' | 'limits' | 'quietSince'>>): void {
    const known = this.#watched.get(session.id)
    const watched = known ?? this.#begin(session)
    Object.assign(watched, change)
    if (!known && !isLimited(watched)) return
    this.#watched.set(session.id, watched)
    this.#timer ??= setInterval(() => this.#round(), ROUND_MILLISECONDS).unref()
  }

  #begin(session: Session): Watched {
    const now = this.#options.clock.now()
    const { terms, plan } = session
    return { session, times: terms, limits: plan.limits, packets: 0, quietSince: now, judgedAt: now }
  }

  #round(): void {
    for (const watched of [...this.#watched.values()]) {
      const end = this.#endOf(watched)
      if (!end) continue
      const { session } = watched
      this.#watched.delete(session.id)
      this.#options.explain(session.id, end.cause)
      session.end('auth-failed', end.reason)
    }
    if (this.#watched.size === 0) this.close()
  }

  #endOf(watched: Watched): End | undefined {
    const { unixSeconds } = this.#options.clock
    if (unixSeconds() >= endsAt(watched))
      return { cause: 'session-timeout', reason: 'the time of the session is over' }
    return this.#idleEnd(watched) ?? this.#judgedEnd(watched)
  }

  #idleEnd(watched: Watched): End | undefined {
    const allowed = idleSeconds(watched)
    if (allowed === Number.POSITIVE_INFINITY) return undefined
    const { packetsReceived, packetsSent } = watched.session.counters()
    const packets = packetsReceived + packetsSent
    const now = this.#options.clock.now()
    if (packets !== watched.packets) {
      watched.packets = packets
      watched.quietSince = now
    }
    if (now - watched.quietSince < allowed * 1_000) return undefined
    return { cause: 'idle-timeout', reason: `idle for ${allowed} s` }
  }

  #judgedEnd(watched: Watched): End | undefined {
    const every = watched.limits.reauthenticationSeconds
    const now = this.#options.clock.now()
    if (every === 0 || now - watched.judgedAt < every * 1_000) return undefined
    watched.judgedAt = now
    const reason = this.#options.judgeAnew(watched.session)
    return reason === undefined ? undefined : { cause: 'session-timeout', reason }
  }
}

/** Unix seconds. */
function endsAt({ session, times, limits }: Watched): number {
  const byLimit = limits.maximumSeconds > 0 ? session.startedAt + limits.maximumSeconds : NEVER
  return Math.min(times.endsAt ?? NEVER, byLimit)
}

function idleSeconds({ times, limits }: Watched): number {
  return Math.min(times.idleSeconds ?? NEVER, limits.idleSeconds > 0 ? limits.idleSeconds : NEVER)
}

const NEVER = Number.POSITIVE_INFINITY

function isLimited(watched: Watched): boolean {
  const { reauthenticationSeconds } = watched.limits
  return endsAt(watched) !== NEVER || idleSeconds(watched) !== NEVER || reauthenticationSeconds > 0
}
