import type { SecureContext } from 'node:tls'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import { secureContext } from './secure-context.ts'

/** The context of the control channel's TLS: the gateway's certificate and its TLS policy. */
export function controlTlsContext(
  { openvpn }: GatewayConfiguration,
  { certificateChain, privateKey }: GatewayIdentity,
): SecureContext {
  return secureContext({
    certificateChain,
    privateKey,
    minimum: openvpn.tlsMinimum,
    maximum: openvpn.tlsMaximum,
    ciphers: openvpn.tlsCiphers,
  })
}
