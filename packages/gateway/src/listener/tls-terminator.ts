import type { Socket } from 'node:net'
import type { Datapath } from '@causeway/datapath'
import { type CertificateHashes, type SstpOpening, sstpOpeningAnswer, sstpRefusal } from '@causeway/sstp'
import { concatBytes, type Endpoint } from '@causeway/wire'
import { type HttpResponder, httpResponder } from './http-responder.ts'
import type { HttpSite } from './http-route.ts'
import { CLOSE_MILLISECONDS, REQUEST_MILLISECONDS } from './listener-limits.ts'
import { joinSstpStream, type StreamConnection } from './stream-connection.ts'
import { TlsDuplex } from './tls-duplex.ts'
import { type ServerTls, TlsOpening, type TlsRequest } from './tls-opening.ts'

export type { ServerTls } from './tls-opening.ts'

/** Whether an SSTP call may begin. `off`: SSTP is not served, and its opening gets an answer as any other path. */
export type CallRoom =
  | { readonly type: 'open' }
  | { readonly type: 'off' }
  /** Told the peer as the reason of a 503; printable ASCII. */
  | { readonly type: 'full'; readonly reason: string }

export interface TlsTerminatorOptions {
  readonly tls: () => ServerTls
  readonly datapath: Datapath
  readonly room: () => CallRoom
  /**
   * An SSTP call was opened: the stream has TLS, and its HTTP answer is on the way. The connection is the
   * receiver's from now on.
   *
   * @param cipher the TLS suite's standard (IANA) name.
   */
  readonly callOpened: (connection: StreamConnection, certificate: CertificateHashes, cipher: string) => void
  /** The socket of a call is gone; its stream is closed after this. */
  readonly callClosed: (connection: StreamConnection) => void
  /** A connection ended before it became anything: why, in words. Strangers choose how often. */
  readonly refused: (remote: Endpoint, reason: string) => void
  /** What browsers get beside the gateway's own page. */
  readonly site: HttpSite
  /** From the first bytes to a complete request, for its answer, and for each further request. Absent: {@link REQUEST_MILLISECONDS}. */
  readonly requestMilliseconds?: number
}

/** The TLS side of the shared port: SSTP calls for their driver, and a page for a browser. */
export interface TlsTerminator {
  /** Takes over a paused connection whose first bytes were put back. */
  take(socket: Socket, remote: Endpoint): void
  /** Ends what it holds, and all that is brought later. Calls that were opened are their receiver's to end. */
  close(): void
}

export function createTlsTerminator(options: TlsTerminatorOptions): TlsTerminator {
  return new SharedPortTls(options)
}

type Opening = Extract<SstpOpening, { readonly type: 'opening' }>

/** A connection that is held, with what ends it when it is slow. */
interface Held {
  readonly socket: Socket
  readonly remote: Endpoint
  readonly deadline: NodeJS.Timeout
}

class SharedPortTls implements TlsTerminator {
  readonly #options: TlsTerminatorOptions
  readonly #http: HttpResponder
  readonly #held = new Set<Socket>()
  #closed = false

  constructor(options: TlsTerminatorOptions) {
    this.#options = options
    this.#http = httpResponder(options.site)
  }

  take(socket: Socket, remote: Endpoint): void {
    if (this.#closed) {
      socket.destroy()
      return
    }
    const { tls, refused, requestMilliseconds = REQUEST_MILLISECONDS } = this.#options
    const deadline = setTimeout(() => opening.expire(), requestMilliseconds)
    const opening = new TlsOpening(socket, {
      tls,
      requested: request => this.#serve({ socket, remote, deadline }, request),
      refused: reason => refused(remote, reason),
    })
    this.#held.add(socket)
    socket.once('close', () => {
      clearTimeout(deadline)
      this.#held.delete(socket)
      opening.handleClose()
    })
  }

  close(): void {
    this.#closed = true
    for (const socket of this.#held) socket.destroy()
  }

  #serve(held: Held, request: TlsRequest): void {
    const { opening } = request
    switch (opening.type) {
      case 'ordinary':
        this.#browse(held, request)
        return
      case 'opening':
        this.#call(held, request, opening)
        return
      case 'fault':
        this.#options.refused(held.remote, `SSTP's HTTP request: ${opening.reason}`)
        answerAndEnd(held, request, sstpRefusal(400, opening.reason))
        return
      default:
        opening satisfies never
    }
  }

  #browse({ socket, remote, deadline }: Held, { tls, plaintext }: TlsRequest): void {
    this.#http.take(new TlsDuplex(socket, tls, plaintext), remote, () => deadline.refresh())
  }

  #call(held: Held, request: TlsRequest, opening: Opening): void {
    const room = this.#options.room()
    switch (room.type) {
      case 'open':
        this.#join(held, request, opening)
        return
      case 'off':
        answerAndEnd(held, request, sstpRefusal(404, 'not found'))
        return
      case 'full':
        this.#options.refused(held.remote, room.reason)
        answerAndEnd(held, request, sstpRefusal(503, room.reason))
        return
      default:
        room satisfies never
    }
  }

  #join({ socket, remote, deadline }: Held, request: TlsRequest, opening: Opening): void {
    const { datapath, callOpened, callClosed } = this.#options
    const { tls, certificate, cipher, plaintext } = request
    clearTimeout(deadline)
    this.#held.delete(socket)
    const { records = new Uint8Array(0) } = tls.write(sstpOpeningAnswer())
    const connection = joinSstpStream({
      socket,
      remote,
      datapath,
      tls,
      answer: records,
      plaintext: plaintext.subarray(opening.length),
      recordPerPacket: !opening.readsWholeRecords,
      closed: callClosed,
    })
    callOpened(connection, certificate, cipher)
  }
}

/** What the peer still sends is read and dropped, or the system would reset the connection under the answer. */
function answerAndEnd({ socket, deadline }: Held, { tls }: TlsRequest, answer: Uint8Array): void {
  clearTimeout(deadline)
  const linger = setTimeout(() => socket.destroy(), CLOSE_MILLISECONDS)
  socket.once('close', () => clearTimeout(linger))
  const steps = [tls.write(answer), tls.end()]
  tls.close()
  socket.end(concatBytes(steps.flatMap(({ records }) => (records ? [records] : []))))
  socket.resume()
}
