const MASK = 0xffffffffffffffffn
/** SplitMix64's increment and multipliers (Steele, Lea and Flood, 2014). */
const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n
const MIX_1 = 0xbf58476d1ce4e5b9n
const MIX_2 = 0x94d049bb133111ebn

/** Random numbers that a seed determines (xorshift64*, seeded by SplitMix64). Never for keys. */
export class SeededRandom {
  #state: bigint

  /** Any integer; close seeds give unrelated numbers. */
  constructor(seed: number | bigint) {
    // xorshift cannot leave a state of zero.
    this.#state = mix(BigInt(seed) & MASK) || GOLDEN_GAMMA
  }

  /** 0 ≤ value < 1, with 32 random bits. */
  fraction(): number {
    return this.#next() / 2 ** 32
  }

  /** A whole number, 0 ≤ value < `below`. */
  integer(below: number): number {
    return Math.floor(this.fraction() * below)
  }

  /** `true` with this probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.integer(256))
  }

  /** Another generator, unrelated to what this one gives next. */
  fork(): SeededRandom {
    return new SeededRandom((BigInt(this.#next()) << 32n) | BigInt(this.#next()))
  }

  /** xorshift64* (Vigna, 2016): the upper 32 bits, which are its best. */
  #next(): number {
    let x = this.#state
    x ^= x >> 12n
    x = (x ^ (x << 25n)) & MASK
    x ^= x >> 27n
    this.#state = x
    return Number(((x * 0x2545f4914f6cdd1dn) & MASK) >> 32n)
  }
}

/** SplitMix64's output function. */
function mix(seed: bigint): bigint {
  let z = (seed + GOLDEN_GAMMA) & MASK
  z = ((z ^ (z >> 30n)) * MIX_1) & MASK
  z = ((z ^ (z >> 27n)) * MIX_2) & MASK
  return z ^ (z >> 31n)
}
