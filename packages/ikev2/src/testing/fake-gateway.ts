import type { Ikev2Command, Ikev2Reply } from '../command.ts'
import type { ChildId, SessionId } from '../ids.ts'
import type { ChildSaKeys, FlowWay, Ikev2Output, Ikev2Request } from '../output.ts'
import type { Path } from '../path.ts'
import type { SessionEvent } from '../session-event.ts'

/** What a gateway may do while it acts on an output. */
export interface GatewayActions {
  send(bytes: Uint8Array, path: Path): void
  command(command: Ikev2Command): void
}

/** A flow as the datapath would hold it. */
export interface FakeFlow {
  readonly session: SessionId
  way: FlowWay
  readonly sas: Map<number, ChildSaKeys>
  selected: number | undefined
}

/** Stands in for the gateway around an engine: decisions, and a datapath that only remembers. */
export class FakeGateway {
  readonly flows: Map<ChildId, FakeFlow> = new Map()
  readonly events: { readonly session: SessionId | undefined; readonly event: SessionEvent }[] = []
  readonly requests: Ikev2Request[] = []
  readonly sent: { readonly bytes: Uint8Array; readonly path: Path }[] = []
  keepalives = 0
  /** What the datapath says that it has received. */
  packetsReceived = 0
  /** Whether to remember what was sent; long simulations do not. */
  recordsSent = false
  readonly #decide: (request: Ikev2Request) => Ikev2Reply | undefined

  /** `decide`: `undefined` leaves a request without an answer. `traffic` is answered here. */
  constructor(decide: (request: Ikev2Request) => Ikev2Reply | undefined) {
    this.#decide = decide
  }

  /** Events of a type, oldest first. */
  eventsOf<Type extends SessionEvent['type']>(type: Type): Extract<SessionEvent, { type: Type }>[] {
    return this.events
      .map(({ event }) => event)
      .filter((event): event is Extract<SessionEvent, { type: Type }> => event.type === type)
  }

  /** Reasons of what was dropped. */
  get drops(): string[] {
    return this.eventsOf('dropped').map(({ reason }) => reason)
  }

  /** The one flow that is open. Errors: `Error` when there is none or more than one. */
  get flow(): FakeFlow {
    const [flow, ...more] = this.flows.values()
    if (!flow || more.length > 0) throw new Error(`${this.flows.size} flows are open, not one`)
    return flow
  }

  handle(output: Ikev2Output, actions: GatewayActions): void {
    switch (output.type) {
      case 'send':
        if (this.recordsSent) this.sent.push({ bytes: output.bytes.slice(), path: output.path })
        actions.send(output.bytes, output.path)
        return
      case 'keepalive':
        this.keepalives++
        return
      case 'request':
        this.#answer(output.id, output.request, actions)
        return
      case 'event':
        this.events.push(output)
        return
      case 'eap-start':
      case 'eap-packet':
      case 'eap-close':
      case 'configure':
        return
      default:
        this.#changeFlow(output)
    }
  }

  #answer(id: number, request: Ikev2Request, actions: GatewayActions): void {
    this.requests.push(request)
    const { packetsReceived } = this
    const reply =
      request.type === 'traffic' ? ({ type: 'traffic', packetsReceived } as const) : this.#decide(request)
    if (reply) actions.command({ type: 'reply', id, reply })
  }

  #changeFlow(output: Extract<Ikev2Output, { type: `${string}-flow` | `${string}-sa` }>): void {
    const { session, child } = output
    if (output.type === 'open-flow') {
      if (this.flows.has(child)) throw new Error('a flow is opened twice')
      this.flows.set(child, { session, way: output.path, sas: new Map(), selected: undefined })
      return
    }
    const flow = this.flows.get(child)
    if (!flow) throw new Error(`${output.type} without a flow`)
    changeFlow(flow, output)
    if (output.type === 'close-flow') this.flows.delete(child)
  }
}

type FlowChange = Exclude<
  Extract<Ikev2Output, { type: `${string}-flow` | `${string}-sa` }>,
  { readonly type: 'open-flow' }
>

function changeFlow(flow: FakeFlow, output: FlowChange): void {
  switch (output.type) {
    case 'close-flow':
      if (flow.sas.size > 0) throw new Error('a flow is closed with SAs in it')
      return
    case 'move-flow':
      flow.way = output.path
      return
    case 'install-sa':
      flow.sas.set(output.sa.receiveSpi, output.sa)
      return
    case 'select-sa':
      if (!flow.sas.has(output.receiveSpi)) throw new Error('select-sa of an SA that is not installed')
      flow.selected = output.receiveSpi
      return
    case 'remove-sa':
      if (!flow.sas.delete(output.receiveSpi)) throw new Error('remove-sa of an SA that is not installed')
      if (flow.selected === output.receiveSpi) flow.selected = undefined
      return
    default:
      output satisfies never
  }
}

/** Whether what `from` sends now can be received by `to`. */
export function espPasses(from: FakeFlow, to: FakeFlow): boolean {
  const sending = from.selected === undefined ? undefined : from.sas.get(from.selected)
  const receiving = sending && to.sas.get(sending.sendSpi)
  return receiving !== undefined && String(sending?.send.encryption) === String(receiving.receive.encryption)
}
