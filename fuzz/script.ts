/** What an input decides, byte by byte; beyond its end zeros. */
export class Script {
  readonly #input: Uint8Array
  #at = 0

  constructor(input: Uint8Array) {
    this.#input = input
  }

  get isOver(): boolean {
    return this.#at >= this.#input.length
  }

  next(): number {
    return this.#input[this.#at++] ?? 0
  }

  u16(): number {
    return (this.next() << 8) | this.next()
  }

  /** So many, zeros beyond the end. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next())
  }

  /** Behind its 16-bit length, cut at the end of the input. */
  packet(): Uint8Array {
    const length = this.u16()
    this.#at += length
    return this.#input.slice(this.#at - length, this.#at)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.next() % values.length] as T
  }
}
