import type { GroupName } from '@causeway/crypto'

/** IKE encryption (RFC 7296 §3.3.2, RFC 5282). */
export type IkeEncryption =
  | 'AES-GCM-16-128'
  | 'AES-GCM-16-256'
  | 'AES-CBC-128'
  | 'AES-CBC-192'
  | 'AES-CBC-256'

/** Integrity with its truncation; absent with GCM. */
export type Integrity = 'HMAC-SHA1-96' | 'HMAC-SHA256-128' | 'HMAC-SHA384-192' | 'HMAC-SHA512-256'

export type Prf = 'HMAC-SHA1' | 'HMAC-SHA256' | 'HMAC-SHA384' | 'HMAC-SHA512'

/** ESP encryption: IKE's and GCM with 192 bits. */
export type EspEncryption = IkeEncryption | 'AES-GCM-16-192'

/** One row of an IKE policy: what an IKE SA is made of. */
export interface IkeSuite {
  readonly encryption: IkeEncryption
  /** Only with AES-CBC. */
  readonly integrity?: Integrity
  readonly prf: Prf
  readonly group: GroupName
}

/** One row of an IPsec policy: what a Child SA is made of. */
export interface EspSuite {
  readonly encryption: EspEncryption
  /** Only with AES-CBC. */
  readonly integrity?: Integrity
  /** Perfect forward secrecy: the group of an exchange of its own. Absent: none (GROUP_NONE). */
  readonly group?: GroupName
}

/** An {@link EspSuite} with what else was agreed. */
export interface AgreedEspSuite extends EspSuite {
  readonly extendedSequence: boolean
}
