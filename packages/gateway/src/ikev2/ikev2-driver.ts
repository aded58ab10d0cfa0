import type { SignatureScheme } from '@causeway/crypto'
import type { Datapath, DatapathEvent, FlowCounters, FlowId, PortId } from '@causeway/datapath'
import type {
  ChildId,
  ChildSaKeys,
  ConfigurationReply,
  Ikev2Command,
  Ikev2Engine,
  Ikev2Output,
  Ikev2Reply,
  Ikev2Request,
  Path,
  SessionEvent,
  SessionId,
} from '@causeway/ikev2'
import type { Endpoint, IpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { DatagramSender } from '../engine/datagram-sender.ts'
import { EngineLoop } from '../engine/engine-loop.ts'
import { ikeMessageText } from '../observation/index.ts'
import { type ChildFlow, ChildFlows, type FlowKind } from './child-flows.ts'
import type { IkePorts } from './ike-ports.ts'

type Authenticate = Extract<Ikev2Request, { readonly type: 'authenticate' }>
type Secret = Extract<Ikev2Request, { readonly type: 'psk' }>

/** What the server and the client role of a driver do differently. */
export interface Ikev2Role {
  /** Decides, now or later, and answers by {@link Ikev2Driver.reply}. */
  authenticate(id: number, session: SessionId, request: Authenticate): void
  /** An EAP conversation: goes on by the commands `eap-packet`, `eap-success`, `eap-failure`. */
  eapStart(session: SessionId, path: Path): void
  eapPacket(session: SessionId, packet: Uint8Array): void
  eapClose(session: SessionId): void
  configure(session: SessionId, configuration: ConfigurationReply): void
  /** Which secret goes with an identity that is merely claimed: tells by {@link Ikev2Driver.reply}. */
  secret(id: number, session: SessionId, request: Secret): void
  /** Of a flow that is about to be opened. */
  flowKind(session: SessionId): FlowKind
  /**
   * The role gives the flow its routes, as far as its selectors hold them. Comes again for the flows that are left when
   * another of the session is gone, with the routes that it had taken.
   */
  flowOpened(flow: ChildFlow): void
  /** A flow of the session is gone, with its routes. Before {@link flowsClosed}. */
  flowClosed?(flow: ChildFlow): void
  /** The session's last flow is gone, with its routes: its addresses may be given away. */
  flowsClosed(session: SessionId): void
  handleEvent(session: SessionId | undefined, event: SessionEvent): void
}

/** What a driver joins. */
export interface Ikev2DriverOptions {
  readonly engine: Ikev2Engine
  readonly datapath: Datapath
  readonly ports: IkePorts
  /** Signs with the key of this certificate of ours. */
  readonly sign: (
    scheme: SignatureScheme,
    parts: readonly Uint8Array[],
    certificate: Uint8Array,
  ) => Uint8Array
  readonly tunnelMtu: () => number
  readonly clock: Clock
  readonly log: Logger
}

/** Joins an IKEv2 engine to the datapath. */
export class Ikev2Driver<Role extends Ikev2Role = Ikev2Role> {
  readonly #options: Ikev2DriverOptions
  readonly role: Role
  readonly #loop: EngineLoop<Path, Ikev2Command, Ikev2Output>
  readonly #sender: DatagramSender
  readonly #flows: ChildFlows

  constructor(options: Ikev2DriverOptions, createRole: (driver: Ikev2Driver<Role>) => Role) {
    const { engine, datapath, ports, clock, log } = options
    this.#options = options
    this.#sender = new DatagramSender(datapath)
    this.#flows = new ChildFlows(datapath, ports)
    this.#loop = new EngineLoop(engine, {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => this.#sender.flush(),
      defect: (error, output) => log.error({ err: error, output: output?.type }, 'IKEv2 driver failed'),
    })
    this.role = createRole(this)
  }

  /** Whether the event was IKEv2's. */
  handleDatapathEvent(event: DatapathEvent): boolean {
    switch (event.type) {
      case 'datagram':
        return this.#handleDatagram(event.port, event.remote, event.local, event.bytes)
      case 'float':
        return this.#onChild(event.flow, child => this.#moved(child, event))
      case 'soft-limit':
      case 'hard-limit':
        return this.#onChild(event.flow, child => {
          this.command({ type: event.type, child, receiveSpi: event.keyId })
        })
      case 'rejected':
        return this.#onChild(event.flow, () => this.#options.log.debug(event, 'ESP packets rejected'))
      case 'unknown-spi':
        this.#options.log.debug({ spi: event.spi }, 'ESP for an SPI that no SA has')
        return true
      case 'idle':
      case 'inband':
      case 'control':
      case 'stream-output':
      case 'stream-ended':
      case 'stream-fault':
        return false
      default:
        return event satisfies never
    }
  }

  /** Whether every session is over and every peer was told. */
  get quiet(): boolean {
    return this.#options.engine.ikeSaCount === 0
  }

  /** What the gateway or the user asks of the engine. */
  command(command: Ikev2Command): void {
    this.#loop.handleCommand(command)
  }

  reply(id: number, reply: Ikev2Reply): void {
    this.#loop.handleCommand({ type: 'reply', id, reply })
  }

  /** What the session's flows have carried, closed ones included. */
  counters(session: SessionId): FlowCounters {
    return this.#flows.counters(session)
  }

  /** How the session's ESP travels now: in UDP, or raw. */
  transport(session: SessionId): 'udp' | 'esp' {
    return this.#flows.transport(session)
  }

  /** The session's open flows, in the order in which they were opened. */
  flowsOf(session: SessionId): readonly ChildFlow[] {
    return this.#flows.ofSession(session)
  }

  flowCounters({ flow }: ChildFlow): FlowCounters {
    return this.#options.datapath.counters(flow)
  }

  hasFlows(session: SessionId): boolean {
    return this.#flows.hasFlows(session)
  }

  /** The role knows the session no more. */
  forget(session: SessionId): void {
    this.#flows.forget(session)
  }

  /** Sends nothing more by a UDP port. Call it before the port is closed. */
  forgetPort(port: PortId): void {
    this.#sender.forgetPort(port)
  }

  /** Lets go of everything. End the sessions before it. */
  close(): void {
    this.#loop.close()
  }

  #interpret(output: Ikev2Output): void {
    switch (output.type) {
      case 'send':
        this.#send(output.path, output.bytes)
        return
      case 'keepalive':
        this.#send(output.path, NAT_KEEPALIVE)
        return
      case 'request':
        this.#answer(output.id, output.session, output.request)
        return
      case 'eap-start':
        this.role.eapStart(output.session, output.path)
        return
      case 'eap-packet':
        this.role.eapPacket(output.session, output.packet)
        return
      case 'eap-close':
        this.role.eapClose(output.session)
        return
      case 'configure':
        this.role.configure(output.session, output.configuration)
        return
      case 'open-flow':
        this.#openFlow(output)
        return
      case 'close-flow':
        this.#closeFlow(output)
        return
      case 'move-flow':
        this.#flows.move(output.child, output.path)
        return
      case 'install-sa':
        this.#install(output.child, output.sa)
        return
      case 'select-sa':
        this.#flows.select(output.child, output.receiveSpi)
        return
      case 'remove-sa':
        this.#flows.remove(output.child, output.receiveSpi)
        return
      case 'event':
        this.role.handleEvent(output.session, output.event)
        return
      default:
        output satisfies never
    }
  }

  #send({ port, remote, local }: Path, bytes: Uint8Array): void {
    this.#trace('SEND', remote, local, bytes)
    this.#sender.send(port, { remote, local: local.address, bytes })
  }

  #openFlow({ session, child, path }: Extract<Ikev2Output, { readonly type: 'open-flow' }>): void {
    this.#flows.open(session, child, path, this.#options.tunnelMtu(), this.role.flowKind(session))
  }

  #closeFlow({ session, child }: Extract<Ikev2Output, { readonly type: 'close-flow' }>): void {
    const closed = this.#flows.ofChild(child)
    const isLast = this.#flows.close(child)
    if (closed) this.role.flowClosed?.(closed)
    if (isLast) this.role.flowsClosed(session)
    else for (const left of this.#flows.ofSession(session)) this.role.flowOpened(left)
  }

  #install(child: ChildId, keys: ChildSaKeys): void {
    const begun = this.#flows.install(child, keys)
    if (begun) this.role.flowOpened(begun)
  }

  #answer(id: number, session: SessionId, request: Ikev2Request): void {
    switch (request.type) {
      case 'authenticate':
        this.role.authenticate(id, session, request)
        return
      case 'psk':
        this.role.secret(id, session, request)
        return
      case 'sign':
        this.reply(id, this.#sign(request))
        return
      case 'traffic':
        this.reply(id, { type: 'traffic', packetsReceived: this.#flows.counters(session).packetsReceived })
        return
      default:
        request satisfies never
    }
  }

  #sign({ scheme, parts, certificate }: Extract<Ikev2Request, { readonly type: 'sign' }>): Ikev2Reply {
    try {
      return { type: 'signature', signature: this.#options.sign(scheme, parts, certificate) }
    } catch (error) {
      this.#options.log.error({ err: error }, 'the gateway could not sign with its certificate')
      return { type: 'no-signature', reason: 'the gateway could not sign with its certificate' }
    }
  }

  #handleDatagram(port: PortId, remote: Endpoint, local: IpAddress, bytes: Uint8Array): boolean {
    const path = this.#options.ports.pathOf(port, remote, local)
    if (!path) return false
    this.#trace('RECEIVED', remote, path.local, bytes)
    this.#loop.handleDatagram(path, bytes)
    return true
  }

  /** Strangers choose how many messages there are: these lines are for who looks for something. */
  #trace(way: 'SEND' | 'RECEIVED', remote: Endpoint, local: Endpoint, bytes: Uint8Array): void {
    const { log } = this.#options
    const text = log.isLevelEnabled('debug') ? ikeMessageText(way, remote, local, bytes) : undefined
    if (text !== undefined) log.debug(text)
  }

  #moved(child: ChildId, event: Extract<DatapathEvent, { readonly type: 'float' }>): void {
    const path = this.#options.ports.pathOf(event.port, event.remote, event.local)
    if (path) this.command({ type: 'moved', child, path })
  }

  #onChild(flow: FlowId, act: (child: ChildId) => void): boolean {
    const known = this.#flows.ofFlow(flow)
    if (known) act(known.child)
    return known !== undefined
  }
}

/** RFC 3948 §2.3. */
const NAT_KEEPALIVE = Uint8Array.of(0xff)
