import type { CryptoPort } from '@causeway/crypto'
import { concatBytes, utf8Bytes, Writer } from '@causeway/wire'
import { createNodeCrypto } from './node-crypto.ts'

/**
 * The crypto port with randomness that a seed determines, so that a simulation can be repeated.
 * Only for tests and simulations: whoever knows the seed knows every key.
 */
export function createSeededCrypto(seed: string | number): CryptoPort {
  const crypto = createNodeCrypto()
  const key = crypto.hash('SHA256', [utf8Bytes(`causeway seeded random ${seed}`)])
  let block = 0n
  const nextBlock = () => crypto.hmac('SHA512', key, [new Writer(8).u64(block++).finish()])
  return {
    ...crypto,
    random(length) {
      const blocks: Uint8Array[] = []
      for (let have = 0; have < length; have += 64) blocks.push(nextBlock())
      return concatBytes(blocks).slice(0, length)
    },
  }
}
