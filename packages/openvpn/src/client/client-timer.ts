/** The timers of a client session, beside those that every session has. */
export type ClientTimer =
  /** The server must have pushed its options. */
  | 'connect'
  /** Ask for the options (again). */
  | 'push-request'
  /** The client starts a new key negotiation. */
  | 'renegotiate'
  /** A renegotiation that is under way must have ended. */
  | 'renegotiation-handshake'
