/** The stable codes of {@link TokenServiceError}. */
export type TokenServiceErrorCode =
  /** An option that makes no sense or is not safe: an operator's setting, or a caller's mistake. */
  | 'ERR_TOKEN_OPTION'
  /** The stored signing keys cannot be read. */
  | 'ERR_TOKEN_KEYS'
  /** A stored principal cannot be read, or changed under us again and again. */
  | 'ERR_TOKEN_STORE'

/** The one error that this package throws; never for what a client or a token says. */
export class TokenServiceError extends Error {
  readonly code: TokenServiceErrorCode

  constructor(code: TokenServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TokenServiceError'
    this.code = code
  }
}
