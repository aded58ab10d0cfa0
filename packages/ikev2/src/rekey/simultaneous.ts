/** Both nonces of one of two exchanges that rekey the same SA at once. */
export interface ExchangeNonces {
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
}

/**
 * Whether the SA of our exchange survives that of the peer's (RFC 7296 §2.8.1): the one with the lowest of the four
 * nonces is redundant. Both ends see the same four, so both come to the same end.
 */
export function survives(own: ExchangeNonces, peers: ExchangeNonces): boolean {
  return compareBytes(lower(own), lower(peers)) > 0
}

function lower({ initiatorNonce, responderNonce }: ExchangeNonces): Uint8Array {
  return compareBytes(initiatorNonce, responderNonce) < 0 ? initiatorNonce : responderNonce
}

/** Octet by octet; of two that begin alike the shorter is lower. Negative, zero or positive. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
