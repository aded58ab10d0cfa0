import type { CryptoPort } from '@causeway/crypto'

/**
 * A private number from 1 to below `bound` (big-endian), evenly distributed: drawn again until it fits
 * (FIPS 186-5 §A.2.2). Fewer than two draws on average when the bound's first bit is set, as in all of ours.
 */
export function drawPrivateNumber(random: CryptoPort['random'], bound: Uint8Array): Uint8Array {
  for (;;) {
    const candidate = random(bound.length)
    if (candidate.some(byte => byte !== 0) && Buffer.compare(candidate, bound) < 0) return candidate
  }
}
