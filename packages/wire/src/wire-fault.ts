/** Why bytes from outside could not be read. */
export type WireFaultKind =
  /** The input ended before the field did. */
  | 'truncated'
  /** Bytes were left after the last field. */
  | 'trailing'
  /** A value that the specification does not allow here. */
  | 'invalid'
  /** A length, count or size above its named limit. */
  | 'limit'

/**
 * A peer's malformed bytes, as a value. Not an `Error`: a stack trace costs several times the
 * parse, and strangers choose how often one is made. Raised by {@link Reader} and by codecs,
 * caught once in a protocol's outermost parse function.
 */
export class WireFault {
  readonly kind: WireFaultKind
  /** Name of the field that could not be read, as the specification spells it. */
  readonly field: string
  /** Offset of that field in the message, in bytes. */
  readonly offset: number

  constructor(kind: WireFaultKind, field: string, offset: number) {
    this.kind = kind
    this.field = field
    this.offset = offset
  }

  toString(): string {
    return `${this.kind} ${this.field} at ${this.offset}`
  }
}

/**
 * Runs a parser that raises {@link WireFault} and gives back the fault as a value.
 * Errors: whatever else the parser throws is a defect of ours and passes through.
 */
export function catchFault<T>(parse: () => T): T | WireFault {
  try {
    return parse()
  } catch (thrown) {
    if (thrown instanceof WireFault) return thrown
    throw thrown
  }
}
