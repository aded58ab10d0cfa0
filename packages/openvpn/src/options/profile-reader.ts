import type { CompressionFraming, DataDigest } from '../data-channel.ts'
import { parseTlsCryptV2ClientKey } from '../wrap/client-key.ts'
import { type KeyDirection, parseStaticKey } from '../wrap/static-key.ts'
import {
  type ClientProfile,
  DEFAULT_PORT,
  type ParsedProfile,
  type ProfileFault,
  type ProfileNotice,
  type ProfileRemote,
  type ProfileWrap,
  type ServerName,
} from './profile.ts'
import { type ProfileLine, profileFault, readProfileLines } from './profile-lines.ts'

/** Remotes of one profile. Ours; OpenVPN takes 64. */
export const MAX_REMOTES = 64

/** Reads a client profile. Errors: the first fault with its line. */
export function parseProfile(text: string): ParsedProfile | ProfileFault {
  const lines = readProfileLines(text)
  if ('type' in lines) return lines
  const draft = createDraft()
  for (const line of lines) {
    const wrong = applyLine(draft, line)
    if (wrong !== undefined) return typeof wrong === 'string' ? profileFault(line.line, wrong) : wrong
  }
  return finishProfile(draft)
}

interface RemoteDraft {
  readonly line: number
  host?: string
  port?: number
  proto?: string
}

interface Draft {
  remotes: RemoteDraft[]
  defaults: { port?: number; proto?: string }
  serverName?: ServerName
  requireServerUsage: boolean
  auth: DataDigest
  cipher?: string
  dataCiphers: string[]
  /** PEM of `ca`, `cert` and `key`. */
  pem: Map<string, string>
  wrap: ProfileWrap
  keyDirection: KeyDirection
  authUserPass?: { username?: string; password?: string }
  tlsVersionMin?: '1.2' | '1.3'
  compression: CompressionFraming
  numbers: Map<string, number>
  notices: ProfileNotice[]
}

function createDraft(): Draft {
  return {
    remotes: [],
    defaults: {},
    requireServerUsage: false,
    auth: 'SHA1',
    dataCiphers: [],
    pem: new Map(),
    wrap: { type: 'none' },
    keyDirection: 'bidirectional',
    compression: 'none',
    numbers: new Map(),
    notices: [],
  }
}

/** Gives the reason, or the fault with a line of its own, when the line makes no sense. */
type Apply = (draft: Draft, line: ProfileLine) => string | ProfileFault | undefined

/** Directives that mean nothing to a client which has no interface, files or scripts of its own. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...['client', 'tls-client', 'pull', 'dev', 'dev-type', 'nobind', 'persist-key', 'persist-tun', 'float'],
  ...['resolv-retry', 'connect-retry', 'connect-timeout', 'remote-random', 'tls-timeout', 'hand-window'],
  ...['verb', 'mute', 'log', 'log-append', 'mute-replay-warnings', 'auth-nocache', 'auth-retry'],
  ...['explicit-exit-notify', 'disable-dco', 'mssfix', 'block-outside-dns', 'keysize', 'topology'],
  ...['setenv', 'ignore-unknown-option', 'script-security', 'push-peer-info', 'route-delay', 'inactive'],
  ...['ncp-disable', 'allow-compression', 'sndbuf', 'rcvbuf', 'tls-cert-profile', 'ns-cert-type'],
])

const APPLY: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['remote', (draft, line) => applyRemote(draft, line)],
  ['port', (draft, { values: [port] }) => keepPort(draft.defaults, port)],
  ['rport', (draft, { values: [port] }) => keepPort(draft.defaults, port)],
  ['proto', (draft, { values: [proto] }) => keepProto(draft.defaults, proto)],
  ['connection', applyConnection],
  ['verify-x509-name', applyServerName],
  ['remote-cert-tls', applyServerUsage],
  ['auth', applyAuth],
  ['cipher', (draft, { values: [cipher] }) => keep(cipher, name => (draft.cipher = name))],
  ['data-ciphers', applyDataCiphers],
  ['ncp-ciphers', applyDataCiphers],
  ['ca', applyPem],
  ['cert', applyPem],
  ['key', applyPem],
  ['tls-auth', applyTlsAuth],
  ['tls-crypt', applyTlsCrypt],
  ['tls-crypt-v2', applyTlsCryptV2],
  ['key-direction', (draft, { values: [value] }) => applyKeyDirection(draft, value)],
  ['auth-user-pass', applyAuthUserPass],
  ['tls-version-min', applyTlsVersion],
  ['comp-lzo', applyCompLzo],
  ['compress', applyCompress],
  ['keepalive', applyKeepalive],
  ['ping', applyNumber],
  ['ping-restart', applyNumber],
  ['reneg-sec', applyNumber],
  ['tun-mtu', applyNumber],
])

function applyLine(draft: Draft, line: ProfileLine): string | ProfileFault | undefined {
  const apply = APPLY.get(line.name)
  if (apply) return apply(draft, line)
  if (!WITHOUT_EFFECT.has(line.name)) notice(draft, line, 'unknown')
  return undefined
}

function notice(draft: Draft, { line, name }: ProfileLine, why: ProfileNotice['why']): undefined {
  draft.notices.push({ line, directive: name, why })
}

function keep(value: string | undefined, take: (value: string) => unknown): string | undefined {
  if (value === undefined || value === '') return 'a value is missing'
  take(value)
  return undefined
}

function applyRemote(draft: Draft, { line, values: [host, port, proto] }: ProfileLine): string | undefined {
  if (draft.remotes.length === MAX_REMOTES) return 'there are too many remotes'
  const remote: RemoteDraft = { line }
  draft.remotes.push(remote)
  if (host === undefined || host === '') return 'remote needs a host'
  remote.host = host
  return (
    (port === undefined ? undefined : keepPort(remote, port)) ??
    (proto === undefined ? undefined : keepProto(remote, proto))
  )
}

/** A `<connection>` block: one remote with options of its own. */
function applyConnection(draft: Draft, block: ProfileLine): string | ProfileFault | undefined {
  const lines = readProfileLines(block.inline ?? '')
  if ('type' in lines) return profileFault(block.line + lines.line, lines.reason)
  const inner: Draft = { ...createDraft(), notices: draft.notices }
  for (const line of lines) {
    const own = line.name === 'remote' || line.name === 'proto' || line.name.endsWith('port')
    const placed = { ...line, line: block.line + line.line }
    const wrong = applyLine(own ? inner : draft, placed)
    if (wrong !== undefined) return typeof wrong === 'string' ? profileFault(placed.line, wrong) : wrong
  }
  const [remote, ...more] = inner.remotes
  if (!remote || more.length > 0) return 'a connection block has one remote'
  if (draft.remotes.length === MAX_REMOTES) return 'there are too many remotes'
  draft.remotes.push({ ...inner.defaults, ...remote })
  return undefined
}

function keepPort(target: { port?: number }, text: string | undefined): string | undefined {
  const port = text !== undefined && /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) return 'the port is not a number from 1 to 65535'
  target.port = port
  return undefined
}

const PROTO = /^(udp|tcp)([46]?)(-client)?$/

function keepProto(target: { proto?: string }, text: string | undefined): string | undefined {
  if (text === undefined || !PROTO.test(text)) return 'the protocol is neither udp nor tcp'
  target.proto = text
  return undefined
}

function applyServerName(
  draft: Draft,
  { values: [name, match = 'subject'] }: ProfileLine,
): string | undefined {
  if (match !== 'name' && match !== 'name-prefix' && match !== 'subject')
    return 'verify-x509-name knows name, name-prefix and subject'
  return keep(name, text => (draft.serverName = { name: text, match }))
}

function applyServerUsage(draft: Draft, { values: [usage] }: ProfileLine): string | undefined {
  if (usage !== 'server') return 'remote-cert-tls of a client is server'
  draft.requireServerUsage = true
  return undefined
}

function applyAuth(draft: Draft, { values: [name] }: ProfileLine): string | undefined {
  const digest = name?.toUpperCase()
  if (digest !== 'SHA1' && digest !== 'SHA256' && digest !== 'SHA512') return 'auth is SHA1, SHA256 or SHA512'
  draft.auth = digest
  return undefined
}

function applyDataCiphers(draft: Draft, { values: [list] }: ProfileLine): string | undefined {
  return keep(list, text => (draft.dataCiphers = text.split(':').filter(name => name !== '')))
}

/** Whether a directive's key or certificate is in the profile; a file gets a notice. */
function inlineText(draft: Draft, line: ProfileLine): string | undefined {
  if (line.inline === undefined && line.values[0] !== '[inline]') notice(draft, line, 'file')
  return line.inline
}

function applyPem(draft: Draft, line: ProfileLine): string | undefined {
  const pem = inlineText(draft, line)
  if (pem === undefined) return undefined
  if (pem === '') return `<${line.name}> is empty`
  if (/[^\P{Cc}\n\t]/u.test(pem)) return `<${line.name}> has control characters`
  draft.pem.set(line.name, pem)
  return undefined
}

function applyTlsAuth(draft: Draft, line: ProfileLine): string | undefined {
  const wrong = line.values[1] === undefined ? undefined : applyKeyDirection(draft, line.values[1])
  const text = inlineText(draft, line)
  if (wrong !== undefined || text === undefined) return wrong
  const staticKey = parseStaticKey(text)
  if (!staticKey) return '<tls-auth> is not an OpenVPN static key'
  draft.wrap = { type: 'tls-auth', staticKey, direction: 'bidirectional' }
  return undefined
}

function applyTlsCrypt(draft: Draft, line: ProfileLine): string | undefined {
  const text = inlineText(draft, line)
  if (text === undefined) return undefined
  const staticKey = parseStaticKey(text)
  if (!staticKey) return '<tls-crypt> is not an OpenVPN static key'
  draft.wrap = { type: 'tls-crypt', staticKey }
  return undefined
}

function applyTlsCryptV2(draft: Draft, line: ProfileLine): string | undefined {
  const text = inlineText(draft, line)
  if (text === undefined) return undefined
  const key = parseTlsCryptV2ClientKey(text)
  if (!key) return '<tls-crypt-v2> is not a tls-crypt-v2 client key'
  draft.wrap = { type: 'tls-crypt-v2', key }
  return undefined
}

function applyKeyDirection(draft: Draft, value: string | undefined): string | undefined {
  if (value === 'bidirectional') draft.keyDirection = value
  else if (value === '0' || value === '1') draft.keyDirection = value === '0' ? 0 : 1
  else return 'key-direction is 0 or 1'
  return undefined
}

function applyAuthUserPass(draft: Draft, line: ProfileLine): string | undefined {
  if (line.values.length > 0) inlineText(draft, line)
  const [username = '', password = ''] = line.inline?.split('\n') ?? []
  draft.authUserPass = username === '' ? {} : { username, ...(password !== '' && { password }) }
  return undefined
}

function applyTlsVersion(draft: Draft, { values: [version] }: ProfileLine): string | undefined {
  if (version !== '1.0' && version !== '1.1' && version !== '1.2' && version !== '1.3')
    return 'tls-version-min is 1.2 or 1.3'
  // Nothing below TLS 1.2 is ever spoken.
  draft.tlsVersionMin = version === '1.3' ? '1.3' : '1.2'
  return undefined
}

function applyCompLzo(draft: Draft): undefined {
  draft.compression = 'lzo-stub'
}

function applyCompress(draft: Draft, { values: [algorithm = 'stub'] }: ProfileLine): string | undefined {
  if (algorithm === 'migrate') return undefined
  if (algorithm === 'lzo') draft.compression = 'lzo-stub'
  else if (algorithm === 'stub' || algorithm === 'lz4') draft.compression = 'stub'
  else if (algorithm === 'stub-v2' || algorithm === 'lz4-v2') draft.compression = 'stub-v2'
  else return 'the compression is not known'
  return undefined
}

/** The greatest value of each number: a day, or the greatest MTU. */
const NUMBER_LIMITS: Readonly<Record<string, number>> = {
  ping: 86_400,
  'ping-restart': 86_400,
  'reneg-sec': 2_147_483_647,
  'tun-mtu': 65_535,
}

function applyNumber(draft: Draft, { name, values: [text = ''] }: ProfileLine): string | undefined {
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) > (NUMBER_LIMITS[name] ?? 0))
    return `${name} needs a number that is not too large`
  draft.numbers.set(name, Number(text))
  return undefined
}

function applyKeepalive(draft: Draft, line: ProfileLine): string | undefined {
  const [ping = '', restart = ''] = line.values
  return (
    applyNumber(draft, { ...line, name: 'ping', values: [ping] }) ??
    applyNumber(draft, { ...line, name: 'ping-restart', values: [restart] })
  )
}

function finishProfile(draft: Draft): ParsedProfile | ProfileFault {
  if (draft.remotes.length === 0) return profileFault(1, 'the profile has no remote')
  const { serverName, cipher, authUserPass, tlsVersionMin, notices } = draft
  const [ca, certificate, privateKey] = ['ca', 'cert', 'key'].map(name => draft.pem.get(name))
  const profile: ClientProfile = {
    remotes: draft.remotes.map(remote => finishRemote({ ...draft.defaults, ...remote })),
    ...(serverName && { serverName }),
    requireServerUsage: draft.requireServerUsage,
    auth: draft.auth,
    ...(cipher !== undefined && { cipher }),
    dataCiphers: draft.dataCiphers,
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(privateKey !== undefined && { privateKey }),
    wrap: draft.wrap.type === 'tls-auth' ? { ...draft.wrap, direction: draft.keyDirection } : draft.wrap,
    ...(authUserPass && { authUserPass }),
    ...(tlsVersionMin && { tlsVersionMin }),
    compression: draft.compression,
    ...namedNumbers(draft.numbers),
  }
  return { type: 'profile', profile, notices }
}

function namedNumbers(
  numbers: ReadonlyMap<string, number>,
): Pick<ClientProfile, 'pingSeconds' | 'pingRestartSeconds' | 'renegotiateSeconds' | 'tunMtu'> {
  const [ping, restart, renegotiate, mtu] = ['ping', 'ping-restart', 'reneg-sec', 'tun-mtu'].map(name =>
    numbers.get(name),
  )
  return {
    ...(ping !== undefined && { pingSeconds: ping }),
    ...(restart !== undefined && { pingRestartSeconds: restart }),
    ...(renegotiate !== undefined && { renegotiateSeconds: renegotiate }),
    ...(mtu !== undefined && { tunMtu: mtu }),
  }
}

function finishRemote(remote: RemoteDraft): ProfileRemote {
  const [, transport, family] = PROTO.exec(remote.proto ?? 'udp') ?? []
  return {
    host: remote.host ?? '',
    port: remote.port ?? DEFAULT_PORT,
    transport: transport === 'tcp' ? 'tcp' : 'udp',
    ...(family && { family: family === '4' ? 4 : 6 }),
  }
}
