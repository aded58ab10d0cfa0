import { formatIpAddress, formatIpPrefix } from '@causeway/wire'
import { destinationsOf } from '../destinations.ts'
import { xmlText } from '../escape.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import type { SignIn } from '../sign-in.ts'

/** `Generic/VpnSettings.xml`, with the elements that Microsoft's own scripts read, and no namespace. */
export function genericSettings(
  { configuration, hostNames, authorityDer }: PackageParts,
  signIn: SignIn,
): PackageFile {
  const roots = [
    authorityDer,
    ...(signIn.type === 'certificate' && signIn.radiusRoot ? [signIn.radiusRoot] : []),
  ]
  const routes = destinationsOf(configuration).map(formatIpPrefix)
  const content = `<?xml version="1.0" encoding="utf-8"?>
<VpnProfile xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <VpnServer>${xmlText(hostNames[0] ?? '')}</VpnServer>
  <VpnType>IkeV2</VpnType>
  <CaCerts>
${roots.map(root => `    <string>${Buffer.from(root).toString('base64')}</string>\n`).join('')}  </CaCerts>
  <Routes>${xmlText(routes.join(','))}</Routes>
  <CustomDnsServers>${xmlText(configuration.dnsServers.map(formatIpAddress).join(','))}</CustomDnsServers>
  <Auth>${signIn.type === 'password' ? 'EapMSChapv2' : 'EapTls'}</Auth>
</VpnProfile>
`
  return { path: 'Generic/VpnSettings.xml', content }
}
