import { concatBytes } from '@causeway/wire'
import { ESP_TRAILER_BYTES } from './memory-esp-transform.ts'
import { ipVersion } from './memory-inner-packet.ts'

/** IP protocol numbers that ESP carries here: a packet of either version, or nothing (RFC 4303 §2.6). */
const NEXT_HEADER = { ipv4: 4, ipv6: 41, none: 59 } as const

/** What was inside: an inner packet (padding of traffic flow confidentiality may follow it), a dummy, or neither. */
export type EspPayload =
  | { readonly type: 'packet'; readonly bytes: Uint8Array }
  | { readonly type: 'dummy' }
  | { readonly type: 'foreign' }

/** The inner packet with padding 1, 2, 3, … (RFC 4303 §2.4) to fill the block, pad length and next header. */
export function padEspPayload(packet: Uint8Array, blockBytes: number): Uint8Array {
  const short = -(packet.length + ESP_TRAILER_BYTES) % blockBytes
  const padding = Uint8Array.from({ length: (short + blockBytes) % blockBytes }, (_, i) => i + 1)
  const nextHeader = ipVersion(packet) === 6 ? NEXT_HEADER.ipv6 : NEXT_HEADER.ipv4
  return concatBytes([packet, padding, Uint8Array.of(padding.length, nextHeader)])
}

/**
 * Takes the trailer off. What the padding holds is not looked at: that guards ciphers without integrity
 * (RFC 4303 §2.4), and there are none here.
 */
export function readEspPayload(plaintext: Uint8Array): EspPayload {
  const end = plaintext.length - ESP_TRAILER_BYTES
  const [padLength, nextHeader] = plaintext.subarray(end) as unknown as [number, number]
  if (nextHeader === NEXT_HEADER.none) return { type: 'dummy' }
  const bytes = plaintext.subarray(0, Math.max(0, end - padLength))
  const version = nextHeader === NEXT_HEADER.ipv4 ? 4 : nextHeader === NEXT_HEADER.ipv6 ? 6 : undefined
  return bytes.length > 0 && ipVersion(bytes) === version ? { type: 'packet', bytes } : { type: 'foreign' }
}
