import { PROTOCOL } from './numbers.ts'

/**
 * Bytes of an SPI in Notify and Delete payloads (RFC 7296 §3.10, §3.11): 4 for AH and ESP, 0 for the IKE
 * SA, whose SPIs are in the header, and for none. `undefined`: no such protocol.
 */
export function spiBytesOf(protocol: number): number | undefined {
  if (protocol === PROTOCOL.AH || protocol === PROTOCOL.ESP) return 4
  return protocol === PROTOCOL.IKE || protocol === PROTOCOL.NONE ? 0 : undefined
}
