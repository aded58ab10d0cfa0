import { formatPem } from '@causeway/x509'
import { appleProfile } from './ikev2/apple-profile.ts'
import { genericSettings } from './ikev2/generic-profile.ts'
import { networkManagerFiles } from './ikev2/network-manager-profile.ts'
import { androidProfile, strongswanFiles } from './ikev2/strongswan-profile.ts'
import { formatAzureProfile } from './openvpn/azure-profile.ts'
import { formatHardenedProfile } from './openvpn/hardened-profile.ts'
import type { PackageFile, PackageParts } from './package-parts.ts'
import { sstpNetworkManagerFiles } from './sstp/network-manager-profile.ts'
import { servesSstp } from './sstp/sstp-server.ts'
import { sstpcFiles } from './sstp/sstpc-profile.ts'
import { windowsFiles } from './windows/windows-files.ts'

/**
 * The profile package of one client for the gateway's tunnel types, named as in Azure's zip where Azure has
 * such a file. The PKCS#12 file has a password, because Apple's systems take none without.
 */
export function profilePackage(parts: PackageParts): PackageFile[] {
  const { clientName, authorityDer, configuration } = parts
  const { tunnels } = configuration
  const files = [
    ...(tunnels.has('OpenVPN') ? openvpnFiles(parts) : []),
    ...windowsFiles(parts),
    ...(tunnels.has('IkeV2') ? ikev2Files(parts) : []),
    ...(servesSstp(configuration) ? sstpFiles(parts) : []),
    ...(tunnels.has('OpenVPN') || tunnels.has('IkeV2') ? [genericRoot(parts)] : []),
    { path: 'ca.pem', content: formatPem(authorityDer) },
    { path: `${clientName}.p12`, content: parts.pkcs12 },
    { path: `${clientName}.p12.password`, content: `${parts.password}\n` },
  ]
  // Some are shared by two tunnel types.
  return [...new Map(files.map(file => [file.path, file])).values()]
}

function openvpnFiles(parts: PackageParts): PackageFile[] {
  return [
    { path: 'OpenVPN/vpnconfig.ovpn', content: formatAzureProfile(parts) },
    { path: 'OpenVPN/vpnconfig-hardened.ovpn', content: formatHardenedProfile(parts) },
  ]
}

/** Native clients know only some algorithms: a custom policy without any of them leaves their files out. */
function ikev2Files(parts: PackageParts): PackageFile[] {
  const apple = appleProfile(parts)
  return [
    genericSettings(parts),
    ...(apple ? [apple] : []),
    ...strongswanFiles(parts),
    androidProfile(parts),
    ...networkManagerFiles(parts),
  ]
}

/** Azure's packages for SSTP alone have no `Generic/`. */
function genericRoot({ authorityDer }: PackageParts): PackageFile {
  return { path: 'Generic/VpnServerRoot.cer', content: authorityDer }
}

function sstpFiles(parts: PackageParts): PackageFile[] {
  return [...sstpNetworkManagerFiles(parts), ...sstpcFiles(parts)]
}
