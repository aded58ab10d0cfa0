import { connect, type TLSSocket } from 'node:tls'

export interface Answered {
  /** 0: the connection broke. */
  readonly status: number
  /** As it came. */
  readonly head: string
  readonly text: string
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * A client of HTTP/1.1 with one TLS connection, which it keeps, and one request at a time. It does no more than tests and
 * benches need: Node's own client takes more of the processor than the servers that are measured.
 */
export class Client {
  readonly #baseUrl: URL
  readonly #ca: string
  #socket: TLSSocket | undefined
  #chunks: Buffer[] = []
  #length = 0
  #answered: ((answered: Answered) => void) | undefined
  token: string | undefined

  constructor(baseUrl: string, ca: string) {
    this.#baseUrl = new URL(baseUrl)
    this.#ca = ca
  }

  send(
    method: string,
    path: string,
    body = '',
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    const headers = {
      host: this.#baseUrl.host,
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(body !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...more,
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    this.#socket ??= this.#connect()
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
    return new Promise(resolve => {
      this.#answered = resolve
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #connect(): TLSSocket {
    const { hostname: host, port } = this.#baseUrl
    const socket = connect({ host, port: Number(port), ca: this.#ca })
    socket.setNoDelay()
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    // `close` follows.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#socket = undefined
      this.#answer({ status: 0, head: '', text: '' })
    })
    return socket
  }

  /** Waits for the whole answer: its head, and as much after it as `content-length` says. */
  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const first = this.#chunks[0] ?? chunk
    const headEnd = first.indexOf(HEAD_END)
    if (headEnd < 0) {
      this.#chunks = [Buffer.concat(this.#chunks)]
      return
    }
    const head = first.toString('latin1', 0, headEnd)
    const bodyLength = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    const start = headEnd + HEAD_END.length
    if (this.#length < start + bodyLength) return
    const text = Buffer.concat(this.#chunks).toString('utf8', start)
    this.#answer({ status: Number(head.slice('HTTP/1.1 '.length).slice(0, 3)), head, text })
  }

  #answer(answered: Answered): void {
    this.#chunks = []
    this.#length = 0
    const tell = this.#answered
    this.#answered = undefined
    tell?.(answered)
  }
}
