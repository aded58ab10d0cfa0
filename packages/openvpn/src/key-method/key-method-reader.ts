import { WireFault } from '@causeway/wire'
import {
  hasKeyMethodPrefix,
  type KeyMethodMessage,
  keyMethodHeaderBytes,
  readKeyMethodString,
  readKeySource,
} from './key-method-2.ts'

/** Bytes of one message, all strings together. Ours: an access token needs some thousand. */
export const MAX_KEY_METHOD_BYTES = 65_536
/** Longest plaintext of one TLS record (RFC 8446 §5.1); a chunk this long may end anywhere. */
const TLS_RECORD_BYTES = 16_384

const STRING_NAMES = ['options', 'username', 'password', 'peer-info'] as const
/** Old clients end after the options string, or after the password. */
const EARLY_ENDS: ReadonlySet<number> = new Set([1, 3])

/** What became of a chunk. */
export type KeyMethodProgress =
  | { readonly type: 'incomplete' }
  /** `rest`: what came behind the message, for whoever reads next. */
  | { readonly type: 'message'; readonly message: KeyMethodMessage; readonly rest: Uint8Array }
  | { readonly type: 'fault'; readonly fault: WireFault }

/** Collects the key method 2 message of one TLS connection from its plaintext, chunk by chunk. */
export class KeyMethodReader {
  readonly #sender: 'client' | 'server'
  #buffer = new Uint8Array(1024)
  #length = 0
  /** Where each string read so far lies, and where the next one begins. */
  #strings: Uint8Array[] = []
  #position: number
  #finished = false

  constructor(sender: 'client' | 'server') {
    this.#sender = sender
    this.#position = keyMethodHeaderBytes(sender)
  }

  /**
   * Takes the next plaintext (borrowed). The message ends after its peer-info. Clients that know
   * none send it in one piece that ends earlier: such an end is taken when a chunk shorter than a
   * TLS record ends there. Errors: `Error` when the message is already complete.
   */
  push(chunk: Uint8Array): KeyMethodProgress {
    if (this.#finished) throw new Error('the key method message is already complete')
    const room = MAX_KEY_METHOD_BYTES - this.#length
    this.#append(chunk.subarray(0, room))
    if (!hasKeyMethodPrefix(this.#buffer.subarray(0, Math.min(this.#length, 5))))
      return this.#fail('invalid', 0)
    this.#advance()
    if (this.#isComplete(chunk)) return this.#complete(chunk.subarray(room))
    return chunk.length >= room ? this.#fail('limit', this.#length) : { type: 'incomplete' }
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(MAX_KEY_METHOD_BYTES, Math.max(length, 2 * this.#buffer.length)))
      grown.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = grown
    }
    this.#buffer.set(chunk, this.#length)
    this.#length = length
  }

  #advance(): void {
    while (this.#strings.length < STRING_NAMES.length && this.#length - this.#position >= 2) {
      const start = this.#position + 2
      const high = this.#buffer[this.#position] as number
      const end = start + ((high << 8) | (this.#buffer[this.#position + 1] as number))
      if (end > this.#length) return
      this.#strings.push(this.#buffer.slice(start, end))
      this.#position = end
    }
  }

  #isComplete(chunk: Uint8Array): boolean {
    if (this.#strings.length === STRING_NAMES.length) return true
    const endsHere = this.#position === this.#length && chunk.length < TLS_RECORD_BYTES
    return endsHere && EARLY_ENDS.has(this.#strings.length)
  }

  #complete(beyond: Uint8Array): KeyMethodProgress {
    this.#finished = true
    const [options = '', username, password, peerInfo] = this.#strings.map(field =>
      field.length === 0 ? undefined : readKeyMethodString(field),
    )
    const message: KeyMethodMessage = {
      keySource: readKeySource(this.#sender, this.#buffer.subarray(0, keyMethodHeaderBytes(this.#sender))),
      options,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(peerInfo !== undefined && { peerInfo }),
    }
    const rest = Uint8Array.from([...this.#buffer.subarray(this.#position, this.#length), ...beyond])
    this.#forget()
    return { type: 'message', message, rest }
  }

  #fail(kind: WireFault['kind'], offset: number): KeyMethodProgress {
    this.#finished = true
    this.#forget()
    return { type: 'fault', fault: new WireFault(kind, 'key method message', offset) }
  }

  /** Secrets do not outlive their use. */
  #forget(): void {
    this.#buffer.fill(0)
    for (const field of this.#strings) field.fill(0)
    this.#buffer = new Uint8Array(0)
    this.#strings = []
  }
}
