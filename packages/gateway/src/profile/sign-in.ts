import type { TunnelType } from '../authentication/identity.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ClientCertificate, PackageParts } from './package-parts.ts'

/** How the clients of a profile sign in. */
export type SignIn =
  | { readonly type: 'certificate'; readonly certificate: ClientCertificate }
  /** By a user name and a password that RADIUS judges, and that the user is asked for: EAP-MSCHAPv2 where there is EAP. */
  | { readonly type: 'password' }

/** OpenVPN also at the identity provider, by a page that the client has the browser open. */
export type OpenVpnSignIn = SignIn | { readonly type: 'browser' }

/**
 * How clients of a tunnel type can sign in without an identity provider: the certificate first, where both are
 * served. Empty: the tunnel type is off, or takes tokens alone.
 */
export function signInsOf(
  { configuration, certificate }: Pick<PackageParts, 'configuration' | 'certificate'>,
  tunnel: TunnelType,
): readonly SignIn[] {
  const methods = configuration.authentication.get(tunnel)
  return [
    ...(methods?.has('Certificate') && certificate ? [{ type: 'certificate', certificate } as const] : []),
    ...(methods?.has('Radius') ? [{ type: 'password' } as const] : []),
  ]
}

/** OpenVPN clients can sign in through the browser. */
export function servesBrowsers({ authentication, entra }: GatewayConfiguration): boolean {
  return authentication.get('OpenVPN')?.has('AAD') === true && entra?.browser !== undefined
}

/** Whether any tunnel type takes certificates of the gateway's roots. */
export function takesCertificates({ authentication }: GatewayConfiguration): boolean {
  return [...authentication.values()].some(methods => methods.has('Certificate'))
}
