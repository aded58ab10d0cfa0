import { X509Error } from './errors.ts'

/**
 * The subject of a certificate, DER, byte for byte: what IKE names its holder by (ID_DER_ASN1_DN). Nothing is verified.
 *
 * Errors: `ERR_X509_MALFORMED`.
 */
export function subjectBytes(certificate: Uint8Array): Uint8Array {
  // Certificate and TBSCertificate (RFC 5280 §4.1) are sequences, the one the first of the other.
  let at = contentsOf(certificate, contentsOf(certificate, 0).start).start
  // [0] version, where it is there, then serialNumber, signature, issuer, validity.
  const before = certificate[at] === VERSION_TAG ? 5 : 4
  for (let part = 0; part < before; part++) at = contentsOf(certificate, at).end
  return certificate.slice(at, contentsOf(certificate, at).end)
}

const VERSION_TAG = 0xa0
const LONG_FORM = 0x80

interface Contents {
  readonly start: number
  readonly end: number
}

/** Of the element that begins at `at` (X.690 §8.1.3, definite lengths). */
function contentsOf(der: Uint8Array, at: number): Contents {
  const first = der[at + 1] ?? LONG_FORM
  const count = first < LONG_FORM ? 0 : first - LONG_FORM
  const start = at + 2 + count
  const length = count === 0 ? first : der.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0)
  const end = start + length
  if (count > 4 || first === LONG_FORM || end > der.length) throw malformed()
  return { start, end }
}

function malformed(): X509Error {
  return new X509Error('ERR_X509_MALFORMED', 'the bytes are not one X.509 certificate in DER')
}
