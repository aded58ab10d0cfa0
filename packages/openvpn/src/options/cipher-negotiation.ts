import { DATA_CIPHERS, type DataCipher } from '../data-channel.ts'
import { type PeerInfo, peerInfoNumber } from './peer-info.ts'

/** What clients that say IV_NCP=2 and list nothing are known to have. */
const NCP_2_CIPHERS: readonly string[] = ['AES-256-GCM', 'AES-128-GCM']

/** Cipher names of one list that are looked at. Ours. */
const MAX_LISTED = 64

/** Whether the client takes a pushed `cipher`. Others must not be sent one: they complain about it. */
export function negotiatesCiphers(peerInfo: PeerInfo): boolean {
  return peerInfo.has('IV_CIPHERS') || (peerInfoNumber(peerInfo, 'IV_NCP') ?? 0) >= 2
}

/** The ciphers that the client says it has, by OpenVPN's upper-case names. */
export function clientCiphers(peerInfo: PeerInfo): readonly string[] {
  const listed = peerInfo.get('IV_CIPHERS')
  if (listed !== undefined)
    return listed
      .split(':', MAX_LISTED)
      .map(name => name.trim().toUpperCase())
      .filter(name => name !== '')
  return negotiatesCiphers(peerInfo) ? NCP_2_CIPHERS : []
}

/**
 * The data cipher for a client: the first of the server's list that the client lists too. A client
 * that lists none (before 2.5, and Azure VPN Client) is also taken at the cipher in its options
 * string, when the server has it. `fallback`: for clients that say nothing at all
 * (`data-ciphers-fallback`). `undefined`: there is none in common.
 */
export function negotiateCipher(
  serverCiphers: readonly DataCipher[],
  peerInfo: PeerInfo,
  optionsCipher: string | undefined,
  fallback?: DataCipher,
): DataCipher | undefined {
  const names = new Set(clientCiphers(peerInfo))
  if (!peerInfo.has('IV_CIPHERS') && optionsCipher !== undefined) names.add(optionsCipher.toUpperCase())
  const common = serverCiphers.find(cipher => names.has(cipher))
  return common ?? (negotiatesCiphers(peerInfo) ? undefined : fallback)
}

/** The data cipher of this name in any case. `undefined` when Causeway has no such cipher. */
export function parseDataCipher(name: string): DataCipher | undefined {
  const upper = name.toUpperCase()
  return Object.hasOwn(DATA_CIPHERS, upper) ? (upper as DataCipher) : undefined
}
