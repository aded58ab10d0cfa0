import { createServer, type Server, type Socket } from 'node:net'
import { type Endpoint, formatEndpoint, formatIpAddress, parseIpAddress } from '@causeway/wire'
import type { ConnectionCensus } from './connection-census.ts'
import { tellByFirstBytes } from './first-bytes.ts'
import { FIRST_BYTES_MILLISECONDS, SOCKET_BYTES } from './listener-limits.ts'

/** Who takes a connection of the shared port, once it is known what it is. */
export interface ConnectionTakers {
  openvpn(socket: Socket, remote: Endpoint, first: Uint8Array): void
  tls(socket: Socket, remote: Endpoint): void
}

/** A TCP port that OpenVPN, SSTP and HTTPS share. */
export interface TcpListener {
  readonly local: Endpoint
  /** Accepts no more; the connections that exist stay. */
  close(): void
  /** Ends the connections, whatever they are. */
  endConnections(): void
}

/** Opens the port. Errors: `ERR_LISTENER`. */
export async function listenTcp(
  local: Endpoint,
  census: ConnectionCensus,
  takers: ConnectionTakers,
): Promise<TcpListener> {
  const sockets = new Set<Socket>()
  const options = { noDelay: true, keepAlive: true, highWaterMark: SOCKET_BYTES }
  const server = createServer(options, socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    accept(socket, census, takers)
  })
  await listening(server, local)
  const bound = server.address() as { readonly port: number }
  return {
    local: { address: local.address, port: bound.port },
    close: () => void server.close(),
    endConnections: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A port that cannot be opened. The message says which and why. */
export class ListenerError extends Error {
  readonly code = 'ERR_LISTENER'

  constructor(transport: 'TCP' | 'UDP' | 'ESP', local: Endpoint, cause: unknown) {
    super(`cannot listen on ${transport} ${formatEndpoint(local)}: ${systemReason(cause)}`, { cause })
    this.name = 'ListenerError'
  }
}

function listening(server: Server, local: Endpoint): Promise<void> {
  const host = formatIpAddress(local.address)
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error) => reject(new ListenerError('TCP', local, cause))
    server.once('error', refuse)
    server.listen({ host, port: local.port, ipv6Only: local.address.family === 6, backlog: 1024 }, () => {
      server.off('error', refuse)
      // Running out of descriptors fails one accept; the listener goes on.
      server.on('error', () => undefined)
      resolve()
    })
  })
}

function systemReason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'the port is in use by another program'
  if (code === 'EADDRNOTAVAIL') return 'the address is not one of this machine'
  if (code === 'EACCES') return 'this port needs root'
  return message
}

function accept(socket: Socket, census: ConnectionCensus, takers: ConnectionTakers): void {
  socket.on('error', () => socket.destroy())
  const remote = remoteOf(socket)
  const leave = remote && census.enter(remote.address)
  if (!remote || !leave) {
    socket.destroy()
    return
  }
  socket.once('close', leave)
  tell(socket, remote, takers)
}

/** Waits for the bytes that tell, and hands the connection on. */
function tell(socket: Socket, remote: Endpoint, takers: ConnectionTakers): void {
  const timer = setTimeout(() => socket.destroy(), FIRST_BYTES_MILLISECONDS)
  socket.once('close', () => clearTimeout(timer))
  let first: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer) => {
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk])
    const kind = tellByFirstBytes(first)
    if (kind === 'incomplete') return
    clearTimeout(timer)
    socket.off('data', read)
    socket.pause()
    handOver(kind, socket, remote, first, takers)
  }
  socket.on('data', read)
}

function handOver(
  kind: 'openvpn' | 'tls' | 'unknown',
  socket: Socket,
  remote: Endpoint,
  first: Buffer,
  takers: ConnectionTakers,
): void {
  switch (kind) {
    case 'openvpn':
      takers.openvpn(socket, remote, first)
      return
    case 'tls':
      socket.unshift(first)
      takers.tls(socket, remote)
      return
    case 'unknown':
      socket.destroy()
      return
    default:
      kind satisfies never
  }
}

function remoteOf(socket: Socket): Endpoint | undefined {
  const address = parseIpAddress(socket.remoteAddress?.split('%')[0] ?? '')
  return address && socket.remotePort !== undefined ? { address, port: socket.remotePort } : undefined
}
