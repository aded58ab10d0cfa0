import { formatPem } from '@causeway/x509'
import { appleProfile } from './ikev2/apple-profile.ts'
import { genericSettings } from './ikev2/generic-profile.ts'
import { networkManagerFiles } from './ikev2/network-manager-profile.ts'
import { androidProfile, strongswanFiles } from './ikev2/strongswan-profile.ts'
import { azureClientFiles } from './openvpn/azure-client-profile.ts'
import { formatAzureProfile } from './openvpn/azure-profile.ts'
import { formatHardenedProfile } from './openvpn/hardened-profile.ts'
import {
  type ClientCertificate,
  credentialName,
  type PackageFile,
  type PackageParts,
} from './package-parts.ts'
import { type OpenVpnSignIn, type SignIn, servesBrowsers, signInsOf } from './sign-in.ts'
import { sstpNetworkManagerFiles } from './sstp/network-manager-profile.ts'
import { servesSstp } from './sstp/sstp-server.ts'
import { sstpcFiles } from './sstp/sstpc-profile.ts'
import { windowsFiles } from './windows/windows-files.ts'

/**
 * The profile package of one client for the gateway's tunnel types, named as in Azure's zip where Azure has
 * such a file. The PKCS#12 file has a password, because Apple's systems take none without.
 */
export function profilePackage(parts: PackageParts): PackageFile[] {
  const { authorityDer, certificate } = parts
  return [
    ...profileFiles(parts),
    { path: 'ca.pem', content: formatPem(authorityDer) },
    ...(certificate ? pkcs12Files(parts, certificate) : []),
  ]
}

/** A profile for every client of the gateway's tunnel types. */
export function profileFiles(parts: PackageParts): PackageFile[] {
  const { configuration } = parts
  const { tunnels } = configuration
  const [ikev2] = signInsOf(parts, 'IkeV2')
  const [sstp] = servesSstp(configuration) ? signInsOf(parts, 'SSTP') : []
  const files = [
    ...(tunnels.has('OpenVPN') ? openvpnFiles(parts) : []),
    ...windowsFiles(parts, { ikev2, sstp }),
    ...(ikev2 ? ikev2Files(parts, ikev2) : []),
    ...(sstp ? sstpFiles(parts, sstp) : []),
    ...(tunnels.has('OpenVPN') || tunnels.has('IkeV2') ? [genericRoot(parts)] : []),
  ]
  // Some are shared by two tunnel types.
  return [...new Map(files.map(file => [file.path, file])).values()]
}

/** A gateway with certificates and RADIUS has profiles of both; Azure's names are those of the first. */
function openvpnFiles(parts: PackageParts): PackageFile[] {
  const profiles = signInsOf(parts, 'OpenVPN').flatMap((signIn, i) =>
    openvpnProfiles(parts, i === 0 ? 'vpnconfig' : 'vpnconfig-radius', signIn),
  )
  const browser = servesBrowsers(parts.configuration)
    ? openvpnProfiles(parts, 'vpnconfig-browser', { type: 'browser' })
    : []
  return [...profiles, ...browser, ...azureClientFiles(parts)]
}

function openvpnProfiles(parts: PackageParts, name: string, signIn: OpenVpnSignIn): PackageFile[] {
  return [
    { path: `OpenVPN/${name}.ovpn`, content: formatAzureProfile(parts, signIn) },
    { path: `OpenVPN/${name}-hardened.ovpn`, content: formatHardenedProfile(parts, signIn) },
  ]
}

/** Native clients know only some algorithms: a custom policy without any of them leaves their files out. */
function ikev2Files(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const apple = appleProfile(parts, signIn)
  return [
    genericSettings(parts, signIn),
    ...(apple ? [apple] : []),
    ...strongswanFiles(parts, signIn),
    androidProfile(parts, signIn),
    ...networkManagerFiles(parts, signIn),
  ]
}

/** Azure's packages for SSTP alone have no `Generic/`. */
function genericRoot({ authorityDer }: PackageParts): PackageFile {
  return { path: 'Generic/VpnServerRoot.cer', content: authorityDer }
}

function sstpFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  return [...sstpNetworkManagerFiles(parts, signIn), ...sstpcFiles(parts, signIn)]
}

function pkcs12Files(parts: PackageParts, { pkcs12, password }: ClientCertificate): PackageFile[] {
  const name = credentialName(parts)
  return [
    { path: `${name}.p12`, content: pkcs12 },
    { path: `${name}.p12.password`, content: `${password}\n` },
  ]
}
