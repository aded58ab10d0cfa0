import { createSigner } from '@causeway/crypto-node'
import { readCertificates } from '@causeway/x509'
import type { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import { authenticationPolicy, type PolicySurroundings } from '../authentication/configured-policy.ts'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import {
  certificateHashes,
  eapTlsContext,
  serverTlsContext,
  sharedPortTlsContext,
} from '../tls/control-context.ts'
import type { Present } from './gateway-parts.ts'

/** What a change replaces. */
export interface GatewayPolicy extends Present {
  readonly authentication: AuthenticationPolicy
}

/** Errors: `ERR_TLS_SETTINGS` and others, when certificate, key or policy cannot be used. */
export function makePolicy(
  configuration: GatewayConfiguration,
  identity: GatewayIdentity,
  surroundings: PolicySurroundings,
): GatewayPolicy {
  return {
    configuration,
    authentication: authenticationPolicy(configuration, surroundings),
    ...shownIdentity(configuration, identity),
    radius: surroundings.radius,
  }
}

/** What a gateway shows of itself to its clients. Errors: those of TLS contexts, certificates and keys. */
export function shownIdentity(
  configuration: GatewayConfiguration,
  identity: GatewayIdentity,
): Pick<Present, 'identity' | 'responder' | 'tls' | 'eapTls' | 'sharedTls'> {
  const { certificateChain, privateKey, serverName } = identity
  return {
    identity,
    responder: { chain: readCertificates(certificateChain), signer: createSigner(privateKey), serverName },
    tls: serverTlsContext(configuration, identity),
    eapTls: eapTlsContext(identity),
    sharedTls: {
      context: sharedPortTlsContext(identity),
      certificate: certificateHashes(certificateChain),
    },
  }
}
