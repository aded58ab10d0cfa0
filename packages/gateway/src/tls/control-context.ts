import { createTlsContext, type TlsContext, type TlsSettings } from '@causeway/control-tls'
import { EAP_TLS_EXPORTS } from '@causeway/eap'
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

/** The context of EAP-TLS: the same certificate, and the same policy whatever OpenVPN is set to. */
export function eapTlsContext(
  { openvpn }: GatewayConfiguration,
  { certificateChain, privateKey }: GatewayIdentity,
): TlsContext {
  return createTlsContext({
    role: 'server',
    certificateChain,
    privateKey,
    minimum: 'TLSv1.2',
    maximum: 'TLSv1.3',
    ciphers: openvpn.tlsCiphers,
    exports: EAP_TLS_EXPORTS,
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
