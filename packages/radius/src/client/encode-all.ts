import { MAX_PASSWORD_BYTES } from '../limits.ts'
import { ATTRIBUTE_HEADER_BYTES, type RadiusAttribute } from '../wire/attribute.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { encodeAttribute, fitsAttribute } from '../wire/attribute-values.ts'
import { HEADER_BYTES, MAX_PACKET_BYTES } from '../wire/packet.ts'

/** NAS-Identifier, NAS-IP-Address and NAS-IPv6-Address. */
const NAS_BYTES = 255 + 6 + 18

/**
 * What every packet has room for besides: header, Message-Authenticator, the gateway's name, User-Password or
 * Acct-Delay-Time.
 */
const KEPT_FREE = HEADER_BYTES + 18 + NAS_BYTES + ATTRIBUTE_HEADER_BYTES + MAX_PASSWORD_BYTES

/** Attributes as they go into a packet; a text names what does not fit. Users choose names and passwords. */
export function encodeAll(attributes: readonly NamedAttribute[]): RadiusAttribute[] | string {
  const tooLong = attributes.find(attribute => !fitsAttribute(attribute))
  if (tooLong) return `${tooLong.name} is too long`
  const encoded = attributes.flatMap(encodeAttribute)
  const length = encoded.reduce((sum, { value }) => sum + ATTRIBUTE_HEADER_BYTES + value.length, KEPT_FREE)
  return length > MAX_PACKET_BYTES ? 'more than a packet holds' : encoded
}
