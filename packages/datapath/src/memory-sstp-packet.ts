import { concatBytes } from '@causeway/wire'
import type { SstpFlowOptions } from './flow.ts'
import type { StreamFraming } from './memory-framing.ts'
import { ipVersion, word } from './memory-inner-packet.ts'

/*
 * [MS-SSTP] §2.2.1: a version byte, seven reserved bits and C (control), four reserved bits and the packet's
 * length in twelve, its header included. What is reserved is not looked at.
 *
 * A data packet holds one PPP frame (RFC 1661 §2, without HDLC): address and control, unless they are
 * compressed, a protocol number of two bytes, or of one that is odd, and the information.
 */
const HEADER_BYTES = 4
const VERSION_1_0 = 0x10
const CONTROL_BIT = 0x01
const LENGTH_MASK = 0x0fff

const ADDRESS_CONTROL = Uint8Array.of(0xff, 0x03)
/** PPP protocol numbers: RFC 1332 §3, RFC 5072 §3. */
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057

/** SSTP packets have their own headers, which stay with them. */
export const SSTP_FRAMING: StreamFraming = {
  headerBytes: HEADER_BYTES,
  frameBytes(bytes, at) {
    if (bytes[at] !== VERSION_1_0) return `an SSTP packet of version ${bytes[at]}, not ${VERSION_1_0}`
    const length = word(bytes, at + 2) & LENGTH_MASK
    return length < HEADER_BYTES ? `an SSTP packet of ${length} bytes, less than its header` : length
  },
  unframe: frame => frame.slice(),
  frame: packet => packet.slice(),
}

/** What a whole SSTP packet holds: IP of a version, or anything else, which is for the control plane. */
export type SstpContent =
  | { readonly type: 'ip'; readonly version: 4 | 6; readonly bytes: Uint8Array }
  | { readonly type: 'control' }

const CONTROL: SstpContent = { type: 'control' }

export function readSstpPacket(packet: Uint8Array): SstpContent {
  if (((packet[1] as number) & CONTROL_BIT) !== 0) return CONTROL
  const hasAddress = ADDRESS_CONTROL.every((byte, i) => packet[HEADER_BYTES + i] === byte)
  const at = HEADER_BYTES + (hasAddress ? ADDRESS_CONTROL.length : 0)
  const first = packet[at] ?? 0
  const isOneByte = (first & 1) !== 0
  const protocol = isOneByte ? first : (first << 8) | (packet[at + 1] ?? 0)
  const version = protocol === PPP_IPV4 ? 4 : protocol === PPP_IPV6 ? 6 : undefined
  if (version === undefined) return CONTROL
  return { type: 'ip', version, bytes: packet.subarray(at + (isOneByte ? 1 : 2)) }
}

/** An IP packet as a flow sends it: SSTP header, PPP header as was agreed, the packet. */
export function writeSstpData(options: SstpFlowOptions, ipPacket: Uint8Array): Uint8Array {
  const protocol = ipVersion(ipPacket) === 4 ? PPP_IPV4 : PPP_IPV6
  const ppp = [
    ...(options.compressAddressControl ? [] : ADDRESS_CONTROL),
    ...(options.compressProtocol ? [] : [protocol >> 8]),
    protocol & 0xff,
  ]
  const length = HEADER_BYTES + ppp.length + ipPacket.length
  return concatBytes([Uint8Array.of(VERSION_1_0, 0, length >> 8, length & 0xff, ...ppp), ipPacket])
}
