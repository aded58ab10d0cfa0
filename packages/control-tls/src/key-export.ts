/** Keying material to take from a handshake (RFC 5705 §4, RFC 8446 §7.5). */
export interface TlsExport {
  readonly label: string
  /** Length of the material. */
  readonly bytes: number
  /** The context value. In TLS 1.2 an empty one gives other material than none; in TLS 1.3 the same. */
  readonly context?: Uint8Array
}
