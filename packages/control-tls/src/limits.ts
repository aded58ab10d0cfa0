/** Bounds on one connection. */
export interface TlsLimits {
  readonly handshakeBytes: number
  readonly certificateBytes: number
  readonly chainLength: number
  readonly laterMessages: number
}

/** What a peer may cost a connection. Ours, not the specification's. */
export const TLS_LIMITS: TlsLimits = {
  /** Bytes from the peer until the handshake has ended: its certificate chain and what is around it. */
  handshakeBytes: 256 * 1024,
  /** Bytes of the peer's Certificate message (OpenSSL's own default is 100 KB). */
  certificateBytes: 64 * 1024,
  /** Certificates of the peer's chain that are handed up. */
  chainLength: 10,
  /** Key updates, tickets and the like after the handshake: a connection lives for an hour and needs none. */
  laterMessages: 32,
}
