import {
  type IpAddress,
  type IpPrefix,
  ipAddress,
  ipPrefix,
  Reader,
  utf8Bytes,
  utf8Text,
  Writer,
} from '@causeway/wire'
import { MAX_VALUE_BYTES, type RadiusAttribute } from './attribute.ts'
import {
  ATTRIBUTES,
  type AttributeDefinition,
  type AttributeFormat,
  type AttributeName,
  type AttributeValue,
  type FormatValues,
  type NamedAttribute,
} from './attribute-names.ts'
import { MAX_VENDOR_VALUE_BYTES, vendorAttribute, vendorAttributes } from './vendor-specific.ts'

type Codec<Value> = {
  /** Errors: `WireFault`. */
  readonly read: (reader: Reader, name: string) => Value
  readonly write: (value: Value) => Uint8Array
}

const integer: Codec<number> = {
  read: (reader, name) => reader.u32(name),
  write: value => new Writer(4).u32(value >>> 0).finish(),
}

const address = (length: 4 | 16): Codec<IpAddress> => ({
  read: (reader, name) => ipAddress(reader.bytes(length, name)),
  write: value => value.bytes.slice(),
})

const CODECS: { readonly [Format in AttributeFormat]: Codec<FormatValues[Format]> } = {
  text: { read: reader => utf8Text(reader.rest()), write: utf8Bytes },
  octets: { read: reader => reader.rest().slice(), write: value => value.slice() },
  integer,
  time: integer,
  ipv4: address(4),
  ipv6: address(16),
  'ipv6-prefix': { read: readIpv6Prefix, write: writeIpv6Prefix },
}

/**
 * The values of every attribute of this name, in order, copied. Those that split are joined to one. Empty
 * attributes are as good as absent: they must not be sent, and say nothing (RFC 2865 §5).
 *
 * Errors: `WireFault` when one has not the length of its format.
 */
export function attributeValues<Name extends AttributeName>(
  attributes: readonly RadiusAttribute[],
  name: Name,
): AttributeValue<Name>[] {
  const definition: AttributeDefinition = ATTRIBUTES[name]
  const codec = codecOf<AttributeValue<Name>>(definition)
  return rawValues(attributes, definition).map(value => {
    const reader = new Reader(value)
    const read = codec.read(reader, name)
    reader.end(name)
    return read
  })
}

/** The first of {@link attributeValues}. */
export function attributeValue<Name extends AttributeName>(
  attributes: readonly RadiusAttribute[],
  name: Name,
): AttributeValue<Name> | undefined {
  return attributeValues(attributes, name)[0]
}

/** An attribute as it goes into a packet: one, several when it splits, none when it is empty. */
export function encodeAttribute({ name, value }: NamedAttribute): RadiusAttribute[] {
  const definition: AttributeDefinition = ATTRIBUTES[name]
  const bytes = codecOf<typeof value>(definition).write(value)
  const { type, vendor } = definition
  if (bytes.length === 0) return []
  if (vendor !== undefined) return [vendorAttribute(vendor, { type, value: bytes })]
  if (!definition.splits) return [{ type, value: bytes }]
  const pieces: RadiusAttribute[] = []
  for (let at = 0; at < bytes.length; at += MAX_VALUE_BYTES)
    pieces.push({ type, value: bytes.slice(at, at + MAX_VALUE_BYTES) })
  return pieces
}

/** Whether the value fits into its attribute; names and passwords that users choose may not. */
export function fitsAttribute({ name, value }: NamedAttribute): boolean {
  const definition: AttributeDefinition = ATTRIBUTES[name]
  if (definition.splits) return true
  const most = definition.vendor === undefined ? MAX_VALUE_BYTES : MAX_VENDOR_VALUE_BYTES
  return codecOf<typeof value>(definition).write(value).length <= most
}

/** The names' table says which value a format has; the compiler does not follow it there. */
function codecOf<Value>({ format }: AttributeDefinition): Codec<Value> {
  return CODECS[format] as unknown as Codec<Value>
}

function rawValues(attributes: readonly RadiusAttribute[], definition: AttributeDefinition): Uint8Array[] {
  const { type, vendor, splits } = definition
  const among = vendor === undefined ? attributes : vendorAttributes(attributes, vendor)
  const values = among.filter(one => one.type === type && one.value.length > 0).map(one => one.value)
  if (!splits || values.length === 0) return values
  const joined = new Writer(256)
  for (const value of values) joined.bytes(value)
  return [joined.finish()]
}

/**
 * RFC 3162 §2.3: a reserved octet, the length in bits, and as many octets as hold it, or more. Bits past
 * the length must be zero; they are not looked at.
 */
function readIpv6Prefix(reader: Reader, name: string): IpPrefix {
  reader.skip(1, name)
  const length = reader.u8(name)
  const octets = reader.rest()
  if (length > 128 || octets.length > 16 || octets.length * 8 < length) reader.fail('invalid', name)
  const bytes = new Uint8Array(16)
  bytes.set(octets)
  return ipPrefix(ipAddress(bytes), length)
}

function writeIpv6Prefix({ address, length }: IpPrefix): Uint8Array {
  const octets = address.bytes.subarray(0, Math.ceil(length / 8))
  return new Writer(18).u8(0).u8(length).bytes(octets).finish()
}
