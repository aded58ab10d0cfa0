import { type CryptoPort, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { aeadOpenUnchecked } from './aes.ts'
import { createSeededCrypto } from './seeded-crypto.ts'

/**
 * The seeded port without its locks, so that a fuzzer's changes get past them to the code behind: every
 * comparison, tag and signature holds, and every public value of the right length agrees on something.
 * Two ends that leave each other's bytes alone still agree on keys. Only for fuzzing.
 */
export function createPermissiveCrypto(seed: string | number): CryptoPort {
  const crypto = createSeededCrypto(seed, { keyAgreement: 'toy' })
  return {
    ...crypto,
    equal: () => true,
    aeadOpen: (name, key, nonce, _associated, sealed) => aeadOpenUnchecked(name, key, nonce, sealed),
    verifySignature: () => true,
    keyRefusal: () => undefined,
    createKeyAgreement: group => agreeWithAll(crypto.createKeyAgreement(group)),
  }
}

/** Where the peer's value is refused, the secret is that of the agreement with itself. */
function agreeWithAll({ group, publicValue, agree }: KeyAgreement): KeyAgreement {
  return {
    group,
    publicValue,
    agree: peer =>
      peer.length === PUBLIC_VALUE_BYTES[group] ? (agree(peer) ?? agree(publicValue)) : undefined,
  }
}
