import { formatEndpoint } from '@causeway/wire'
import { DatapathError } from './datapath-error.ts'
import type { FlowPath } from './flow.ts'
import type { FlowId, KeyId } from './ids.ts'
import type { MemoryFlow } from './memory-flow.ts'

/** The open flows, and the ways by which a packet finds its own. */
export class MemoryFlowTable {
  readonly #flows = new Map<FlowId, MemoryFlow>()
  readonly #byPeerId = new Map<number, MemoryFlow>()
  readonly #byPath = new Map<string, MemoryFlow>()
  readonly #bySpi = new Map<KeyId, MemoryFlow>()

  /** Errors: DatapathError `ERR_DATAPATH_PEER_ID_IN_USE`; check it before anything is done. */
  requirePeerId(peerId: number | undefined): void {
    if (peerId !== undefined && this.#byPeerId.has(peerId))
      throw new DatapathError('ERR_DATAPATH_PEER_ID_IN_USE', `another flow has peer-id ${peerId}`)
  }

  add(flow: MemoryFlow): void {
    this.#flows.set(flow.id, flow)
    if (flow.peerId !== undefined) this.#byPeerId.set(flow.peerId, flow)
    this.bindPath(flow)
  }

  remove(flow: MemoryFlow): void {
    this.unbindPath(flow)
    if (flow.peerId !== undefined) this.#byPeerId.delete(flow.peerId)
    for (const [spi, owner] of this.#bySpi) if (owner === flow) this.#bySpi.delete(spi)
    this.#flows.delete(flow.id)
  }

  /** By id, for {@link ReadonlyMap} look-ups. */
  get byId(): ReadonlyMap<FlowId, MemoryFlow> {
    return this.#flows
  }

  byPeerId(peerId: number): MemoryFlow | undefined {
    return this.#byPeerId.get(peerId)
  }

  byPath(path: FlowPath): MemoryFlow | undefined {
    return this.#byPath.get(pathKey(path))
  }

  bySpi(spi: KeyId): MemoryFlow | undefined {
    return this.#bySpi.get(spi)
  }

  /** Packets of the SPI are this flow's. Errors: DatapathError `ERR_DATAPATH_KEY` when they are another's. */
  bindSpi(spi: KeyId, flow: MemoryFlow): void {
    const owner = this.#bySpi.get(spi)
    if (owner !== undefined && owner !== flow)
      throw new DatapathError('ERR_DATAPATH_KEY', `flow ${owner.id} receives by SPI ${spi}`)
    this.#bySpi.set(spi, flow)
  }

  unbindSpi(spi: KeyId): void {
    this.#bySpi.delete(spi)
  }

  /** The youngest flow of a path has it: a client that starts anew from its old port. */
  bindPath(flow: MemoryFlow): void {
    if (flow.protocol === 'openvpn' && flow.peerId === undefined) this.#byPath.set(pathKey(flow.path), flow)
  }

  unbindPath(flow: MemoryFlow): void {
    const key = pathKey(flow.path)
    if (this.#byPath.get(key) === flow) this.#byPath.delete(key)
  }
}

function pathKey(path: FlowPath): string {
  return path.type === 'udp' ? `${path.port} ${formatEndpoint(path.remote)}` : `stream ${path.stream}`
}
