import { sameBytes, type TrafficSelector } from '@causeway/wire'
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
  StreamTls,
  TunOptions,
} from './datapath.ts'
import { DatapathError, type DatapathErrorCode } from './datapath-error.ts'
import type { EspSa, FlowCounters, FlowOptions, FlowPath, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, KeyId, NatId, PortId, StreamId } from './ids.ts'
import { MemoryEventQueue } from './memory-event-queue.ts'
import { type Arrived, MemoryFlow, PING_PAYLOAD } from './memory-flow.ts'
import { MemoryFlowTable } from './memory-flow-table.ts'
import { ipVersion, readInnerPacket } from './memory-inner-packet.ts'
import { MemoryInnerRouter } from './memory-inner-router.ts'
import { MemoryNat } from './memory-nat.ts'
import type { MemoryNetwork, Receive } from './memory-network.ts'
import { packetKeyId, packetPeerId } from './memory-packet-format.ts'
import { classifyOpenVpn, MemoryPort } from './memory-port.ts'
import { MemoryReach } from './memory-reach.ts'
import { readSstpPacket } from './memory-sstp-packet.ts'
import type { MemoryStream } from './memory-stream.ts'
import { MemoryStreams } from './memory-streams.ts'
import { MemoryThroughput } from './memory-throughput.ts'
import type { NatRules } from './nat-rules.ts'
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
  validateStreamTls,
  validateTunOptions,
} from './validate.ts'
import { isEspSa } from './validate-esp-sa.ts'
import { validateKeySlot } from './validate-key-slot.ts'
import { validateNatRules } from './validate-nat.ts'
import { validateDestinations } from './validate-traffic-selectors.ts'

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
  | (Arrived & { readonly type: 'udp' })
  | { readonly type: 'stream'; readonly stream: MemoryStream }

/** `unknown-spi` is told at most once in this time. */
const UNKNOWN_SPI_INTERVAL = 1000

class PlainDatapath implements MemoryDatapath {
  readonly #network: MemoryNetwork
  readonly #events: MemoryEventQueue
  readonly #detach: () => void
  readonly #ports = new Map<PortId, MemoryPort>()
  readonly #streams: MemoryStreams
  readonly #nats = new Map<NatId, MemoryNat>()
  readonly #flows = new MemoryFlowTable()
  readonly #throughput = new MemoryThroughput(() => this.#network.now)
  readonly #router = new MemoryInnerRouter(this.#flows.byId, this.#throughput)
  readonly #totals = { noRoute: 0, unknownFlow: 0, malformed: 0, controlOverflow: 0 }
  #tun: TunOptions | undefined
  #lastId = 0
  #unknownSpiToldAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: DatapathOptions, network: MemoryNetwork) {
    this.#network = network
    this.#events = new MemoryEventQueue(options.onEvents)
    this.#streams = new MemoryStreams({
      raise: event => this.#events.put(event),
      receive: (stream, packet) => this.#receiveFrame(stream, packet),
      noticeReceived: stream => this.#sstpFlow(stream)?.noticeReceived(),
    })
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
    this.#router.hasTun = true
    return this.#tun.name
  }

  openPort(options: PortOptions): PortInfo {
    this.#requireOpen()
    validatePortOptions(options)
    const id = ++this.#lastId
    const { address, port, protocol } = options
    const receive: Receive = (remote, bytes, to) =>
      this.#receiveDatagram({ type: 'udp', port: id, remote, local: to.address }, bytes)
    const socket =
      protocol === 'esp'
        ? this.#network.bindEsp(address, receive)
        : this.#network.bind(address, port, receive)
    this.#ports.set(id, new MemoryPort(id, protocol, socket))
    return { id, local: socket.local }
  }

  closePort(port: PortId): void {
    this.#port(port).socket.close()
    this.#ports.delete(port)
  }

  sendDatagrams(port: PortId, datagrams: readonly OutgoingDatagram[]): void {
    const sender = this.#port(port)
    validateDatagrams(datagrams)
    if (sender.protocol === 'esp')
      throw new DatapathError('ERR_DATAPATH_PROTOCOL', `port ${port} is for raw ESP, which flows send`)
    for (const { remote, bytes, local } of datagrams) sender.sendControl(remote, bytes, local)
  }

  openStream(options: StreamOptions): StreamId {
    this.#requireOpen()
    validateStreamOptions(options)
    const id = ++this.#lastId
    this.#streams.open(id, options)
    return id
  }

  closeStream(stream: StreamId): void {
    this.#streams.close(this.#stream(stream))
  }

  attachTls(stream: StreamId, tls: StreamTls): void {
    const target = this.#stream(stream)
    validateStreamTls(tls)
    this.#streams.attachTls(target, tls)
  }

  endStream(stream: StreamId): void {
    this.#streams.end(this.#stream(stream))
  }

  streamInput(stream: StreamId, chunk: Uint8Array): void {
    const target = this.#stream(stream)
    validateChunk(chunk)
    this.#streams.input(target, chunk)
  }

  streamControl(stream: StreamId, packets: readonly Uint8Array[]): void {
    const target = this.#stream(stream)
    validateControlPackets(packets)
    this.#streams.putControl(target, packets)
  }

  takeStreamOutput(stream: StreamId): Uint8Array | undefined {
    return this.#streams.take(this.#stream(stream))
  }

  adoptSocket(stream: StreamId, descriptor: number): boolean {
    validateDescriptor(descriptor)
    this.#stream(stream)
    return false
  }

  openFlow(options: FlowOptions): FlowId {
    this.#requireOpen()
    validateFlowOptions(options)
    this.#requirePath(options.path, options.protocol)
    if (options.protocol === undefined || options.protocol === 'openvpn')
      this.#flows.requirePeerId(options.peerId)
    const flow = new MemoryFlow(++this.#lastId, options, {
      now: () => this.#network.now,
      raise: event => this.#events.put(event),
      accepts: path => this.#accepts(path),
      transmit: (path, packet) => this.#transmit(path, packet),
    })
    this.#flows.add(flow)
    this.#streams.tie(flow)
    return flow.id
  }

  moveFlow(flow: FlowId, path: FlowPath): void {
    const moved = this.#flow(flow)
    validateFlowPath(path)
    this.#requirePath(path, moved.protocol)
    this.#flows.unbindPath(moved)
    this.#streams.untie(moved)
    moved.path = path
    this.#flows.bindPath(moved)
    this.#streams.tie(moved)
  }

  limitFlow(flow: FlowId, destinations: readonly TrafficSelector[] | undefined): void {
    const limited = this.#flow(flow)
    validateDestinations(destinations)
    limited.reach = destinations && new MemoryReach(destinations)
  }

  openNat(rules: NatRules): NatId {
    this.#requireOpen()
    validateNatRules(rules)
    this.#nats.set(++this.#lastId, new MemoryNat(rules))
    return this.#lastId
  }

  changeNat(nat: NatId, rules: NatRules): void {
    const changed = this.#nat(nat)
    validateNatRules(rules)
    changed.change(rules)
  }

  closeNat(nat: NatId): void {
    const closed = this.#nat(nat)
    for (const flow of this.#flows.byId.values()) if (flow.nat === closed) flow.nat = undefined
    this.#nats.delete(nat)
  }

  translateFlow(flow: FlowId, nat: NatId | undefined): void {
    const translated = this.#flow(flow)
    if (translated.protocol !== 'esp')
      throw new DatapathError('ERR_DATAPATH_PROTOCOL', `flow ${flow} of ${translated.protocol} has no NAT`)
    translated.nat = nat === undefined ? undefined : this.#nat(nat)
  }

  closeFlow(flow: FlowId): FlowCounters {
    const closed = this.#flow(flow)
    this.#router.removeFlow(flow)
    this.#streams.untie(closed)
    this.#flows.remove(closed)
    return { ...closed.counters }
  }

  counters(flow: FlowId): FlowCounters {
    return { ...this.#flow(flow).counters }
  }

  installKey(flow: FlowId, slot: OpenVpnKeySlot | EspSa): void {
    const target = this.#flow(flow)
    validateKeySlot(slot)
    if (target.protocol !== (isEspSa(slot) ? 'esp' : 'openvpn'))
      throw new DatapathError('ERR_DATAPATH_KEY', `flow ${flow} of ${target.protocol} takes no such key`)
    if (target.protocol === 'esp') this.#flows.bindSpi(slot.keyId, target)
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
    if (target.protocol === 'esp') this.#flows.unbindSpi(keyId)
  }

  sendInband(flow: FlowId, payload: Uint8Array): void {
    const target = this.#flow(flow)
    validateInband(payload)
    if (target.protocol !== 'openvpn')
      throw new DatapathError('ERR_DATAPATH_PROTOCOL', `flow ${flow} of ${target.protocol} carries IP alone`)
    target.send(payload)
  }

  changeRoutes(changes: readonly RouteChange[]): void {
    this.#requireOpen()
    validateRouteChanges(changes)
    // All flows are looked up before anything is changed.
    for (const change of changes) if (change.type === 'add') this.#flow(change.flow)
    this.#router.change(changes)
  }

  configure(settings: DatapathSettings): void {
    this.#requireOpen()
    validateSettings(settings)
    const { throughputBytesPerSecond } = settings
    this.#router.configure(settings)
    if (throughputBytesPerSecond !== undefined) this.#throughput.limit(throughputBytesPerSecond)
  }

  totals(): DatapathTotals {
    this.#requireOpen()
    return {
      ...this.#totals,
      controlOverflow: this.#events.overflow,
      overThroughput: this.#throughput.dropped,
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#detach()
    for (const port of this.#ports.values()) port.socket.close()
    this.#streams.closeAll()
    this.#events.close()
  }

  tunWrite(packet: Uint8Array): void {
    this.#requireOpen()
    if (!this.#router.fromHost(packet)) this.#totals.noRoute++
  }

  tunRead(): Uint8Array[] {
    return this.#router.takeForHost()
  }

  flushEvents(): void {
    this.#events.flush()
  }

  #receiveDatagram(origin: Extract<Origin, { type: 'udp' }>, bytes: Uint8Array): void {
    const arrival = this.#ports.get(origin.port)?.classify(bytes)
    switch (arrival?.type) {
      case 'control':
        this.#events.put({ ...origin, type: 'datagram', bytes: arrival.bytes })
        return
      case 'esp':
        this.#receiveEsp(origin, arrival.spi, bytes)
        return
      case 'malformed':
        this.#totals.malformed++
        return
      case 'data-v1':
        this.#receiveV1(origin, bytes)
        return
      case 'data-v2':
        this.#receiveV2(origin, bytes)
        return
      case 'keepalive':
      case undefined:
        return
      default:
        arrival satisfies never
    }
  }

  #receiveFrame(stream: MemoryStream, bytes: Uint8Array): void {
    if (stream.framing === 'sstp') this.#receiveSstp(stream, bytes)
    else this.#receiveOpenVpnFrame(stream, bytes)
  }

  #receiveOpenVpnFrame(stream: MemoryStream, bytes: Uint8Array): void {
    const { type } = classifyOpenVpn(bytes)
    if (type === 'malformed') this.#totals.malformed++
    else if (type === 'control') this.#events.put({ type: 'control', stream: stream.id, bytes })
    else if (type === 'data-v2') this.#receiveV2({ type: 'stream', stream }, bytes)
    else this.#receiveV1({ type: 'stream', stream }, bytes)
  }

  #receiveSstp(stream: MemoryStream, bytes: Uint8Array): void {
    const content = readSstpPacket(bytes)
    if (content.type === 'control') {
      if (stream.admitsControl(this.#network.now))
        this.#events.put({ type: 'control', stream: stream.id, bytes })
      else this.#events.drop()
      return
    }
    const flow = this.#sstpFlow(stream)
    const inner = ipVersion(content.bytes) === content.version ? readInnerPacket(content.bytes) : undefined
    if (!flow) this.#totals.unknownFlow++
    else if (inner) this.#router.fromFlow(flow, inner, true)
    else flow.counters.refused++
  }

  #sstpFlow({ framing, flow }: MemoryStream): MemoryFlow | undefined {
    return framing === 'sstp' && flow !== undefined ? this.#flows.byId.get(flow) : undefined
  }

  /** By path, among the flows that have no peer-id. */
  #receiveV1(origin: Origin, bytes: Uint8Array): void {
    const path = origin.type === 'udp' ? origin : ({ type: 'stream', stream: origin.stream.id } as const)
    this.#receiveData(this.#flows.byPath(path), origin, packetKeyId(bytes), bytes)
  }

  /** By peer-id; but a stream carries only its own flow, and a flow of a stream comes only by it. */
  #receiveV2(origin: Origin, bytes: Uint8Array): void {
    const peerId = packetPeerId(bytes)
    if (peerId === undefined) {
      this.#totals.malformed++
      return
    }
    const flow = this.#flows.byPeerId(peerId)
    const belongs = origin.type === 'stream' ? flow?.id === origin.stream.flow : flow?.path.type === 'udp'
    this.#receiveData(belongs ? flow : undefined, origin, packetKeyId(bytes), bytes)
  }

  /** By SPI, wherever it comes from. */
  #receiveEsp(origin: Extract<Origin, { type: 'udp' }>, spi: number, bytes: Uint8Array): void {
    const flow = this.#flows.bySpi(spi)
    this.#receiveData(flow, origin, spi, bytes)
    const now = this.#network.now
    if (flow || now - this.#unknownSpiToldAt < UNKNOWN_SPI_INTERVAL) return
    this.#unknownSpiToldAt = now
    this.#events.put({ ...origin, type: 'unknown-spi', spi })
  }

  #receiveData(flow: MemoryFlow | undefined, origin: Origin, keyId: KeyId, bytes: Uint8Array): void {
    const opened = flow?.open(keyId, bytes)
    if (!flow || !opened || opened.type === 'no-key') {
      this.#totals.unknownFlow++
      return
    }
    if (opened.type === 'malformed') this.#totals.malformed++
    if (!('newest' in opened)) return
    if (opened.newest && origin.type === 'udp') flow.noticeFloat(origin)
    if (opened.type === 'spent') flow.counters.refused++
    if (opened.type !== 'payload') return
    if (flow.protocol === 'openvpn' && this.#isInband(flow, opened.payload)) return
    const inner = readInnerPacket(opened.payload)
    if (inner) this.#router.fromFlow(flow, inner, flow.admits(keyId, inner))
    else flow.counters.refused++
  }

  /** Whether an OpenVPN payload is none for the network: a ping, or a notice that goes up. */
  #isInband(flow: MemoryFlow, payload: Uint8Array): boolean {
    if (sameBytes(payload, PING_PAYLOAD)) return true
    const version = ipVersion(payload)
    if (payload.length === 0 || version === 4 || version === 6) return false
    this.#events.put({ type: 'inband', flow: flow.id, bytes: payload.slice() })
    return true
  }

  #accepts(path: FlowPath): boolean {
    if (path.type === 'udp') return this.#ports.has(path.port)
    return this.#streams.byId.get(path.stream)?.acceptsData() ?? false
  }

  #transmit(path: FlowPath, packet: Uint8Array): void {
    if (path.type === 'udp') this.#port(path.port).socket.send(path.remote, packet, path.local)
    else this.#streams.putData(this.#stream(path.stream), packet)
  }

  #requirePath(path: FlowPath, protocol: FlowOptions['protocol']): void {
    const fits =
      path.type === 'udp'
        ? this.#port(path.port).carries(protocol, path.remote)
        : this.#stream(path.stream).framing === (protocol ?? 'openvpn')
    if (!fits)
      throw new DatapathError('ERR_DATAPATH_PROTOCOL', `the path does not carry ${protocol ?? 'openvpn'}`)
  }

  #nextTimeout(): number | undefined {
    const times = [...this.#flows.byId.values()]
      .map(flow => flow.nextTimeout())
      .filter(at => at !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #handleTimeout(now: number): void {
    for (const flow of this.#flows.byId.values()) flow.handleTimeout(now)
  }

  #requireOpen(): void {
    if (this.#closed) throw new DatapathError('ERR_DATAPATH_CLOSED', 'the datapath is closed')
  }

  #port(id: PortId): MemoryPort {
    return this.#known(this.#ports, id, 'ERR_DATAPATH_UNKNOWN_PORT', 'port')
  }

  #stream(id: StreamId): MemoryStream {
    return this.#known(this.#streams.byId, id, 'ERR_DATAPATH_UNKNOWN_STREAM', 'stream')
  }

  #flow(id: FlowId): MemoryFlow {
    return this.#known(this.#flows.byId, id, 'ERR_DATAPATH_UNKNOWN_FLOW', 'flow')
  }

  #nat(id: NatId): MemoryNat {
    return this.#known(this.#nats, id, 'ERR_DATAPATH_UNKNOWN_NAT', 'NAT')
  }

  #known<T>(table: ReadonlyMap<number, T>, id: number, code: DatapathErrorCode, noun: string): T {
    this.#requireOpen()
    const found = table.get(id)
    if (!found) throw new DatapathError(code, `there is no ${noun} ${id}`)
    return found
  }
}
