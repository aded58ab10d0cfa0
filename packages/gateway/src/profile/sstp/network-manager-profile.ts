import { formatIpPrefix } from '@causeway/wire'
import { ipv4DestinationsOf, isForcedTunnel } from '../destinations.ts'
import { keyFileValue } from '../escape.ts'
import { ASK_FOR_PASSWORD, networkManagerCredentials, networkManagerFolder } from '../network-manager.ts'
import { credentialName, type PackageFile, type PackageParts, profileName } from '../package-parts.ts'
import { profileUuid } from '../profile-uuid.ts'
import type { CertificateSignIn, SignIn } from '../sign-in.ts'
import { sstpServer } from './sstp-server.ts'

/**
 * A NetworkManager connection for its SSTP plug-in (network-manager-sstp), by EAP-TLS or MS-CHAPv2. It goes to
 * /etc/NetworkManager/system-connections, the PEM files to the folder that it names. PPP tells no routes: they
 * stand in the profile.
 */
export function sstpNetworkManagerFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const path = `NetworkManager/${profileName(parts)}-sstp.nmconnection`
  return [{ path, content: connection(parts, signIn) }, ...networkManagerCredentials(parts, signIn)]
}

function connection(parts: PackageParts, signIn: SignIn): string {
  const { configuration, clientName, serverName } = parts
  const routes = ipv4DestinationsOf(configuration).map(
    (prefix, i) => `route${i + 1}=${formatIpPrefix(prefix)}\n`,
  )
  return `[connection]
id=${keyFileValue(clientName === undefined ? 'causeway-sstp' : `causeway-${clientName}-sstp`)}
uuid=${profileUuid('NetworkManager', 'SSTP', serverName, profileName(parts))}
type=vpn
autoconnect=false

[vpn]
service-type=org.freedesktop.NetworkManager.sstp
gateway=${keyFileValue(sstpServer(parts))}
tls-ext=yes
ca-cert=${networkManagerFolder}/ca.pem
mtu=${configuration.sstp.tunnelMtu}
refuse-pap=yes
refuse-chap=yes
refuse-mschap=yes
${signIn.type === 'password' ? byPassword(parts) : byCertificate(parts, signIn)}
[ipv4]
method=auto
${isForcedTunnel(configuration) ? '' : 'never-default=true\n'}${routes.join('')}
[ipv6]
method=disabled
`
}

function byPassword({ clientName }: PackageParts): string {
  return `refuse-eap=yes
connection-type=password
${clientName === undefined ? '' : `user=${keyFileValue(clientName)}\n`}password-flags=${ASK_FOR_PASSWORD}
`
}

/** The gateway knows users by their certificates, whatever they call themselves; a RADIUS server is told their names. */
function byCertificate(parts: PackageParts, { radiusRoot }: CertificateSignIn): string {
  const folder = networkManagerFolder
  const name = credentialName(parts)
  const identity = radiusRoot ? '' : `tls-identity=${keyFileValue(name)}\n`
  const server = `tls-verify-method=name\ntls-remotename=${keyFileValue(parts.serverName)}\n`
  return `refuse-mschapv2=yes
connection-type=tls
tls-ca-cert=${folder}/${radiusRoot ? 'radius-ca' : 'ca'}.pem
${identity}tls-user-cert=${keyFileValue(`${folder}/${name}.pem`)}
tls-user-key=${keyFileValue(`${folder}/${name}-key.pem`)}
tls-user-key-secret-flags=4
${radiusRoot ? '' : server}tls-max-version=1.2
`
}
