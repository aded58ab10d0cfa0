/** The timers of a server session, beside those that every session has. */
export type ServerTimer =
  /** The first negotiation must have reached the client's key-method message. */
  | 'handshake'
  /** The outside must have decided about the client. */
  | 'authentication'
  /** The client must have asked for its options. */
  | 'push-request'
  /** The key in use must have been replaced, whatever the client lets come to nothing. */
  | 'key-expiry'
