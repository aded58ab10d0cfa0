/** The timers of one server session. */
export type ServerTimer =
  /** A packet is to be sent again, or an acknowledgement has waited long enough. */
  | 'reliability'
  /** The first negotiation must have reached the client's key-method message. */
  | 'handshake'
  /** The outside must have decided about the client. */
  | 'authentication'
  /** The client must have asked for its options. */
  | 'push-request'
  /** The server starts a new key negotiation. */
  | 'renegotiate'
  /** A renegotiation that is under way must have ended. */
  | 'renegotiation-handshake'
  /** A closing session has waited long enough for its last message to arrive. */
  | 'linger'
