/** The stable codes of {@link EntraError}. */
export type EntraErrorCode =
  /** An option that makes no sense or is not safe: an operator's setting, or a caller's mistake. */
  | 'ERR_ENTRA_OPTION'
  /** A handle of another sign-in object, or one that was forgotten. */
  | 'ERR_ENTRA_HANDLE'

/** The one error that this package throws; never for what a token or a provider says. */
export class EntraError extends Error {
  readonly code: EntraErrorCode

  constructor(code: EntraErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EntraError'
    this.code = code
  }
}
