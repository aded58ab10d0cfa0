import type { Datapath, EspFlowOptions, FlowCounters, FlowId } from '@causeway/datapath'
import type { AgreedEspSuite, ChildId, ChildSaKeys, FlowWay, SessionId } from '@causeway/ikev2'
import type { TrafficSelector } from '@causeway/wire'
import { NO_COUNTERS, sumOfCounters } from '../session/session.ts'
import { espSa } from './esp-sa.ts'
import type { IkePorts } from './ike-ports.ts'

/** A Child SA and its flow. */
export interface ChildFlow {
  readonly session: SessionId
  readonly child: ChildId
  readonly flow: FlowId
  /** What its first SA may carry, at our end and at the peer's; none before that is installed. */
  local: readonly TrafficSelector[]
  remote: readonly TrafficSelector[]
  /** The pair that is sent with. */
  current: InstalledSa | undefined
  /** Those that receive. */
  readonly installed: Map<number, InstalledSa>
}

/** A pair of SAs in a flow, without its keys. */
export interface InstalledSa {
  readonly receiveSpi: number
  readonly sendSpi: number
  readonly suite: AgreedEspSuite
}

/** What the outside knows of a flow before it is open. */
export type FlowKind = Pick<EspFlowOptions, 'peer'>

/** The flows of Child SAs in the datapath, and what they have carried for their session. */
export class ChildFlows {
  readonly #datapath: Datapath
  readonly #ports: IkePorts
  readonly #byChild = new Map<ChildId, ChildFlow>()
  readonly #byFlow = new Map<FlowId, ChildFlow>()
  readonly #bySession = new Map<SessionId, Set<ChildFlow>>()
  /** Sessions whose ESP goes without UDP. */
  readonly #raw = new Set<SessionId>()
  /** What flows of a session that are closed have carried. */
  readonly #carried = new Map<SessionId, FlowCounters>()

  constructor(datapath: Datapath, ports: IkePorts) {
    this.#datapath = datapath
    this.#ports = ports
  }

  ofFlow(flow: FlowId): ChildFlow | undefined {
    return this.#byFlow.get(flow)
  }

  ofChild(child: ChildId): ChildFlow | undefined {
    return this.#byChild.get(child)
  }

  open(session: SessionId, child: ChildId, way: FlowWay, tunnelMtu: number, kind: FlowKind = {}): void {
    const flow = this.#datapath.openFlow({ ...flowOptions(way, this.#ports, tunnelMtu), ...kind })
    const opened = { session, child, flow, local: [], remote: [], current: undefined, installed: new Map() }
    this.#note(session, way)
    this.#byChild.set(child, opened)
    this.#byFlow.set(flow, opened)
    const others = this.#bySession.get(session)
    if (others) others.add(opened)
    else this.#bySession.set(session, new Set([opened]))
  }

  /** The session's open flows, in the order in which they were opened. */
  ofSession(session: SessionId): readonly ChildFlow[] {
    return [...(this.#bySession.get(session) ?? [])]
  }

  /** Closes the flow with its SAs and routes. Whether it was the session's last. */
  close(child: ChildId): boolean {
    const open = this.#byChild.get(child)
    if (!open) return false
    const { session, flow } = open
    this.#byChild.delete(child)
    this.#byFlow.delete(flow)
    this.#carried.set(
      session,
      sumOfCounters(this.#carried.get(session) ?? NO_COUNTERS, this.#datapath.closeFlow(flow)),
    )
    const others = this.#bySession.get(session)
    others?.delete(open)
    return others?.size === 0
  }

  move(child: ChildId, way: FlowWay): void {
    this.#on(child, ({ session, flow }) => {
      this.#note(session, way)
      this.#datapath.moveFlow(flow, this.#ports.flowPath(way))
    })
  }

  /** Gives the flow when this is its first SA: successors carry no more than that. */
  install(child: ChildId, keys: ChildSaKeys): ChildFlow | undefined {
    const open = this.#byChild.get(child)
    if (!open) return undefined
    this.#datapath.installKey(open.flow, espSa(keys))
    const { receiveSpi, sendSpi, suite } = keys
    open.installed.set(receiveSpi, { receiveSpi, sendSpi, suite })
    if (open.remote.length > 0) return undefined
    open.local = keys.local
    open.remote = keys.remote
    return open
  }

  select(child: ChildId, receiveSpi: number): void {
    this.#on(child, open => {
      this.#datapath.selectKey(open.flow, receiveSpi)
      open.current = open.installed.get(receiveSpi)
    })
  }

  remove(child: ChildId, receiveSpi: number): void {
    this.#on(child, ({ flow, installed }) => {
      this.#datapath.removeKey(flow, receiveSpi)
      installed.delete(receiveSpi)
    })
  }

  /** All that the session's flows have carried, closed ones included. */
  counters(session: SessionId): FlowCounters {
    let total = this.#carried.get(session) ?? NO_COUNTERS
    for (const { flow } of this.#bySession.get(session) ?? [])
      total = sumOfCounters(total, this.#datapath.counters(flow))
    return total
  }

  /** How the session's ESP travels now: in UDP, or raw. */
  transport(session: SessionId): 'udp' | 'esp' {
    return this.#raw.has(session) ? 'esp' : 'udp'
  }

  hasFlows(session: SessionId): boolean {
    return (this.#bySession.get(session)?.size ?? 0) > 0
  }

  /** The session is over; nothing of it is asked any more. */
  forget(session: SessionId): void {
    this.#bySession.delete(session)
    this.#carried.delete(session)
    this.#raw.delete(session)
  }

  #note(session: SessionId, { encapsulated }: FlowWay): void {
    if (encapsulated) this.#raw.delete(session)
    else this.#raw.add(session)
  }

  #on(child: ChildId, act: (open: ChildFlow) => void): void {
    const open = this.#byChild.get(child)
    if (open) act(open)
  }
}

/** Outer packets of this size pass everywhere, PPPoE included. */
const OUTER_BYTES = 1492
/** UDP and ESP headers, the longest IV, padding and ICV of the policies. */
const ESP_OVERHEAD = 8 + 8 + 16 + 15 + 2 + 24
const OUTER_HEADER_BYTES = { 4: 20, 6: 40 } as const

function flowOptions(way: FlowWay, ports: IkePorts, tunnelMtu: number): EspFlowOptions {
  const { family } = way.path.remote.address
  return {
    protocol: 'esp',
    path: ports.flowPath(way),
    clampBytes: Math.min(tunnelMtu, OUTER_BYTES - OUTER_HEADER_BYTES[family] - ESP_OVERHEAD),
    innerMtu: tunnelMtu,
    // The engine asks for signs of life itself.
    idleTimeoutSeconds: 0,
  }
}
