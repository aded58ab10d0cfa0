/**
 * Cuts a byte stream into lines of UTF-8 text. A line longer than `limit` bytes ends the reading:
 * `push` then answers `undefined`, and so from then on.
 */
export class LineReader {
  readonly #limit: number
  #parts: Uint8Array[] = []
  #length = 0
  #broken = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The lines that these bytes complete, without their ends. */
  push(bytes: Uint8Array): string[] | undefined {
    const lines: string[] = []
    let rest = bytes
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      if (!this.#keep(rest.subarray(0, end))) return undefined
      lines.push(Buffer.concat(this.#parts).toString('utf8'))
      this.#parts = []
      this.#length = 0
      rest = rest.subarray(end + 1)
    }
    return this.#keep(rest) ? lines : undefined
  }

  #keep(part: Uint8Array): boolean {
    this.#length += part.length
    if (this.#length > this.#limit) this.#broken = true
    else if (part.length > 0) this.#parts.push(part)
    return !this.#broken
  }
}

const NEWLINE = 0x0a
