import { randomUUID } from 'node:crypto'
import { keyFileValue } from '../escape.ts'
import { ASK_FOR_PASSWORD, networkManagerCredentials, networkManagerFolder } from '../network-manager.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import type { SignIn } from '../sign-in.ts'
import { strongswanEspProposal, strongswanIkeProposal } from './ikev2-names.ts'

/**
 * A NetworkManager connection for its strongSwan plug-in (network-manager-strongswan). It goes to
 * /etc/NetworkManager/system-connections, the PEM files to the folder that it names.
 */
export function networkManagerFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const { clientName } = parts
  return [
    { path: `NetworkManager/${clientName}.nmconnection`, content: connection(parts, signIn) },
    ...networkManagerCredentials(parts, signIn),
  ]
}

function connection(parts: PackageParts, signIn: SignIn): string {
  const { configuration, hostNames, serverName, clientName } = parts
  const { ikeSuites, espSuites } = configuration.ikev2
  // A key file separates list items by semicolons, and so does the plug-in.
  const proposals = ikeSuites.map(strongswanIkeProposal).join('\\;')
  const esp = espSuites.map(strongswanEspProposal).join('\\;')
  return `[connection]
id=causeway-${clientName}
uuid=${randomUUID()}
type=vpn
autoconnect=false

[vpn]
service-type=org.freedesktop.NetworkManager.strongswan
address=${hostNames[0] ?? ''}
remote-identity=${serverName}
certificate=${networkManagerFolder}/ca.pem
${method(parts, signIn)}virtual=yes
encap=no
ipcomp=no
proposal=yes
ike=${proposals}
esp=${esp}

[ipv4]
method=auto

[ipv6]
method=auto
addr-gen-mode=default
`
}

function method({ clientName }: PackageParts, signIn: SignIn): string {
  if (signIn.type === 'password')
    return `method=eap
user=${keyFileValue(clientName)}
password-flags=${ASK_FOR_PASSWORD}
`
  return `method=key
cert-source=file
usercert=${networkManagerFolder}/${clientName}.pem
userkey=${networkManagerFolder}/${clientName}-key.pem
`
}
