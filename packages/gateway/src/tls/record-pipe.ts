import { Duplex } from 'node:stream'
import { TLS_BUFFER_BYTES } from './tls-limits.ts'

/** The wire under a TLS socket: a duplex whose other end is two callbacks. */
export class RecordPipe extends Duplex {
  readonly #output: (records: Uint8Array) => void

  constructor(output: (records: Uint8Array) => void) {
    super({ allowHalfOpen: false, emitClose: false, highWaterMark: TLS_BUFFER_BYTES })
    this.#output = output
  }

  /** Hands records up. `false`: more wait than may, and these were not taken. */
  deliver(records: Uint8Array): boolean {
    if (this.readableLength + records.length > TLS_BUFFER_BYTES) return false
    this.push(records)
    return true
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#output(chunk)
    done()
  }

  /** A flight leaves in one piece, so that it is cut into as few packets as can be. */
  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: () => void): void {
    this.#output(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
  }
}
