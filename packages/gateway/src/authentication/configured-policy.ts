import type { AuthenticationType } from '@causeway/api-contract'
import type { GatewayConfiguration } from '../configuration.ts'
import type { RadiusAccess } from '../radius/radius-access.ts'
import type { Clock } from '../runtime/clock.ts'
import { AuthenticationPolicy } from './authentication-policy.ts'
import { certificateMethod } from './certificate-method.ts'
import type { AuthenticationMethod, TunnelType } from './identity.ts'

/**
 * The policy that a configuration asks for. Who brings a user name and a password is judged by them, whatever
 * certificate came with them. Errors: as `certificateMethod`.
 */
export function authenticationPolicy(
  configuration: GatewayConfiguration,
  radius: RadiusAccess,
  clock: Clock,
): AuthenticationPolicy {
  const { authentication, certificateAuthentication, tunnels } = configuration
  const tunnelsBy = (type: AuthenticationType): ReadonlySet<TunnelType> =>
    new Set([...authentication].flatMap(([tunnel, types]) => (types.has(type) ? [tunnel] : [])))
  const byRadius = tunnelsBy('Radius')
  const byCertificate = tunnelsBy('Certificate')
  const methods: AuthenticationMethod[] = [
    ...(byRadius.size > 0 ? [radius.passwordMethod(byRadius)] : []),
    ...(byCertificate.size > 0
      ? [certificateMethod(certificateAuthentication, byCertificate, clock.unixSeconds)]
      : []),
  ]
  return new AuthenticationPolicy(methods, tunnels)
}
