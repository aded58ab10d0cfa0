import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import {
  createMemoryDatapath,
  type DatapathEvent,
  type MemoryDatapath,
  MemoryNetwork,
} from '@causeway/datapath'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { formatPem } from '@causeway/x509'
import { gatewayCredentials, root } from '../testing/credentials.suite.ts'
import { certificateHashes, sharedPortTlsContext } from '../tls/control-context.ts'
import { ConnectionCensus } from './connection-census.ts'
import type { HttpRoutes } from './http-route.ts'
import type { StreamConnection } from './stream-connection.ts'
import { listenTcp, type TcpListener } from './tcp-listener.ts'
import { type CallRoom, createTlsTerminator, type ServerTls, type TlsTerminator } from './tls-terminator.ts'

const loopback = { address: parseIpAddress('127.0.0.1') as IpAddress, port: 0 }
const ONE_NETWORK = { perIpv4Network: 4_096, perIpv6Network: 1, total: 4_096 }

/** An SSTP client's opening ([MS-SSTP] §4.1). */
export const OPENING = [
  'SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1',
  'Host: gateway.test',
  'SSTPCORRELATIONID: {01234567-89AB-CDEF-0123-456789ABCDEF}',
  'Content-Length: 18446744073709551615',
  '\r\n',
].join('\r\n')

/** The TLS side of a shared port on loopback, with the memory datapath. */
export class TlsPort {
  readonly events: DatapathEvent[] = []
  readonly calls: StreamConnection[] = []
  readonly ciphers: string[] = []
  readonly closed: StreamConnection[] = []
  readonly refusals: string[] = []
  readonly sockets = new Set<Socket>()
  readonly datapath: MemoryDatapath
  readonly terminator: TlsTerminator
  readonly tls: ServerTls
  readonly defects: unknown[] = []
  room: CallRoom = { type: 'open' }
  routes: HttpRoutes = () => undefined
  readonly #ca: string
  readonly #clients = new Set<Socket>()
  #listener: TcpListener | undefined

  constructor(tls: ServerTls, ca: string, requestMilliseconds: number) {
    this.tls = tls
    this.#ca = ca
    const onEvents = (events: readonly DatapathEvent[]): void => {
      this.events.push(...events)
      this.#act(events)
    }
    this.datapath = createMemoryDatapath({ workers: 1, onEvents }, new MemoryNetwork())
    this.terminator = createTlsTerminator({
      tls: () => tls,
      datapath: this.datapath,
      room: () => this.room,
      callOpened: (connection, certificate, cipher) => {
        if (certificate !== tls.certificate) throw new Error('the hashes of another certificate')
        this.calls.push(connection)
        this.ciphers.push(cipher)
      },
      callClosed: connection => this.closed.push(connection),
      refused: (_remote, reason) => this.refusals.push(reason),
      site: {
        routes: path => this.routes(path),
        contentSecurityPolicy: "default-src 'none'",
        failed: error => this.defects.push(error),
      },
      requestMilliseconds,
    })
  }

  async open(): Promise<void> {
    this.#listener = await listenTcp(loopback, new ConnectionCensus(ONE_NETWORK), {
      openvpn: socket => socket.destroy(),
      tls: (socket, remote) => {
        this.sockets.add(socket)
        socket.once('close', () => this.sockets.delete(socket))
        this.terminator.take(socket, remote)
      },
    })
  }

  get port(): number {
    return this.#listener?.local.port ?? 0
  }

  /** A TLS client that trusts the gateway, established. */
  async connect(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = this.dial(options)
    await once(socket, 'secureConnect')
    return socket
  }

  dial(options: ConnectionOptions = {}): TLSSocket {
    const { port } = this
    return this.watch(
      connect({ host: '127.0.0.1', port, ca: this.#ca, servername: 'gateway.test', ...options }),
    )
  }

  /** Ends the client with the port. */
  watch<Client extends Socket>(client: Client): Client {
    this.#clients.add(client)
    client.on('error', () => client.destroy())
    client.once('close', () => this.#clients.delete(client))
    return client
  }

  stop(): void {
    for (const call of this.calls) call.release()
    this.terminator.close()
    this.#listener?.endConnections()
    this.#listener?.close()
    for (const client of this.#clients) client.destroy()
    this.datapath.close()
  }

  #act(events: readonly DatapathEvent[]): void {
    for (const event of events) {
      if (!('stream' in event)) continue
      const call = this.calls.find(({ stream }) => stream === event.stream)
      if (event.type === 'stream-output') call?.handleOutput()
      if (event.type === 'stream-ended') call?.handleEnd()
      if (event.type === 'stream-fault') call?.abort()
    }
  }
}

/** An open port with a certificate of its own authority. */
export async function tlsPort(requestMilliseconds = 5_000): Promise<TlsPort> {
  const authority = await root()
  const credentials = await gatewayCredentials(authority)
  const tls = {
    context: sharedPortTlsContext(credentials),
    certificate: certificateHashes(credentials.certificateChain),
  }
  const port = new TlsPort(tls, formatPem(authority.certificate), requestMilliseconds)
  await port.open()
  return port
}

/** All that the peer says until it closes. */
export async function everything(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', chunk => {
    text += chunk
  })
  await gone(socket)
  return text
}

/** Waits for the end of a socket, whatever it is. */
export function gone(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** Waits until the peer has said what is looked for. */
export function said(socket: Socket, holds: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0)
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      if (!holds(bytes)) return
      socket.off('data', read)
      resolve(bytes)
    }
    socket.on('data', read)
    socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(bytes.toString('latin1'))}`)))
  })
}

/** Of the machine, whatever time a test has. */
const { setTimeout: realTimeout } = globalThis

/** Waits for what real sockets take a moment for. */
export async function eventually(condition: () => boolean, milliseconds = 10_000): Promise<void> {
  const end = performance.now() + milliseconds
  while (!condition()) {
    if (performance.now() > end) throw new Error(`did not happen: ${condition}`)
    await new Promise(resolve => realTimeout(resolve, 2))
  }
}
