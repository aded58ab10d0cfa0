import { Reader, Writer } from '@causeway/wire'
import { type RadiusAttribute, readAttribute, TYPES, writeAttribute } from './attribute.ts'

/**
 * Vendor-Specific (RFC 2865 §5.26) in the form that the RFC asks of vendors and Microsoft keeps (RFC 2548 §2):
 * sub-attributes of one octet each for type and length.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type (26)   |    Length     |          Vendor-Id
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *         Vendor-Id (cont)        |  Vendor type  | Vendor length |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Value ...
 * +-+-+-+-+-+-
 * ```
 */
export const MICROSOFT = 311

/** What one sub-attribute holds when it stands alone. */
export const MAX_VENDOR_VALUE_BYTES = 247

/**
 * The sub-attributes of a vendor, in order. Other vendors' attributes are not looked into: their form is
 * theirs. Errors: `WireFault` when one of this vendor's does not fit.
 */
export function vendorAttributes(attributes: readonly RadiusAttribute[], vendor: number): RadiusAttribute[] {
  const found: RadiusAttribute[] = []
  for (const { type, value } of attributes) {
    if (type !== TYPES.VENDOR_SPECIFIC) continue
    const reader = new Reader(value)
    if (reader.u32('Vendor-Id') !== vendor) continue
    while (reader.remaining > 0) found.push(readAttribute(reader))
  }
  return found
}

/** One sub-attribute in an attribute of its own. */
export function vendorAttribute(vendor: number, attribute: RadiusAttribute): RadiusAttribute {
  const writer = new Writer(8 + attribute.value.length).u32(vendor)
  writeAttribute(writer, attribute)
  return { type: TYPES.VENDOR_SPECIFIC, value: writer.finish() }
}
