import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TlsConnection } from '@causeway/control-tls'

/**
 * The plaintext of an established TLS connection as a stream, for what Node serves. It owns socket and
 * connection. A peer that breaks TLS, or leaves, is an end without an error.
 */
export class TlsDuplex extends Duplex {
  readonly #socket: Socket
  readonly #tls: TlsConnection
  /** Nothing follows that could be read. */
  #ended = false

  /** @param first plaintext that came already. */
  constructor(socket: Socket, tls: TlsConnection, first: Uint8Array) {
    super()
    this.#socket = socket
    this.#tls = tls
    this.push(first)
    socket.on('data', chunk => this.#handleInput(chunk))
    socket.on('timeout', () => this.emit('timeout'))
    socket.once('end', () => this.#end())
    socket.once('close', () => this.destroy())
  }

  /** As sockets have it: Node's HTTP server ends idle connections by it. */
  setTimeout(milliseconds: number): this {
    this.#socket.setTimeout(milliseconds)
    return this
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const { records, failure } = this.#tls.write(chunk)
    if (failure !== undefined) {
      // What was to be said cannot be: an end that is told apart from one in order.
      this.destroy()
      done()
    } else if (records) this.#socket.write(records, done)
    else done()
  }

  override _final(done: (error?: Error | null) => void): void {
    const { records } = this.#tls.end()
    if (records && this.#socket.writable) this.#socket.write(records)
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#tls.close()
    this.#socket.destroy()
    done(error)
  }

  #handleInput(chunk: Uint8Array): void {
    if (this.#ended) return
    const { records, plaintext, failure } = this.#tls.input(chunk)
    if (records) this.#socket.write(records)
    if (plaintext && !this.push(plaintext)) this.#socket.pause()
    if (failure !== undefined) this.#end()
  }

  #end(): void {
    this.#ended = true
    this.push(null)
  }
}
