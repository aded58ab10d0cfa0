/** The timers of a client session, beside those that every session has. */
export type ClientTimer =
  /** The server must have pushed its options. */
  | 'connect'
  /** Ask for the options (again). */
  | 'push-request'
