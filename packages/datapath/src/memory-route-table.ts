import {
  formatIpPrefix,
  type IpAddress,
  type IpPrefix,
  ipPrefix,
  prefixContains,
  sameIpAddress,
} from '@causeway/wire'
import type { Route } from './datapath.ts'
import type { FlowId } from './ids.ts'

/** A route with what it leaves out filled in. */
interface FullRoute {
  readonly prefix: IpPrefix
  readonly source: IpPrefix
  readonly metric: number
  readonly flow: FlowId
}

/** From the addresses of inner packets to flows, by one map look-up for each length of destination in use. */
export class RouteTable {
  /** Routes by destination. */
  readonly #routes = new Map<string, readonly FullRoute[]>()

  /** Adds a route, or moves it to another flow. */
  add(route: Route, flow: FlowId): void {
    const full = fill(route, flow)
    this.#put(route.prefix, [...this.#others(full), full])
  }

  /** Removes a route; one that is not there is left so. */
  remove(route: Route): void {
    this.#put(route.prefix, this.#others(fill(route, 0)))
  }

  /** Removes every route to a flow. */
  removeFlow(flow: FlowId): void {
    for (const [key, routes] of this.#routes) {
      const others = routes.filter(route => route.flow !== flow)
      if (others.length > 0) this.#routes.set(key, others)
      else this.#routes.delete(key)
    }
  }

  /** The flows of the routes that decide, the most wanted first; none: there is no route. */
  match(destination: IpAddress, source: IpAddress): readonly FlowId[] {
    for (const length of this.#lengths(destination.family)) {
      const routes = this.#routes.get(formatIpPrefix(ipPrefix(destination, length))) ?? []
      const taking = routes.filter(route => prefixContains(route.source, source))
      const longest = Math.max(...taking.map(route => route.source.length))
      const deciding = taking.filter(route => route.source.length === longest)
      if (deciding.length > 0) return deciding.toSorted((a, b) => a.metric - b.metric).map(({ flow }) => flow)
    }
    return []
  }

  /** The routes to the same destination that are not equal to this one. */
  #others(route: FullRoute): FullRoute[] {
    return (this.#routes.get(formatIpPrefix(route.prefix)) ?? []).filter(other => !isSameRoute(other, route))
  }

  #put(destination: IpPrefix, routes: readonly FullRoute[]): void {
    const key = formatIpPrefix(destination)
    if (routes.length > 0) this.#routes.set(key, routes)
    else this.#routes.delete(key)
  }

  #lengths(family: 4 | 6): number[] {
    const lengths = new Set<number>()
    for (const [route] of this.#routes.values())
      if (route?.prefix.address.family === family) lengths.add(route.prefix.length)
    return [...lengths].sort((a, b) => b - a)
  }
}

function fill({ prefix, source, metric }: Route, flow: FlowId): FullRoute {
  return { prefix, source: source ?? ipPrefix(prefix.address, 0), metric: metric ?? 0, flow }
}

/** Of two routes to one destination. */
function isSameRoute(a: FullRoute, b: FullRoute): boolean {
  return (
    a.metric === b.metric &&
    a.source.length === b.source.length &&
    sameIpAddress(a.source.address, b.source.address)
  )
}
