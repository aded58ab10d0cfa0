import { type AuthenticationType, CLIENT_ROWS, type ServedClient } from '@causeway/api-contract'
import { XmlTexts } from '../harness/markup.ts'
import { type Package, readPackage } from './scenario.ts'

/** The cells of the client table for which a package has a profile: what its own program finds in it. */
export function writtenCells(given: Package): ServedClient[] {
  return CLIENT_ROWS.flatMap(({ authentication, tunnels, system, programs }) =>
    tunnels
      .flatMap(tunnel => programs.map(program => ({ authentication, tunnel, system, program })))
      .filter(cell => signInsOf(cell, given).includes(authentication)),
  )
}

/** How the profiles of one program sign in. */
function signInsOf({ program, system, tunnel }: ServedClient, given: Package): AuthenticationType[] {
  switch (program) {
    case 'OpenVPN client 2.x':
    case 'OpenVPN client 3.x':
      return found(given, /^OpenVPN\/.*\.ovpn$/, { Certificate: /^<cert>$/m, Radius: /^auth-user-pass$/m })
    case 'Azure VPN Client':
      return found(given, /^AzureVPN\//, {
        Certificate: /<type>cert<\/type>\s*<usernamepass/,
        Radius: /<type>usernamepass<\/type>/,
        AAD: /<type>aad<\/type>/,
      })
    case 'sstpc':
      return found(given, /^Sstpc\/options$/, { Certificate: /^refuse-mschap-v2$/m, Radius: /^refuse-eap$/m })
    case 'strongSwan':
      return system === 'Android'
        ? found(given, /\.sswan$/, { Certificate: /"ikev2-cert"/, Radius: /"ikev2-eap"/ })
        : found(given, /^StrongSwan\/conf\.d\//, {
            Certificate: /auth = pubkey\s+certs/,
            Radius: /auth = eap-mschapv2/,
          })
    case 'Native VPN client':
      return system === 'Windows' ? windows(given, tunnel) : apple(given)
    default:
      return program satisfies never
  }
}

function apple(given: Package): AuthenticationType[] {
  return found(given, /\.mobileconfig$/, {
    Certificate: /<key>AuthenticationMethod<\/key>\s*<string>Certificate</,
    Radius: /<key>AuthenticationMethod<\/key>\s*<string>None</,
  })
}

/** One connection for both tunnel types. */
function windows(given: Package, tunnel: ServedClient['tunnel']): AuthenticationType[] {
  const profile = 'Windows/ProfileXML.xml'
  if (!given.files.includes(profile)) return []
  const xml = new XmlTexts(readPackage(given, profile))
  const native = '/VPNProfile/NativeProfile'
  const protocols = [
    ...xml.all(`${native}/ProtocolList/NativeProtocol/Type`),
    ...xml.all(`${native}/NativeProtocolType`),
  ]
  if (!protocols.some(name => name.toLowerCase() === tunnel.toLowerCase())) return []
  return found(given, /^Windows\/ProfileXML\.xml$/, {
    Certificate: /<Type [^>]*>13<\/Type>/,
    Radius: /<Type [^>]*>26<\/Type>/,
  })
}

/** Whose mark is in one of the files. */
function found(
  given: Package,
  name: RegExp,
  marks: Readonly<Partial<Record<AuthenticationType, RegExp>>>,
): AuthenticationType[] {
  const texts = given.files.filter(file => name.test(file)).map(file => readPackage(given, file))
  const types = Object.keys(marks) as AuthenticationType[]
  return types.filter(type => texts.some(text => marks[type]?.test(text)))
}
