import {
  type IpAddress,
  type IpPrefix,
  ipPrefix,
  parseIpAddress,
  parseIpPrefix,
  utf8Text,
  WireFault,
} from '@causeway/wire'
import type { AuthToken, NegotiatedOptions, PushOptions } from '../push-options.ts'
import { parseBase64 } from '../wrap/pem-text.ts'
import { splitConfigWords } from './config-words.ts'

/** Options taken from one server, all messages together. Ours. */
export const MAX_PUSHED_OPTIONS = 4096
/** Messages that one reply may be spread over. Ours. */
export const MAX_PUSH_MESSAGES = 64
/** Characters of an auth-token, or of the name that goes with it, that are taken. Ours. */
export const MAX_AUTH_TOKEN = 4096

/** What a server has pushed. */
export interface PushReply {
  readonly options: PushOptions
  /** Apart from the options: it is nobody's but the engine's. */
  readonly authToken?: AuthToken
  /** Options that Causeway's client role does not act on, as they came; of an auth-token just the name. */
  readonly ignored: readonly string[]
}

/** Collects the PUSH_REPLY messages of a server. */
export class PushReplyReader {
  readonly #draft = createDraft()
  #messages = 0
  #optionCount = 0

  /** Takes one message's text. `undefined`: another one follows. Errors: the fault. */
  push(message: string): PushReply | WireFault | undefined {
    const [keyword, ...options] = message.split(',')
    if (keyword !== 'PUSH_REPLY') return new WireFault('invalid', 'PUSH_REPLY', 0)
    this.#messages++
    this.#optionCount += options.length
    if (this.#messages > MAX_PUSH_MESSAGES || this.#optionCount > MAX_PUSHED_OPTIONS)
      return new WireFault('limit', 'PUSH_REPLY', 0)
    let continued = false
    for (const option of options) {
      const words = splitConfigWords(option)
      if (words?.[0] === 'push-continuation') continued = words[1] === '2'
      else if (!words || words.length === 0 || !applyOption(this.#draft, words))
        this.#draft.ignored.push(/^\s*auth-token/.test(option) ? 'auth-token' : option)
    }
    return continued ? undefined : finishDraft(this.#draft)
  }
}

/** Reads the messages of one reply. Errors: the fault; `truncated` when the last one is missing. */
export function parsePushReply(messages: readonly string[]): PushReply | WireFault {
  const reader = new PushReplyReader()
  for (const [i, message] of messages.entries()) {
    const reply = reader.push(message)
    if (reply === undefined) continue
    if ('kind' in reply || i === messages.length - 1) return reply
    return new WireFault('trailing', 'PUSH_REPLY', i)
  }
  return new WireFault('truncated', 'PUSH_REPLY', messages.length)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Draft {
  topology: string
  routeGateway: IpAddress | undefined
  ifconfig: readonly [IpAddress, IpAddress] | undefined
  ipv6: PushOptions['ipv6']
  routes: IpPrefix[]
  redirectGateway: boolean
  dnsServers: IpAddress[]
  dnsSearchDomains: string[]
  mtu: number | undefined
  negotiated: Mutable<NegotiatedOptions>
  token: string | undefined
  tokenUser: string | undefined
  ignored: string[]
}

function createDraft(): Draft {
  return {
    topology: 'net30',
    routeGateway: undefined,
    ifconfig: undefined,
    ipv6: undefined,
    routes: [],
    redirectGateway: false,
    dnsServers: [],
    dnsSearchDomains: [],
    mtu: undefined,
    negotiated: { protocolFlags: [] },
    token: undefined,
    tokenUser: undefined,
    ignored: [],
  }
}

/** Each option that is acted on; `false` when its words make no sense. */
const APPLY: Readonly<Record<string, (draft: Draft, values: readonly string[]) => boolean>> = {
  topology: (draft, [value]) => set(value, topology => (draft.topology = topology)),
  'route-gateway': (draft, [value]) => set(address(value, 4), gateway => (draft.routeGateway = gateway)),
  ifconfig: (draft, [local, remote]) => {
    const pair = [address(local, 4), address(remote, 4)] as const
    if (!pair[0] || !pair[1]) return false
    draft.ifconfig = [pair[0], pair[1]]
    return true
  },
  'ifconfig-ipv6': (draft, [local = '', remote]) => {
    const [text, length = ''] = local.split('/')
    const own = address(text, 6)
    const gateway = address(remote, 6)
    if (!own || !gateway || !/^[0-9]{1,3}$/.test(length) || Number(length) > 128) return false
    draft.ipv6 = { address: own, prefixLength: Number(length), gateway }
    return true
  },
  route: (draft, [network, mask]) => set(ipv4Route(network, mask), route => draft.routes.push(route)),
  'route-ipv6': (draft, [network = '']) =>
    set(network.includes(':') ? parseIpPrefix(network) : undefined, route => draft.routes.push(route)),
  'redirect-gateway': draft => {
    draft.redirectGateway = true
    return true
  },
  'dhcp-option': applyDhcpOption,
  dns: applyDnsOption,
  'tun-mtu': (draft, [value]) => set(number(value, 65_535), mtu => (draft.mtu = mtu)),
  ping: ({ negotiated }, [value]) => set(number(value, MAX_SECONDS), s => (negotiated.pingSeconds = s)),
  'ping-restart': ({ negotiated }, [value]) =>
    set(number(value, MAX_SECONDS), s => (negotiated.pingRestartSeconds = s)),
  'explicit-exit-notify': ({ negotiated }, [value = '1']) =>
    set(number(value, MAX_EXIT_NOTICES), times => (negotiated.exitNotices = times)),
  'peer-id': ({ negotiated }, [value]) => set(number(value, 0xffffff), id => (negotiated.peerId = id)),
  cipher: ({ negotiated }, [value]) => set(value, cipher => (negotiated.cipher = cipher)),
  'protocol-flags': ({ negotiated }, values) => addFlags(negotiated, values),
  'key-derivation': ({ negotiated }, [value]) => value === 'tls-ekm' && addFlags(negotiated, [value]),
  compress: ({ negotiated }, values) =>
    set(['compress', ...values].join(' '), c => (negotiated.compression = c)),
  'comp-lzo': ({ negotiated }, values) =>
    set(['comp-lzo', ...values].join(' '), c => (negotiated.compression = c)),
  'auth-token': (draft, [value]) => set(bounded(value), token => (draft.token = token)),
  'auth-token-user': (draft, [value]) => set(bounded(value), user => setTokenUser(draft, user)),
}

const MAX_SECONDS = 86_400
const MAX_EXIT_NOTICES = 100

function applyOption(draft: Draft, [name = '', ...values]: readonly string[]): boolean {
  return Object.hasOwn(APPLY, name) && (APPLY[name]?.(draft, values) ?? false)
}

function applyDhcpOption(draft: Draft, [kind, value]: readonly string[]): boolean {
  switch (kind) {
    case 'DNS':
    case 'DNS6':
      return set(address(value), server => draft.dnsServers.push(server))
    case 'DOMAIN':
    case 'DOMAIN-SEARCH':
      return set(value, domain => draft.dnsSearchDomains.push(domain))
    default:
      return false
  }
}

function applyDnsOption(draft: Draft, words: readonly string[]): boolean {
  if (words[0] === 'search-domains') return draft.dnsSearchDomains.push(...words.slice(1)) > 0
  if (words[0] !== 'server' || words[2] !== 'address') return false
  const servers = words.slice(3).map(text => address(text))
  if (servers.length === 0 || servers.includes(undefined)) return false
  draft.dnsServers.push(...servers.filter(server => server !== undefined))
  return true
}

function addFlags(negotiated: Mutable<NegotiatedOptions>, flags: readonly string[]): boolean {
  negotiated.protocolFlags = [...new Set([...negotiated.protocolFlags, ...flags])]
  return true
}

/** Calls `take` with a value that is there, and says whether it was. */
function set<T>(value: T | undefined, take: (value: T) => unknown): boolean {
  if (value === undefined) return false
  take(value)
  return true
}

function address(text: string | undefined, family?: 4 | 6): IpAddress | undefined {
  const parsed = text === undefined ? undefined : parseIpAddress(text)
  return parsed && (family === undefined || parsed.family === family) ? parsed : undefined
}

function number(text: string | undefined, max: number): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) && Number(text) <= max ? Number(text) : undefined
}

function ipv4Route(network: string | undefined, mask = '255.255.255.255'): IpPrefix | undefined {
  const base = address(network, 4)
  const length = maskLength(address(mask, 4))
  return base && length !== undefined ? ipPrefix(base, length) : undefined
}

function bounded(text = ''): string | undefined {
  return text.length > 0 && text.length <= MAX_AUTH_TOKEN && !text.includes('\0') ? text : undefined
}

/** A name that is no base64 stands for none: the token is still good with the client's own. */
function setTokenUser(draft: Draft, base64: string): void {
  const bytes = parseBase64(base64)
  draft.tokenUser = bytes && bounded(utf8Text(bytes))
}

/** The prefix length of a netmask. `undefined` when its ones are not all before its zeros. */
function maskLength(mask: IpAddress | undefined): number | undefined {
  const bits = mask && Array.from(mask.bytes, byte => byte.toString(2).padStart(8, '0')).join('')
  return bits && /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined
}

function finishDraft(draft: Draft): PushReply | WireFault {
  const { topology, ifconfig, ipv6, mtu, negotiated, ignored } = draft
  const { routes, redirectGateway, dnsServers, dnsSearchDomains } = draft
  const ipv4 = ifconfig && ipv4Interface(topology, ifconfig, draft.routeGateway)
  if (ifconfig && !ipv4) return new WireFault('invalid', 'ifconfig', 0)
  const options: PushOptions = {
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && { ipv6 }),
    routes,
    redirectGateway,
    dnsServers,
    dnsSearchDomains,
    ...(mtu !== undefined && { mtu }),
    negotiated,
  }
  const { token, tokenUser: username } = draft
  const authToken = token !== undefined && { token, ...(username !== undefined && { username }) }
  return { options, ...(authToken && { authToken }), ignored }
}

/** `subnet`: address and netmask. `net30` and `p2p`: this end and the other end of a link. */
function ipv4Interface(
  topology: string,
  [local, second]: readonly [IpAddress, IpAddress],
  routeGateway: IpAddress | undefined,
): PushOptions['ipv4'] {
  if (topology !== 'subnet')
    return { address: local, prefixLength: topology === 'p2p' ? 32 : 30, gateway: routeGateway ?? second }
  const prefixLength = maskLength(second)
  if (prefixLength === undefined || !routeGateway) return undefined
  return { address: local, prefixLength, gateway: routeGateway }
}
