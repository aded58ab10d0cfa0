import type { Datapath, DatapathEvent, FlowCounters, FlowId, PortId } from '@causeway/datapath'
import type { Engine } from '@causeway/engine'
import type { OpenVpnCommand, OpenVpnOutput, OpenVpnRequest, Path, SessionId } from '@causeway/openvpn'
import { formatEndpoint, ipPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import type { GatewayConfiguration } from '../configuration.ts'
import type { StreamConnection } from '../listener/stream-connection.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Admission } from '../session/admission.ts'
import type { EndManner, SessionTable } from '../session/session-table.ts'
import type { OpenTls } from '../tls/tls-connection.ts'
import { EngineLoop } from './engine-loop.ts'
import { FlowTable } from './flow-table.ts'
import { PacketSender } from './packet-sender.ts'
import { ServerSessions } from './server-sessions.ts'
import { TlsTable } from './tls-table.ts'

/** What the driver of an OpenVPN server joins. */
export interface ServerDriverOptions {
  readonly engine: Engine<Path, OpenVpnCommand, OpenVpnOutput>
  readonly datapath: Datapath
  readonly admission: Admission
  readonly sessions: SessionTable
  readonly configuration: () => GatewayConfiguration
  /** For handshakes to come; the present certificate and ciphers. */
  readonly openTls: () => OpenTls
  readonly clock: Clock
  readonly log: Logger
}

/** Joins the OpenVPN server engine to the datapath, to TLS, to TCP connections and to the gateway. */
export class ServerDriver {
  readonly #options: ServerDriverOptions
  readonly #loop: EngineLoop<Path, OpenVpnCommand, OpenVpnOutput>
  readonly #sender: PacketSender
  readonly #flows: FlowTable
  readonly #tls: TlsTable
  readonly #sessions: ServerSessions
  readonly #connections = new Map<number, StreamConnection>()

  constructor(options: ServerDriverOptions) {
    const { engine, datapath, clock, log } = options
    this.#options = options
    this.#sender = new PacketSender(datapath)
    this.#flows = new FlowTable(datapath)
    this.#tls = new TlsTable(command => this.#loop.handleCommand(command))
    this.#loop = new EngineLoop(engine, {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => this.#sender.flush(),
      defect: (error, output) => log.error({ err: error, output: output.type }, 'OpenVPN driver failed'),
    })
    this.#sessions = new ServerSessions({
      admission: options.admission,
      table: options.sessions,
      configuration: options.configuration,
      clock,
      log,
      counters: session => this.#counters(session),
      end: (session, manner, reason) => this.#end(session, manner, reason),
    })
  }

  /** Sessions that hold an address or ask for one. */
  get size(): number {
    return this.#sessions.size
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

  handleDatapathEvent(event: DatapathEvent): void {
    switch (event.type) {
      case 'datagram':
        this.#loop.handleDatagram({ type: 'udp', port: event.port, remote: event.remote }, event.bytes)
        return
      case 'control':
        this.#handleControl(event.stream, event.bytes)
        return
      case 'stream-output':
        this.#connections.get(event.stream)?.handleOutput()
        return
      case 'stream-fault':
        this.#handleStreamFault(event.stream, event.reason)
        return
      case 'float':
        this.#handleFloat(event.flow, { type: 'udp', port: event.port, remote: event.remote })
        return
      case 'inband':
        this.#onSession(event.flow, session => ({ type: 'inband', session, payload: event.bytes }))
        return
      case 'idle':
        this.#onSession(event.flow, session => ({ type: 'idle', session }))
        return
      case 'soft-limit':
        this.#onSession(event.flow, session => ({ type: 'soft-limit', session, keyId: event.keyId }))
        return
      case 'rejected':
        this.#options.log.debug(event, 'data packets rejected')
        return
      default:
        event satisfies never
    }
  }

  /** Ends the sessions that came by a UDP port which is gone. */
  endSessionsOf(port: PortId): void {
    for (const session of this.#sessions.sessionsOf(port)) this.#end(session, 'restart', 'listener closed')
  }

  /** Ends all sessions. They are over when `size` is 0. */
  endAll(manner: EndManner, reason: string): void {
    for (const session of this.#sessions.all()) this.#end(session, manner, reason)
  }

  /** Lets go of everything. End the sessions before it. */
  close(): void {
    this.#loop.close()
    this.#tls.closeAll()
    for (const connection of this.#connections.values()) connection.abort()
  }

  #interpret(output: OpenVpnOutput): void {
    switch (output.type) {
      case 'send':
        this.#sender.send(output.path, output.bytes)
        return
      case 'tls-start':
        this.#tls.start(output.tls, this.#options.openTls())
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
        this.#answer(output.id, output.session, output.request)
        return
      case 'open-flow':
        this.#openFlow(output)
        return
      case 'close-flow':
        this.#closeFlow(output.session)
        return
      case 'install-key':
        this.#flows.installKey(output.session, output.keys, this.#options.configuration().openvpn)
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
        this.#sessions.handleEvent(output.session, output.event)
        return
      default:
        output satisfies never
    }
  }
  #answer(id: number, session: SessionId, request: OpenVpnRequest): void {
    if (request.type !== 'authenticate') return
    this.#sessions.authenticate(session, request).then(
      reply => this.#loop.handleCommand({ type: 'reply', id, reply }),
      error => {
        this.#options.log.error({ err: error }, 'authentication failed on our side')
        const reply = { type: 'deny', reason: 'the gateway has a fault', temporary: true } as const
        this.#loop.handleCommand({ type: 'reply', id, reply })
      },
    )
  }

  #openFlow(output: Extract<OpenVpnOutput, { readonly type: 'open-flow' }>): void {
    const { session } = output
    const flow = this.#flows.open(output, this.#options.configuration().openvpn)
    this.#sessions.flowOpened(session)
    const lease = this.#sessions.leaseOf(session)
    const addresses = [lease?.ipv4, lease?.ipv6].flatMap(leased => (leased ? [leased.address] : []))
    const routes = addresses.map(address => ({ type: 'add', prefix: ipPrefix(address), flow }) as const)
    this.#options.datapath.changeRoutes(routes)
  }

  #closeFlow(session: SessionId): void {
    const counters = this.#flows.close(session)
    if (counters) this.#sessions.flowClosed(session, counters)
  }

  #handleControl(stream: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(stream)
    if (connection) this.#loop.handleDatagram({ type: 'stream', stream, remote: connection.remote }, bytes)
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
    this.#sessions.moved(session, path)
    this.#loop.handleCommand({ type: 'moved', session, path })
  }

  #onSession(flow: FlowId, command: (session: SessionId) => OpenVpnCommand): void {
    const session = this.#flows.sessionOf(flow)
    if (session !== undefined) this.#loop.handleCommand(command(session))
  }

  #end(session: SessionId, manner: EndManner, reason: string): void {
    this.#loop.handleCommand({ type: 'disconnect', session, manner, reason })
  }

  #counters(session: SessionId): FlowCounters {
    const flow = this.#flows.flowOf(session)
    return flow === undefined ? NO_COUNTERS : this.#options.datapath.counters(flow)
  }
}

const NO_COUNTERS: FlowCounters = {
  packetsReceived: 0,
  bytesReceived: 0,
  packetsSent: 0,
  bytesSent: 0,
  authenticationFailures: 0,
  replays: 0,
  sourceViolations: 0,
  refused: 0,
  sendDrops: 0,
}
