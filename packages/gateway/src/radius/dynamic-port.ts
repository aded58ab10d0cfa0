import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { type Endpoint, parseIpAddress } from '@causeway/wire'
import { ListenerError } from '../listener/tcp-listener.ts'

/** A datagram and by which socket of the port it came. */
export type DatagramTaker = (socket: number, remote: Endpoint, bytes: Uint8Array) => void

/** All addresses of the machine. */
const ANY = { 4: '0.0.0.0', 6: '::' } as const
type Family = keyof typeof ANY

/** A UDP port of the gateway's own, on all its addresses. */
export class DynamicPort {
  readonly port: number
  readonly #sockets: ReadonlyMap<number, Socket>

  private constructor(port: number, sockets: ReadonlyMap<number, Socket>) {
    this.port = port
    this.#sockets = sockets
  }

  /** Errors: `ListenerError` when the port cannot be had; nothing is open then. */
  static async open(port: number, take: DatagramTaker): Promise<DynamicPort> {
    const ipv4 = await bound(4, port, take)
    const sockets = new Map([[4, ipv4]])
    try {
      // With port 0 the system has chosen one; both families have the same.
      sockets.set(6, await bound(6, ipv4.address().port, take))
    } catch (error) {
      if (!isWithoutIpv6(error)) {
        ipv4.close()
        throw error
      }
    }
    return new DynamicPort(ipv4.address().port, sockets)
  }

  send(
    socket: number,
    { address, port }: { readonly address: string; readonly port: number },
    bytes: Uint8Array,
  ): void {
    // An answer that is lost is asked for again.
    this.#sockets.get(socket)?.send(bytes, port, address, () => undefined)
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
  }
}

function bound(family: Family, port: number, take: DatagramTaker): Promise<Socket> {
  const socket = createSocket({ type: `udp${family}`, ipv6Only: family === 6 })
  socket.on('message', (bytes, from) => {
    const remote = endpointOf(from)
    if (remote) take(family, remote, bytes)
  })
  return new Promise((resolve, reject) => {
    socket.once('error', cause => {
      socket.close()
      const address = parseIpAddress(ANY[family])
      reject(address ? new ListenerError('UDP', { address, port }, cause) : cause)
    })
    socket.bind(port, ANY[family], () => {
      socket.removeAllListeners('error')
      // What one datagram meets with does not end the port.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

function endpointOf({ address: text, port }: RemoteInfo): Endpoint | undefined {
  const address = parseIpAddress(text)
  return address && { address, port }
}

function isWithoutIpv6(error: unknown): boolean {
  const cause = error instanceof ListenerError ? (error.cause as NodeJS.ErrnoException) : undefined
  return cause?.code === 'EAFNOSUPPORT' || cause?.code === 'EADDRNOTAVAIL'
}
