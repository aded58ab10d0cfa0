import type { Datapath, FlowId, RouteChange } from '@causeway/datapath'
import { formatIpPrefix, type IpPrefix } from '@causeway/wire'

/** What a flow takes: destinations behind it, of packets from these sources. */
export interface RoutePair {
  readonly prefix: IpPrefix
  readonly source: IpPrefix
}

/** A flow that wants routes. Of several for the same pair the one of the lowest rank is sent through. */
export interface RoutedFlow {
  readonly flow: FlowId
  /** Compared part by part. */
  readonly rank: readonly number[]
  readonly pairs: readonly RoutePair[]
}

/** The routes of one pair. */
interface Contest {
  readonly pair: RoutePair
  /** In order of rank. */
  readonly flows: RoutedFlow[]
  /** What the datapath has: by metric. `undefined`: none, as its flow was closed. */
  told: (FlowId | undefined)[]
}

/**
 * The datapath's routes to sites. All flows that may take a pair have a route for it, so that what still comes by one
 * that is on its way out is taken; the metric is the place in the order of ranks, and the first that has a key sends.
 */
export class SiteRoutes {
  readonly #datapath: Datapath
  readonly #flows = new Map<FlowId, RoutedFlow>()
  readonly #contests = new Map<string, Contest>()

  constructor(datapath: Datapath) {
    this.#datapath = datapath
  }

  /** From now on the flow has these routes and this rank. */
  put(wanted: RoutedFlow): void {
    const before = this.#flows.get(wanted.flow)
    if (before && isSame(before, wanted)) return
    const touched = before ? this.#leave(before) : new Set<Contest>()
    this.#flows.set(wanted.flow, wanted)
    for (const pair of wanted.pairs) {
      const contest = this.#contest(pair)
      const place = contest.flows.findIndex(({ rank }) => compare(wanted.rank, rank) < 0)
      contest.flows.splice(place === -1 ? contest.flows.length : place, 0, wanted)
      touched.add(contest)
    }
    this.#tell(touched)
  }

  /** The flow was closed, and its routes are gone with it. */
  closed(flow: FlowId): void {
    const before = this.#flows.get(flow)
    if (!before) return
    this.#flows.delete(flow)
    const touched = this.#leave(before)
    for (const contest of touched) contest.told = contest.told.map(told => (told === flow ? undefined : told))
    this.#tell(touched)
  }

  #leave({ flow, pairs }: RoutedFlow): Set<Contest> {
    const touched = new Set<Contest>()
    for (const pair of pairs) {
      const contest = this.#contests.get(keyOf(pair))
      const place = contest?.flows.findIndex(other => other.flow === flow) ?? -1
      if (!contest || place === -1) continue
      contest.flows.splice(place, 1)
      touched.add(contest)
    }
    return touched
  }

  #contest(pair: RoutePair): Contest {
    const key = keyOf(pair)
    const known = this.#contests.get(key)
    if (known) return known
    const contest: Contest = { pair, flows: [], told: [] }
    this.#contests.set(key, contest)
    return contest
  }

  #tell(touched: ReadonlySet<Contest>): void {
    const changes: RouteChange[] = []
    for (const contest of touched) {
      changes.push(...changesOf(contest))
      contest.told = contest.flows.map(({ flow }) => flow)
      if (contest.flows.length === 0) this.#contests.delete(keyOf(contest.pair))
    }
    if (changes.length > 0) this.#datapath.changeRoutes(changes)
  }
}

/** What is added comes first: no packet finds the pair without a route. */
function changesOf({ pair, flows, told }: Contest): RouteChange[] {
  const added = flows.flatMap(({ flow }, metric) =>
    told[metric] === flow ? [] : [{ type: 'add', ...pair, metric, flow } as const],
  )
  const removed = told.flatMap((flow, metric) =>
    metric < flows.length || flow === undefined ? [] : [{ type: 'remove', ...pair, metric } as const],
  )
  return [...added, ...removed]
}

function keyOf({ prefix, source }: RoutePair): string {
  return `${formatIpPrefix(prefix)} ${formatIpPrefix(source)}`
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((part, i) => part !== b[i])
  return differing === -1 ? 0 : (a[differing] as number) - (b[differing] ?? 0)
}

function isSame(a: RoutedFlow, b: RoutedFlow): boolean {
  return (
    compare(a.rank, b.rank) === 0 &&
    a.pairs.length === b.pairs.length &&
    a.pairs.every((pair, i) => keyOf(pair) === keyOf(b.pairs[i] as RoutePair))
  )
}
