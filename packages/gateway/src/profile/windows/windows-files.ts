import { nativeSuites } from '../ikev2/ikev2-names.ts'
import { credentialName, type PackageFile, type PackageParts } from '../package-parts.ts'
import type { CertificateSignIn, SignIn } from '../sign-in.ts'
import { sstpPort } from '../sstp/sstp-server.ts'
import { profileXml } from './profile-xml.ts'
import { setupScript } from './setup-script.ts'
import type { WindowsTunnels } from './windows-tunnels.ts'

/**
 * `Windows/`: a script for an administrator that installs certificates and connection of the user who runs it, and
 * the same connection as ProfileXML (VPNv2 CSP) for device management. Both sign in by EAP-TLS with the user's
 * certificate, as Azure's own package does, or by EAP-MSCHAPv2. Where both are served, IKEv2 is tried before SSTP.
 */
export function windowsFiles(parts: PackageParts, served: ServedTunnels): PackageFile[] {
  const tunnels = windowsTunnels(parts, served)
  // One connection has one EAP method; the table of authentication gives both tunnel types the same.
  const signIn = served.ikev2 ?? served.sstp
  if (!tunnels || !signIn) return []
  return [
    // Windows PowerShell 5 takes a script without a byte order mark for ANSI: it is all ASCII.
    {
      path: 'Windows/VpnClientSetup.ps1',
      content: setupScript(parts, tunnels, signIn).replaceAll('\n', '\r\n'),
    },
    { path: 'Windows/ProfileXML.xml', content: profileXml(parts, tunnels, signIn) },
    ...(signIn.type === 'certificate' ? certificateFiles(parts, signIn) : []),
    { path: 'Windows/ca.cer', content: parts.authorityDer },
  ]
}

function certificateFiles(
  parts: PackageParts,
  { certificate, radiusRoot }: CertificateSignIn,
): readonly PackageFile[] {
  return [
    ...(certificate ? [{ path: `Windows/${credentialName(parts)}.p12`, content: certificate.pkcs12 }] : []),
    ...(radiusRoot ? [{ path: 'Windows/radius.cer', content: radiusRoot }] : []),
  ]
}

/** How those tunnel types sign in that Windows itself knows; absent: it is not served. */
export interface ServedTunnels {
  readonly ikev2: SignIn | undefined
  readonly sstp: SignIn | undefined
}

const HTTPS_PORT = 443

/** One connection has one server address, and IKEv2 takes none with a port in it. */
function windowsTunnels(
  { configuration }: PackageParts,
  { ikev2, sstp }: ServedTunnels,
): WindowsTunnels | undefined {
  const { ikeSuites, espSuites } = configuration.ikev2
  const suites = ikev2 ? nativeSuites(ikeSuites, espSuites) : undefined
  if (!suites) return sstp ? { type: 'sstp' } : undefined
  return { type: sstp && sstpPort(configuration) === HTTPS_PORT ? 'ikev2-sstp' : 'ikev2', ...suites }
}
