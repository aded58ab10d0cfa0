import type { Option } from '../wire/option.ts'

/** Interface-Identifier, the one option of IPV6CP that is in use (RFC 5072 §4.1). */
export const INTERFACE_IDENTIFIER = 1
export const IDENTIFIER_BYTES = 8

export function identifierOption(identifier: Uint8Array): Option {
  return { type: INTERFACE_IDENTIFIER, data: identifier.slice() }
}

/** An identifier that an end may have: 8 bytes, not all zero. */
export function readIdentifier({ type, data }: Option): Uint8Array | undefined {
  const isOne =
    type === INTERFACE_IDENTIFIER && data.length === IDENTIFIER_BYTES && data.some(byte => byte !== 0)
  return isOne ? data.slice() : undefined
}
