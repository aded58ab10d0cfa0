import { type CompressionFraming, DATA_CIPHERS } from '../data-channel.ts'
import { parseDataCipher } from '../options/cipher-negotiation.ts'
import { ownOptionsString } from '../options/options-string.ts'
import { formatPeerInfo, IV_PROTO } from '../options/peer-info.ts'
import type { Path } from '../path.ts'
import type { NegotiatedOptions } from '../push-options.ts'
import type { DataTerms } from '../session/key-agreement.ts'
import type { OpenVpnClientOptions } from './client-options.ts'

/** What the client agrees to of the server's push. */
export interface ClientTerms {
  readonly data: DataTerms
  readonly peerId: number | undefined
  readonly exitNotify: boolean
  readonly dynamicTlsCrypt: boolean
  readonly pingIntervalSeconds: number
  readonly idleTimeoutSeconds: number
}

/** The terms in a server's push. A string is the reason why the client cannot agree. */
export function acceptTerms(options: OpenVpnClientOptions, pushed: NegotiatedOptions): ClientTerms | string {
  const name = pushed.cipher ?? options.dataCiphers[0] ?? ''
  const cipher = parseDataCipher(name)
  if (!cipher || !options.dataCiphers.includes(cipher)) return `the server wants the cipher ${name}`
  const compression = pushedFraming(pushed.compression)
  if (!compression) return 'the server wants compression'
  const flags = new Set(pushed.protocolFlags)
  const epoch = flags.has('aead-epoch')
  if (epoch && !options.epochData) return 'the server wants the epoch data format'
  const aead = DATA_CIPHERS[cipher].kind === 'aead'
  return {
    data: {
      cipher,
      digest: aead ? undefined : options.digest,
      format: epoch ? 'epoch' : 'standard',
      derivation: flags.has('tls-ekm') ? 'export' : 'prf',
      compression,
    },
    peerId: pushed.peerId,
    exitNotify: flags.has('cc-exit'),
    dynamicTlsCrypt: flags.has('dyn-tls-crypt'),
    pingIntervalSeconds: pushed.pingSeconds ?? 0,
    idleTimeoutSeconds: pushed.pingRestartSeconds ?? 0,
  }
}

const FRAMINGS: ReadonlyMap<string | undefined, CompressionFraming> = new Map([
  [undefined, 'none'],
  ['comp-lzo no', 'lzo-stub'],
  ['compress stub', 'stub'],
  ['compress stub-v2', 'stub-v2'],
])

function pushedFraming(compression: string | undefined): CompressionFraming | undefined {
  return FRAMINGS.get(compression)
}

/** IV_PROTO without the epoch format. */
const PROTOCOL_BITS =
  IV_PROTO.DATA_V2 |
  IV_PROTO.REQUEST_PUSH |
  IV_PROTO.TLS_KEY_EXPORT |
  IV_PROTO.AUTH_PENDING_KEYWORDS |
  IV_PROTO.CC_EXIT_NOTIFY |
  IV_PROTO.AUTH_FAIL_TEMP |
  IV_PROTO.DYN_TLS_CRYPT |
  IV_PROTO.DNS_OPTION_V2

/** The peer-info text of this client, with the values that OpenVPN 2.6 sends. */
export function clientPeerInfo(options: OpenVpnClientOptions): string {
  const bits = PROTOCOL_BITS | (options.epochData ? IV_PROTO.DATA_EPOCH : 0)
  return formatPeerInfo(
    new Map([
      ['IV_VER', options.version],
      ['IV_PLAT', 'linux'],
      ['IV_TCPNL', '1'],
      ['IV_MTU', String(options.tunnelMtu)],
      ['IV_NCP', '2'],
      ['IV_CIPHERS', options.dataCiphers.join(':')],
      ['IV_PROTO', String(bits)],
      ...(options.peerInfo ?? []),
    ]),
  )
}

/** The options string of this client on a path. */
export function clientOptionsString(options: OpenVpnClientOptions, path: Path): string {
  const cipher = options.dataCiphers[0] ?? 'AES-256-GCM'
  const { kind, keyBytes } = DATA_CIPHERS[cipher]
  return ownOptionsString({
    role: 'client',
    transport: path.type === 'udp' ? 'udp' : 'tcp',
    family: path.remote.address.family,
    tunMtu: options.tunnelMtu,
    cipher,
    auth: kind === 'aead' ? '[null-digest]' : options.digest,
    keyBits: keyBytes * 8,
  })
}
