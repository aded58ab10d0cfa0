import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { TlsConnection } from '@causeway/control-tls'
import type { Datapath, StreamId, StreamOptions } from '@causeway/datapath'
import { type Endpoint, type IpAddress, parseIpAddress } from '@causeway/wire'
import { CLOSE_MILLISECONDS, HANDSHAKE_MILLISECONDS } from './listener-limits.ts'
import { ReadPace } from './read-pace.ts'

/** A TCP connection that carries a stream of the datapath. */
export interface StreamConnection {
  readonly stream: StreamId
  readonly remote: Endpoint
  /** Our own address that the peer wrote to; `undefined` when the socket is gone. */
  readonly local: IpAddress | undefined
  /** The datapath has bytes to write. */
  handleOutput(): void
  /** The datapath, which reads the socket, has met its end. */
  handleEnd(): void
  /** Closes after what the datapath still has was written. */
  finish(): void
  /** The peer's user is asked something, and has so long: the time of the handshake begins after it. */
  allow(milliseconds: number): void
  /** The peer is established: the connection may stay as long as it likes. */
  keep(): void
  /** Closes at once; `closed` is told when the socket is gone. */
  abort(): void
  /** Closes at once with the stream, because the datapath is about to go. */
  release(): void
}

/**
 * Joins a socket to a new stream. One write is under way at a time: what the socket cannot take stays
 * in the datapath, which drops packets of a slow reader and never grows.
 *
 * @param closed told once, when the socket is gone; the stream is closed after it.
 */
export function joinStream(
  socket: Socket,
  remote: Endpoint,
  datapath: Datapath,
  closed: (connection: StreamConnection) => void,
): StreamConnection {
  return join(new SocketStream(socket, remote, datapath, { framing: 'openvpn' }), socket, closed)
}

/** What a stream of SSTP begins with, in either role. */
export interface SstpStreamOptions {
  readonly socket: Socket
  readonly remote: Endpoint
  readonly datapath: Datapath
  /** Established. The stream owns it. */
  readonly tls: TlsConnection
  /** To write first: the records of a server's HTTP answer. */
  readonly answer: Uint8Array
  /** What the peer has sent behind its part of HTTP. */
  readonly plaintext: Uint8Array
  /** As in `StreamOptions`. */
  readonly recordPerPacket?: boolean
  /** As with {@link joinStream}. */
  readonly closed: (connection: StreamConnection) => void
}

/** Joins a socket whose TLS and HTTP are done to a new stream, which takes over TLS. */
export function joinSstpStream(options: SstpStreamOptions): StreamConnection {
  const { socket, remote, datapath, tls, answer, plaintext, closed } = options
  const { recordPerPacket = false } = options
  const connection = new SocketStream(socket, remote, datapath, { framing: 'sstp', recordPerPacket })
  connection.write(answer)
  if (plaintext.length > 0) datapath.streamInput(connection.stream, plaintext)
  datapath.attachTls(connection.stream, tls)
  return join(connection, socket, closed)
}

function join(
  connection: SocketStream,
  socket: Socket,
  closed: (connection: StreamConnection) => void,
): StreamConnection {
  socket.on('data', chunk => connection.handleInput(chunk))
  socket.on('error', () => socket.destroy())
  socket.once('close', () => {
    closed(connection)
    connection.release()
  })
  socket.resume()
  return connection
}

/** What Node keeps of a socket: no public call gives the descriptor, or stops reading before the next chunk. */
interface SocketHandle {
  readonly fd: number
  reading: boolean
  readStart(): void
  readStop(): void
}

/** Undefined for what is no socket of the system, and while Node holds bytes that it has read. */
function handleOf(socket: Socket): SocketHandle | undefined {
  const handle = (socket as { readonly _handle?: Partial<SocketHandle> | null })._handle
  const fits =
    handle && typeof handle.fd === 'number' && handle.fd >= 0 && typeof handle.readStop === 'function'
  return fits && socket.readableLength === 0 ? (handle as SocketHandle) : undefined
}

class SocketStream implements StreamConnection {
  readonly stream: StreamId
  readonly remote: Endpoint
  readonly local: IpAddress | undefined
  readonly #socket: Socket
  readonly #datapath: Datapath
  readonly #pace: ReadPace
  readonly #framing: StreamOptions['framing']
  #writing = false
  #kept = false
  #handedDown = false
  /** Once the datapath reads and writes the socket. */
  #handle: SocketHandle | undefined
  #state: 'open' | 'finishing' | 'closed' = 'open'
  /** First for the handshake, later for the end. */
  #timer: NodeJS.Timeout

  constructor(socket: Socket, remote: Endpoint, datapath: Datapath, options: StreamOptions) {
    this.#socket = socket
    this.#datapath = datapath
    this.#framing = options.framing
    this.remote = remote
    this.local = parseIpAddress(socket.localAddress?.split('%')[0] ?? '')
    this.stream = datapath.openStream(options)
    this.#pace = new ReadPace(socket, () => performance.now())
    this.#timer = setTimeout(() => socket.destroy(), HANDSHAKE_MILLISECONDS)
  }

  handleInput(chunk: Uint8Array): void {
    if (this.#state === 'closed') return
    this.#datapath.streamInput(this.stream, chunk)
    this.#handDown()
    if (!this.#handle) this.#pace.handleChunk(chunk.length)
  }

  allow(milliseconds: number): void {
    if (this.#kept || this.#state !== 'open') return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#socket.destroy(), milliseconds + HANDSHAKE_MILLISECONDS)
  }

  keep(): void {
    clearTimeout(this.#timer)
    this.#kept = true
    this.#handDown()
  }

  handleOutput(): void {
    if (this.#writing || this.#state === 'closed') return
    const bytes = this.#datapath.takeStreamOutput(this.stream)
    if (bytes) this.write(bytes)
    else if (this.#state === 'finishing') this.#socket.end()
  }

  /** Writes what comes before, or out of, the datapath's output. Nothing else may be under way. */
  write(bytes: Uint8Array): void {
    this.#writing = true
    this.#socket.write(bytes, () => {
      this.#writing = false
      this.handleOutput()
      this.#handDown()
    })
  }

  handleEnd(): void {
    this.#handle?.readStart()
    this.#socket.resume()
    // TLS has an end of its own, and the socket's need not follow it.
    if (this.#framing === 'sstp') this.finish()
  }

  finish(): void {
    if (this.#state !== 'open') return
    this.#state = 'finishing'
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#socket.destroy(), CLOSE_MILLISECONDS)
    if (this.#framing === 'sstp') this.#datapath.endStream(this.stream)
    this.handleOutput()
  }

  abort(): void {
    this.#socket.destroy()
  }

  /**
   * Of an established peer the datapath reads and writes the socket itself, which spares each packet the way
   * through Node's streams. Once nothing is being written; where Node does not tell the descriptor, all
   * stays as it is.
   */
  #handDown(): void {
    if (!this.#kept || this.#handedDown || this.#writing || this.#state !== 'open') return
    const handle = handleOf(this.#socket)
    if (!handle) return
    this.#handedDown = true
    this.#pace.stop()
    this.#socket.pause()
    handle.readStop()
    // Or the stream would start it again when it is next polled.
    handle.reading = true
    if (this.#datapath.adoptSocket(this.stream, handle.fd)) this.#handle = handle
    else {
      handle.readStart()
      this.#socket.resume()
    }
  }

  release(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#timer)
    this.#pace.stop()
    this.#datapath.closeStream(this.stream)
    this.#socket.destroy()
  }
}
