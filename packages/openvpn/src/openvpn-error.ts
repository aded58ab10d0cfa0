/** The stable codes of {@link OpenVpnError}. */
export type OpenVpnErrorCode =
  /** `allow` with options that cannot be pushed. Nothing was done: reply again with others, or `deny`. */
  | 'ERR_OPENVPN_PUSH_OPTIONS'
  /** `pending` that cannot be told, or comes too often. Nothing was done: reply otherwise. */
  | 'ERR_OPENVPN_PENDING'
  /** `answer-challenge` with too long a text. Nothing was sent. */
  | 'ERR_OPENVPN_CHALLENGE_RESPONSE'

/** Misuse of an engine by what is around it; never caused by a peer. */
export class OpenVpnError extends Error {
  override readonly name = 'OpenVpnError'
  readonly code: OpenVpnErrorCode

  constructor(code: OpenVpnErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
