import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { ClientProfile, Credentials, Path, SessionEvent, SessionId } from '@causeway/openvpn'
import { type Endpoint, type IpAddress, parseIpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import type { EngineDriver } from '../openvpn/engine-driver.ts'
import { clientDriver } from './client-driver.ts'
import { type ClientTransport, openTcp, openUdp } from './client-transport.ts'

/** What a load is made of. */
export interface ClientLoadOptions {
  /** Its first remote is used; it must be an address. */
  readonly profile: ClientProfile
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  readonly log: Logger
  readonly clock?: Clock
  /** A session was established, or refused, or ended. `connection`: what `connect` gave; no server answered without. */
  readonly onEvent?: (session: SessionId, event: SessionEvent, connection: number | undefined) => void
}

/** What of one connection is not as the profile has it. */
export interface LoadConnection {
  /** Who signs in. */
  readonly credentials?: Credentials
  /** Our own address, over UDP. */
  readonly local?: IpAddress
}

/**
 * Many sessions of one client in one process, without TUN device, addresses or routes: to load a
 * gateway with connections. Each has its own UDP port or TCP connection.
 */
export class ClientLoad {
  readonly #options: ClientLoadOptions
  readonly #datapath: Datapath
  readonly #driver: EngineDriver
  readonly #ways = new Map<number, ClientTransport>()
  readonly #sessions = new Map<SessionId, number>()
  /** The ways of sessions whose server has answered. */
  readonly #wayOf = new Map<SessionId, number>()
  /** Sessions that were established, those that ended included. */
  established = 0
  /** Sessions that were refused. */
  refused = 0

  /** Errors: as `startClient`. */
  constructor(options: ClientLoadOptions) {
    const { profile, log, clock = systemClock } = options
    this.#options = options
    const datapath = options.createDatapath(events => {
      for (const event of events) this.#driver.handleDatapathEvent(event)
    })
    this.#datapath = datapath
    this.#driver = clientDriver({
      profile,
      datapath,
      clock,
      log,
      routes: [],
      configure: () => Promise.resolve(),
      onHandshake: (session, path) => this.#wayOf.set(session, numberOf(path)),
      onFlow: (session, _flow, path) => this.#sessions.set(session, numberOf(path)),
      onEvent: (session, event) => this.#handleEvent(session, event),
    })
  }

  /** Sessions that are open. */
  get open(): number {
    return this.#sessions.size
  }

  /** Begins one more session; how the connection under it is called. Errors: those of the transport. */
  async connect({ credentials, local }: LoadConnection = {}): Promise<number> {
    const remote = this.#remote()
    const { transport } = this.#options.profile.remotes[0] ?? { transport: 'udp' }
    const way =
      transport === 'udp'
        ? openUdp(this.#datapath, this.#driver, remote, local)
        : await openTcp(this.#datapath, this.#driver, remote)
    this.#ways.set(numberOf(way.path), way)
    this.#driver.command({ type: 'connect', path: way.path, ...(credentials && { credentials }) })
    return numberOf(way.path)
  }

  /** Ends a session, and tells the server. */
  disconnect(session: SessionId): void {
    this.#driver.command({ type: 'disconnect', session, manner: 'halt', reason: 'load ends' })
  }

  /** Ends all sessions that are open, and tells the server. */
  disconnectAll(): void {
    for (const session of [...this.#sessions.keys()]) this.disconnect(session)
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.disconnectAll()
    await until(() => this.#driver.quiet, GOODBYE_MILLISECONDS)
    this.#driver.close()
    this.#datapath.close()
  }

  #handleEvent(session: SessionId, event: SessionEvent): void {
    if (event.type === 'established') this.established++
    else if (event.type === 'refused') this.refused++
    else if (event.type === 'closed') this.#sessions.delete(session)
    const connection = this.#wayOf.get(session)
    this.#options.onEvent?.(session, event, connection)
    if (connection !== undefined && (event.type === 'refused' || event.type === 'closed')) {
      this.#wayOf.delete(session)
      this.#close(connection)
    }
  }

  /** Not amid an event: the last packets of the session are still to be sent. */
  #close(connection: number): void {
    const way = this.#ways.get(connection)
    this.#ways.delete(connection)
    setImmediate(() => way?.close())
  }

  #remote(): Endpoint {
    const remote = this.#options.profile.remotes[0]
    const address = parseIpAddress(remote?.host ?? '')
    if (!remote || !address) throw new TypeError('the first remote of the profile must be an IP address')
    return { address, port: remote.port }
  }
}

const GOODBYE_MILLISECONDS = 1_000

function numberOf(path: Path): number {
  return path.type === 'udp' ? path.port : path.stream
}
