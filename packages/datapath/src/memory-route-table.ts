import { formatIpPrefix, type IpAddress, type IpPrefix, ipPrefix } from '@causeway/wire'
import type { FlowId } from './ids.ts'

/** Longest-prefix match from inner address to flow, by one map look-up for each length in use. */
export class RouteTable {
  readonly #flows = new Map<
    string,
    { readonly family: 4 | 6; readonly length: number; readonly flow: FlowId }
  >()

  /** Adds a prefix, or moves it to another flow. */
  add(prefix: IpPrefix, flow: FlowId): void {
    this.#flows.set(formatIpPrefix(prefix), { family: prefix.address.family, length: prefix.length, flow })
  }

  /** Removes a prefix; one that is not there is left so. */
  remove(prefix: IpPrefix): void {
    this.#flows.delete(formatIpPrefix(prefix))
  }

  /** Removes every route to a flow. */
  removeFlow(flow: FlowId): void {
    for (const [key, route] of this.#flows) if (route.flow === flow) this.#flows.delete(key)
  }

  /** The flow of the longest prefix that holds the address. */
  match(address: IpAddress): FlowId | undefined {
    for (const length of this.#lengths(address.family)) {
      const route = this.#flows.get(formatIpPrefix(ipPrefix(address, length)))
      if (route) return route.flow
    }
    return undefined
  }

  #lengths(family: 4 | 6): number[] {
    const lengths = new Set<number>()
    for (const route of this.#flows.values()) if (route.family === family) lengths.add(route.length)
    return [...lengths].sort((a, b) => b - a)
  }
}
