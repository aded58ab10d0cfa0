import { TRANSFORM } from '../wire/numbers.ts'
import type { Transform } from '../wire/payload.ts'

/** IANA's numbers of what native clients propose, far more than a policy of ours can name. */
const ENCRYPTION = {
  des: [2],
  '3des': [3],
  null: [11],
  aes128: [12, 128],
  aes192: [12, 192],
  aes256: [12, 256],
  aes128gcm8: [18, 128],
  aes256gcm8: [18, 256],
  aes128gcm12: [19, 128],
  aes256gcm12: [19, 256],
  aes128gcm16: [20, 128],
  aes192gcm16: [20, 192],
  aes256gcm16: [20, 256],
  chacha20poly1305: [28],
} as const satisfies Record<string, readonly [number, number?]>
const PRF = { prfsha1: 2, prfxcbc: 4, prfsha256: 5, prfsha384: 6, prfsha512: 7, prfcmac: 8 } as const
const INTEGRITY = { sha1: 2, xcbc: 5, cmac: 8, sha256: 12, sha384: 13, sha512: 14 } as const
const GROUP = {
  none: 0,
  modp1024: 2,
  modp1536: 5,
  modp2048: 14,
  modp3072: 15,
  modp4096: 16,
  ecp256: 19,
  ecp384: 20,
  modp2048s256: 24,
} as const

type Word = keyof typeof ENCRYPTION | keyof typeof PRF | keyof typeof INTEGRITY | keyof typeof GROUP
type Hash = 'sha1' | 'sha256' | 'sha384'

const NUMBERED = [
  [TRANSFORM.PRF, PRF],
  [TRANSFORM.INTEGRITY, INTEGRITY],
  [TRANSFORM.GROUP, GROUP],
] as const

/** A proposal's transforms in this order. */
export function transforms(...words: readonly Word[]): Transform[] {
  return words.map(transform)
}

/** For IKE: the hash as integrity and PRF both. */
export function ikeTransforms(cipher: keyof typeof ENCRYPTION, hash: Hash, ...rest: Word[]): Transform[] {
  return transforms(cipher, hash, `prf${hash}`, ...rest)
}

/** For ESP: with plain sequence numbers, as all native clients want them. */
export function espTransforms(...words: readonly Word[]): Transform[] {
  return [...transforms(...words), { type: TRANSFORM.ESN, id: 0 }]
}

function transform(word: Word): Transform {
  if (word in ENCRYPTION) {
    const [id, keyBits] = ENCRYPTION[word as keyof typeof ENCRYPTION] as readonly [number, number?]
    return { type: TRANSFORM.ENCRYPTION, id, ...(keyBits !== undefined && { keyBits }) }
  }
  for (const [type, ids] of NUMBERED)
    if (word in ids) return { type, id: (ids as Readonly<Record<string, number>>)[word] as number }
  throw new Error(`no transform ${word}`)
}
