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
