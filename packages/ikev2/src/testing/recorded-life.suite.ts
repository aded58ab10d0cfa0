import { parseHex } from '@causeway/wire'

/** Keys of an IKE SA as they were logged, in hexadecimal. */
export interface RecordedIkeKeys {
  /** The shared secret of the key agreement. */
  readonly secret: string
  readonly skD: string
  readonly skAi?: string
  readonly skAr?: string
  readonly skEi: string
  readonly skEr: string
  readonly skPi: string
  readonly skPr: string
}

/** Keys of a Child SA as they were logged; GCM keys with their salt. `I` is who began the exchange. */
export interface RecordedChildKeys {
  readonly secret?: string
  readonly encryptionI: string
  readonly encryptionR: string
  readonly integrityI?: string
  readonly integrityR?: string
}

/**
 * Life of an IKE SA between two ends of another implementation: IKE_SA_INIT, IKE_AUTH by the pre-shared key
 * `known answers` (192.0.2.1 and 192.0.2.2, which are the identities), Child rekey with PFS, delete of the old
 * Child SA, IKE rekey, delete of the old IKE SA; all begun by the same end.
 */
export interface RecordedLife {
  readonly ike: RecordedIkeKeys
  readonly child: RecordedChildKeys
  readonly childRekey: RecordedChildKeys
  readonly ikeRekey: RecordedIkeKeys
  /** AUTH data of both ends. */
  readonly authInitiator: string
  readonly authResponder: string
  /** As they were on the wire, without the non-ESP marker. */
  readonly messages: readonly { readonly from: 'initiator' | 'responder'; readonly bytes: string }[]
}

/** The bytes of recorded hexadecimal. Errors: what was recorded is none. */
export function recorded(text: string | undefined): Uint8Array {
  const bytes = parseHex(text ?? '')
  if (!bytes) throw new RangeError('not hexadecimal')
  return bytes
}
