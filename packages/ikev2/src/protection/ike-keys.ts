import type { CryptoPort } from '@causeway/crypto'
import { concatBytes, Reader } from '@causeway/wire'
import type { IkeSuite, Prf } from '../proposal/suite.ts'
import { ENCRYPTION, INTEGRITY } from './algorithms.ts'
import { PRF_BYTES, prf, prfPlus } from './prf.ts'

/** The secrets of an IKE SA (RFC 7296 §2.14), cut from prf+(SKEYSEED, Ni | Nr | SPIi | SPIr). */
export interface IkeKeys {
  /** Derives the keys of Child SAs and of successors. */
  readonly skD: Uint8Array
  /** Integrity keys; empty with GCM. */
  readonly skAi: Uint8Array
  readonly skAr: Uint8Array
  /** Encryption keys; with GCM followed by the 4-byte salt (RFC 5282 §7.1). */
  readonly skEi: Uint8Array
  readonly skEr: Uint8Array
  /** For the AUTH payload. */
  readonly skPi: Uint8Array
  readonly skPr: Uint8Array
}

/** What keys of an IKE SA are made of, besides the secret. SPIs of 8 bytes. */
export interface KeyInputs {
  /** The shared secret of the key agreement, g^ir. */
  readonly secret: Uint8Array
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
}

/** Keys of a first IKE SA (RFC 7296 §2.14): SKEYSEED = prf(Ni | Nr, g^ir). */
export function deriveIkeKeys(crypto: CryptoPort, suite: IkeSuite, inputs: KeyInputs): IkeKeys {
  const nonces = concatBytes([inputs.initiatorNonce, inputs.responderNonce])
  return expandIkeKeys(crypto, suite, prf(crypto, suite.prf, nonces, [inputs.secret]), inputs)
}

/**
 * Keys of an IKE SA's successor (RFC 7296 §2.18): SKEYSEED = prf(SK_d of the old, g^ir | Ni | Nr) with the
 * PRF of the old one; the keys are cut with that of the new.
 */
export function deriveRekeyedIkeKeys(
  crypto: CryptoPort,
  suite: IkeSuite,
  inputs: KeyInputs,
  oldSkD: Uint8Array,
  oldPrf: Prf,
): IkeKeys {
  const seed = [inputs.secret, inputs.initiatorNonce, inputs.responderNonce]
  return expandIkeKeys(crypto, suite, prf(crypto, oldPrf, oldSkD, seed), inputs)
}

/** {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr). */
function expandIkeKeys(
  crypto: CryptoPort,
  suite: IkeSuite,
  skeyseed: Uint8Array,
  { initiatorNonce, responderNonce, initiatorSpi, responderSpi }: KeyInputs,
): IkeKeys {
  const { keyBytes, saltBytes } = ENCRYPTION[suite.encryption]
  const e = keyBytes + saltBytes
  const a = suite.integrity ? INTEGRITY[suite.integrity].keyBytes : 0
  const p = PRF_BYTES[suite.prf]
  const seed = [initiatorNonce, responderNonce, initiatorSpi, responderSpi]
  // Views of one array: an array for each would be most of what an idle IKE SA holds.
  const keys = new Reader(prfPlus(crypto, suite.prf, skeyseed, seed, 3 * p + 2 * a + 2 * e))
  return {
    skD: keys.bytes(p, 'SK_d'),
    skAi: keys.bytes(a, 'SK_ai'),
    skAr: keys.bytes(a, 'SK_ar'),
    skEi: keys.bytes(e, 'SK_ei'),
    skEr: keys.bytes(e, 'SK_er'),
    skPi: keys.bytes(p, 'SK_pi'),
    skPr: keys.bytes(p, 'SK_pr'),
  }
}
