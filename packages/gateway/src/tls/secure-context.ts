import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls'

/** What a TLS context is made of. */
export interface TlsSettings {
  /** PEM, leaf first. */
  readonly certificateChain?: string
  /** PKCS#8 PEM. */
  readonly privateKey?: string
  readonly minimum: SecureVersion
  readonly maximum: SecureVersion
  /** OpenSSL names, TLS 1.2 and 1.3 together, in order of preference. */
  readonly ciphers: readonly string[]
}

/**
 * One context for all connections with these settings. Sessions are never resumed and TLS is never
 * renegotiated: OpenVPN makes a new connection for each key.
 *
 * Errors: `ERR_TLS_SETTINGS` when certificate, key or ciphers are not usable.
 */
export function secureContext(settings: TlsSettings): SecureContext {
  try {
    return createSecureContext({
      ...(settings.certificateChain === undefined ? {} : { cert: settings.certificateChain }),
      ...(settings.privateKey === undefined ? {} : { key: settings.privateKey }),
      // No roots: the chain is handed up unjudged, and looking for an issuer here would be for nothing.
      ca: [],
      minVersion: settings.minimum,
      maxVersion: settings.maximum,
      ciphers: settings.ciphers.join(':'),
      honorCipherOrder: true,
      sessionIdContext: 'causeway-openvpn',
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    })
  } catch (cause) {
    throw new TlsSettingsError(cause as Error)
  }
}

/** Certificate, key or ciphers that OpenSSL does not take. */
export class TlsSettingsError extends Error {
  readonly code = 'ERR_TLS_SETTINGS'

  constructor(cause: Error) {
    super(`the gateway certificate, its key or the TLS ciphers cannot be used: ${cause.message}`, { cause })
    this.name = 'TlsSettingsError'
  }
}
