import { parseHex } from '@causeway/wire'

/** Bytes from hexadecimal; blanks are for the eye. */
export function hex(text: string): Uint8Array {
  const bytes = parseHex(text.replaceAll(/\s/g, ''))
  if (!bytes) throw new Error(`not hexadecimal: ${text}`)
  return bytes
}
