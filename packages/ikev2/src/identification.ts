import { asciiBytes, type IpAddress, sameBytes } from '@causeway/wire'

/** Identification types (RFC 7296 §3.5). */
export type IdentificationType =
  | 'ID_IPV4_ADDR'
  | 'ID_FQDN'
  | 'ID_RFC822_ADDR'
  | 'ID_IPV6_ADDR'
  | 'ID_DER_ASN1_DN'
  | 'ID_DER_ASN1_GN'
  | 'ID_KEY_ID'
  | 'other'

/** What an end calls itself: a claim, until something proves it. */
export interface Identification {
  readonly type: IdentificationType
  /** The type's number on the wire, of use with `other`. */
  readonly number: number
  readonly data: Uint8Array
}

/** A host's name. */
export function nameIdentification(name: string): Identification {
  return { type: 'ID_FQDN', number: 2, data: asciiBytes(name) }
}

/** A mailbox (RFC 822). */
export function mailIdentification(mailbox: string): Identification {
  return { type: 'ID_RFC822_ADDR', number: 3, data: asciiBytes(mailbox) }
}

export function addressIdentification({ family, bytes }: IpAddress): Identification {
  return family === 4
    ? { type: 'ID_IPV4_ADDR', number: 1, data: bytes }
    : { type: 'ID_IPV6_ADDR', number: 5, data: bytes }
}

/** A distinguished name, as DER: the subject of a certificate, byte for byte. */
export function distinguishedNameIdentification(der: Uint8Array): Identification {
  return { type: 'ID_DER_ASN1_DN', number: 9, data: der }
}

/** Whether both say the same, byte for byte. Names are claims in the clear: this takes no constant time. */
export function sameIdentification(a: Identification, b: Identification): boolean {
  return a.number === b.number && sameBytes(a.data, b.data)
}
