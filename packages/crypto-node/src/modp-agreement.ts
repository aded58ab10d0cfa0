import { createDiffieHellman, type DiffieHellman } from 'node:crypto'
import { type CryptoPort, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { sameBytes } from '@causeway/wire'
import { MODP_GROUPS, type ModpName } from './modp-groups.ts'
import { leftPadded, plainBytes } from './plain-bytes.ts'
import { drawPrivateNumber } from './private-number.ts'

const ONE = Uint8Array.of(1)

/**
 * One OpenSSL object for each group. To make one for MODP-1024, which OpenSSL does not know by name, tests
 * its prime for 33 ms; so nothing is made before it is needed, nor twice.
 */
const exponentiators = new Map<ModpName, DiffieHellman>()

/** Diffie-Hellman over a prime field: RFC 7296 §2.14, its public values checked as RFC 6989 §2 says. */
export function createModpAgreement(random: CryptoPort['random'], group: ModpName): KeyAgreement {
  const exponent = drawPrivateNumber(random, MODP_GROUPS[group].exponentBound)
  const publicValue = withExponent(group, exponent, engine => engine.generateKeys())
  return {
    group,
    publicValue: leftPadded(publicValue, PUBLIC_VALUE_BYTES[group]),
    agree: peer => (isPublicValue(group, peer) ? raise(group, peer, exponent) : undefined),
  }
}

/** Of the right length, from 2 to p−2, and in the subgroup where the generator makes one. */
function isPublicValue(group: ModpName, value: Uint8Array): boolean {
  const { prime, subgroupOrder } = MODP_GROUPS[group]
  if (value.length !== prime.length) return false
  const smallest = leftPadded(Uint8Array.of(2), prime.length)
  if (Buffer.compare(value, smallest) < 0 || Buffer.compare(value, minus(prime, 2)) > 0) return false
  if (!subgroupOrder) return true
  // RFC 6989 §2.2: y^q = 1, asked as y^(q+1) = y, since OpenSSL throws where a secret would be 1 or p−1. It
  // is neither: q+1 and p−1 have no common divisor but 2, and −1 is no square.
  return sameBytes(raise(group, value, minus(subgroupOrder, -1)), value)
}

/** `base`^`exponent` mod p, as long as the prime; the time taken does not tell the exponent. */
function raise(group: ModpName, base: Uint8Array, exponent: Uint8Array): Uint8Array {
  return plainBytes(withExponent(group, exponent, engine => engine.computeSecret(base)))
}

/** The shared object does not keep a private exponent: the next would replace it, but who knows when. */
function withExponent(
  group: ModpName,
  exponent: Uint8Array,
  use: (engine: DiffieHellman) => Uint8Array,
): Uint8Array {
  const engine = exponentiatorOf(group)
  engine.setPrivateKey(exponent)
  try {
    return use(engine)
  } finally {
    engine.setPrivateKey(ONE)
  }
}

function exponentiatorOf(group: ModpName): DiffieHellman {
  const known = exponentiators.get(group)
  if (known) return known
  const { prime, generator } = MODP_GROUPS[group]
  const made = createDiffieHellman(prime, generator)
  exponentiators.set(group, made)
  return made
}

/** `number − small`, where only the last byte changes: true of our primes and orders. */
function minus(number: Uint8Array, small: number): Uint8Array {
  const result = number.slice()
  const last = result.length - 1
  result[last] = (result[last] as number) - small
  return result
}
