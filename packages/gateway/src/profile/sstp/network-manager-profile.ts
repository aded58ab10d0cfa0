import { randomUUID } from 'node:crypto'
import { formatIpPrefix } from '@causeway/wire'
import { ipv4DestinationsOf, isForcedTunnel } from '../destinations.ts'
import { keyFileValue } from '../escape.ts'
import { networkManagerCredentials, networkManagerFolder } from '../network-manager.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import { sstpServer } from './sstp-server.ts'

/**
 * A NetworkManager connection for its SSTP plug-in (network-manager-sstp), by EAP-TLS. It goes to
 * /etc/NetworkManager/system-connections, the three PEM files to the folder that it names. PPP tells no routes: they
 * stand in the profile.
 */
export function sstpNetworkManagerFiles(parts: PackageParts): PackageFile[] {
  const path = `NetworkManager/${parts.clientName}-sstp.nmconnection`
  return [{ path, content: connection(parts) }, ...networkManagerCredentials(parts)]
}

function connection(parts: PackageParts): string {
  const { configuration, serverName, clientName } = parts
  const routes = ipv4DestinationsOf(configuration).map(
    (prefix, i) => `route${i + 1}=${formatIpPrefix(prefix)}\n`,
  )
  const folder = networkManagerFolder
  return `[connection]
id=${keyFileValue(`causeway-${clientName}-sstp`)}
uuid=${randomUUID()}
type=vpn
autoconnect=false

[vpn]
service-type=org.freedesktop.NetworkManager.sstp
gateway=${keyFileValue(sstpServer(parts))}
connection-type=tls
tls-ext=yes
ca-cert=${folder}/ca.pem
tls-ca-cert=${folder}/ca.pem
tls-identity=${keyFileValue(clientName)}
tls-user-cert=${keyFileValue(`${folder}/${clientName}.pem`)}
tls-user-key=${keyFileValue(`${folder}/${clientName}-key.pem`)}
tls-user-key-secret-flags=4
tls-verify-method=name
tls-remotename=${keyFileValue(serverName)}
tls-max-version=1.2
mtu=${configuration.sstp.tunnelMtu}
refuse-pap=yes
refuse-chap=yes
refuse-mschap=yes
refuse-mschapv2=yes

[ipv4]
method=auto
${isForcedTunnel(configuration) ? '' : 'never-default=true\n'}${routes.join('')}
[ipv6]
method=disabled
`
}
