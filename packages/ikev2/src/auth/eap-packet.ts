/** EAP codes (RFC 3748 §4). The rest of a packet is the method's. */
export const EAP_CODE = { REQUEST: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const

export function eapCode(packet: Uint8Array): number | undefined {
  return packet[0]
}

export function eapIdentifier(packet: Uint8Array): number {
  return packet[1] ?? 0
}

/** Shorter keys than any method exports (RFC 3748 §7.10 has 64 bytes): as good as none. */
const KEY_BYTES_MIN = 16

/** The key that a method has left (MSK); `undefined`: none that would prove anything. */
export function usableKey(msk: Uint8Array | undefined): Uint8Array | undefined {
  return msk && msk.length >= KEY_BYTES_MIN ? msk : undefined
}

/** EAP-Success or EAP-Failure to the response with this identifier (RFC 3748 §4.2). */
export function eapResult(code: 3 | 4, identifier: number): Uint8Array {
  return Uint8Array.of(code, identifier, 0, 4)
}
