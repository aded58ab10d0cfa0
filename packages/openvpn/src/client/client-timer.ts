/** The timers of one client session. */
export type ClientTimer =
  /** A packet is to be sent again, or an acknowledgement has waited long enough. */
  | 'reliability'
  /** The server must have pushed its options. */
  | 'connect'
  /** Ask for the options (again). */
  | 'push-request'
  /** The client starts a new key negotiation. */
  | 'renegotiate'
  /** A renegotiation that is under way must have ended. */
  | 'renegotiation-handshake'
  /** A closing session has waited long enough for its last message to arrive. */
  | 'linger'
