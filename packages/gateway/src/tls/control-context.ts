import { createTlsContext, type TlsContext, type TlsSettings } from '@causeway/control-tls'
import { DATA_KEY_LABEL, DYNAMIC_TLS_CRYPT_LABEL } from '@causeway/openvpn'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'

/** The context of the control channel's TLS: the gateway's certificate and its TLS policy. */
export function serverTlsContext(
  { openvpn }: GatewayConfiguration,
  { certificateChain, privateKey }: GatewayIdentity,
): TlsContext {
  return createTlsContext({
    role: 'server',
    certificateChain,
    privateKey,
    minimum: openvpn.tlsMinimum,
    maximum: openvpn.tlsMaximum,
    ciphers: openvpn.tlsCiphers,
    exports: OPENVPN_EXPORTS,
  })
}

/** The same in the client role. Errors: `ERR_TLS_SETTINGS`. */
export function clientTlsContext(settings: Omit<TlsSettings, 'role' | 'exports'>): TlsContext {
  return createTlsContext({ ...settings, role: 'client', exports: OPENVPN_EXPORTS })
}

/** What OpenVPN takes from a handshake, in the order in which `TlsTable` hands it on. */
const OPENVPN_EXPORTS = [
  { label: DATA_KEY_LABEL, bytes: 256 },
  { label: DYNAMIC_TLS_CRYPT_LABEL, bytes: 256 },
] as const
