import { formatPem } from '@causeway/x509'
import { appleProfile } from './ikev2/apple-profile.ts'
import { genericSettings } from './ikev2/generic-profile.ts'
import { networkManagerFiles } from './ikev2/network-manager-profile.ts'
import { androidProfile, strongswanFiles } from './ikev2/strongswan-profile.ts'
import { windowsFiles } from './ikev2/windows-profile.ts'
import { formatAzureProfile } from './openvpn/azure-profile.ts'
import { formatHardenedProfile } from './openvpn/hardened-profile.ts'
import type { PackageFile, PackageParts } from './package-parts.ts'

/**
 * The profile package of one client for the gateway's tunnel types, named as in Azure's zip where Azure has
 * such a file. The PKCS#12 file has a password, because Apple's systems take none without.
 */
export function profilePackage(parts: PackageParts): PackageFile[] {
  const { clientName, authorityDer, configuration } = parts
  const { tunnels } = configuration
  return [
    ...(tunnels.has('OpenVPN') ? openvpnFiles(parts) : []),
    ...(tunnels.has('IkeV2') ? ikev2Files(parts) : []),
    { path: 'Generic/VpnServerRoot.cer', content: authorityDer },
    { path: 'ca.pem', content: formatPem(authorityDer) },
    { path: `${clientName}.p12`, content: parts.pkcs12 },
    { path: `${clientName}.p12.password`, content: `${parts.password}\n` },
  ]
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
    ...windowsFiles(parts),
    ...(apple ? [apple] : []),
    ...strongswanFiles(parts),
    androidProfile(parts),
    ...networkManagerFiles(parts),
  ]
}
