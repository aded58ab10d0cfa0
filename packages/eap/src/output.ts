/** What leaves a conversation of either role, in order. `Request` is what the role asks the outside. */
export type EapOutput<Request> =
  /** An EAP packet for the other side. It belongs to the receiver. */
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /**
   * Open a TLS connection in the conversation's role (authenticator: server; peer: client) and start it.
   * At most one in a conversation. This, `tls-input` and `tls-write` are each answered by one `tls-report`.
   */
  | { readonly type: 'tls-start' }
  /** TLS records from the other side. */
  | { readonly type: 'tls-input'; readonly bytes: Uint8Array }
  /** Plaintext to encrypt for the other side. */
  | { readonly type: 'tls-write'; readonly bytes: Uint8Array }
  /** The TLS connection is no longer needed. */
  | { readonly type: 'tls-close' }
  /** Something to be decided outside; answered by the command `reply` with this id. One at a time. */
  | { readonly type: 'request'; readonly id: number; readonly request: Request }
  /** The end, with the reason for the log: a refusal, or a fault of the other side. */
  | { readonly type: 'failure'; readonly reason: string }
  /** A packet that was not taken in, and why. */
  | { readonly type: 'dropped'; readonly reason: string }
