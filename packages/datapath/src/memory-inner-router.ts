import type { RouteChange } from './datapath.ts'
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
  clientToClient = false

  constructor(flows: ReadonlyMap<FlowId, MemoryFlow>, throughput: MemoryThroughput) {
    this.#flows = flows
    this.#throughput = throughput
  }

  /** Makes changes whose flows are known to exist. */
  change(changes: readonly RouteChange[]): void {
    for (const change of changes) {
      if (change.type === 'add') this.#routes.add(change.prefix, change.flow)
      else this.#routes.remove(change.prefix)
    }
  }

  /** Removes every route to a flow. */
  removeFlow(flow: FlowId): void {
    this.#routes.removeFlow(flow)
  }

  /** A packet of the host's. False when no flow has its destination. */
  fromHost(packet: Uint8Array): boolean {
    const inner = readInnerPacket(packet)
    const flow = inner && this.#route(inner.destination)
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
  fromFlow(from: MemoryFlow, inner: InnerPacket, admitted: boolean): void {
    if (this.#route(inner.source) !== from || !admitted) {
      from.counters.sourceViolations++
      return
    }
    if (from.reach?.admitsInbound(inner) === false) {
      from.counters.refused++
      return
    }
    const to = this.#route(inner.destination)
    const forOther = to !== undefined && to !== from
    if ((forOther && !this.clientToClient) || (!forOther && !this.hasTun)) {
      from.counters.refused++
      return
    }
    if (!this.#throughput.admits(inner.bytes.length)) return
    from.counters.packetsReceived++
    from.counters.bytesReceived += inner.bytes.length
    clampMss(inner.bytes, forOther ? Math.min(from.clampBytes, to.clampBytes) : from.clampBytes)
    if (forOther) passOn(from, to, inner)
    else this.#toHost.push(inner.bytes)
  }

  #route(address: InnerPacket['source']): MemoryFlow | undefined {
    const flow = this.#routes.match(address)
    return flow === undefined ? undefined : this.#flows.get(flow)
  }
}

/** What is too big for the other client is told to the one that sent it. */
function passOn(from: MemoryFlow, to: MemoryFlow, inner: InnerPacket): void {
  const answer = to.sendInner(inner, from)
  const message = answer && readInnerPacket(answer)
  if (message) from.sendInner(message)
}
