import { type Endpoint, formatEndpoint, sameBytes } from '@causeway/wire'
import type {
  Datapath,
  DatapathOptions,
  DatapathSettings,
  DatapathTotals,
  OutgoingDatagram,
  PortInfo,
  PortOptions,
  RouteChange,
  StreamOptions,
  TunOptions,
} from './datapath.ts'
import { DatapathError, type DatapathErrorCode } from './datapath-error.ts'
import type { FlowCounters, FlowOptions, FlowPath, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, KeyId, PortId, StreamId } from './ids.ts'
import { MemoryEventQueue } from './memory-event-queue.ts'
import { MemoryFlow, PING_PAYLOAD } from './memory-flow.ts'
import { type InnerPacket, ipVersion, readInnerPacket } from './memory-inner-packet.ts'
import { clampMss } from './memory-mss-clamp.ts'
import type { MemoryNetwork, MemorySocket } from './memory-network.ts'
import { packetKind, packetPeerId, V1_HEADER_BYTES, V2_HEADER_BYTES } from './memory-packet-format.ts'
import { RouteTable } from './memory-route-table.ts'
import { MemoryStream } from './memory-stream.ts'
import {
  validateChunk,
  validateControlPackets,
  validateDatagrams,
  validateDatapathOptions,
  validateDescriptor,
  validateFlowOptions,
  validateFlowPath,
  validateInband,
  validateKeyId,
  validatePortOptions,
  validateRouteChanges,
  validateSettings,
  validateStreamOptions,
  validateTunOptions,
} from './validate.ts'
import { validateKeySlot } from './validate-key-slot.ts'

/** The in-memory datapath: the interface, and the ends that the kernel holds in the native one. */
export interface MemoryDatapath extends Datapath {
  /** What the host would write into the TUN device: one inner packet. */
  tunWrite(packet: Uint8Array): void
  /** What the host would have read from it since the last call. */
  tunRead(): Uint8Array[]
  /** Delivers waiting events now; otherwise they come in a microtask, never inside a call. */
  flushEvents(): void
}

/**
 * A datapath in plain TypeScript over a memory network, whose clock drives pings, idle times and
 * the pace of events. It passes the suite of the native one.
 * Errors: DatapathError `ERR_DATAPATH_ARGUMENT`.
 */
export function createMemoryDatapath(options: DatapathOptions, network: MemoryNetwork): MemoryDatapath {
  validateDatapathOptions(options)
  return new PlainDatapath(options, network)
}

/** Where a data packet came from. */
type Origin =
  | { readonly type: 'udp'; readonly port: PortId; readonly remote: Endpoint }
  | { readonly type: 'stream'; readonly stream: MemoryStream }

class PlainDatapath implements MemoryDatapath {
  readonly #network: MemoryNetwork
  readonly #events: MemoryEventQueue
  readonly #detach: () => void
  readonly #ports = new Map<PortId, MemorySocket>()
  readonly #streams = new Map<StreamId, MemoryStream>()
  readonly #flows = new Map<FlowId, MemoryFlow>()
  readonly #flowsByPeerId = new Map<number, MemoryFlow>()
  readonly #flowsByPath = new Map<string, MemoryFlow>()
  readonly #routes = new RouteTable()
  readonly #totals = { noRoute: 0, unknownFlow: 0, malformed: 0, controlOverflow: 0 }
  #toHost: Uint8Array[] = []
  #tun: TunOptions | undefined
  #clientToClient = false
  #lastId = 0
  #closed = false

  constructor(options: DatapathOptions, network: MemoryNetwork) {
    this.#network = network
    this.#events = new MemoryEventQueue(options.onEvents)
    this.#detach = network.attach({
      nextTimeout: () => this.#nextTimeout(),
      handleTimeout: now => this.#handleTimeout(now),
    })
  }

  openTun(options: TunOptions): string {
    this.#requireOpen()
    validateTunOptions(options)
    if (this.#tun)
      throw new DatapathError('ERR_DATAPATH_TUN_OPEN', `the TUN device ${this.#tun.name} is open`)
    this.#tun = { ...options, name: options.name.replace('%d', '0') }
    return this.#tun.name
  }

  openPort(options: PortOptions): PortInfo {
    this.#requireOpen()
    validatePortOptions(options)
    const id = ++this.#lastId
    const socket = this.#network.bind(options.address, options.port, (remote, bytes) =>
      this.#receiveDatagram(id, remote, bytes),
    )
    this.#ports.set(id, socket)
    return { id, local: socket.local }
  }

  closePort(port: PortId): void {
    this.#port(port).close()
    this.#ports.delete(port)
  }

  sendDatagrams(port: PortId, datagrams: readonly OutgoingDatagram[]): void {
    const socket = this.#port(port)
    validateDatagrams(datagrams)
    for (const { remote, bytes } of datagrams) socket.send(remote, bytes)
  }

  openStream(options: StreamOptions): StreamId {
    this.#requireOpen()
    validateStreamOptions(options)
    const id = ++this.#lastId
    this.#streams.set(id, new MemoryStream(id))
    return id
  }

  closeStream(stream: StreamId): void {
    this.#stream(stream)
    this.#streams.delete(stream)
  }

  streamInput(stream: StreamId, chunk: Uint8Array): void {
    const target = this.#stream(stream)
    validateChunk(chunk)
    const { packets, fault } = target.input(chunk)
    for (const packet of packets) this.#receiveFrame(target, packet)
    if (fault) this.#events.put({ type: 'stream-fault', stream, reason: fault })
  }

  streamControl(stream: StreamId, packets: readonly Uint8Array[]): void {
    const target = this.#stream(stream)
    validateControlPackets(packets)
    for (const packet of packets) target.put(packet)
    this.#announce(target)
  }

  takeStreamOutput(stream: StreamId): Uint8Array | undefined {
    return this.#stream(stream).take()
  }

  adoptSocket(stream: StreamId, descriptor: number): boolean {
    validateDescriptor(descriptor)
    this.#stream(stream)
    return false
  }

  openFlow(options: FlowOptions): FlowId {
    this.#requireOpen()
    validateFlowOptions(options)
    this.#requirePath(options.path)
    const { peerId } = options
    if (peerId !== undefined && this.#flowsByPeerId.has(peerId))
      throw new DatapathError('ERR_DATAPATH_PEER_ID_IN_USE', `another flow has peer-id ${peerId}`)
    const flow = new MemoryFlow(++this.#lastId, options, {
      now: () => this.#network.now,
      raise: event => this.#events.put(event),
      accepts: path => this.#accepts(path),
      transmit: (path, packet) => this.#transmit(path, packet),
    })
    this.#flows.set(flow.id, flow)
    if (peerId !== undefined) this.#flowsByPeerId.set(peerId, flow)
    this.#bindPath(flow)
    return flow.id
  }

  moveFlow(flow: FlowId, path: FlowPath): void {
    const moved = this.#flow(flow)
    validateFlowPath(path)
    this.#requirePath(path)
    this.#unbindPath(moved)
    moved.path = path
    this.#bindPath(moved)
  }

  closeFlow(flow: FlowId): FlowCounters {
    const closed = this.#flow(flow)
    this.#routes.removeFlow(flow)
    this.#unbindPath(closed)
    if (closed.peerId !== undefined) this.#flowsByPeerId.delete(closed.peerId)
    this.#flows.delete(flow)
    return { ...closed.counters }
  }

  counters(flow: FlowId): FlowCounters {
    return { ...this.#flow(flow).counters }
  }

  installKey(flow: FlowId, slot: OpenVpnKeySlot): void {
    const target = this.#flow(flow)
    validateKeySlot(slot)
    target.installKey(slot)
  }

  selectKey(flow: FlowId, keyId: KeyId): void {
    const target = this.#flow(flow)
    validateKeyId(keyId)
    target.selectKey(keyId)
  }

  removeKey(flow: FlowId, keyId: KeyId): void {
    const target = this.#flow(flow)
    validateKeyId(keyId)
    target.removeKey(keyId)
  }

  sendInband(flow: FlowId, payload: Uint8Array): void {
    const target = this.#flow(flow)
    validateInband(payload)
    target.send(payload)
  }

  changeRoutes(changes: readonly RouteChange[]): void {
    this.#requireOpen()
    validateRouteChanges(changes)
    // All flows are looked up before anything is changed.
    for (const change of changes) if (change.type === 'add') this.#flow(change.flow)
    for (const change of changes) {
      if (change.type === 'add') this.#routes.add(change.prefix, change.flow)
      else this.#routes.remove(change.prefix)
    }
  }

  configure(settings: DatapathSettings): void {
    this.#requireOpen()
    validateSettings(settings)
    this.#clientToClient = settings.clientToClient ?? this.#clientToClient
  }

  totals(): DatapathTotals {
    this.#requireOpen()
    return { ...this.#totals, controlOverflow: this.#events.overflow }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#detach()
    for (const socket of this.#ports.values()) socket.close()
    this.#events.close()
  }

  tunWrite(packet: Uint8Array): void {
    this.#requireOpen()
    const inner = readInnerPacket(packet)
    const flow = inner && this.#route(inner.destination)
    if (!inner || !flow) {
      this.#totals.noRoute++
      return
    }
    clampMss(inner.bytes, flow.clampBytes)
    flow.sendInner(inner.bytes)
  }

  tunRead(): Uint8Array[] {
    const packets = this.#toHost
    this.#toHost = []
    return packets
  }

  flushEvents(): void {
    this.#events.flush()
  }

  #receiveDatagram(port: PortId, remote: Endpoint, bytes: Uint8Array): void {
    const kind = packetKind(bytes)
    if (kind === 'unknown') this.#totals.malformed++
    else if (kind === 'control') this.#events.put({ type: 'datagram', port, remote, bytes })
    else if (kind === 'data-v2') this.#receiveV2({ type: 'udp', port, remote }, bytes)
    else this.#receiveV1({ type: 'udp', port, remote }, bytes)
  }

  #receiveFrame(stream: MemoryStream, bytes: Uint8Array): void {
    const kind = packetKind(bytes)
    if (kind === 'unknown') this.#totals.malformed++
    else if (kind === 'control') this.#events.put({ type: 'control', stream: stream.id, bytes })
    else if (kind === 'data-v2') this.#receiveV2({ type: 'stream', stream }, bytes)
    else this.#receiveV1({ type: 'stream', stream }, bytes)
  }

  /** By path, among the flows that have no peer-id. */
  #receiveV1(origin: Origin, bytes: Uint8Array): void {
    const path = origin.type === 'udp' ? origin : ({ type: 'stream', stream: origin.stream.id } as const)
    this.#receiveData(this.#flowsByPath.get(pathKey(path)), origin, bytes, V1_HEADER_BYTES)
  }

  /** By peer-id; but a stream carries only its own flow, and a flow of a stream comes only by it. */
  #receiveV2(origin: Origin, bytes: Uint8Array): void {
    const peerId = packetPeerId(bytes)
    if (peerId === undefined) {
      this.#totals.malformed++
      return
    }
    const flow = this.#flowsByPeerId.get(peerId)
    const belongs = origin.type === 'stream' ? flow?.id === origin.stream.flow : flow?.path.type === 'udp'
    this.#receiveData(belongs ? flow : undefined, origin, bytes, V2_HEADER_BYTES)
  }

  #receiveData(flow: MemoryFlow | undefined, origin: Origin, bytes: Uint8Array, headerLength: number): void {
    const opened = flow?.open(bytes, headerLength)
    if (!flow || !opened || opened.type === 'no-key') {
      this.#totals.unknownFlow++
      return
    }
    if (opened.type === 'malformed') this.#totals.malformed++
    if (opened.type !== 'payload') return
    if (opened.newest && origin.type === 'udp') flow.noticeFloat(origin.port, origin.remote)
    this.#receivePayload(flow, opened.payload)
  }

  #receivePayload(flow: MemoryFlow, payload: Uint8Array): void {
    if (sameBytes(payload, PING_PAYLOAD)) return
    const version = ipVersion(payload)
    if (payload.length > 0 && version !== 4 && version !== 6) {
      this.#events.put({ type: 'inband', flow: flow.id, bytes: payload.slice() })
      return
    }
    const inner = readInnerPacket(payload)
    if (inner) this.#receiveInner(flow, inner)
    else flow.counters.refused++
  }

  #receiveInner(from: MemoryFlow, inner: InnerPacket): void {
    if (this.#route(inner.source) !== from) {
      from.counters.sourceViolations++
      return
    }
    const to = this.#route(inner.destination)
    const forOther = to !== undefined && to !== from
    if ((forOther && !this.#clientToClient) || (!forOther && !this.#tun)) {
      from.counters.refused++
      return
    }
    from.counters.packetsReceived++
    from.counters.bytesReceived += inner.bytes.length
    clampMss(inner.bytes, forOther ? Math.min(from.clampBytes, to.clampBytes) : from.clampBytes)
    if (forOther) to.sendInner(inner.bytes)
    else this.#toHost.push(inner.bytes)
  }

  #route(address: InnerPacket['source']): MemoryFlow | undefined {
    const flow = this.#routes.match(address)
    return flow === undefined ? undefined : this.#flows.get(flow)
  }

  #accepts(path: FlowPath): boolean {
    if (path.type === 'udp') return this.#ports.has(path.port)
    return this.#streams.get(path.stream)?.acceptsData() ?? false
  }

  #transmit(path: FlowPath, packet: Uint8Array): void {
    if (path.type === 'udp') this.#port(path.port).send(path.remote, packet)
    else {
      const stream = this.#stream(path.stream)
      stream.put(packet)
      this.#announce(stream)
    }
  }

  #announce(stream: MemoryStream): void {
    if (stream.announce()) this.#events.put({ type: 'stream-output', stream: stream.id })
  }

  /** The youngest flow of a path has it: a client that starts anew from its old port. */
  #bindPath(flow: MemoryFlow): void {
    if (flow.peerId === undefined) this.#flowsByPath.set(pathKey(flow.path), flow)
    if (flow.path.type === 'stream') this.#stream(flow.path.stream).flow = flow.id
  }

  #unbindPath(flow: MemoryFlow): void {
    const key = pathKey(flow.path)
    if (this.#flowsByPath.get(key) === flow) this.#flowsByPath.delete(key)
    const stream = flow.path.type === 'stream' ? this.#streams.get(flow.path.stream) : undefined
    if (stream?.flow === flow.id) stream.flow = undefined
  }

  #requirePath(path: FlowPath): void {
    if (path.type === 'udp') this.#port(path.port)
    else this.#stream(path.stream)
  }

  #nextTimeout(): number | undefined {
    const times = [...this.#flows.values()].map(flow => flow.nextTimeout()).filter(at => at !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #handleTimeout(now: number): void {
    for (const flow of this.#flows.values()) flow.handleTimeout(now)
  }

  #requireOpen(): void {
    if (this.#closed) throw new DatapathError('ERR_DATAPATH_CLOSED', 'the datapath is closed')
  }

  #port(id: PortId): MemorySocket {
    return this.#known(this.#ports, id, 'ERR_DATAPATH_UNKNOWN_PORT', 'port')
  }

  #stream(id: StreamId): MemoryStream {
    return this.#known(this.#streams, id, 'ERR_DATAPATH_UNKNOWN_STREAM', 'stream')
  }

  #flow(id: FlowId): MemoryFlow {
    return this.#known(this.#flows, id, 'ERR_DATAPATH_UNKNOWN_FLOW', 'flow')
  }

  #known<T>(table: ReadonlyMap<number, T>, id: number, code: DatapathErrorCode, noun: string): T {
    this.#requireOpen()
    const found = table.get(id)
    if (!found) throw new DatapathError(code, `there is no ${noun} ${id}`)
    return found
  }
}

function pathKey(path: FlowPath): string {
  return path.type === 'udp' ? `${path.port} ${formatEndpoint(path.remote)}` : `stream ${path.stream}`
}
