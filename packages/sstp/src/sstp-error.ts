/** The stable codes of {@link SstpError}. */
export type SstpErrorCode =
  /** A PPP frame longer than a packet can carry was to be sent. */
  | 'ERR_SSTP_FRAME_TOO_LONG'
  /** Settings that contradict themselves, or are outside their limits. */
  | 'ERR_SSTP_SETTINGS'
  /** Text that cannot stand in an HTTP head. */
  | 'ERR_SSTP_HEADER_TEXT'

/** Misuse or a defect of ours, never caused by the other side's bytes; `message` says what to do. */
export class SstpError extends Error {
  override readonly name = 'SstpError'
  readonly code: SstpErrorCode

  constructor(code: SstpErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
