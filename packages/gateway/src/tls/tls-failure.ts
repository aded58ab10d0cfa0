/** OpenSSL's reasons as a person would say them. Anything else is told in OpenSSL's own words. */
const WORDS: Readonly<Record<string, string>> = {
  ERR_SSL_NO_SHARED_CIPHER: 'no shared cipher',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no shared key exchange group',
  ERR_SSL_NO_SHARED_GROUPS: 'no shared key exchange group',
  ERR_SSL_NO_SUITABLE_GROUPS: 'no shared key exchange group',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'no shared signature algorithm',
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: 'no shared signature algorithm',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'wrong version: the peer offers none of the allowed TLS versions',
  ERR_SSL_VERSION_TOO_LOW: 'wrong version: the peer offers none of the allowed TLS versions',
  ERR_SSL_WRONG_VERSION_NUMBER: 'wrong version: the peer does not speak an allowed TLS version',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'wrong version: the peer refuses our TLS versions',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the peer refuses our ciphers, or asks for what we do not have',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the peer does not trust our certificate: its authority is unknown to it',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the peer does not accept our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the peer finds our certificate expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'the peer finds our certificate revoked',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the peer does not accept our certificate',
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: 'the peer does not support our kind of certificate',
  ERR_SSL_UNEXPECTED_MESSAGE: 'a TLS message out of turn',
  ERR_SSL_NO_RENEGOTIATION: 'the peer asks for a TLS renegotiation, which is off',
}

/** Why a handshake or connection failed, in words for the log. Holds nothing that the peer wrote. */
export function tlsFailureReason(
  error: Error & { readonly code?: string; readonly reason?: string },
): string {
  const known = error.code === undefined ? undefined : WORDS[error.code]
  if (known) return known
  if (error.reason) return error.reason
  if (error.code === 'ECONNRESET') return 'the peer ended the connection during the handshake'
  return error.code ?? error.message
}
