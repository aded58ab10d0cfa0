/** The stable codes of {@link EapError}. */
export type EapErrorCode =
  /** Options that make no conversation. */
  | 'ERR_EAP_OPTIONS'
  /** A reply that does not answer what was asked. */
  | 'ERR_EAP_REPLY'
  /** A TLS report that nothing asked for, or without the keys of `EAP_TLS_EXPORTS`. */
  | 'ERR_EAP_TLS_REPORT'

/** Misuse of a conversation by what is around it; never caused by the other side's bytes. */
export class EapError extends Error {
  override readonly name = 'EapError'
  readonly code: EapErrorCode

  constructor(code: EapErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
