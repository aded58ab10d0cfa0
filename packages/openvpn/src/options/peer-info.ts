/** Bits of the peer's IV_PROTO (OpenVPN doc, `IV_PROTO`). */
export const IV_PROTO = {
  /** P_DATA_V2 with a peer-id. */
  DATA_V2: 0x2,
  /** Takes PUSH_REPLY without asking for it. */
  REQUEST_PUSH: 0x4,
  /** Data keys by the TLS exporter. */
  TLS_KEY_EXPORT: 0x8,
  /** Understands the keywords of AUTH_PENDING. */
  AUTH_PENDING_KEYWORDS: 0x10,
  /** Negotiates ciphers without a server. */
  NCP_P2P: 0x20,
  /** The `dns` option of OpenVPN 2.6, first form. */
  DNS_OPTION: 0x40,
  /** EXIT over the control channel. */
  CC_EXIT_NOTIFY: 0x80,
  /** AUTH_FAILED,TEMP. */
  AUTH_FAIL_TEMP: 0x100,
  /** Dynamic tls-crypt. */
  DYN_TLS_CRYPT: 0x200,
  /** Epoch data format. */
  DATA_EPOCH: 0x400,
  /** The `dns` option as it was settled. */
  DNS_OPTION_V2: 0x800,
  /** PUSH_UPDATE. */
  PUSH_UPDATE: 0x1000,
} as const

/** IV_* and UV_* values of a peer. */
export type PeerInfo = ReadonlyMap<string, string>

/** Values kept of one peer. Ours; clients send about twenty. */
export const MAX_PEER_INFO_ENTRIES = 64
/** Characters of one value. Ours; a cipher list takes some hundred. */
export const MAX_PEER_INFO_VALUE = 512
/** Characters of peer-info that are looked at. Ours. */
export const MAX_PEER_INFO_TEXT = 16_384

const ENTRY = /^([IU]V_[A-Za-z0-9_]{1,60})=([^\p{Cc}]*)$/u
const NEXT_ENTRY = / (?=[IU]V_[A-Za-z0-9_]{1,60}=)/

/**
 * Reads peer-info: one `IV_NAME=value` a line; or, as Azure VPN Client sends it, several on a line
 * with spaces between. The first value of a name counts. What is no entry, has control characters
 * or is over a limit is left out: nothing here is worth ending a connection for.
 */
export function parsePeerInfo(text: string): PeerInfo {
  const entries = new Map<string, string>()
  const lines = text.slice(0, MAX_PEER_INFO_TEXT).split(/\r?\n/)
  for (const entry of lines.flatMap(line => line.split(NEXT_ENTRY))) {
    const [, name, value] = ENTRY.exec(entry) ?? []
    if (name === undefined || value === undefined || value.length > MAX_PEER_INFO_VALUE) continue
    if (!entries.has(name)) entries.set(name, value.trim())
    if (entries.size === MAX_PEER_INFO_ENTRIES) break
  }
  return entries
}

/** Peer-info text, one entry a line. Errors: `RangeError` on what {@link parsePeerInfo} would leave out. */
export function formatPeerInfo(info: PeerInfo): string {
  const lines = Array.from(info, ([name, value]) => `${name}=${value}`)
  if (lines.length > MAX_PEER_INFO_ENTRIES) throw new RangeError('too many peer-info entries')
  for (const [name, value] of info)
    if (!isEntry(name, value)) throw new RangeError(`impossible peer-info entry ${JSON.stringify(name)}`)
  return lines.map(line => `${line}\n`).join('')
}

function isEntry(name: string, value: string): boolean {
  if (value.length > MAX_PEER_INFO_VALUE || value.trim() !== value) return false
  return ENTRY.test(`${name}=${value}`) && !NEXT_ENTRY.test(`${name}=${value}`)
}

/** A value that is a decimal number below 2³¹; `undefined` when it is absent or something else. */
export function peerInfoNumber(info: PeerInfo, name: string): number | undefined {
  const text = info.get(name)
  const number = text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined
  return number !== undefined && number < 2 ** 31 ? number : undefined
}

/** Whether all these bits are in the peer's IV_PROTO. */
export function hasProtocolBit(info: PeerInfo, bits: number): boolean {
  return ((peerInfoNumber(info, 'IV_PROTO') ?? 0) & bits) === bits
}
