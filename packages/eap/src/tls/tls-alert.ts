/** What a peer is told about its certificate (RFC 5246 §7.2, RFC 8446 §6). */
export const TLS_ALERTS = {
  'handshake-failure': 40,
  'bad-certificate': 42,
  'certificate-revoked': 44,
  'certificate-expired': 45,
  'unknown-ca': 48,
  'access-denied': 49,
} as const

export type TlsAlert = keyof typeof TLS_ALERTS

const ALERT_RECORD = 21
const FATAL = 2

/**
 * A fatal alert as TLS 1.2 sends it before ChangeCipherSpec: in the clear (RFC 5246 §6.2.1). Only for a
 * server that holds its last flight back, so that its side of the connection is not yet encrypted.
 */
export function clearAlert(alert: TlsAlert): Uint8Array {
  return Uint8Array.of(ALERT_RECORD, 3, 3, 0, 2, FATAL, TLS_ALERTS[alert])
}
