/** The stable codes of {@link PppError}. */
export type PppErrorCode =
  /** Options that make no link. */
  | 'ERR_PPP_OPTIONS'
  /** A network that cannot be given: wrong families or lengths. */
  | 'ERR_PPP_NETWORK'
  /** Key material of the wrong length. */
  | 'ERR_PPP_KEYS'

/** Misuse of a link by what is around it; never caused by the peer's bytes. */
export class PppError extends Error {
  override readonly name = 'PppError'
  readonly code: PppErrorCode

  constructor(code: PppErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
