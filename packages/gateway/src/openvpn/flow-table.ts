import type { Datapath, FlowCounters, FlowId, FlowPath, OpenVpnKeySlot } from '@causeway/datapath'
import type { DataKeys, OpenVpnOutput, Path, SessionId } from '@causeway/openvpn'

type OpenFlow = Extract<OpenVpnOutput, { readonly type: 'open-flow' }>

/** What of the configuration a new flow is opened with. */
export interface FlowSettings {
  /** Inner MTU in bytes. */
  readonly tunnelMtu: number
  /** Bytes with one key before it is renewed. 0: the cipher's own limit. */
  readonly renegotiationBytes: number
}

/** The data channels of an engine's sessions in the datapath. */
export class FlowTable {
  readonly #datapath: Datapath
  readonly #flows = new Map<SessionId, FlowId>()
  readonly #sessions = new Map<FlowId, SessionId>()

  constructor(datapath: Datapath) {
    this.#datapath = datapath
  }

  sessionOf(flow: FlowId): SessionId | undefined {
    return this.#sessions.get(flow)
  }

  flowOf(session: SessionId): FlowId | undefined {
    return this.#flows.get(session)
  }

  open(output: OpenFlow, settings: FlowSettings): FlowId {
    const flow = this.#datapath.openFlow({
      path: flowPath(output.path),
      ...(output.peerId === undefined ? {} : { peerId: output.peerId }),
      clampBytes: clampBytes(output.path, settings.tunnelMtu),
      pingIntervalSeconds: output.pingIntervalSeconds,
      idleTimeoutSeconds: output.idleTimeoutSeconds,
    })
    this.#flows.set(output.session, flow)
    this.#sessions.set(flow, output.session)
    return flow
  }

  /** Closes the flow with its keys and routes; its last counters, or `undefined` when there is none. */
  close(session: SessionId): FlowCounters | undefined {
    const flow = this.#flows.get(session)
    if (flow === undefined) return undefined
    this.#flows.delete(session)
    this.#sessions.delete(flow)
    return this.#datapath.closeFlow(flow)
  }

  installKey(session: SessionId, keys: DataKeys, settings: FlowSettings): void {
    this.#on(session, flow => this.#datapath.installKey(flow, keySlot(keys, settings)))
  }

  selectKey(session: SessionId, keyId: DataKeys['keyId']): void {
    this.#on(session, flow => this.#datapath.selectKey(flow, keyId))
  }

  removeKey(session: SessionId, keyId: DataKeys['keyId']): void {
    this.#on(session, flow => this.#datapath.removeKey(flow, keyId))
  }

  sendInband(session: SessionId, payload: Uint8Array): void {
    this.#on(session, flow => this.#datapath.sendInband(flow, payload))
  }

  move(session: SessionId, path: Path): void {
    this.#on(session, flow => this.#datapath.moveFlow(flow, flowPath(path)))
  }

  #on(session: SessionId, act: (flow: FlowId) => void): void {
    const flow = this.#flows.get(session)
    if (flow !== undefined) act(flow)
  }
}

/** Packets with one key of the standard format, whose 32-bit packet id must never begin again. */
const KEY_PACKETS = 0xe000_0000
/** Bytes with one key where the configuration says nothing: far below what GCM bears. */
const KEY_BYTES = 2 ** 38

function keySlot(keys: DataKeys, settings: FlowSettings): OpenVpnKeySlot {
  return {
    ...keys,
    packetLimit: keys.format === 'standard' ? KEY_PACKETS : 0,
    byteLimit: settings.renegotiationBytes || KEY_BYTES,
  }
}

function flowPath(path: Path): FlowPath {
  return path.type === 'udp'
    ? { type: 'udp', port: path.port, remote: path.remote, ...(path.local && { local: path.local }) }
    : { type: 'stream', stream: path.stream }
}

/** Outer packets of this size pass everywhere, PPPoE included. */
const OUTER_BYTES = 1492
/** UDP header; opcode with peer-id, packet id and tag of an AEAD data packet. */
const DATA_OVERHEAD = 8 + 4 + 4 + 16
const OUTER_HEADER_BYTES = { 4: 20, 6: 40 } as const

/** Over a stream the outer size does not matter. */
function clampBytes(path: Path, tunnelMtu: number): number {
  if (path.type === 'stream') return tunnelMtu
  const { family } = path.remote.address
  return Math.min(tunnelMtu, OUTER_BYTES - OUTER_HEADER_BYTES[family] - DATA_OVERHEAD)
}
