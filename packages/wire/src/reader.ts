import { WireFault } from './wire-fault.ts'

/**
 * Reads big-endian fields from borrowed bytes. Every read names its field, so a fault says what
 * was malformed. Errors: {@link WireFault} when the input is too short.
 */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #position: number

  /** Reads `bytes` between `start` and `end` (offsets in bytes). */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
  }

  /** Offset of the next field in the whole message. */
  get offset(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#end - this.#position
  }

  u8(field: string): number {
    return this.#bytes[this.#take(1, field)] as number
  }

  u16(field: string): number {
    const at = this.#take(2, field)
    const b = this.#bytes
    return ((b[at] as number) << 8) | (b[at + 1] as number)
  }

  u24(field: string): number {
    const at = this.#take(3, field)
    const b = this.#bytes
    return ((b[at] as number) << 16) | ((b[at + 1] as number) << 8) | (b[at + 2] as number)
  }

  u32(field: string): number {
    return this.u16(field) * 0x10000 + this.u16(field)
  }

  u64(field: string): bigint {
    return (BigInt(this.u32(field)) << 32n) | BigInt(this.u32(field))
  }

  /** The next `length` bytes as a view of the input: copy what must outlive the call. */
  bytes(length: number, field: string): Uint8Array {
    const at = this.#take(length, field)
    return this.#bytes.subarray(at, at + length)
  }

  /** All that is left, as a view of the input. */
  rest(): Uint8Array {
    return this.bytes(this.remaining, 'rest')
  }

  /** A reader confined to the next `length` bytes, which this one skips. */
  sub(length: number, field: string): Reader {
    const at = this.#take(length, field)
    return new Reader(this.#bytes, at, at + length)
  }

  skip(length: number, field: string): void {
    this.#take(length, field)
  }

  /** Rejects what trails. Errors: {@link WireFault} `trailing`. */
  end(field: string): void {
    if (this.remaining !== 0) this.fail('trailing', field)
  }

  /** Raises a fault at the present offset. */
  fail(kind: WireFault['kind'], field: string): never {
    throw new WireFault(kind, field, this.#position)
  }

  #take(length: number, field: string): number {
    const at = this.#position
    if (length < 0 || length > this.#end - at) throw new WireFault('truncated', field, at)
    this.#position = at + length
    return at
  }
}
