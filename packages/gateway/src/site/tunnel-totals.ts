import type { FlowCounters } from '@causeway/datapath'
import { NO_COUNTERS, sumOfCounters } from '../session/session.ts'

/** What the sessions of each tunnel have carried that are over. */
export class TunnelTotals {
  readonly #byTunnel = new Map<string, FlowCounters>()

  add(tunnel: string, counters: FlowCounters): void {
    this.#byTunnel.set(tunnel, sumOfCounters(this.of(tunnel), counters))
  }

  of(tunnel: string): FlowCounters {
    return this.#byTunnel.get(tunnel) ?? NO_COUNTERS
  }
}
