import { ControlTlsError } from './errors.ts'
import type { TlsExport } from './key-export.ts'
import { TLS_LIMITS } from './limits.ts'
import { type NativeContext, native } from './native.ts'
import { openConnection, type TlsConnection } from './tls-connection.ts'

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** What a TLS context is made of. */
export interface TlsSettings {
  readonly role: 'server' | 'client'
  /** PEM, leaf first. */
  readonly certificateChain?: string
  /** PKCS#8 PEM. */
  readonly privateKey?: string
  readonly minimum: TlsVersion
  readonly maximum: TlsVersion
  /** OpenSSL names, TLS 1.2 and 1.3 together, in order of preference; a server's order counts. */
  readonly ciphers: readonly string[]
  /** Key exchange groups by OpenSSL names; absent: the elliptic curves that OpenSSL offers by itself. */
  readonly groups?: readonly string[]
  /** Keying material to take when a handshake ends. */
  readonly exports: readonly TlsExport[]
  /** Whether a server asks clients for a certificate. Absent: `request`; none need be sent then either. */
  readonly peerCertificate?: 'request' | 'none'
  /** The name that a client asks for (SNI, RFC 6066 §3). Absent: none. */
  readonly serverName?: string
}

/** Credentials and policy for any number of connections. */
export interface TlsContext {
  open(): TlsConnection
}

/**
 * One context for all connections with these settings. The peer's certificate is handed up unjudged. Sessions are never resumed, and TLS is never renegotiated or compressed.
 *
 * Errors: `ERR_TLS_SETTINGS` when certificate, key, versions or ciphers are not usable.
 */
export function createTlsContext(settings: TlsSettings): TlsContext {
  const context = nativeContext(settings)
  return { open: () => openConnection(context) }
}

/** No finite-field groups: a stranger could choose one that costs a hundred times as much. */
const CURVES: readonly string[] = ['X25519', 'P-256', 'X448', 'P-384', 'P-521']

const VERSION_NUMBERS = { 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const

function nativeContext(settings: TlsSettings): NativeContext {
  const suites = settings.ciphers.filter(isSuiteOf13)
  const ciphers = settings.ciphers.filter(name => !isSuiteOf13(name))
  try {
    return new native.Context({
      role: settings.role,
      certificateChain: settings.certificateChain ?? '',
      privateKey: settings.privateKey ?? '',
      ...versions(settings, suites.length > 0, ciphers.length > 0),
      ciphers: ciphers.join(':'),
      suites: suites.join(':'),
      groups: (settings.groups ?? CURVES).join(':'),
      requestsCertificate: settings.peerCertificate !== 'none',
      serverName: settings.serverName ?? '',
      exports: settings.exports,
      limits: TLS_LIMITS,
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `the gateway certificate, its key or the TLS ciphers cannot be used: ${why}`
    throw new ControlTlsError('ERR_TLS_SETTINGS', message, { cause })
  }
}

/** A version without a cipher is no version. */
function versions(
  { minimum, maximum }: TlsSettings,
  has13: boolean,
  has12: boolean,
): { readonly minimum: number; readonly maximum: number } {
  const lowest = Math.max(VERSION_NUMBERS[minimum], VERSION_NUMBERS[has12 ? 'TLSv1.2' : 'TLSv1.3'])
  const highest = Math.min(VERSION_NUMBERS[maximum], VERSION_NUMBERS[has13 ? 'TLSv1.3' : 'TLSv1.2'])
  if (lowest > highest) throw new RangeError('no TLS version has a cipher')
  return { minimum: lowest, maximum: highest }
}

function isSuiteOf13(name: string): boolean {
  return name.startsWith('TLS_')
}
