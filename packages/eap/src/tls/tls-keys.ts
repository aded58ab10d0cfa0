import { EapError } from '../eap-error.ts'
import { EAP_TYPES } from '../wire/eap-type.ts'
import type { EapTlsEstablished } from './tls-report.ts'

/** Keys that a method derived (RFC 3748 §7.10). */
export interface EapKeys {
  /** Master Session Key, 64 bytes. */
  readonly msk: Uint8Array
  /** Extended Master Session Key, 64 bytes. MSCHAPv2 has none. */
  readonly emsk?: Uint8Array
}

export const MSK_BYTES = 64

/** MSK and EMSK. */
const KEY_MATERIAL_BYTES = 128

/**
 * What EAP-TLS takes from a handshake (RFC 5705), to be asked for when the TLS context is made: both,
 * since the version is known only later.
 *
 * - TLS 1.2: `client EAP encryption`, without a context value (RFC 5216 §2.3).
 * - TLS 1.3: `EXPORTER_EAP_TLS_Key_Material`, with the method's type as context value (RFC 9190 §2.3).
 */
export const EAP_TLS_EXPORTS: readonly {
  readonly label: string
  readonly bytes: number
  readonly context?: Uint8Array
}[] = [
  { label: 'client EAP encryption', bytes: KEY_MATERIAL_BYTES },
  {
    label: 'EXPORTER_EAP_TLS_Key_Material',
    bytes: KEY_MATERIAL_BYTES,
    context: Uint8Array.of(EAP_TYPES.TLS),
  },
]

/** MSK and EMSK of a handshake: the first and the second half of its version's material. */
export function tlsKeys(established: EapTlsEstablished): EapKeys {
  const material = established.exports[isTls13(established) ? 1 : 0]
  if (material?.length !== KEY_MATERIAL_BYTES) {
    throw new EapError('ERR_EAP_TLS_REPORT', 'make the TLS context with EAP_TLS_EXPORTS')
  }
  return { msk: material.slice(0, MSK_BYTES), emsk: material.slice(MSK_BYTES) }
}

/** Whether RFC 9190's rules hold. A version that is not known here is taken for neither. */
export function isTls13({ version }: EapTlsEstablished): boolean {
  if (version === 'TLSv1.3') return true
  if (version === 'TLSv1.2') return false
  throw new EapError('ERR_EAP_TLS_REPORT', `EAP-TLS is not defined for ${version}`)
}
