import type { Socket } from 'node:net'
import type { TlsConnection, TlsContext, TlsReport } from '@causeway/control-tls'
import { type CertificateHashes, readSstpOpening, type SstpOpening } from '@causeway/sstp'
import { concatBytes } from '@causeway/wire'
import { judgeClientHello } from './client-hello.ts'
import { HANDSHAKE_BYTES } from './listener-limits.ts'

/** TLS of the shared port, asked anew for each connection, so that a new certificate needs no restart. */
export interface ServerTls {
  readonly context: TlsContext
  readonly certificate: CertificateHashes
}

/** A connection whose TLS is established and whose first plaintext tells what it wants. */
export interface TlsRequest {
  readonly tls: TlsConnection
  readonly certificate: CertificateHashes
  /** The suite's standard (IANA) name. */
  readonly cipher: string
  /** All plaintext that came. */
  readonly plaintext: Uint8Array
  readonly opening: Exclude<SstpOpening, { readonly type: 'incomplete' }>
}

export interface TlsOpeningOptions {
  readonly tls: () => ServerTls
  /** The socket is the receiver's from now on; nobody listens to its data. Once, and then never `refused`. */
  readonly requested: (request: TlsRequest) => void
  /** It ended before it wanted anything: why, in words. Once. */
  readonly refused: (reason: string) => void
}

/** What has come so far, and so what is kept of a stranger: first its bytes alone, and TLS only after them. */
type Stage =
  | { readonly type: 'hello'; readonly bytes: Uint8Array }
  | Handshake
  | (Omit<TlsRequest, 'opening'> & { readonly type: 'request' })
  | { readonly type: 'over' }

interface Handshake extends ServerTls {
  readonly type: 'handshake'
  readonly tls: TlsConnection
  readonly bytes: number
}

/** A TLS connection from its first bytes until it is known what it wants. */
export class TlsOpening {
  readonly #socket: Socket
  readonly #options: TlsOpeningOptions
  readonly #read = (chunk: Uint8Array): void => this.#handleInput(chunk)
  #stage: Stage = { type: 'hello', bytes: new Uint8Array(0) }

  constructor(socket: Socket, options: TlsOpeningOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('data', this.#read)
    socket.resume()
  }

  /** It has taken too long. */
  expire(): void {
    if (this.#stage.type !== 'over') this.#refuse(TOO_SLOW[this.#stage.type])
    this.#socket.destroy()
  }

  /** The socket is gone. */
  handleClose(): void {
    if (this.#stage.type !== 'over') this.#refuse(LEFT[this.#stage.type])
  }

  #handleInput(chunk: Uint8Array): void {
    const stage = this.#stage
    switch (stage.type) {
      case 'hello':
        this.#greet(concatBytes([stage.bytes, chunk]))
        return
      case 'handshake':
        this.#shakeHands(stage, chunk)
        return
      case 'request':
        this.#listen(stage, stage.tls.input(chunk))
        return
      case 'over':
        return
      default:
        stage satisfies never
    }
  }

  #greet(bytes: Uint8Array): void {
    const judgement = judgeClientHello(bytes)
    if (judgement === 'unacceptable') {
      this.#refuse('no TLS hello, or one that is too long')
      this.#socket.destroy()
    } else if (judgement === 'incomplete') this.#stage = { type: 'hello', bytes }
    else {
      const server = this.#options.tls()
      this.#shakeHands({ type: 'handshake', ...server, tls: server.context.open(), bytes: 0 }, bytes)
    }
  }

  #shakeHands(stage: Handshake, chunk: Uint8Array): void {
    const { tls, certificate } = stage
    const bytes = stage.bytes + chunk.length
    this.#stage = { ...stage, bytes }
    const report = tls.input(chunk)
    if (report.established) {
      const { cipher } = report.established
      this.#listen({ type: 'request', tls, certificate, cipher, plaintext: new Uint8Array(0) }, report)
    } else if (this.#advance(report) && bytes > HANDSHAKE_BYTES) {
      this.#refuse('the TLS handshake is too long')
      this.#socket.destroy()
    }
  }

  #listen(stage: Extract<Stage, { readonly type: 'request' }>, report: TlsReport): void {
    this.#stage = stage
    if (!this.#advance(report) || !report.plaintext) return
    const { type: _, ...request } = stage
    const plaintext = concatBytes([stage.plaintext, report.plaintext])
    const opening = readSstpOpening(plaintext)
    if (opening.type === 'incomplete') this.#stage = { ...stage, plaintext }
    else {
      this.#leave()
      this.#options.requested({ ...request, plaintext, opening })
    }
  }

  /** Sends what TLS has to say. False when that was the last of it. */
  #advance({ records, failure }: TlsReport): boolean {
    if (failure === undefined) {
      if (records) this.#socket.write(records)
      return true
    }
    this.#refuse(failure)
    if (records) this.#socket.write(records)
    this.#socket.destroySoon()
    return false
  }

  #refuse(reason: string): void {
    if ('tls' in this.#stage) this.#stage.tls.close()
    this.#leave()
    this.#options.refused(reason)
  }

  #leave(): void {
    this.#stage = { type: 'over' }
    this.#socket.off('data', this.#read)
  }
}

const TOO_SLOW = {
  hello: 'no TLS hello in time',
  handshake: 'the TLS handshake took too long',
  request: 'no HTTP request in time',
} as const

const LEFT = {
  hello: 'the peer left before its TLS hello was complete',
  handshake: 'the peer left during the TLS handshake',
  request: 'the peer left after the TLS handshake, as one does that does not trust the certificate',
} as const
