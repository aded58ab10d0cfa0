import { formatStaticKey } from '@causeway/openvpn'
import type { ClientCertificate } from '../package-parts.ts'
import type { OpenVpnSignIn } from '../sign-in.ts'
import {
  BROWSER_LINES,
  CERTIFICATE_PLACES,
  inlineBlock,
  PASSWORD_LINES,
  type ProfileParts,
  portsOf,
} from './client-profile.ts'

/**
 * `OpenVPN/vpnconfig.ovpn` as Azure's profile package has it, line by line, with the client's
 * certificate and key in their places where the package brings them, or with what it signs in by instead. It connects over TCP to the first name of the gateway;
 * a gateway without a TCP listener, or without tls-auth, gets the lines that it needs instead.
 */
export function formatAzureProfile(parts: ProfileParts, signIn: OpenVpnSignIn): string {
  const { hostNames, configuration } = parts
  const [tcpPort] = portsOf(configuration.listeners, 'tcp')
  const [udpPort] = portsOf(configuration.listeners, 'udp')
  const protocol = tcpPort === undefined ? 'udp' : 'tcp'
  const wrap = presharedKey(parts)
  const sections = [
    [
      'client',
      `remote ${hostNames[0] ?? ''} ${tcpPort ?? udpPort ?? ''}`,
      `verify-x509-name '${parts.serverName}' name`,
      'remote-cert-tls server',
    ],
    ['dev tun', `proto ${protocol}`, 'resolv-retry infinite', 'nobind'],
    ['auth SHA256', `cipher ${configuration.openvpn.fallbackCipher}`, 'persist-key', 'persist-tun'],
    ['tls-timeout 30', `tls-version-min ${parts.configuration.openvpn.tlsMinimum.slice(4)}`, ...wrap.options],
    ['log openvpn.log', 'verb 3'],
    ['# P2S CA root certificate', inlineBlock('ca', parts.authority)],
    wrap.block,
    ...signInSections(signIn),
  ]
  return `${sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

function signInSections(signIn: OpenVpnSignIn): (readonly string[])[] {
  switch (signIn.type) {
    case 'certificate':
      return certificateSections(signIn.certificate)
    case 'password':
      return [PASSWORD_LINES]
    case 'browser':
      return [BROWSER_LINES]
    default:
      return signIn satisfies never
  }
}

function certificateSections({
  pem,
  privateKey,
}: Pick<ClientCertificate, 'pem' | 'privateKey'> = CERTIFICATE_PLACES): string[][] {
  return [
    [
      '# P2S client certificate',
      '# Please fill this field with a PEM formatted client certificate',
      "# Alternatively, configure 'cert PATH_TO_CLIENT_CERT' to use input from a PEM certificate file.",
      inlineBlock('cert', pem),
    ],
    [
      '# P2S client certificate private key',
      '# Please fill this field with a PEM formatted private key of the client certificate.',
      "# Alternatively, configure 'key PATH_TO_CLIENT_KEY' to use input from a PEM key file.",
      inlineBlock('key', privateKey),
    ],
  ]
}

/** Azure's is tls-auth with `key-direction 1`. */
function presharedKey({ configuration, identity, tlsCryptV2Key }: ProfileParts): {
  options: string[]
  block: string[]
} {
  const { wraps } = configuration.openvpn
  const title = '# Pre Shared Key'
  if (wraps.has('tls-auth'))
    return {
      options: ['key-direction 1'],
      block: [title, inlineBlock('tls-auth', formatStaticKey(identity.tlsAuthKey))],
    }
  if (wraps.has('tls-crypt'))
    return { options: [], block: [title, inlineBlock('tls-crypt', formatStaticKey(identity.tlsCryptKey))] }
  if (wraps.has('tls-crypt-v2'))
    return { options: [], block: [title, inlineBlock('tls-crypt-v2', tlsCryptV2Key)] }
  return { options: [], block: [] }
}
