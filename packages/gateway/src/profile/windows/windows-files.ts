import { nativeSuites } from '../ikev2/ikev2-names.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import { servesSstp, sstpPort } from '../sstp/sstp-server.ts'
import { profileXml } from './profile-xml.ts'
import { setupScript } from './setup-script.ts'
import type { WindowsTunnels } from './windows-tunnels.ts'

/**
 * `Windows/`: a script for an administrator that installs certificates and connection of the user who runs it, and
 * the same connection as ProfileXML (VPNv2 CSP) for device management. Both sign in by EAP-TLS with the user's
 * certificate, as Azure's own package does. Where both are served, IKEv2 is tried before SSTP.
 */
export function windowsFiles(parts: PackageParts): PackageFile[] {
  const tunnels = windowsTunnels(parts)
  if (!tunnels) return []
  return [
    // Windows PowerShell 5 takes a script without a byte order mark for ANSI: it is all ASCII.
    { path: 'Windows/VpnClientSetup.ps1', content: setupScript(parts, tunnels).replaceAll('\n', '\r\n') },
    { path: 'Windows/ProfileXML.xml', content: profileXml(parts, tunnels) },
    { path: `Windows/${parts.clientName}.p12`, content: parts.pkcs12 },
    { path: 'Windows/ca.cer', content: parts.authorityDer },
  ]
}

const HTTPS_PORT = 443

/** One connection has one server address, and IKEv2 takes none with a port in it. */
function windowsTunnels({ configuration }: PackageParts): WindowsTunnels | undefined {
  const { tunnels, ikev2 } = configuration
  const suites = tunnels.has('IkeV2') ? nativeSuites(ikev2.ikeSuites, ikev2.espSuites) : undefined
  const hasSstp = servesSstp(configuration)
  if (!suites) return hasSstp ? { type: 'sstp' } : undefined
  return { type: hasSstp && sstpPort(configuration) === HTTPS_PORT ? 'ikev2-sstp' : 'ikev2', ...suites }
}
