import type { TunnelType } from '../authentication/identity.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ClientCertificate, PackageParts } from './package-parts.ts'

/** By a certificate, which the package brings or the user has. */
export interface CertificateSignIn {
  readonly type: 'certificate'
  /** Absent: the user puts his own in its place. */
  readonly certificate?: ClientCertificate
  /** DER: what the user's certificate may lead to. Empty: it is not known. */
  readonly roots: readonly Uint8Array[]
  /** DER: root of the RADIUS server, to which it is shown in EAP-TLS. Absent: the gateway is shown it. */
  readonly radiusRoot?: Uint8Array
}

/** How the clients of a profile sign in. */
export type SignIn =
  | CertificateSignIn
  /** By a user name and a password that RADIUS judges, and that the user is asked for: EAP-MSCHAPv2 where there is EAP. */
  | { readonly type: 'password' }

/** OpenVPN also at the identity provider, by a page that the client has the browser open. */
export type OpenVpnSignIn = SignIn | { readonly type: 'browser' }

/**
 * How clients of a tunnel type can sign in without an identity provider: the certificate first, where both are
 * served. Empty: the tunnel type is off, or takes tokens alone.
 */
export function signInsOf(parts: PackageParts, tunnel: TunnelType): readonly SignIn[] {
  const { configuration, certificate, clientRoots: roots } = parts
  const methods = configuration.authentication.get(tunnel)
  const byCertificate: SignIn = { type: 'certificate', roots, ...(certificate && { certificate }) }
  return [
    ...(methods?.has('Certificate') ? [byCertificate] : []),
    ...(methods?.has('Radius') ? [byRadius(parts, tunnel)] : []),
  ]
}

/** OpenVPN has no EAP. */
function byRadius({ radiusRoot, clientRoots: roots }: PackageParts, tunnel: TunnelType): SignIn {
  if (!radiusRoot || tunnel === 'OpenVPN') return { type: 'password' }
  return { type: 'certificate', roots, radiusRoot }
}

/** OpenVPN clients can sign in through the browser. */
export function servesBrowsers({ authentication, entra }: GatewayConfiguration): boolean {
  return authentication.get('OpenVPN')?.has('AAD') === true && entra?.browser !== undefined
}

/** Whether any tunnel type takes certificates of the gateway's roots. */
export function takesCertificates({ authentication }: GatewayConfiguration): boolean {
  return [...authentication.values()].some(methods => methods.has('Certificate'))
}
