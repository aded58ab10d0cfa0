import { constants, type SigningOptions } from 'node:crypto'
import { HASH_BYTES, type SignatureScheme } from '@causeway/crypto'

/** What `node:crypto` wants to hear about a scheme, to sign and to verify. */
export function signatureOptions(scheme: SignatureScheme): SigningOptions {
  switch (scheme.family) {
    case 'RSA-PKCS1':
      return { padding: constants.RSA_PKCS1_PADDING }
    case 'RSA-PSS':
      // RFC 8247 §3.2.1 and RFC 4055 §3.1: the salt is as long as the hash. MGF1 uses the same hash.
      return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: HASH_BYTES[scheme.hash] }
    case 'ECDSA':
      return { dsaEncoding: scheme.encoding === 'DER' ? 'der' : 'ieee-p1363' }
    default:
      return scheme satisfies never
  }
}
