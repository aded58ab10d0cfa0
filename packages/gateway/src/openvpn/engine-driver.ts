import type { TlsContext } from '@causeway/control-tls'
import type { Datapath, DatapathEvent, FlowCounters, FlowId, OpenVpnKeyId, PortId } from '@causeway/datapath'
import type { Engine } from '@causeway/engine'
import type {
  OpenVpnCommand,
  OpenVpnOutput,
  OpenVpnReply,
  OpenVpnRequest,
  Path,
  SessionEvent,
  SessionId,
} from '@causeway/openvpn'
import { formatEndpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { EngineLoop } from '../engine/engine-loop.ts'
import type { StreamConnection } from '../listener/stream-connection.ts'
import { type FlowSettings, FlowTable } from './flow-table.ts'
import { PacketSender } from './packet-sender.ts'
import { TlsTable } from './tls-table.ts'

/** What the server and the client role of a driver do differently. */
export interface DriverRole {
  /** Decides, now or later, and answers by {@link EngineDriver.reply}. */
  answer(id: number, session: SessionId, request: OpenVpnRequest): void
  handleEvent(session: SessionId | undefined, event: SessionEvent): void
  /** A user answered the question of a `pending` reply to the request `id`. Absent: the role asks none. */
  challengeAnswered?(id: number, session: SessionId, text: string): void
  /** A handshake begins. */
  handshakeBegan(session: SessionId, path: Path): void
  /** The role gives the flow its routes. */
  flowOpened(session: SessionId, flow: FlowId, path: Path): void
  /** The flow is gone, with its routes: its addresses may be given away. */
  flowClosed(session: SessionId, counters: FlowCounters): void
  moved(session: SessionId, path: Path): void
}

/** What a driver joins. */
export interface EngineDriverOptions {
  readonly engine: Engine<Path, OpenVpnCommand, OpenVpnOutput>
  readonly datapath: Datapath
  /** For handshakes to come: the present certificate and ciphers. */
  readonly tlsContext: () => TlsContext
  readonly flowSettings: () => FlowSettings
  readonly clock: Clock
  readonly log: Logger
}

/** Joins an OpenVPN engine of either role to the datapath, to TLS and to TCP connections. */
export class EngineDriver<Role extends DriverRole = DriverRole> {
  readonly #options: EngineDriverOptions
  readonly role: Role
  readonly #loop: EngineLoop<Path, OpenVpnCommand, OpenVpnOutput>
  readonly #sender: PacketSender
  readonly #flows: FlowTable
  readonly #tls: TlsTable
  readonly #connections = new Map<number, StreamConnection>()
  /** The path of the packet at work: a handshake that begins with it is its sender's. */
  #arriving: Path | undefined

  constructor(options: EngineDriverOptions, createRole: (driver: EngineDriver<Role>) => Role) {
    const { engine, datapath, clock, log } = options
    this.#options = options
    this.#sender = new PacketSender(datapath)
    this.#flows = new FlowTable(datapath)
    this.#tls = new TlsTable(command => this.#loop.handleCommand(command))
    this.#loop = new EngineLoop(engine, {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => this.#sender.flush(),
      defect: (error, output) => log.error({ err: error, output: output?.type }, 'OpenVPN driver failed'),
    })
    this.role = createRole(this)
  }

  /** Whether every session is over and every peer was told. */
  get quiet(): boolean {
    return this.#tls.size === 0
  }

  /** Takes a TCP connection that speaks OpenVPN. */
  addConnection(connection: StreamConnection): void {
    this.#connections.set(connection.stream, connection)
  }

  /** The connection is gone; its stream is closed after this. */
  removeConnection(connection: StreamConnection): void {
    this.#connections.delete(connection.stream)
    this.#loop.handleCommand({ type: 'stream-closed', stream: connection.stream })
  }

  /** Sends nothing more by a UDP port. Call it before the port is closed. */
  forgetPort(port: PortId): void {
    this.#sender.forgetPort(port)
  }

  handleDatapathEvent(event: DatapathEvent): void {
    switch (event.type) {
      case 'datagram':
        this.#handleDatagram(udpPath(event), event.bytes)
        return
      case 'control':
        this.#handleControl(event.stream, event.bytes)
        return
      case 'stream-output':
        this.#connections.get(event.stream)?.handleOutput()
        return
      case 'stream-ended':
        this.#connections.get(event.stream)?.handleEnd()
        return
      case 'stream-fault':
        this.#handleStreamFault(event.stream, event.reason)
        return
      case 'float':
        this.#handleFloat(event.flow, udpPath(event))
        return
      case 'inband':
        this.#onSession(event.flow, session => ({ type: 'inband', session, payload: event.bytes }))
        return
      case 'idle':
        this.#onSession(event.flow, session => ({ type: 'idle', session }))
        return
      case 'soft-limit':
        this.#handleSoftLimit(event.flow, event.keyId)
        return
      case 'unknown-spi':
      case 'hard-limit':
        // ESP's: no port and no flow of this driver carries it.
        return
      case 'rejected':
        this.#options.log.debug(event, 'data packets rejected')
        return
      default:
        event satisfies never
    }
  }

  /** What the gateway or the user asks of the engine. */
  command(command: OpenVpnCommand): void {
    this.#loop.handleCommand(command)
  }

  reply(id: number, reply: OpenVpnReply): void {
    this.#loop.handleCommand({ type: 'reply', id, reply })
  }

  /** The connection of a path, if it has one, may be without a session for so much longer. */
  allow(path: Path, milliseconds: number): void {
    if (path.type === 'stream') this.#connections.get(path.stream)?.allow(milliseconds)
  }

  /** Counters of a session's open flow; `undefined` without one. */
  counters(session: SessionId): FlowCounters | undefined {
    const flow = this.#flows.flowOf(session)
    return flow === undefined ? undefined : this.#options.datapath.counters(flow)
  }

  /** Lets go of everything. End the sessions before it. */
  close(): void {
    this.#loop.close()
    this.#tls.closeAll()
    for (const connection of this.#connections.values()) connection.release()
  }

  #interpret(output: OpenVpnOutput): void {
    switch (output.type) {
      case 'send':
        this.#sender.send(output.path, output.bytes)
        return
      case 'tls-start':
        if (this.#arriving) this.role.handshakeBegan(output.session, this.#arriving)
        this.#tls.start(output.session, output.tls, this.#options.tlsContext)
        return
      case 'tls-input':
        this.#tls.input(output.tls, output.bytes)
        return
      case 'tls-write':
        this.#tls.write(output.tls, output.bytes)
        return
      case 'tls-close':
        this.#tls.close(output.tls)
        return
      case 'request':
        this.role.answer(output.id, output.session, output.request)
        return
      case 'challenge-response':
        this.role.challengeAnswered?.(output.id, output.session, output.text)
        return
      case 'open-flow':
        this.#openFlow(output)
        return
      case 'close-flow':
        this.#closeFlow(output.session)
        return
      case 'install-key':
        this.#flows.installKey(output.session, output.keys, this.#options.flowSettings())
        return
      case 'select-key':
        this.#flows.selectKey(output.session, output.keyId)
        return
      case 'remove-key':
        this.#flows.removeKey(output.session, output.keyId)
        return
      case 'inband':
        this.#flows.sendInband(output.session, output.payload)
        return
      case 'close-stream':
        this.#connections.get(output.stream)?.finish()
        return
      case 'event':
        this.role.handleEvent(output.session, output.event)
        return
      default:
        output satisfies never
    }
  }
  #openFlow(output: Extract<OpenVpnOutput, { readonly type: 'open-flow' }>): void {
    const flow = this.#flows.open(output, this.#options.flowSettings())
    this.role.flowOpened(output.session, flow, output.path)
    if (output.path.type === 'stream') this.#connections.get(output.path.stream)?.keep()
  }

  #closeFlow(session: SessionId): void {
    const counters = this.#flows.close(session)
    if (counters) this.role.flowClosed(session, counters)
  }

  #handleDatagram(path: Path, bytes: Uint8Array): void {
    this.#arriving = path
    this.#loop.handleDatagram(path, bytes)
    this.#arriving = undefined
  }

  #handleControl(stream: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(stream)
    if (!connection) return
    const { remote, local } = connection
    this.#handleDatagram({ type: 'stream', stream, remote, ...(local && { local }) }, bytes)
  }

  #handleStreamFault(stream: number, reason: string): void {
    const connection = this.#connections.get(stream)
    this.#options.log.debug(
      { outer: connection && formatEndpoint(connection.remote), reason },
      'stream fault',
    )
    connection?.abort()
  }

  /** The datapath raises it only for an authentic packet that is newer than all before. */
  #handleFloat(flow: FlowId, path: Path): void {
    const session = this.#flows.sessionOf(flow)
    if (session === undefined) return
    this.#flows.move(session, path)
    this.role.moved(session, path)
    this.#loop.handleCommand({ type: 'moved', session, path })
  }

  /** Flows of this driver have OpenVPN's key ids. */
  #handleSoftLimit(flow: FlowId, keyId: number): void {
    this.#onSession(flow, session => ({ type: 'soft-limit', session, keyId: keyId as OpenVpnKeyId }))
  }

  #onSession(flow: FlowId, command: (session: SessionId) => OpenVpnCommand): void {
    const session = this.#flows.sessionOf(flow)
    if (session !== undefined) this.#loop.handleCommand(command(session))
  }
}

function udpPath({
  port,
  remote,
  local,
}: Extract<DatapathEvent, { readonly type: 'datagram' | 'float' }>): Path {
  return { type: 'udp', port, remote, local }
}
