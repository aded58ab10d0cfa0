import { type Endpoint, formatEndpoint, formatIpAddress, type IpAddress, ipAddress } from '@causeway/wire'
import { DatapathError } from './datapath-error.ts'

/** A datagram on its way. */
export interface NetworkPacket {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bytes: Uint8Array
}

/**
 * How packets travel: called for each one sent. It may call `deliver` at once, later, twice, with
 * other bytes, or never.
 */
export type Carry = (packet: NetworkPacket, deliver: (packet: NetworkPacket) => void) => void

/** A bound socket of the memory network. */
export interface MemorySocket {
  readonly local: Endpoint
  /** `local`: the address to send from, of a socket that is bound to none in particular. */
  send(remote: Endpoint, bytes: Uint8Array, local?: IpAddress): void
  close(): void
}

/** Something that wants to be woken by the network's clock. */
export interface Sleeper {
  /** Milliseconds of the network's clock, or `undefined` when nothing is due. */
  nextTimeout(): number | undefined
  handleTimeout(now: number): void
}

/** Takes what arrives; `to` is the address and port that it was sent to. */
export type Receive = (from: Endpoint, bytes: Uint8Array, to: Endpoint) => void

interface Binding {
  readonly local: Endpoint
  readonly receive: Receive
}

const FIRST_EPHEMERAL_PORT = 49152

/**
 * A network in memory: sockets that reach each other by address and port, and a clock that moves
 * only by {@link advance}. A packet to an address bound as unspecified (0.0.0.0 or ::) finds it by
 * the port alone. Port 0 stands for raw ESP, which has none. What reaches no socket is lost, as on a
 * network.
 */
export class MemoryNetwork {
  readonly #bindings = new Map<string, Binding>()
  readonly #sleepers = new Set<Sleeper>()
  readonly #inFlight: NetworkPacket[] = []
  readonly #carry: Carry
  #delivering = false
  #nextPort = FIRST_EPHEMERAL_PORT
  #now = 0

  constructor(carry: Carry = (packet, deliver) => deliver(packet)) {
    this.#carry = carry
  }

  /** Milliseconds since the network was made. */
  get now(): number {
    return this.#now
  }

  /** Binds a socket; port 0 chooses one. Errors: DatapathError `ERR_DATAPATH_SYSTEM` when it is taken. */
  bind(address: IpAddress, port: number, receive: Receive): MemorySocket {
    return this.#bind({ address, port: port === 0 ? this.#nextPort++ : port }, receive)
  }

  /** Binds a socket for raw ESP (IP protocol 50), whose endpoints have port 0. Errors: as {@link bind}. */
  bindEsp(address: IpAddress, receive: Receive): MemorySocket {
    return this.#bind({ address, port: 0 }, receive)
  }

  /** Wakes this sleeper when its time comes, until the returned function is called. */
  attach(sleeper: Sleeper): () => void {
    this.#sleepers.add(sleeper)
    return () => this.#sleepers.delete(sleeper)
  }

  /** Moves the clock, stopping at every time at which somebody is due. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#earliest(); next !== undefined && next <= end; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next)
      for (const sleeper of [...this.#sleepers]) sleeper.handleTimeout(this.#now)
    }
    this.#now = end
  }

  #bind(local: Endpoint, receive: Receive): MemorySocket {
    const key = formatEndpoint(local)
    if (this.#bindings.has(key)) {
      const kind = local.port === 0 ? 'raw ESP' : 'UDP'
      throw new DatapathError('ERR_DATAPATH_SYSTEM', `cannot open ${kind} port ${key}: address in use`)
    }
    this.#bindings.set(key, { local, receive })
    return {
      local,
      send: (remote, bytes, own) =>
        this.#send({ from: sourceOf(local, own), to: remote, bytes: bytes.slice() }),
      close: () => this.#bindings.delete(key),
    }
  }

  #earliest(): number | undefined {
    const times = [...this.#sleepers].map(sleeper => sleeper.nextTimeout()).filter(at => at !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #send(packet: NetworkPacket): void {
    this.#carry(packet, arrived => this.#deliver(arrived))
  }

  /** Delivers in turn, so that an answer sent while receiving does not recurse. */
  #deliver(packet: NetworkPacket): void {
    this.#inFlight.push(packet)
    if (this.#delivering) return
    this.#delivering = true
    try {
      for (let next = this.#inFlight.shift(); next; next = this.#inFlight.shift())
        this.#binding(next.to)?.receive(next.from, next.bytes, next.to)
    } finally {
      this.#delivering = false
    }
  }

  #binding(to: Endpoint): Binding | undefined {
    const unspecified = ipAddress(new Uint8Array(to.address.bytes.length))
    return (
      this.#bindings.get(formatEndpoint(to)) ??
      this.#bindings.get(formatEndpoint({ address: unspecified, port: to.port }))
    )
  }
}

/** A socket bound to no address sends from the one it is told, else from loopback. */
function sourceOf(local: Endpoint, own: IpAddress | undefined): Endpoint {
  const text = formatIpAddress(local.address)
  if (text !== '0.0.0.0' && text !== '::') return local
  if (own !== undefined) return { address: own, port: local.port }
  if (text === '0.0.0.0') return { address: ipAddress(Uint8Array.of(127, 0, 0, 1)), port: local.port }
  const loopback = new Uint8Array(16)
  loopback[15] = 1
  return { address: ipAddress(loopback), port: local.port }
}
