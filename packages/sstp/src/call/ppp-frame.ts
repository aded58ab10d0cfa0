const ADDRESS = 0xff
const CONTROL = 0x03
const IPV4 = 0x0021
const IPV6 = 0x0057

/** Whether a PPP frame holds an IP packet, with or without address and control, its protocol compressed or not. */
export function isIpFrame(frame: Uint8Array): boolean {
  const at = frame[0] === ADDRESS && frame[1] === CONTROL ? 2 : 0
  const first = frame[at] ?? 0
  // RFC 1661 §2: the last byte of a protocol is odd, others are even.
  const protocol = first % 2 === 1 ? first : first * 0x100 + (frame[at + 1] ?? 0)
  return protocol === IPV4 || protocol === IPV6
}
