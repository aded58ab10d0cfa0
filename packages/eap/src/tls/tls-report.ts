/** What TLS agreed. */
export interface EapTlsEstablished {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string
  /** The suite's standard (IANA) name. */
  readonly cipher: string
  /** DER, leaf first, as the other side sent it; nobody has judged it. */
  readonly peerChain: readonly Uint8Array[]
  /** The keying material of `EAP_TLS_EXPORTS`, in its order. */
  readonly exports: readonly Uint8Array[]
}

/**
 * What one step of the TLS connection brought: the start, an input or a write. The same shape as
 * the report of a `@causeway/control-tls` connection.
 */
export interface EapTlsReport {
  /** Records for the other side; with a failure, the alert that tells it. */
  readonly records?: Uint8Array
  readonly established?: EapTlsEstablished
  readonly plaintext?: Uint8Array
  /** The handshake or the connection is over: the reason, for the log. */
  readonly failure?: string
}
