import type { Endpoint, IpAddress, IpPrefix, TrafficSelector } from '@causeway/wire'
import type { DatapathEvent } from './datapath-event.ts'
import type { EspSa, FlowCounters, FlowOptions, FlowPath, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, KeyId, NatId, PortId, StreamId } from './ids.ts'
import type { NatRules } from './nat-rules.ts'

/** The TUN device through which inner packets reach the host. */
export interface TunOptions {
  /** Interface name, 1–15 characters; the kernel completes a `%d`. */
  readonly name: string
  /** Inner MTU in bytes, 1280–9000. */
  readonly mtu: number
}

/** A UDP socket to open on every worker. */
export interface PortOptions {
  readonly address: IpAddress
  /** 0 lets the kernel choose. */
  readonly port: number
  /**
   * What arrives. `ike`: IKE messages alone (UDP 500). `ike-esp` (UDP 4500, RFC 3948): ESP, and IKE behind
   * the non-ESP marker, which is taken off here and put before what is sent, except the one-byte NAT
   * keepalive (0xff); keepalives that arrive are dropped. `esp`: raw ESP, IP protocol 50; `port` is 0, here
   * and in every remote. An SA receives by every port that carries ESP, whichever its flow sends by.
   */
  readonly protocol: 'openvpn' | 'ike' | 'ike-esp' | 'esp'
}

/** An opened port and the address it is bound to. */
export interface PortInfo {
  readonly id: PortId
  readonly local: Endpoint
}

/**
 * A byte stream to frame. `openvpn`: OpenVPN over TCP, each packet behind its 16-bit length. `sstp`: SSTP packets
 * ([MS-SSTP] §2.2.1), each with its own 4-byte header; data packets that hold IP belong to the stream's flow, all
 * others (SSTP control messages, LCP and the like) are control packets and come and go with their header.
 */
export interface StreamOptions {
  readonly framing: 'openvpn' | 'sstp'
  /** TLS ({@link Datapath.attachTls}): a record for each SSTP packet, not one for as many as fit: for peers that need it. */
  readonly recordPerPacket?: boolean
}

/**
 * An established TLS connection that a stream takes over. `@causeway/control-tls` makes them. The records of all
 * steps are for the peer, in order.
 */
export interface StreamTls {
  input(records: Uint8Array): StreamTlsStep
  write(plaintext: Uint8Array): StreamTlsStep
  /** Tells the peer that nothing follows (close_notify). */
  end(): StreamTlsStep
  close(): void
  /**
   * Gives the connection away, to an addon of this process that knows the tag of the object; what is left here
   * does nothing any more.
   */
  release(): object
}

/** What one step of TLS brought. */
export interface StreamTlsStep {
  readonly records?: Uint8Array
  readonly plaintext?: Uint8Array
  /** Why the connection is over. */
  readonly failure?: string
}

/** A packet to send as it is, outside any flow (OpenVPN control packets, IKE messages). */
export interface OutgoingDatagram {
  readonly remote: Endpoint
  /**
   * Our own address to send from, of the remote's family, where the port is bound to none in particular (else
   * it means nothing). Absent: the kernel's choice.
   */
  readonly local?: IpAddress
  readonly bytes: Uint8Array
}

/**
 * Which inner packets a route is for. The longest destination prefix that has a route for the packet's source
 * decides; there, the longest source prefix. Of several metrics for one such pair the least counts whose flow has a
 * key selected to send with; none: the least.
 *
 * What comes by a flow must come from where the same rule would send an answer: one of the routes that decide about a
 * packet with source and destination exchanged, of whatever metric, leads to the flow.
 */
export interface Route {
  /** The destination. */
  readonly prefix: IpPrefix
  /** Of the destination's family. Absent, as with length 0: any. */
  readonly source?: IpPrefix
  /** Which of several flows is wanted more: 0 to 65535, the least first. Absent: 0. */
  readonly metric?: number
}

/** One change of the table from inner addresses to flow. Adding a route that is there, all three alike, moves it. */
export type RouteChange =
  | (Route & { readonly type: 'add'; readonly flow: FlowId })
  | (Route & { readonly type: 'remove' })

/** What may be changed while running. Absent: as before. */
export interface DatapathSettings {
  /**
   * Whether a packet from one client's flow may go to another's; and likewise where flows of sites take part
   * ({@link EspFlowOptions.peer}). Each is one direction: nothing remembers what was asked, so that answers need
   * theirs too. At first all `false`.
   */
  readonly clientToClient?: boolean
  readonly clientToSite?: boolean
  readonly siteToClient?: boolean
  /** From one flow of a site to another, of the same site or of another. */
  readonly siteToSite?: boolean
  /**
   * What all flows together may carry, in inner bytes a second and both directions together; 0, as at first: no limit.
   * Up to a tenth of a second's worth goes at once. A packet past it is dropped and counted in `overThroughput`; from one
   * flow to another it is judged once.
   */
  readonly throughputBytesPerSecond?: number
}

/** What no flow can be charged with. Packets. */
export interface DatapathTotals {
  /** From TUN, for which there is no route. */
  readonly noRoute: number
  /** Datagrams from the network that belong to no flow and are no control packet. */
  readonly unknownFlow: number
  /** Datagrams too short or malformed. */
  readonly malformed: number
  /** Control packets dropped because JavaScript did not keep up, or a peer of SSTP sent too many. */
  readonly controlOverflow: number
  /** Inner packets dropped because all flows together carried too much. */
  readonly overThroughput: number
}

/**
 * The packet engine: moves inner packets between the TUN device and flows. TypeScript decides
 * which flows, keys and routes exist; no call is made per packet. Keys, replay windows and
 * counters live behind this interface only.
 *
 * Two implementations pass one suite: `createNativeDatapath` (worker threads, TUN, UDP) and
 * `createMemoryDatapath` (plain TypeScript, for tests and simulation).
 *
 * Errors: misuse (an unknown id, a key of the wrong length, a closed datapath) throws a
 * {@link DatapathError}; a system call that fails throws one with the system's reason as `cause`.
 */
export interface Datapath {
  /** Creates or takes over the TUN device (at most one). Gives its real name. */
  openTun(options: TunOptions): string
  openPort(options: PortOptions): PortInfo
  closePort(port: PortId): void
  /**
   * Sends packets; those the kernel refuses are dropped, as a network would. Errors:
   * `ERR_DATAPATH_PROTOCOL` on a raw ESP port, which carries flows alone.
   */
  sendDatagrams(port: PortId, datagrams: readonly OutgoingDatagram[]): void

  openStream(options: StreamOptions): StreamId
  closeStream(stream: StreamId): void
  /**
   * Puts TLS around a stream of framing `sstp`: from now on what comes in and goes out are its records. What the
   * connection had already given as plaintext goes to `streamInput` before. A failure of TLS raises `stream-fault`
   * (`stream-ended` when the peer closed it in order). The stream owns the connection; it ends with the stream.
   * Errors: `ERR_DATAPATH_PROTOCOL` when the stream has TLS, has another framing, or something waits to be written.
   */
  attachTls(stream: StreamId, tls: StreamTls): void
  /** Says, by TLS where the stream has it, that nothing follows what waits to be written; later control packets are dropped. */
  endStream(stream: StreamId): void
  /**
   * Hands down a chunk that arrived. Frames may be cut anywhere. Data packets are decrypted and
   * delivered; control packets come up as `control` events. Of SSTP, whose peers need few, those past a pace are
   * dropped, or one peer's flood would fill the queue of all. A malformed frame raises the event
   * `stream-fault`, after which the stream is dead.
   */
  streamInput(stream: StreamId, chunk: Uint8Array): void
  /**
   * Queues control packets of a stream, framed, in order with its data packets. Of SSTP, whose engine answers whatever
   * its peer sends, those past a limit that are not taken are dropped.
   */
  streamControl(stream: StreamId, packets: readonly Uint8Array[]): void
  /**
   * Takes what is to be written to the stream, as one contiguous buffer that the caller owns, or
   * `undefined` when there is nothing. After `undefined` a `stream-output` event tells of more.
   * Call it only when the socket can take bytes: what is not taken is bounded, and past the bound
   * data packets (but no control packets of OpenVPN) are dropped.
   */
  takeStreamOutput(stream: StreamId): Uint8Array | undefined
  /**
   * Lets the datapath read and write the stream's socket from now on, by a duplicate of its descriptor:
   * what arrives needs no `streamInput`, and what is to be written no `takeStreamOutput`, which ends
   * that half again and gives what is left. The caller has read and written all so far, and reads no more
   * until the event `stream-ended`. False where the datapath cannot; then nothing changes.
   */
  adoptSocket(stream: StreamId, descriptor: number): boolean

  /**
   * Opens a flow. Errors, here and in `moveFlow`: `ERR_DATAPATH_PROTOCOL` when the path does not carry the
   * flow's protocol (ESP: a port of `ike-esp` or `esp`), or a remote's port is 0 on UDP or not 0 on raw ESP.
   */
  openFlow(options: FlowOptions): FlowId
  /** Moves a flow to another path: float, after the caller has judged the `float` event. */
  moveFlow(flow: FlowId, path: FlowPath): void
  /**
   * Limits what the flow's client reaches: from now on a packet from it passes only if one of these holds its
   * destination (else it counts as `refused`), and one to it only if one holds its source (else as `sendDrops`), in
   * addition to routes and an SA's selectors. At most 255. Empty: nothing passes. `undefined`, as when the flow was
   * opened: no limit. Call it before the flow gets routes: till then nothing passes either.
   *
   * ICMP errors that come to the client from no such place pass if the packet that they quote is the client's own
   * to a destination that it may reach (path MTU discovery), but not from other clients; as do those of the client
   * to a place that it reaches by certain ports alone. What asks to go further than its destination (IPv4 source
   * routes, IPv6 routing headers) is refused.
   */
  limitFlow(flow: FlowId, destinations: readonly TrafficSelector[] | undefined): void
  /**
   * A translation of addresses, for flows that share it: state of dynamic rules outlives each of them. It remembers so
   * many conversations; when it is full, or a rule has no port left, one of the hosts that have most gives way.
   */
  openNat(rules: NatRules): NatId
  /** Other rules from now on. Conversations by rules that stay the same go on, the others end. */
  changeNat(nat: NatId, rules: NatRules): void
  /** Flows that use it are without one from now on. */
  closeNat(nat: NatId): void
  /**
   * Translates what a flow carries, from now on; `undefined`, as when it was opened: not at all. Selectors of its SAs
   * hold what the peer sees, routes, limits and other flows what is known inside. Call it before the flow gets routes.
   * Errors: `ERR_DATAPATH_PROTOCOL` when the flow is not of ESP.
   */
  translateFlow(flow: FlowId, nat: NatId | undefined): void
  /** Removes the flow, its keys and its routes, and gives its last counters. */
  closeFlow(flow: FlowId): FlowCounters
  counters(flow: FlowId): FlowCounters

  /**
   * Installs a key slot (on an ESP flow a pair of SAs) for receiving. An existing slot of the same key id is
   * replaced. Errors: `ERR_DATAPATH_KEY` when the slot is not of the flow's protocol, or its SPI is taken.
   */
  installKey(flow: FlowId, slot: OpenVpnKeySlot | EspSa): void
  /** Sends with this slot from now on. */
  selectKey(flow: FlowId, keyId: KeyId): void
  removeKey(flow: FlowId, keyId: KeyId): void
  /** Encrypts and sends a payload that is not an IP packet (OpenVPN's exit notice). On an ESP flow: `ERR_DATAPATH_PROTOCOL`. */
  sendInband(flow: FlowId, payload: Uint8Array): void

  changeRoutes(changes: readonly RouteChange[]): void
  configure(settings: DatapathSettings): void
  totals(): DatapathTotals
  /** Stops the workers and closes everything. Idempotent. */
  close(): void
}

/** How a datapath is made. */
export interface DatapathOptions {
  /** Worker threads, each with a TUN queue and a socket per port. 1–16. */
  readonly workers: number
  /** Receives events in batches, in the order they arose. Must not throw. */
  readonly onEvents: (events: readonly DatapathEvent[]) => void
}
