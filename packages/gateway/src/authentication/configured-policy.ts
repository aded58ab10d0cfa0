import type { AuthenticationType } from '@causeway/api-contract'
import type { Logger } from 'pino'
import type { GatewayConfiguration } from '../configuration.ts'
import { EntraMethod } from '../entra/entra-method.ts'
import type { RadiusAccess } from '../radius/radius-access.ts'
import type { Clock } from '../runtime/clock.ts'
import { AuthenticationPolicy } from './authentication-policy.ts'
import { certificateMethod } from './certificate-method.ts'
import type { AuthenticationMethod, TunnelType } from './identity.ts'
import type { SignInPace } from './sign-in-pace.ts'

/** What the methods need around them. */
export interface PolicySurroundings {
  readonly radius: RadiusAccess
  /** One and the same for every configuration. */
  readonly pace: SignInPace
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The policy that a configuration asks for. Who brings a token, or else a user name and a password, is judged by
 * them, whatever certificate came with them. Errors: as `certificateMethod` and `EntraMethod`.
 */
export function authenticationPolicy(
  configuration: GatewayConfiguration,
  { radius, pace, clock, log }: PolicySurroundings,
): AuthenticationPolicy {
  const { authentication, certificateAuthentication, entra, tunnels } = configuration
  const tunnelsBy = (type: AuthenticationType): ReadonlySet<TunnelType> =>
    new Set([...authentication].flatMap(([tunnel, types]) => (types.has(type) ? [tunnel] : [])))
  const byRadius = tunnelsBy('Radius')
  const byCertificate = tunnelsBy('Certificate')
  const byEntra = tunnelsBy('AAD')
  const { unixSeconds } = clock
  const methods: AuthenticationMethod[] = [
    ...(entra && byEntra.size > 0
      ? [new EntraMethod({ configuration: entra, tunnels: byEntra, unixSeconds, log })]
      : []),
    ...(byRadius.size > 0 ? [radius.passwordMethod(byRadius)] : []),
    ...(byCertificate.size > 0
      ? [certificateMethod(certificateAuthentication, byCertificate, unixSeconds)]
      : []),
  ]
  return new AuthenticationPolicy(methods, tunnels, pace)
}
