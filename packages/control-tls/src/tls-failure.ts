const NO_COMMON_VERSION = 'wrong version: the peer offers none of the allowed TLS versions'
const NO_SHARED_GROUP = 'no shared key exchange group'
const NO_SHARED_SIGNATURE = 'no shared signature algorithm'
const NOT_ACCEPTED = 'the peer does not accept our certificate'

/** OpenSSL's reasons as a person would say them. Anything else is told in OpenSSL's own words. */
const WORDS: Readonly<Record<string, string>> = {
  'no suitable key share': NO_SHARED_GROUP,
  'no shared groups': NO_SHARED_GROUP,
  'no suitable groups': NO_SHARED_GROUP,
  'no suitable signature algorithm': NO_SHARED_SIGNATURE,
  'no shared signature algorithms': NO_SHARED_SIGNATURE,
  'unsupported protocol': NO_COMMON_VERSION,
  'version too low': NO_COMMON_VERSION,
  'wrong version number': 'wrong version: the peer does not speak an allowed TLS version',
  'tlsv1 alert protocol version': 'wrong version: the peer refuses our TLS versions',
  'sslv3 alert handshake failure': 'the peer refuses our ciphers, or asks for what we do not have',
  'tlsv1 alert unknown ca': 'the peer does not trust our certificate: its authority is unknown to it',
  'sslv3 alert bad certificate': NOT_ACCEPTED,
  'sslv3 alert certificate expired': 'the peer finds our certificate expired',
  'sslv3 alert certificate revoked': 'the peer finds our certificate revoked',
  'sslv3 alert certificate unknown': NOT_ACCEPTED,
  'sslv3 alert unsupported certificate': 'the peer does not support our kind of certificate',
  'unexpected message': 'a TLS message out of turn',
  'no renegotiation': 'the peer asks for a TLS renegotiation, which is off',
  'excessive message size': 'a certificate chain or another TLS message that is too large',
}

/** Why a handshake or connection failed, in words for the log, from OpenSSL's reason. */
export function tlsFailureReason(reason: string): string {
  return WORDS[reason] ?? reason
}
