/** The stable codes of {@link ControlTlsError}. */
export type ControlTlsErrorCode =
  /** Certificate, key, versions or ciphers that OpenSSL does not take. */
  | 'ERR_TLS_SETTINGS'
  /** Plaintext before the handshake has ended, or nothing to give away: a caller's mistake. */
  | 'ERR_TLS_NOT_ESTABLISHED'
  | 'ERR_TLS_ADDON'

/** The one error that this package throws. What a peer does wrong is never thrown: see `TlsReport`. */
export class ControlTlsError extends Error {
  readonly code: ControlTlsErrorCode

  constructor(code: ControlTlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ControlTlsError'
    this.code = code
  }
}
