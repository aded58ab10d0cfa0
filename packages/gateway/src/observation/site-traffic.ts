import type { FlowCounters } from '@causeway/datapath'
import { NO_COUNTERS, sumOfCounters } from '../session/session.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'

/** What one connection has carried. */
export interface ConnectionTraffic {
  /** The connection's name; with its resource group where two have one name. */
  readonly connection: string
  readonly counters: FlowCounters
}

interface Known extends ConnectionTraffic {
  /** What each tunnel's record said last. */
  readonly seen: ReadonlyMap<string, FlowCounters>
}

/**
 * What connections to sites have carried. A connection's counters never become less while there is the connection,
 * and all bytes together never: records begin anew with each gateway and each reset.
 */
export class SiteTraffic {
  #known: ReadonlyMap<string, Known> = new Map()
  #bytesOfGone = 0

  /** By connection, of those in the records. */
  totals(records: readonly ConnectionRecord[]): readonly ConnectionTraffic[] {
    this.#take(records)
    return [...this.#known.values()]
  }

  /** Inner bytes of all connections that there have been, both directions together. */
  bytes(records: readonly ConnectionRecord[]): number {
    this.#take(records)
    return [...this.#known.values()].reduce((sum, { counters }) => sum + bytesOf(counters), this.#bytesOfGone)
  }

  /** Records to come are of another gateway, and count from nothing. */
  beginAnew(): void {
    this.#known = new Map([...this.#known].map(([id, known]) => [id, { ...known, seen: new Map() }]))
  }

  #take(records: readonly ConnectionRecord[]): void {
    const labels = connectionLabels(records)
    const former = this.#known
    this.#known = new Map(
      records.map(record => [
        record.id,
        grown(former.get(record.id), record, labels.get(record.id) as string),
      ]),
    )
    for (const [id, { counters }] of former) if (!this.#known.has(id)) this.#bytesOfGone += bytesOf(counters)
  }
}

/** What each connection is called in metrics, by its id. */
export function connectionLabels(records: readonly ConnectionRecord[]): ReadonlyMap<string, string> {
  const names = records.map(({ name }) => name.toLowerCase())
  const isOnly = (name: string): boolean => names.indexOf(name) === names.lastIndexOf(name)
  return new Map(
    records.map(({ id, name }) => [id, isOnly(name.toLowerCase()) ? name : `${groupOf(id)}/${name}`]),
  )
}

/** Ids are lower case. */
function groupOf(id: string): string {
  return /\/resourcegroups\/([^/]+)\//.exec(id)?.[1] ?? id
}

function grown(known: Known | undefined, { tunnels }: ConnectionRecord, connection: string): Known {
  const growth = tunnels.map(tunnel => growthOf(known?.seen.get(tunnel.tunnel) ?? NO_COUNTERS, tunnel))
  return {
    connection,
    counters: growth.reduce(sumOfCounters, known?.counters ?? NO_COUNTERS),
    seen: new Map(tunnels.map(tunnel => [tunnel.tunnel, sumOfCounters(NO_COUNTERS, tunnel)])),
  }
}

/** A counter that is less than it was has begun anew. */
function growthOf(seen: FlowCounters, now: FlowCounters): FlowCounters {
  const growth = Object.keys(NO_COUNTERS).map(name => {
    const key = name as keyof FlowCounters
    return [key, now[key] >= seen[key] ? now[key] - seen[key] : now[key]]
  })
  return Object.fromEntries(growth) as Record<keyof FlowCounters, number>
}

function bytesOf({ bytesReceived, bytesSent }: FlowCounters): number {
  return bytesReceived + bytesSent
}
