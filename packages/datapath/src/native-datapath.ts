import { getSystemErrorName } from 'node:util'
import { formatEndpoint, type TrafficSelector } from '@causeway/wire'
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
import type { NatRules } from './nat-rules.ts'
import { loadNativeAddon, type NativeEngine } from './native-addon.ts'
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
import { validateKeySlot } from './validate-key-slot.ts'
import { validateNatRules } from './validate-nat.ts'
import { validateDestinations } from './validate-traffic-selectors.ts'

/**
 * The datapath on worker threads, a TUN device and UDP sockets.
 * Errors: DatapathError `ERR_DATAPATH_ARGUMENT`; `ERR_DATAPATH_UNSUPPORTED` when the addon is not
 * built or does not fit this Node.
 */
export function createNativeDatapath(options: DatapathOptions): Datapath {
  validateDatapathOptions(options)
  return new NativeDatapath(createEngine(options))
}

/** The engine below a datapath, for {@link NativeDatapath} and for tests that reach further down. */
export function createEngine(options: DatapathOptions): NativeEngine {
  const { NativeEngine } = loadNativeAddon()
  return callNative(() => new NativeEngine(options.workers, options.onEvents))
}

/** Opens a TUN device and gives its real name. */
export type OpenTun = (engine: NativeEngine, options: TunOptions) => string

const openKernelTun: OpenTun = (engine, { name, mtu }) => engine.openTun(name, mtu)

/** Checks arguments and hands them down; keeps no state but whether it is closed. */
export class NativeDatapath implements Datapath {
  readonly #engine: NativeEngine
  readonly #openTun: OpenTun
  #closed = false

  /** `openTun` opens the device; tests give their own. */
  constructor(engine: NativeEngine, openTun: OpenTun = openKernelTun) {
    this.#engine = engine
    this.#openTun = openTun
  }

  openTun(options: TunOptions): string {
    validateTunOptions(options)
    return this.#call(engine => this.#openTun(engine, options), `cannot open TUN device ${options.name}: `)
  }

  openPort(options: PortOptions): PortInfo {
    validatePortOptions(options)
    const local = { address: options.address, port: options.port }
    return this.#call(
      engine => engine.openPort(local, options.protocol),
      `cannot open ${portName(options.protocol)} ${formatEndpoint(local)}: `,
    )
  }

  closePort(port: PortId): void {
    this.#call(engine => engine.closePort(port))
  }

  sendDatagrams(port: PortId, datagrams: readonly OutgoingDatagram[]): void {
    validateDatagrams(datagrams)
    this.#call(engine => engine.sendDatagrams(port, datagrams))
  }

  openStream(options: StreamOptions): StreamId {
    validateStreamOptions(options)
    return this.#call(engine => engine.openStream(options.framing, options.recordPerPacket ?? false))
  }

  closeStream(stream: StreamId): void {
    this.#call(engine => engine.closeStream(stream))
  }

  attachTls(stream: StreamId, tls: StreamTls): void {
    validateStreamTls(tls)
    // Before the connection is taken from who has it.
    this.#call(engine => engine.requireNoTls(stream))
    const released = tls.release()
    this.#call(engine => engine.attachTls(stream, released))
  }

  endStream(stream: StreamId): void {
    this.#call(engine => engine.endStream(stream))
  }

  streamInput(stream: StreamId, chunk: Uint8Array): void {
    validateChunk(chunk)
    this.#call(engine => engine.streamInput(stream, chunk))
  }

  streamControl(stream: StreamId, packets: readonly Uint8Array[]): void {
    validateControlPackets(packets)
    this.#call(engine => engine.streamControl(stream, packets))
  }

  takeStreamOutput(stream: StreamId): Uint8Array | undefined {
    return this.#call(engine => engine.takeStreamOutput(stream))
  }

  adoptSocket(stream: StreamId, descriptor: number): boolean {
    validateDescriptor(descriptor)
    try {
      this.#call(engine => engine.adoptSocket(stream, descriptor))
      return true
    } catch (error) {
      // No descriptors are left, as it may be when strangers hold many: the caller goes on as it did.
      if (error instanceof DatapathError && error.code === 'ERR_DATAPATH_SYSTEM') return false
      throw error
    }
  }

  openFlow(options: FlowOptions): FlowId {
    validateFlowOptions(options)
    return this.#call(engine => engine.openFlow(options))
  }

  moveFlow(flow: FlowId, path: FlowPath): void {
    validateFlowPath(path)
    this.#call(engine => engine.moveFlow(flow, path))
  }

  limitFlow(flow: FlowId, destinations: readonly TrafficSelector[] | undefined): void {
    validateDestinations(destinations)
    this.#call(engine => engine.limitFlow(flow, destinations))
  }

  openNat(rules: NatRules): NatId {
    validateNatRules(rules)
    return this.#call(engine => engine.openNat(rules))
  }

  changeNat(nat: NatId, rules: NatRules): void {
    validateNatRules(rules)
    this.#call(engine => engine.changeNat(nat, rules))
  }

  closeNat(nat: NatId): void {
    this.#call(engine => engine.closeNat(nat))
  }

  translateFlow(flow: FlowId, nat: NatId | undefined): void {
    this.#call(engine => engine.translateFlow(flow, nat))
  }

  closeFlow(flow: FlowId): FlowCounters {
    return this.#call(engine => engine.closeFlow(flow))
  }

  counters(flow: FlowId): FlowCounters {
    return this.#call(engine => engine.counters(flow))
  }

  installKey(flow: FlowId, slot: OpenVpnKeySlot | EspSa): void {
    validateKeySlot(slot)
    this.#call(engine => engine.installKey(flow, slot))
  }

  selectKey(flow: FlowId, keyId: KeyId): void {
    validateKeyId(keyId)
    this.#call(engine => engine.selectKey(flow, keyId))
  }

  removeKey(flow: FlowId, keyId: KeyId): void {
    validateKeyId(keyId)
    this.#call(engine => engine.removeKey(flow, keyId))
  }

  sendInband(flow: FlowId, payload: Uint8Array): void {
    validateInband(payload)
    this.#call(engine => engine.sendInband(flow, payload))
  }

  changeRoutes(changes: readonly RouteChange[]): void {
    validateRouteChanges(changes)
    this.#call(engine => engine.changeRoutes(changes))
  }

  configure(settings: DatapathSettings): void {
    validateSettings(settings)
    const { clientToClient, clientToSite, siteToClient, siteToSite, throughputBytesPerSecond } = settings
    this.#call(engine => {
      if (clientToClient !== undefined) engine.setTransit(false, false, clientToClient)
      if (clientToSite !== undefined) engine.setTransit(false, true, clientToSite)
      if (siteToClient !== undefined) engine.setTransit(true, false, siteToClient)
      if (siteToSite !== undefined) engine.setTransit(true, true, siteToSite)
      if (throughputBytesPerSecond !== undefined) engine.limitThroughput(throughputBytesPerSecond)
    })
  }

  totals(): DatapathTotals {
    return this.#call(engine => engine.totals())
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#engine.close()
  }

  /** `task` introduces the system's reason when a system call fails. */
  #call<T>(call: (engine: NativeEngine) => T, task = ''): T {
    if (this.#closed) throw new DatapathError('ERR_DATAPATH_CLOSED', 'the datapath is closed')
    return callNative(() => call(this.#engine), task)
  }
}

function portName(protocol: PortOptions['protocol']): string {
  return protocol === 'esp' ? 'raw ESP port' : 'UDP port'
}

/** Names what the addon throws: misuse and failed system calls become a DatapathError. */
function callNative<T>(call: () => T, task = ''): T {
  try {
    return call()
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') throw cause
    if (cause.code === 'ERR_DATAPATH_SYSTEM')
      throw new DatapathError('ERR_DATAPATH_SYSTEM', task + cause.message, { cause: systemReason(cause) })
    throw new DatapathError(cause.code as DatapathErrorCode, cause.message)
  }
}

/** The error as Node's own calls give it, with `code` such as `EADDRINUSE`. */
function systemReason(error: Error): Error {
  const { errno } = error as NodeJS.ErrnoException
  return errno ? Object.assign(error, { code: getSystemErrorName(-errno) }) : error
}
