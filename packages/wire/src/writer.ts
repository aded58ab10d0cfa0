/**
 * Writes big-endian fields into a buffer that grows. `finish` hands the bytes over; the writer is
 * then empty and may be used again.
 */
export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#room(1)
    this.#bytes[at] = value
    return this
  }

  u16(value: number): this {
    const at = this.#room(2)
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
    return this
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value)
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value)
  }

  u64(value: bigint): this {
    return this.u32(Number((value >> 32n) & 0xffffffffn)).u32(Number(value & 0xffffffffn))
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** Reserves `length` zero bytes and gives back their offset, for {@link patch}. */
  reserve(length: number): number {
    return this.#room(length)
  }

  /** Overwrites bytes written earlier. Errors: `RangeError` when they were not. */
  patch(offset: number, value: Uint8Array): this {
    if (offset + value.length > this.#length) throw new RangeError('patch beyond what was written')
    this.#bytes.set(value, offset)
    return this
  }

  /** The written bytes, copied out at their exact length. */
  finish(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return written
  }

  #room(length: number): number {
    const at = this.#length
    const needed = at + length
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
    }
    this.#bytes.fill(0, at, needed)
    this.#length = needed
    return at
  }
}
