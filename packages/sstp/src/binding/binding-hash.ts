import { HASH_BYTES } from '@causeway/crypto'
import type { CertificateHashes } from '../sstp-command.ts'

/** Hash of the certificate and of the compound MAC. */
export type BindingHash = 'SHA1' | 'SHA256'

/** CERT_HASH_PROTOCOL_… ([MS-SSTP] §2.2.6): bits of an offer; one of them is a choice. */
export const HASH_PROTOCOLS: Readonly<Record<BindingHash, number>> = { SHA1: 1, SHA256: 2 }

/** Both, the stronger first. */
export const BINDING_HASHES: readonly BindingHash[] = ['SHA256', 'SHA1']

/** The bits of an offer. */
export function hashBitmask(hashes: readonly BindingHash[]): number {
  return hashes.reduce((bits, hash) => bits | HASH_PROTOCOLS[hash], 0)
}

/** The strongest of ours that is offered (§3.2.5.3.2), or `undefined`. */
export function strongestHash(bitmask: number, ours: readonly BindingHash[]): BindingHash | undefined {
  return BINDING_HASHES.find(hash => ours.includes(hash) && (bitmask & HASH_PROTOCOLS[hash]) !== 0)
}

/** The hash that a choice names: exactly one bit, and one of ours. */
export function chosenHash(choice: number, ours: readonly BindingHash[]): BindingHash | undefined {
  return ours.find(hash => HASH_PROTOCOLS[hash] === choice)
}

/** The certificate's hash as Cert Hash carries it, zeros behind it. */
export function certificateField(certificate: CertificateHashes, hash: BindingHash): Uint8Array {
  const field = new Uint8Array(32)
  field.set(hash === 'SHA1' ? certificate.sha1 : certificate.sha256)
  return field
}

/** Bytes of Cert Hash and of Compound MAC that count; what follows is padding and ignored. */
export function hashBytes(hash: BindingHash): number {
  return HASH_BYTES[hash]
}
