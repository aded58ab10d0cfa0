import type { Clock } from '../runtime/clock.ts'
import type { Session } from './session-table.ts'

/** So often it is looked whose time is over. */
const ROUND_MILLISECONDS = 1_000

interface Watched {
  readonly session: Session
  /** Packets of both directions, and when they were so many last. */
  packets: number
  quietSince: number
}

/** Ends the sessions whose terms have a limit when it has come. Costs nothing for those that have none. */
export class SessionDeadlines {
  readonly #clock: Clock
  readonly #watched = new Map<string, Watched>()
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watch(session: Session): void {
    const { endsAt, idleSeconds } = session.terms
    if (endsAt === undefined && idleSeconds === undefined) return
    this.#watched.set(session.id, { session, packets: 0, quietSince: this.#clock.now() })
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
      const reason = this.#reasonToEnd(watched)
      if (reason === undefined) continue
      this.#watched.delete(watched.session.id)
      watched.session.end('auth-failed', reason)
    }
    if (this.#watched.size === 0) this.close()
  }

  #reasonToEnd(watched: Watched): string | undefined {
    const { endsAt, idleSeconds } = watched.session.terms
    if (endsAt !== undefined && this.#clock.unixSeconds() >= endsAt) return 'the time of the session is over'
    if (idleSeconds === undefined) return undefined
    const { packetsReceived, packetsSent } = watched.session.counters()
    const packets = packetsReceived + packetsSent
    if (packets !== watched.packets) {
      watched.packets = packets
      watched.quietSince = this.#clock.now()
    }
    const quietSeconds = (this.#clock.now() - watched.quietSince) / 1_000
    return quietSeconds >= idleSeconds ? `idle for ${idleSeconds} s` : undefined
  }
}
