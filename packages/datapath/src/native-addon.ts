import { createRequire } from 'node:module'
import type { Endpoint, TrafficSelector } from '@causeway/wire'
import type {
  DatapathTotals,
  OutgoingDatagram,
  PortInfo,
  PortOptions,
  RouteChange,
  StreamOptions,
} from './datapath.ts'
import { DatapathError } from './datapath-error.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { EspSa, FlowCounters, FlowOptions, FlowPath, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, KeyId, NatId, PortId, StreamId } from './ids.ts'
import type { NatRules } from './nat-rules.ts'

/** The addon's one class. It checks no argument; errors are `Error`s with `code` and `errno`. */
export interface NativeEngine {
  openTun(name: string, mtu: number): string
  openPort(local: Endpoint, protocol: PortOptions['protocol']): PortInfo
  closePort(port: PortId): void
  sendDatagrams(port: PortId, datagrams: readonly OutgoingDatagram[]): void
  openStream(framing: StreamOptions['framing'], recordPerPacket: boolean): StreamId
  closeStream(stream: StreamId): void
  /** Throws when the stream can have no TLS now. */
  requireNoTls(stream: StreamId): void
  /** `released`: what `StreamTls.release` gave. */
  attachTls(stream: StreamId, released: object): void
  endStream(stream: StreamId): void
  streamInput(stream: StreamId, chunk: Uint8Array): void
  streamControl(stream: StreamId, packets: readonly Uint8Array[]): void
  takeStreamOutput(stream: StreamId): Uint8Array | undefined
  adoptSocket(stream: StreamId, descriptor: number): void
  openFlow(options: FlowOptions): FlowId
  moveFlow(flow: FlowId, path: FlowPath): void
  limitFlow(flow: FlowId, destinations: readonly TrafficSelector[] | undefined): void
  openNat(rules: NatRules): NatId
  changeNat(nat: NatId, rules: NatRules): void
  closeNat(nat: NatId): void
  translateFlow(flow: FlowId, nat: NatId | undefined): void
  closeFlow(flow: FlowId): FlowCounters
  counters(flow: FlowId): FlowCounters
  installKey(flow: FlowId, slot: OpenVpnKeySlot | EspSa): void
  selectKey(flow: FlowId, keyId: KeyId): void
  removeKey(flow: FlowId, keyId: KeyId): void
  sendInband(flow: FlowId, payload: Uint8Array): void
  changeRoutes(changes: readonly RouteChange[]): void
  setTransit(fromSite: boolean, toSite: boolean, on: boolean): void
  /** 0: no limit. */
  limitThroughput(bytesPerSecond: number): void
  totals(): DatapathTotals
  close(): void

  /** For tests: a socket pair in place of the TUN device, and the host's end of it. */
  openTestTun(): void
  testTunWrite(packet: Uint8Array): void
  testTunRead(): Uint8Array[]
  /** For tests: moves the clock of timers; gives how many rounds of them had ended before. */
  advanceTestClock(milliseconds: number): number
  timerRounds(): number
  /** For tests: the next packet id of a slot, or sequence number of an SA. */
  setNextId(flow: FlowId, keyId: KeyId, id: number): void
}

/** What the addon exports. */
export interface NativeAddon {
  readonly NativeEngine: new (
    workers: number,
    onEvents: (events: readonly DatapathEvent[]) => void,
  ) => NativeEngine
}

/** From `src` and from `dist` alike. */
const ADDON_PATH = '../build/Release/causeway_datapath.node'

/**
 * Loads the addon. Errors: DatapathError `ERR_DATAPATH_UNSUPPORTED` with one line that says what to
 * do, when it is not built, or was built for another OpenSSL than this Node's.
 */
export function loadNativeAddon(path: string = ADDON_PATH): NativeAddon {
  try {
    return createRequire(import.meta.url)(path)
  } catch (cause) {
    throw new DatapathError('ERR_DATAPATH_UNSUPPORTED', loadFailure(cause), { cause })
  }
}

function loadFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return 'native addon could not be loaded'
  if ('code' in cause && cause.code === 'MODULE_NOT_FOUND')
    return 'native addon not built: run `npm run build:native`'
  return `native addon could not be loaded: ${cause.message}`
}
