import type { CryptoPort } from '@causeway/crypto'
import { Reader } from '@causeway/wire'
import type { ChildDirectionKeys } from '../output.ts'
import type { EspSuite, Prf } from '../proposal/suite.ts'
import { ENCRYPTION, INTEGRITY } from './algorithms.ts'
import { prfPlus } from './prf.ts'

/** What keys of a Child SA are made of, besides SK_d. The initiator is who began this very exchange. */
export interface ChildKeyInputs {
  /** The shared secret of the exchange's own key agreement; absent: no perfect forward secrecy. */
  readonly secret?: Uint8Array
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
}

/** Keys of a Child SA for both directions. */
export interface ChildKeys {
  /** From the exchange's initiator to its responder. */
  readonly toResponder: ChildDirectionKeys
  readonly toInitiator: ChildDirectionKeys
}

/**
 * KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr), cut in the order of RFC 7296 §2.17: initiator to responder before
 * the other way, and for each encryption before integrity. `prf` and `skD` are the IKE SA's.
 */
export function deriveChildKeys(
  crypto: CryptoPort,
  prf: Prf,
  skD: Uint8Array,
  suite: EspSuite,
  { secret, initiatorNonce, responderNonce }: ChildKeyInputs,
): ChildKeys {
  const { keyBytes, saltBytes } = ENCRYPTION[suite.encryption]
  const second = suite.integrity ? INTEGRITY[suite.integrity].keyBytes : saltBytes
  const seed = [...(secret ? [secret] : []), initiatorNonce, responderNonce]
  const keymat = new Reader(prfPlus(crypto, prf, skD, seed, 2 * (keyBytes + second)))
  const cut = () => ({
    encryption: keymat.bytes(keyBytes, 'encryption key').slice(),
    integrity: keymat.bytes(second, 'integrity key or salt').slice(),
  })
  return { toResponder: cut(), toInitiator: cut() }
}
