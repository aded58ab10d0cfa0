/**
 * TLS for protocols that carry it inside packets of their own: OpenSSL's TLS over memory, driven by
 * its caller, with no socket and no callback.
 */

export { ControlTlsError, type ControlTlsErrorCode } from './errors.ts'
export type { TlsExport } from './key-export.ts'
export { TLS_LIMITS } from './limits.ts'
export type { TlsConnection, TlsEstablished, TlsReport } from './tls-connection.ts'
export { createTlsContext, type TlsContext, type TlsSettings } from './tls-context.ts'
