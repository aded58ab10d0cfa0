import { tlsSuite } from '@causeway/api-contract'
import { formatStaticKey } from '@causeway/openvpn'
import type { CertificateSignIn, OpenVpnSignIn } from '../sign-in.ts'
import {
  BROWSER_LINES,
  CERTIFICATE_PLACES,
  inlineBlock,
  PASSWORD_LINES,
  type ProfileParts,
  portsOf,
} from './client-profile.ts'

/** Seconds until the client turns from one remote to the next, from UDP to TCP. Ours. */
const CONNECT_TIMEOUT_SECONDS = 10

/**
 * `OpenVPN/vpnconfig-hardened.ovpn`: a control channel key of the client's own (tls-crypt-v2), UDP
 * before TCP, and only the ciphers of the gateway. For OpenVPN 2.5 and later.
 */
export function formatHardenedProfile(parts: ProfileParts, signIn: OpenVpnSignIn): string {
  const { openvpn } = parts.configuration
  const sections = [
    ['client', 'dev tun', 'nobind', 'persist-tun'],
    [...remotes(parts), `connect-timeout ${CONNECT_TIMEOUT_SECONDS}`],
    ['remote-cert-tls server', `verify-x509-name '${parts.serverName}' name`],
    [
      `tls-version-min ${openvpn.tlsMinimum.slice(4)}`,
      ...cipherLines(openvpn.tlsCiphers),
      `data-ciphers ${openvpn.dataCiphers.join(':')}`,
      'auth SHA256',
      ...signInLines(signIn),
      'verb 3',
    ],
    [
      inlineBlock('ca', parts.authority),
      ...(signIn.type === 'certificate' ? certificateBlocks(signIn) : []),
      ...controlKey(parts),
    ],
  ]
  return `${sections.map(lines => lines.join('\n')).join('\n\n')}\n`
}

function signInLines({ type }: OpenVpnSignIn): readonly string[] {
  switch (type) {
    case 'certificate':
      return ['auth-nocache']
    case 'password':
      // Without auth-nocache a password is there for the next renegotiation, and is not asked for again.
      return PASSWORD_LINES
    case 'browser':
      return BROWSER_LINES
    default:
      return type satisfies never
  }
}

function certificateBlocks({ certificate }: CertificateSignIn): string[] {
  const { pem, privateKey } = certificate ?? CERTIFICATE_PLACES
  return [inlineBlock('cert', pem), inlineBlock('key', privateKey)]
}

function remotes({ configuration, hostNames }: ProfileParts): string[] {
  const { listeners } = configuration
  return (['udp', 'tcp'] as const).flatMap(transport =>
    portsOf(listeners, transport).flatMap(port =>
      hostNames.map(host => `remote ${host} ${port} ${transport}`),
    ),
  )
}

/** OpenVPN has one option for TLS 1.2 and one for TLS 1.3. */
function cipherLines(names: readonly string[]): string[] {
  const suites = names.flatMap(name => tlsSuite(name) ?? [])
  const ofVersion = (version: string) => suites.filter(suite => suite.version === version)
  const tls12 = ofVersion('TLSv1.2').map(suite => suite.name.replaceAll('_', '-'))
  const tls13 = ofVersion('TLSv1.3').map(suite => suite.name)
  return [
    ...(tls12.length > 0 ? [`tls-cipher ${tls12.join(':')}`] : []),
    ...(tls13.length > 0 ? [`tls-ciphersuites ${tls13.join(':')}`] : []),
  ]
}

/** The best that the gateway takes. */
function controlKey({ configuration, identity, tlsCryptV2Key }: ProfileParts): string[] {
  const { wraps } = configuration.openvpn
  if (wraps.has('tls-crypt-v2')) return [inlineBlock('tls-crypt-v2', tlsCryptV2Key)]
  if (wraps.has('tls-crypt')) return [inlineBlock('tls-crypt', formatStaticKey(identity.tlsCryptKey))]
  if (wraps.has('tls-auth'))
    return ['key-direction 1', inlineBlock('tls-auth', formatStaticKey(identity.tlsAuthKey))]
  return []
}
