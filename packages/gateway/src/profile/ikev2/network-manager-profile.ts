import { keyFileValue } from '../escape.ts'
import { ASK_FOR_PASSWORD, networkManagerCredentials, networkManagerFolder } from '../network-manager.ts'
import { credentialName, type PackageFile, type PackageParts, profileName } from '../package-parts.ts'
import { profileUuid } from '../profile-uuid.ts'
import type { SignIn } from '../sign-in.ts'
import { strongswanEspProposal, strongswanIkeProposal } from './ikev2-names.ts'

/**
 * A NetworkManager connection for its strongSwan plug-in (network-manager-strongswan). It goes to
 * /etc/NetworkManager/system-connections, the PEM files to the folder that it names.
 */
export function networkManagerFiles(parts: PackageParts, signIn: SignIn): PackageFile[] {
  return [
    { path: `NetworkManager/${profileName(parts)}.nmconnection`, content: connection(parts, signIn) },
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
id=${clientName === undefined ? 'causeway' : `causeway-${clientName}`}
uuid=${profileUuid('NetworkManager', 'IkeV2', serverName, profileName(parts))}
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

/** The plug-in asks for a password, but for no user name: everybody's profile is given that when it is installed. */
function method(parts: PackageParts, signIn: SignIn): string {
  const { clientName } = parts
  if (signIn.type === 'password')
    return `method=eap
${clientName === undefined ? '' : `user=${keyFileValue(clientName)}\n`}password-flags=${ASK_FOR_PASSWORD}
`
  const files = `${networkManagerFolder}/${credentialName(parts)}`
  return `method=${signIn.radiusRoot ? 'eap-tls' : 'key'}
cert-source=file
usercert=${files}.pem
userkey=${files}-key.pem
`
}
