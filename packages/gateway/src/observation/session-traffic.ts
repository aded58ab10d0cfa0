import type { FlowCounters } from '@causeway/datapath'
import type { TunnelType } from '../authentication/identity.ts'
import { NO_COUNTERS, type Session, sumOfCounters } from '../session/session.ts'

/** What all sessions of each protocol have carried, those that have ended included: it never becomes less. */
export class SessionTraffic {
  readonly #sessions = new Set<Session>()
  readonly #ended = new Map<TunnelType, FlowCounters>()

  began(session: Session): void {
    this.#sessions.add(session)
  }

  /** The last moment at which its counters can be read. */
  ended(session: Session): void {
    if (!this.#sessions.delete(session)) return
    const { protocol } = session
    this.#ended.set(protocol, sumOfCounters(this.#ended.get(protocol) ?? NO_COUNTERS, session.counters()))
  }

  /** By protocol, of those that have had sessions. */
  totals(): ReadonlyMap<TunnelType, FlowCounters> {
    const totals = new Map(this.#ended)
    for (const session of this.#sessions) {
      const { protocol } = session
      totals.set(protocol, sumOfCounters(totals.get(protocol) ?? NO_COUNTERS, session.counters()))
    }
    return totals
  }

  /** Sessions now, by protocol. */
  counts(): ReadonlyMap<TunnelType, number> {
    const counts = new Map<TunnelType, number>()
    for (const { protocol } of this.#sessions) counts.set(protocol, (counts.get(protocol) ?? 0) + 1)
    return counts
  }
}
