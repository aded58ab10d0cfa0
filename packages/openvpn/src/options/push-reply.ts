import { formatIpAddress, formatIpPrefix, formatNetmask, type IpPrefix, utf8Bytes } from '@causeway/wire'
import { OpenVpnError } from '../openvpn-error.ts'
import type { AuthToken, NegotiatedOptions, PushOptions } from '../push-options.ts'
import { formatBase64 } from '../wrap/pem-text.ts'
import { hasProtocolBit, IV_PROTO, type PeerInfo, peerInfoNumber } from './peer-info.ts'

/** Longest PUSH_REPLY in bytes, its NUL included (OpenVPN's PUSH_BUNDLE_SIZE). */
export const PUSH_MESSAGE_BYTES = 1024
/** Room for the continuation mark at a message's end. */
const CONTINUATION_BYTES = ',push-continuation 2'.length + 1
/** Longest single option: it cannot be parted, and so must fit into a message that is continued. */
const OPTION_BYTES: number = PUSH_MESSAGE_BYTES - 'PUSH_REPLY,'.length - CONTINUATION_BYTES
const SERVERS_KEYWORD = 'dns server 0 address '
const SEARCH_KEYWORD = 'dns search-domains '

/** Longest list of DNS servers that can be pushed, in characters with a space between two. */
export const PUSHED_DNS_SERVERS_LENGTH: number = OPTION_BYTES - SERVERS_KEYWORD.length
/** Longest list of DNS search domains that can be pushed, in characters with a space between two. */
export const PUSHED_SEARCH_DOMAINS_LENGTH: number = OPTION_BYTES - SEARCH_KEYWORD.length

/** What a client takes. */
export interface PushRecipient {
  /** Takes `dns` options; others get `dhcp-option`. */
  readonly dnsOption: boolean
  /** Takes a pushed `tun-mtu` up to this. */
  readonly mtu?: number
}

/** What a client takes, by its peer-info. */
export function pushRecipient(peerInfo: PeerInfo): PushRecipient {
  const mtu = peerInfoNumber(peerInfo, 'IV_MTU')
  return { dnsOption: hasProtocolBit(peerInfo, IV_PROTO.DNS_OPTION_V2), ...(mtu !== undefined && { mtu }) }
}

/**
 * The PUSH_REPLY messages for a client, without their NULs: one, or several with
 * `push-continuation` when they are longer than {@link PUSH_MESSAGE_BYTES}. Errors: `RangeError`
 * when a value has characters that could be taken for another option.
 */
export function formatPushReply(
  options: PushOptions,
  client: PushRecipient,
  authToken?: AuthToken,
): string[] {
  const messages: string[] = []
  let message = 'PUSH_REPLY'
  for (const option of [...pushedOptions(options, client), ...authTokenOptions(authToken)]) {
    if (message.length + 1 + option.length + CONTINUATION_BYTES > PUSH_MESSAGE_BYTES) {
      messages.push(`${message},push-continuation 2`)
      message = 'PUSH_REPLY'
    }
    message += `,${option}`
  }
  return [...messages, messages.length > 0 ? `${message},push-continuation 1` : message]
}

/**
 * Sees to it that options can be pushed to any client, before anything is done with them. Errors:
 * {@link OpenVpnError} `ERR_OPENVPN_PUSH_OPTIONS`.
 */
export function requirePushable({ negotiated: _, ...options }: PushOptions, authToken?: AuthToken): void {
  try {
    formatPushReply(options, { dnsOption: true, mtu: MAX_MTU }, authToken)
  } catch (cause) {
    const { message } = cause as Error
    throw new OpenVpnError('ERR_OPENVPN_PUSH_OPTIONS', `impossible push options: ${message}`, { cause })
  }
}

/**
 * The message that gives a client another token in the middle of a session, without its NUL. Errors:
 * `RangeError` when the token cannot be pushed.
 */
export function formatAuthTokenPush(authToken: AuthToken): string {
  return ['PUSH_REPLY', ...authTokenOptions(authToken)].join(',')
}

/**
 * Longest token and longest name that goes with it, in bytes. Builds of OpenVPN without PKCS #11 keep 127
 * bytes of a password, and all builds read 255 of an option.
 */
export const AUTH_TOKEN_BYTES = 127

function authTokenOptions(authToken: AuthToken | undefined): string[] {
  if (!authToken) return []
  const { token, username } = authToken
  if (token.length === 0 || token.length > AUTH_TOKEN_BYTES || token.includes(' '))
    throw new RangeError(`an auth-token must be 1 to ${AUTH_TOKEN_BYTES} characters without spaces`)
  const options = [`auth-token ${token}`]
  if (username !== undefined) options.push(`auth-token-user ${formatBase64(requireTokenUser(username))}`)
  return options.map(requirePlain)
}

function requireTokenUser(username: string): Uint8Array {
  const bytes = utf8Bytes(username)
  if (bytes.length === 0 || bytes.length > AUTH_TOKEN_BYTES || username.includes('\0'))
    throw new RangeError(`an auth-token's user name must be 1 to ${AUTH_TOKEN_BYTES} bytes without NUL`)
  return bytes
}

/** The options in the order they are sent: addresses first, so that routes find them. */
function pushedOptions(options: PushOptions, client: PushRecipient): string[] {
  return [
    ...addressOptions(options),
    ...options.routes.map(routeOption),
    ...(options.redirectGateway ? [`redirect-gateway def1${options.ipv6 ? ' ipv6' : ''}`] : []),
    ...(client.dnsOption ? dnsOptions(options) : dhcpOptions(options)),
    ...mtuOptions(options, client),
    ...(options.negotiated ? negotiatedOptions(options.negotiated) : []),
  ].map(requirePlain)
}

function addressOptions({ ipv4, ipv6 }: PushOptions): string[] {
  const texts: string[] = []
  if (ipv4) {
    texts.push('topology subnet', `route-gateway ${formatIpAddress(ipv4.gateway)}`)
    texts.push(`ifconfig ${formatIpAddress(ipv4.address)} ${formatNetmask(ipv4.prefixLength)}`)
  }
  if (ipv6) {
    const local = `${formatIpAddress(ipv6.address)}/${requireInteger(ipv6.prefixLength, 128)}`
    texts.push(`ifconfig-ipv6 ${local} ${formatIpAddress(ipv6.gateway)}`)
  }
  return texts
}

function routeOption(prefix: IpPrefix): string {
  if (prefix.address.family === 6) return `route-ipv6 ${formatIpPrefix(prefix)}`
  return `route ${formatIpAddress(prefix.address)} ${formatNetmask(prefix.length)}`
}

function dnsOptions({ dnsServers, dnsSearchDomains }: PushOptions): string[] {
  const texts: string[] = []
  if (dnsServers.length > 0) texts.push(`${SERVERS_KEYWORD}${dnsServers.map(formatIpAddress).join(' ')}`)
  if (dnsSearchDomains.length > 0)
    texts.push(`${SEARCH_KEYWORD}${dnsSearchDomains.map(requireDomain).join(' ')}`)
  return texts
}

function dhcpOptions({ dnsServers, dnsSearchDomains }: PushOptions): string[] {
  const servers = dnsServers.map(
    server => `dhcp-option ${server.family === 4 ? 'DNS' : 'DNS6'} ${formatIpAddress(server)}`,
  )
  return [...servers, ...dnsSearchDomains.map(domain => `dhcp-option DOMAIN-SEARCH ${requireDomain(domain)}`)]
}

function mtuOptions({ mtu }: PushOptions, client: PushRecipient): string[] {
  if (mtu === undefined || client.mtu === undefined) return []
  return requireInteger(mtu, MAX_MTU) <= client.mtu ? [`tun-mtu ${mtu}`] : []
}

function negotiatedOptions(negotiated: NegotiatedOptions): string[] {
  const { cipher, peerId, pingSeconds, pingRestartSeconds, exitNotices, protocolFlags, compression } =
    negotiated
  return [
    ...(pingSeconds === undefined ? [] : [`ping ${pingSeconds}`]),
    ...(pingRestartSeconds === undefined ? [] : [`ping-restart ${pingRestartSeconds}`]),
    ...(exitNotices === undefined ? [] : [`explicit-exit-notify ${exitNotices}`]),
    ...(peerId === undefined ? [] : [`peer-id ${peerId}`]),
    ...(cipher === undefined ? [] : [`cipher ${requireWord(cipher)}`]),
    ...protocolFlagOptions(protocolFlags.map(requireWord)),
    ...(compression === undefined ? [] : [compression.split(' ').map(requireWord).join(' ')]),
  ]
}

/** Clients of 2.5 know the key export, but not `protocol-flags`; those know `cc-exit` too. */
function protocolFlagOptions(flags: readonly string[]): string[] {
  if (flags.length === 1 && flags[0] === 'tls-ekm') return ['key-derivation tls-ekm']
  return flags.length === 0 ? [] : [`protocol-flags ${flags.join(' ')}`]
}

/** The client cuts at commas first and then reads quotes: neither may come from a value. */
function requirePlain(option: string): string {
  if (!/^[\x20-\x7e]+$/.test(option) || /[,"'\\#;]/.test(option) || option.length > OPTION_BYTES)
    throw new RangeError('a pushed option has characters that it must not have, or is too long')
  return option
}

const MAX_MTU = 65_535

function requireInteger(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new RangeError(`a pushed number must be an integer from 0 to ${max}`)
  return value
}

function requireWord(word: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(word)) throw new RangeError('a pushed name has impossible characters')
  return word
}

function requireDomain(domain: string): string {
  if (!/^[A-Za-z0-9_.-]{1,253}$/.test(domain)) throw new RangeError('a DNS domain has impossible characters')
  return domain
}
