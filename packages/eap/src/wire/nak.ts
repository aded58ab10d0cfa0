/** What a Nak of nothing proposes: no alternative (RFC 3748 §5.3.1). */
const NO_ALTERNATIVE = 0

/** The types that a Legacy Nak proposes instead (RFC 3748 §5.3.1). Empty: none. */
export function readNak(data: Uint8Array): readonly number[] {
  return [...new Set(data)].filter(type => type !== NO_ALTERNATIVE)
}

/** Type-Data of a Legacy Nak that proposes these types. */
export function writeNak(types: readonly number[]): Uint8Array {
  return Uint8Array.from(types.length === 0 ? [NO_ALTERNATIVE] : types)
}
