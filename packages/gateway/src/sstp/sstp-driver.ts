import type { Datapath, DatapathEvent, FlowCounters, FlowId } from '@causeway/datapath'
import type { Engine } from '@causeway/engine'
import type { PppReply, PppRequest } from '@causeway/ppp'
import type {
  CallId,
  CertificateHashes,
  SstpCommand,
  SstpEvent,
  SstpFlowTerms,
  SstpOutput,
} from '@causeway/sstp'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { EngineLoop } from '../engine/engine-loop.ts'
import type { StreamConnection } from '../listener/stream-connection.ts'

/** What the server and the client role of a driver do differently. */
export interface SstpRole {
  /** An EAP conversation: goes on by the commands `eap-packet`, `eap-success`, `eap-failure`. */
  eapStart(call: CallId): void
  eapPacket(call: CallId, packet: Uint8Array): void
  eapClose(call: CallId): void
  /** Decides, now or later, and answers by {@link SstpDriver.reply}. */
  answer(id: number, call: CallId, request: PppRequest): void
  /** The role gives the flow its routes. */
  flowOpened(call: CallId, flow: FlowId, terms: SstpFlowTerms): void
  /** The flow is gone, with its routes: its addresses may be given away. */
  flowClosed(call: CallId, counters: FlowCounters): void
  handleEvent(call: CallId, event: SstpEvent): void
}

/** What a driver joins. */
export interface SstpDriverOptions {
  readonly engine: Engine<CallId, SstpCommand, SstpOutput>
  readonly datapath: Datapath
  readonly clock: Clock
  readonly log: Logger
}

interface OpenCall {
  readonly connection: StreamConnection
  flow: FlowId | undefined
}

/** Joins an SSTP engine of either role to the datapath and to TLS connections. A call is named by its stream. */
export class SstpDriver<Role extends SstpRole = SstpRole> {
  readonly #options: SstpDriverOptions
  readonly role: Role
  readonly #loop: EngineLoop<CallId, SstpCommand, SstpOutput>
  readonly #calls = new Map<CallId, OpenCall>()

  constructor(options: SstpDriverOptions, createRole: (driver: SstpDriver<Role>) => Role) {
    const { engine, clock, log } = options
    this.#options = options
    this.#loop = new EngineLoop(engine, {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => undefined,
      defect: (error, output) => log.error({ err: error, output: output?.type }, 'SSTP driver failed'),
    })
    this.role = createRole(this)
  }

  /** Whether every call is over and every peer was told. */
  get quiet(): boolean {
    return this.#calls.size === 0
  }

  /** The calls whose connection is there. */
  calls(): readonly CallId[] {
    return [...this.#calls.keys()]
  }

  /** Takes a connection whose HTTP opening is done. */
  addConnection(connection: StreamConnection, certificate: CertificateHashes): void {
    this.#calls.set(connection.stream, { connection, flow: undefined })
    this.command({ type: 'connection-opened', call: connection.stream, certificate })
  }

  /** The connection is gone; its stream is closed after this. */
  removeConnection({ stream }: StreamConnection): void {
    if (!this.#calls.has(stream)) return
    this.command({ type: 'connection-closed', call: stream, reason: 'the connection was closed' })
    this.#calls.delete(stream)
  }

  /** Whether the event was SSTP's. */
  handleDatapathEvent(event: DatapathEvent): boolean {
    switch (event.type) {
      case 'control':
        return this.#onCall(event.stream, () => this.#loop.handleDatagram(event.stream, event.bytes))
      case 'stream-output':
        return this.#onCall(event.stream, ({ connection }) => connection.handleOutput())
      case 'stream-ended':
        return this.#onCall(event.stream, ({ connection }) => connection.handleEnd())
      case 'stream-fault':
        return this.#onCall(event.stream, ({ connection }) => this.#fault(connection, event.reason))
      case 'datagram':
      case 'unknown-spi':
      case 'float':
      case 'inband':
      case 'idle':
      case 'soft-limit':
      case 'hard-limit':
      case 'rejected':
        return false
      default:
        return event satisfies never
    }
  }

  /** What the gateway or the user asks of the engine. */
  command(command: SstpCommand): void {
    this.#loop.handleCommand(command)
  }

  reply(id: number, reply: PppReply): void {
    this.#loop.handleCommand({ type: 'reply', id, reply })
  }

  /** Counters of a call's open flow; `undefined` without one. */
  counters(call: CallId): FlowCounters | undefined {
    const flow = this.#calls.get(call)?.flow
    return flow === undefined ? undefined : this.#options.datapath.counters(flow)
  }

  /** Lets go of everything. End the calls before it. */
  close(): void {
    this.#loop.close()
    for (const { connection } of this.#calls.values()) connection.release()
  }

  #interpret(output: SstpOutput): void {
    switch (output.type) {
      case 'send':
        this.#options.datapath.streamControl(output.call, [output.packet])
        return
      case 'close-connection':
        this.#calls.get(output.call)?.connection.finish()
        return
      case 'eap-start':
        this.role.eapStart(output.call)
        return
      case 'eap-packet':
        this.role.eapPacket(output.call, output.packet)
        return
      case 'eap-close':
        this.role.eapClose(output.call)
        return
      case 'request':
        this.role.answer(output.id, output.call, output.request)
        return
      case 'open-flow':
        this.#openFlow(output.call, output.terms)
        return
      case 'close-flow':
        this.#closeFlow(output.call)
        return
      case 'event':
        this.role.handleEvent(output.call, output.event)
        return
      default:
        output satisfies never
    }
  }

  #openFlow(call: CallId, terms: SstpFlowTerms): void {
    const open = this.#calls.get(call)
    if (!open) return
    open.flow = this.#options.datapath.openFlow({
      protocol: 'sstp',
      path: { type: 'stream', stream: call },
      clampBytes: terms.mtu,
      innerMtu: terms.mtu,
      compressAddressControl: terms.compressAddressControl,
      compressProtocol: terms.compressProtocol,
      // The call's own hello timer finds out.
      idleTimeoutSeconds: 0,
    })
    this.role.flowOpened(call, open.flow, terms)
    open.connection.keep()
  }

  #closeFlow(call: CallId): void {
    const open = this.#calls.get(call)
    if (open?.flow === undefined) return
    const counters = this.#options.datapath.closeFlow(open.flow)
    open.flow = undefined
    this.role.flowClosed(call, counters)
  }

  #fault(connection: StreamConnection, reason: string): void {
    this.command({ type: 'connection-closed', call: connection.stream, reason })
    connection.abort()
  }

  #onCall(call: CallId, act: (open: OpenCall) => void): boolean {
    const open = this.#calls.get(call)
    if (open) act(open)
    return open !== undefined
  }
}
