import type { CryptoPort } from '@causeway/crypto'
import { concatBytes, utf8Bytes, Writer } from '@causeway/wire'
import { createCryptoFrom, createNodeCrypto } from './node-crypto.ts'
import { createToyAgreement } from './toy-agreement.ts'

export interface SeededCryptoOptions {
  /**
   * `groups` (the default): the real groups, with private keys out of the seed. `toy`: for simulations of
   * many lives an agreement that costs a twentieth and hides nothing; both ends have to use it.
   */
  readonly keyAgreement?: 'groups' | 'toy'
}

/**
 * The crypto port with randomness that a seed determines, so that a simulation can be repeated.
 * Only for tests and simulations: whoever knows the seed knows every key.
 */
export function createSeededCrypto(seed: string | number, options: SeededCryptoOptions = {}): CryptoPort {
  const random = seededRandom(seed)
  const crypto = createCryptoFrom(random)
  if (options.keyAgreement !== 'toy') return crypto
  return { ...crypto, createKeyAgreement: group => createToyAgreement(crypto, group) }
}

function seededRandom(seed: string | number): CryptoPort['random'] {
  const { hash, hmac } = createNodeCrypto()
  const key = hash('SHA256', [utf8Bytes(`causeway seeded random ${seed}`)])
  let block = 0n
  const nextBlock = () => hmac('SHA512', key, [new Writer(8).u64(block++).finish()])
  return length => {
    const blocks: Uint8Array[] = []
    for (let have = 0; have < length; have += 64) blocks.push(nextBlock())
    return concatBytes(blocks).slice(0, length)
  }
}
