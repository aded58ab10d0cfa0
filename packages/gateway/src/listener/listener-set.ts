import type { Datapath, PortId } from '@causeway/datapath'
import { type Endpoint, formatEndpoint } from '@causeway/wire'
import type { Listener } from '../configuration.ts'
import type { ConnectionCensus } from './connection-census.ts'
import type { OpenPort } from './open-port.ts'
import { type ConnectionTakers, ListenerError, listenTcp, type TcpListener } from './tcp-listener.ts'

type OpenListener = Listener & ({ readonly port: PortId } | { readonly server: TcpListener })

/** The open ports of a gateway: TCP ports are Node's, UDP ports the datapath's. */
export class ListenerSet {
  readonly #datapath: Datapath
  readonly #census: ConnectionCensus
  readonly #takers: ConnectionTakers
  readonly #open = new Map<string, OpenListener>()
  /** Looked up for every datagram, so made anew only when a port opens or closes. */
  #ports: readonly OpenPort[] = []

  constructor(datapath: Datapath, census: ConnectionCensus, takers: ConnectionTakers) {
    this.#datapath = datapath
    this.#census = census
    this.#takers = takers
  }

  /** What listens, with the ports that the system chose where it was asked to. */
  list(): readonly Listener[] {
    return [...this.#open.values()].map(({ transport, service, local }) => ({ transport, service, local }))
  }

  /** Opens those that are missing; all of them, or none. Errors: `ERR_LISTENER`. */
  async open(listeners: readonly Listener[]): Promise<void> {
    const opened: string[] = []
    try {
      for (const listener of listeners) {
        const key = keyOf(listener)
        if (this.#open.has(key)) continue
        this.#open.set(key, await this.#openOne(listener))
        this.#listPorts()
        opened.push(key)
      }
    } catch (error) {
      for (const key of opened) this.#close(key)
      throw error
    }
  }

  /** The datapath's ports that are open. */
  openPorts(): readonly OpenPort[] {
    return this.#ports
  }

  /** The UDP ports that are open and not among these. */
  portsBeside(listeners: readonly Listener[]): readonly PortId[] {
    const stay = new Set(listeners.map(keyOf))
    const others = [...this.#open].filter(([key]) => !stay.has(key))
    return others.flatMap(([, listener]) => ('port' in listener ? [listener.port] : []))
  }

  /** Closes those that are not among these. */
  closeOthers(listeners: readonly Listener[]): void {
    const stay = new Set(listeners.map(keyOf))
    for (const key of [...this.#open.keys()]) if (!stay.has(key)) this.#close(key)
  }

  /** Closes all, and ends their connections. */
  closeAll(): void {
    for (const listener of this.#open.values()) if ('server' in listener) listener.server.endConnections()
    this.closeOthers([])
  }

  async #openOne({ transport, service, local }: Listener): Promise<OpenListener> {
    if (service === 'shared') {
      const server = await listenTcp(local, this.#census, this.#takers)
      return { transport, service, local: server.local, server }
    }
    try {
      const { id, local: bound } = this.#datapath.openPort({ ...local, protocol: service })
      return { transport, service, local: bound, port: id }
    } catch (error) {
      throw new ListenerError(transport === 'esp' ? 'ESP' : 'UDP', local, (error as Error).cause ?? error)
    }
  }

  #listPorts(): void {
    this.#ports = [...this.#open.values()].flatMap(listener => ('port' in listener ? [listener] : []))
  }

  #close(key: string): void {
    const listener = this.#open.get(key)
    this.#open.delete(key)
    this.#listPorts()
    if (!listener) return
    if ('port' in listener) this.#datapath.closePort(listener.port)
    else listener.server.close()
  }
}

function keyOf({ transport, local }: { readonly transport: string; readonly local: Endpoint }): string {
  return `${transport} ${formatEndpoint(local)}`
}
