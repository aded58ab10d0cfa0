import { randomUUID } from 'node:crypto'
import { formatIpPrefix } from '@causeway/wire'
import { ipv4DestinationsOf, isForcedTunnel } from '../destinations.ts'
import { keyFileValue } from '../escape.ts'
import { ASK_FOR_PASSWORD, networkManagerCredentials, networkManagerFolder } from '../network-manager.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import type { SignIn } from '../sign-in.ts'
import { sstpServer } from './sstp-server.ts'

/**
 * A NetworkManager connection for its SSTP plug-in (network-manager-sstp), by EAP-TLS or MS-CHAPv2. It goes to
 * /etc/NetworkManager/system-connections, the PEM files to the folder that it names. PPP tells no routes: they
 * stand in the profile.
 */
export function sstpNetworkManagerFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const path = `NetworkManager/${parts.clientName}-sstp.nmconnection`
  return [{ path, content: connection(parts, signIn) }, ...networkManagerCredentials(parts, signIn)]
}

function connection(parts: PackageParts, signIn: SignIn): string {
  const { configuration, clientName } = parts
  const routes = ipv4DestinationsOf(configuration).map(
    (prefix, i) => `route${i + 1}=${formatIpPrefix(prefix)}\n`,
  )
  return `[connection]
id=${keyFileValue(`causeway-${clientName}-sstp`)}
uuid=${randomUUID()}
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
${signIn.type === 'password' ? byPassword(parts) : byCertificate(parts)}
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
user=${keyFileValue(clientName)}
password-flags=${ASK_FOR_PASSWORD}
`
}

function byCertificate({ clientName, serverName }: PackageParts): string {
  const folder = networkManagerFolder
  return `refuse-mschapv2=yes
connection-type=tls
tls-ca-cert=${folder}/ca.pem
tls-identity=${keyFileValue(clientName)}
tls-user-cert=${keyFileValue(`${folder}/${clientName}.pem`)}
tls-user-key=${keyFileValue(`${folder}/${clientName}-key.pem`)}
tls-user-key-secret-flags=4
tls-verify-method=name
tls-remotename=${keyFileValue(serverName)}
tls-max-version=1.2
`
}
