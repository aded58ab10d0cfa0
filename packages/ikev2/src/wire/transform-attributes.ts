import type { Reader, Writer } from '@causeway/wire'
import { ATTRIBUTES } from '../limits.ts'

/*
 * RFC 7296 §3.3.5; with AF = 1 the value stands in place of the length.
 * |A|       Attribute Type        |    AF=0  Attribute Length     |
 * |F|                             |    AF=1  Attribute Value      |
 * ~                   AF=0  Attribute Value                       ~
 */
const FIXED = 0x8000
const KEY_LENGTH = 14

/** What a transform's attributes say. Key Length is only understood once and in its short form. */
export function readAttributes(reader: Reader): { keyBits?: number; unknownAttribute?: boolean } {
  const found: { keyBits?: number; unknownAttribute?: boolean } = {}
  for (let count = 0; reader.remaining > 0; count++) {
    if (count === ATTRIBUTES) reader.fail('limit', 'transform attributes')
    const type = reader.u16('attribute type')
    const value = reader.u16('attribute value')
    if ((type & FIXED) === 0) reader.skip(value, 'attribute value')
    if (type === (FIXED | KEY_LENGTH) && found.keyBits === undefined) found.keyBits = value
    else found.unknownAttribute = true
  }
  return found
}

export function writeKeyLength(writer: Writer, bits: number): void {
  writer.u16(FIXED | KEY_LENGTH).u16(bits)
}
