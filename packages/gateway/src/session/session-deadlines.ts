import type { TerminateCause } from '@causeway/radius'
import type { SessionTerms } from '../authentication/identity.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Session } from './session.ts'

/** So often it is looked whose time is over. */
const ROUND_MILLISECONDS = 1_000

/** What limits a session in time. */
export type SessionTimes = Pick<SessionTerms, 'endsAt' | 'idleSeconds'>

interface Watched {
  readonly session: Session
  times: SessionTimes
  /** Packets of both directions, and when they were so many last. */
  packets: number
  quietSince: number
}

/** Ends the sessions whose terms have a limit when it has come. Costs nothing for those that have none. */
export class SessionDeadlines {
  readonly #clock: Clock
  readonly #explain: (id: string, cause: TerminateCause) => void
  readonly #watched = new Map<string, Watched>()
  #timer: NodeJS.Timeout | undefined

  /** @param explain told why a session ends, before it does. */
  constructor(clock: Clock, explain: (id: string, cause: TerminateCause) => void) {
    this.#clock = clock
    this.#explain = explain
  }

  watch(session: Session): void {
    this.change(session, {})
  }

  /** Other limits from now on; what is not given stays. Without any the session is not watched. */
  change(session: Session, changes: SessionTimes): void {
    const known = this.#watched.get(session.id)
    const times = { ...(known?.times ?? session.terms), ...changes }
    if (times.endsAt === undefined && times.idleSeconds === undefined) return
    const quietSince = this.#clock.now()
    if (known) Object.assign(known, { times, quietSince })
    else this.#watched.set(session.id, { session, times, packets: 0, quietSince })
    this.#timer ??= setInterval(() => this.#round(), ROUND_MILLISECONDS).unref()
  }

  forget(id: string): void {
    this.#watched.delete(id)
    if (this.#watched.size === 0) this.close()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #round(): void {
    for (const watched of [...this.#watched.values()]) {
      const end = this.#endOf(watched)
      if (!end) continue
      const { session } = watched
      this.#watched.delete(session.id)
      this.#explain(session.id, end.cause)
      session.end('auth-failed', end.reason)
    }
    if (this.#watched.size === 0) this.close()
  }

  #endOf(watched: Watched): { readonly cause: TerminateCause; readonly reason: string } | undefined {
    const { endsAt, idleSeconds } = watched.times
    if (endsAt !== undefined && this.#clock.unixSeconds() >= endsAt)
      return { cause: 'session-timeout', reason: 'the time of the session is over' }
    if (idleSeconds === undefined) return undefined
    const { packetsReceived, packetsSent } = watched.session.counters()
    const packets = packetsReceived + packetsSent
    if (packets !== watched.packets) {
      watched.packets = packets
      watched.quietSince = this.#clock.now()
    }
    const quietSeconds = (this.#clock.now() - watched.quietSince) / 1_000
    if (quietSeconds < idleSeconds) return undefined
    return { cause: 'idle-timeout', reason: `idle for ${idleSeconds} s` }
  }
}
