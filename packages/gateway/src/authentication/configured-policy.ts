import type { AuthenticationType } from '@causeway/api-contract'
import type { Logger } from 'pino'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { EntraAccess } from '../entra/entra-access.ts'
import type { RadiusAccess } from '../radius/radius-access.ts'
import { AuthenticationPolicy } from './authentication-policy.ts'
import { certificateMethod } from './certificate-method.ts'
import type { AuthenticationMethod, TunnelType } from './identity.ts'
import type { SignInPace } from './sign-in-pace.ts'

/** What the methods need around them. */
export interface PolicySurroundings {
  readonly radius: RadiusAccess
  readonly entra: EntraAccess
  /** One and the same for every configuration. */
  readonly pace: SignInPace
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The policy that a configuration asks for. Who brings a token, or else a user name and a password, is judged by
 * them, whatever certificate came with them. Where Entra has sign-in through the browser, a client that can open a page
 * and brought none of what is judged otherwise is sent there; see `BrowserMethod`. Errors: as `certificateMethod` and
 * `EntraAccess.methods`.
 */
export function authenticationPolicy(
  configuration: GatewayConfiguration,
  { radius, entra: provider, pace, clock }: PolicySurroundings,
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
      ? provider.methods(entra, { byEntra, byPassword: byRadius, byCertificate })
      : []),
    ...(byRadius.size > 0 ? [radius.passwordMethod(byRadius)] : []),
    ...(byCertificate.size > 0
      ? [certificateMethod(certificateAuthentication, byCertificate, unixSeconds)]
      : []),
  ]
  return new AuthenticationPolicy(methods, tunnels, pace)
}
