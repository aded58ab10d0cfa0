import type { MppeKeys } from './access-answer.ts'

/** From the specification (RFC 3748 §7.10). */
const MSK_BYTES = 64

/**
 * The MSK of an EAP conversation that a server held: MS-MPPE-Recv-Key, then MS-MPPE-Send-Key (RFC 2548 §2.4),
 * then zeros up to 64 bytes: servers give 32 bytes each of EAP-TLS and PEAP, and 16 each of EAP-MSCHAPv2.
 * `undefined` when the keys are longer than that.
 */
export function eapMsk({ receive, send }: MppeKeys): Uint8Array | undefined {
  if (receive.length + send.length > MSK_BYTES) return undefined
  const msk = new Uint8Array(MSK_BYTES)
  msk.set(receive)
  msk.set(send, receive.length)
  return msk
}
