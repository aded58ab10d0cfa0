import { concatBytes, utf8Text } from '@causeway/wire'
import { CONTROL_MESSAGE_BYTES } from '../limits.ts'

/** Cuts the decrypted bytes of a key's TLS connection into control messages, each ended by a NUL. */
export class ControlText {
  #pending = new Uint8Array()

  /** The messages that are complete now; `undefined` when one is longer than the limit. */
  push(bytes: Uint8Array): string[] | undefined {
    let rest = concatBytes([this.#pending, bytes])
    const messages: string[] = []
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      if (end > CONTROL_MESSAGE_BYTES) return undefined
      if (end > 0) messages.push(utf8Text(rest.subarray(0, end)))
      rest = rest.subarray(end + 1)
    }
    if (rest.length > CONTROL_MESSAGE_BYTES) return undefined
    this.#pending = rest.slice()
    return messages
  }
}
