import type { DatapathSettings, RouteChange } from './datapath.ts'
import type { FlowId } from './ids.ts'
import type { MemoryFlow } from './memory-flow.ts'
import { type InnerPacket, readInnerPacket } from './memory-inner-packet.ts'
import { clampMss } from './memory-mss-clamp.ts'
import { RouteTable } from './memory-route-table.ts'
import type { MemoryThroughput } from './memory-throughput.ts'

/** Moves inner packets between the host and flows, and judges those of flows. */
export class MemoryInnerRouter {
  readonly #flows: ReadonlyMap<FlowId, MemoryFlow>
  readonly #throughput: MemoryThroughput
  readonly #routes = new RouteTable()
  #toHost: Uint8Array[] = []
  /** Whether packets for the host have somewhere to go. */
  hasTun = false
  readonly #transit = { clientToClient: false, clientToSite: false, siteToClient: false, siteToSite: false }

  constructor(flows: ReadonlyMap<FlowId, MemoryFlow>, throughput: MemoryThroughput) {
    this.#flows = flows
    this.#throughput = throughput
  }

  /** What is said of packets from flow to flow; the rest stays as it is. */
  configure({ clientToClient, clientToSite, siteToClient, siteToSite }: DatapathSettings): void {
    const now = this.#transit
    now.clientToClient = clientToClient ?? now.clientToClient
    now.clientToSite = clientToSite ?? now.clientToSite
    now.siteToClient = siteToClient ?? now.siteToClient
    now.siteToSite = siteToSite ?? now.siteToSite
  }

  /** Makes changes whose flows are known to exist. */
  change(changes: readonly RouteChange[]): void {
    for (const change of changes) {
      if (change.type === 'add') this.#routes.add(change, change.flow)
      else this.#routes.remove(change)
    }
  }

  /** Removes every route to a flow. */
  removeFlow(flow: FlowId): void {
    this.#routes.removeFlow(flow)
  }

  /** A packet of the host's. False when no flow has its destination. */
  fromHost(packet: Uint8Array): boolean {
    const inner = readInnerPacket(packet)
    const flow = inner && this.#choose(this.#routes.match(inner.destination, inner.source))
    if (!inner || !flow) return false
    if (!this.#throughput.admits(inner.bytes.length)) return true
    clampMss(inner.bytes, flow.clampBytes)
    const answer = flow.sendInner(inner)
    if (answer) this.#toHost.push(answer)
    return true
  }

  /** What has come for the host since the last call. */
  takeForHost(): Uint8Array[] {
    const packets = this.#toHost
    this.#toHost = []
    return packets
  }

  /** A packet that came by a flow; `admitted`: its SA's selectors hold it. The flow's limit is asked here. */
  fromFlow(from: MemoryFlow, received: InnerPacket, admitted: boolean): void {
    if (!admitted) from.counters.selectorMismatchesReceived++
    const inner = admitted ? from.receiveTranslated(received) : received
    if (!inner) return
    // What the peer sends comes by a route that an answer might take.
    if (!this.#routes.match(inner.source, inner.destination).includes(from.id) || !admitted) {
      from.counters.sourceViolations++
      return
    }
    if (from.reach?.admitsInbound(inner) === false) {
      from.counters.refused++
      return
    }
    const onward = this.#routes.match(inner.destination, inner.source)
    const to = onward.includes(from.id) ? undefined : this.#choose(onward)
    if (to ? !this.#mayPass(from, to) : !this.hasTun) {
      from.counters.refused++
      return
    }
    if (!this.#throughput.admits(inner.bytes.length)) return
    from.counters.packetsReceived++
    from.counters.bytesReceived += inner.bytes.length
    clampMss(inner.bytes, to ? Math.min(from.clampBytes, to.clampBytes) : from.clampBytes)
    if (to) passOn(from, to, inner)
    else this.#toHost.push(inner.bytes)
  }

  /** The first that has a key, of several. */
  #choose(ids: readonly FlowId[]): MemoryFlow | undefined {
    const flows = ids.map(id => this.#flows.get(id)).filter(flow => flow !== undefined)
    return flows.find(flow => flow.canSend()) ?? flows[0]
  }

  #mayPass(from: MemoryFlow, to: MemoryFlow): boolean {
    const { clientToClient, clientToSite, siteToClient, siteToSite } = this.#transit
    if (from.isSite) return to.isSite ? siteToSite : siteToClient
    return to.isSite ? clientToSite : clientToClient
  }
}

/** What is too big for the other client is told to the one that sent it. */
function passOn(from: MemoryFlow, to: MemoryFlow, inner: InnerPacket): void {
  const answer = to.sendInner(inner, from)
  const message = answer && readInnerPacket(answer)
  if (message) from.sendInner(message)
}
