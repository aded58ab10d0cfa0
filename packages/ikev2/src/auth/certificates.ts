import { concatBytes } from '@causeway/wire'
import { CERTIFICATE_BYTES, CERTIFICATES } from '../limits.ts'
import { CERTIFICATE_ENCODING } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'

/** "Hash and URL of X.509 bundle" (RFC 7296 §3.6): refused like that of one certificate. */
const HASH_AND_URL_BUNDLE = 13

/**
 * The certificates of a message, DER, in their order: the leaf first. Encodings other than X.509 are skipped. A
 * text: why they are refused. A hash and URL is: whoever fetches it is led about by a stranger (RFC 7296 §5).
 */
export function readChain(payloads: readonly Payload[]): readonly Uint8Array[] | string {
  const chain: Uint8Array[] = []
  for (const payload of payloads) {
    if (payload.type !== 'CERT') continue
    if (payload.encoding === CERTIFICATE_ENCODING.HASH_AND_URL || payload.encoding === HASH_AND_URL_BUNDLE)
      return 'a certificate by hash and URL, which nobody offered to fetch'
    if (payload.encoding !== CERTIFICATE_ENCODING.X509_SIGNATURE) continue
    if (payload.data.length > CERTIFICATE_BYTES) return `a certificate of ${payload.data.length} bytes`
    if (chain.length === CERTIFICATES) return `more than ${CERTIFICATES} certificates`
    chain.push(payload.data.slice())
  }
  return chain
}

/** The whole chain, asked for or not: peers that send no CERTREQ need the intermediates all the same. */
export function writeChain(chain: readonly Uint8Array[]): PayloadOf<'CERT'>[] {
  return chain.map(data => ({ type: 'CERT', encoding: CERTIFICATE_ENCODING.X509_SIGNATURE, data }))
}

/** CERTREQ for these authorities (SHA-1 of SubjectPublicKeyInfo, RFC 7296 §3.7); none: no payload. */
export function writeCertificateRequest(authorityKeyHashes: readonly Uint8Array[]): PayloadOf<'CERTREQ'>[] {
  if (authorityKeyHashes.length === 0) return []
  const authorities = concatBytes(authorityKeyHashes)
  return [{ type: 'CERTREQ', encoding: CERTIFICATE_ENCODING.X509_SIGNATURE, authorities }]
}
