import type { CompressionFraming } from '../data-channel.ts'
import { formatTlsCryptV2ClientKey } from '../wrap/client-key.ts'
import { formatStaticKey } from '../wrap/static-key.ts'
import { joinConfigWords } from './config-words.ts'
import type { ClientProfile, ProfileRemote, ProfileWrap } from './profile.ts'

/** Lines that only OpenVPN's own programs act on. */
export interface ProfileExtras {
  /** `log FILE`: Azure's profile has `openvpn.log`. OpenVPN Connect stumbles over it. */
  readonly log?: string
  readonly verbosity?: number
  /** `tls-timeout`, in seconds. */
  readonly tlsTimeoutSeconds?: number
}

/**
 * A profile in the order of Azure's `vpnconfig.ovpn` (one remote: `remote` and `proto` apart, as
 * there; several: each with its own). Whoever reads it gets the same profile. Errors: `RangeError`
 * when a value has control characters or a block its own end inside.
 */
export function formatProfile(profile: ClientProfile, extras: ProfileExtras = {}): string {
  const sections = [
    headLines(profile),
    transportLines(profile),
    cryptoLines(profile),
    tlsLines(profile, extras),
    extraLines(extras),
    ...blockSections(profile),
  ]
  const texts = sections.filter(lines => lines.length > 0).map(lines => lines.join('\n'))
  return `${texts.join('\n\n')}\n`
}

function headLines({ remotes, serverName, requireServerUsage }: ClientProfile): string[] {
  const alone = remotes.length === 1
  return [
    'client',
    ...remotes.map(remote =>
      joinConfigWords(['remote', remote.host, String(remote.port), ...(alone ? [] : [proto(remote)])]),
    ),
    ...(serverName ? [serverNameLine(serverName.name, serverName.match)] : []),
    ...(requireServerUsage ? ['remote-cert-tls server'] : []),
  ]
}

/** The name is quoted always, as in Azure's profile. */
function serverNameLine(name: string, match: string): string {
  const word = joinConfigWords([name])
  return `verify-x509-name ${word === name && name !== '' ? `'${name}'` : word} ${match}`
}

function transportLines({ remotes: [first, ...more] }: ClientProfile): string[] {
  if (!first) throw new RangeError('a profile needs a remote')
  const own = more.length === 0 ? [`proto ${proto(first)}`] : []
  return ['dev tun', ...own, 'resolv-retry infinite', 'nobind']
}

function proto({ transport, family }: ProfileRemote): string {
  return `${transport}${family ?? ''}`
}

function cryptoLines({ auth, cipher, dataCiphers, compression }: ClientProfile): string[] {
  return [
    `auth ${auth}`,
    ...(cipher === undefined ? [] : [joinConfigWords(['cipher', cipher])]),
    ...(dataCiphers.length === 0 ? [] : [joinConfigWords(['data-ciphers', dataCiphers.join(':')])]),
    ...COMPRESSION_LINES[compression],
    'persist-key',
    'persist-tun',
  ]
}

const COMPRESSION_LINES: Readonly<Record<CompressionFraming, readonly string[]>> = {
  none: [],
  'lzo-stub': ['comp-lzo no'],
  stub: ['compress stub'],
  'stub-v2': ['compress stub-v2'],
}

function tlsLines(profile: ClientProfile, { tlsTimeoutSeconds }: ProfileExtras): string[] {
  const { tlsVersionMin, wrap, authUserPass, renegotiateSeconds, tunMtu } = profile
  return [
    ...numberLine('tls-timeout', tlsTimeoutSeconds),
    ...(tlsVersionMin ? [`tls-version-min ${tlsVersionMin}`] : []),
    ...(wrap.type === 'tls-auth' && wrap.direction !== 'bidirectional'
      ? [`key-direction ${wrap.direction}`]
      : []),
    ...(authUserPass && authUserPass.username === undefined ? ['auth-user-pass'] : []),
    ...numberLine('ping', profile.pingSeconds),
    ...numberLine('ping-restart', profile.pingRestartSeconds),
    ...numberLine('reneg-sec', renegotiateSeconds),
    ...numberLine('tun-mtu', tunMtu),
  ]
}

function extraLines({ log, verbosity }: ProfileExtras): string[] {
  return [...(log === undefined ? [] : [joinConfigWords(['log', log])]), ...numberLine('verb', verbosity)]
}

function numberLine(name: string, value: number | undefined): string[] {
  return value === undefined ? [] : [`${name} ${value}`]
}

function blockSections({ ca, certificate, privateKey, wrap, authUserPass }: ClientProfile): string[][] {
  const { username, password = '' } = authUserPass ?? {}
  return [
    ...(ca === undefined ? [] : [block('P2S CA root certificate', 'ca', ca)]),
    ...wrapBlock(wrap),
    ...(certificate === undefined ? [] : [block('P2S client certificate', 'cert', certificate)]),
    ...(privateKey === undefined ? [] : [block('P2S client certificate private key', 'key', privateKey)]),
    ...(username === undefined ? [] : [block('User', 'auth-user-pass', credentialLines(username, password))]),
  ]
}

function credentialLines(username: string, password: string): string {
  if (/[\r\n]/.test(username + password)) throw new RangeError('credentials have a line break')
  return `${username}\n${password}`
}

function wrapBlock(wrap: ProfileWrap): string[][] {
  switch (wrap.type) {
    case 'none':
      return []
    case 'tls-auth':
    case 'tls-crypt':
      return [block('Pre Shared Key', wrap.type, formatStaticKey(wrap.staticKey))]
    case 'tls-crypt-v2':
      return [block("This client's own key", wrap.type, formatTlsCryptV2ClientKey(wrap.key))]
    default:
      return wrap satisfies never
  }
}

function block(comment: string, tag: string, text: string): string[] {
  const body = text.replace(/\r\n/g, '\n').replace(/\n$/, '')
  if (/[^\P{Cc}\n\t]/u.test(body)) throw new RangeError(`<${tag}> has control characters`)
  if (body.includes('</')) throw new RangeError(`<${tag}> has a closing tag inside`)
  return [`# ${comment}`, `<${tag}>`, body, `</${tag}>`]
}
