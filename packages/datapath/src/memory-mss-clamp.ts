import { ipVersion, word } from './memory-inner-packet.ts'

const TCP = 6
const TCP_HEADER = 20
const FLAG_SYN = 0x02
const OPTION_END = 0
const OPTION_NOP = 1
const OPTION_MSS = 2

/**
 * Lowers the MSS option of a TCP SYN in place, so that the segments it allows make IP packets of
 * at most `clampBytes` (RFC 9293 §3.7.1), and corrects the checksum by the difference (RFC 1624).
 * Packets that are no SYN, are later fragments or have no such option stay as they are.
 */
export function clampMss(packet: Uint8Array, clampBytes: number): void {
  const ipHeader = tcpOffset(packet)
  if (ipHeader === undefined || packet.length < ipHeader + TCP_HEADER) return
  if (((packet[ipHeader + 13] as number) & FLAG_SYN) === 0) return
  const at = mssOffset(packet, ipHeader)
  if (at === undefined) return
  const fixedHeaders = ipVersion(packet) === 4 ? 40 : 60
  const limit = clampBytes - fixedHeaders
  const mss = word(packet, at)
  if (mss <= limit) return
  replaceWord(packet, at, limit, ipHeader)
}

/** Where TCP begins, when the packet is TCP and holds its first byte. */
function tcpOffset(packet: Uint8Array): number | undefined {
  if (ipVersion(packet) === 6) return packet[6] === TCP ? 40 : undefined
  const fragmentOffset = word(packet, 6) & 0x1fff
  if (packet[9] !== TCP || fragmentOffset !== 0) return undefined
  return 4 * ((packet[0] as number) & 15)
}

/** Offset of the MSS value among the options; `undefined` when there is none or they are malformed. */
function mssOffset(packet: Uint8Array, tcp: number): number | undefined {
  const end = tcp + 4 * ((packet[tcp + 12] as number) >> 4)
  if (end > packet.length) return undefined
  let at = tcp + TCP_HEADER
  while (at < end) {
    const kind = packet[at] as number
    if (kind === OPTION_END) return undefined
    if (kind === OPTION_NOP) {
      at++
      continue
    }
    const length = packet[at + 1] ?? 0
    if (at + 1 >= end || length < 2 || at + length > end) return undefined
    if (kind === OPTION_MSS) return length === 4 ? at + 2 : undefined
    at += length
  }
  return undefined
}

/** Writes a 16-bit value and corrects the TCP checksum: HC' = ~(~HC + ~m + m'). */
function replaceWord(packet: Uint8Array, at: number, value: number, tcp: number): void {
  const checksumAt = tcp + 16
  const odd = (at - tcp) % 2 === 1
  const before = word(packet, at)
  const swap = (w: number) => (odd ? ((w & 0xff) << 8) | (w >> 8) : w)
  let sum = (~word(packet, checksumAt) & 0xffff) + (~swap(before) & 0xffff) + swap(value)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  writeWord(packet, at, value)
  writeWord(packet, checksumAt, ~sum & 0xffff)
}

function writeWord(packet: Uint8Array, at: number, value: number): void {
  packet[at] = value >> 8
  packet[at + 1] = value & 0xff
}
