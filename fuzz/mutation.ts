/** A generator of numbers that a seed decides: the same seed, the same inputs. */
export interface Random {
  /** An integer from 0 up to, and without, `limit`. */
  below(limit: number): number
}

/** A 32-bit generator (mulberry32): small, fast and good enough to choose mutations. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return { below: limit => next() % Math.max(1, limit) }
}

/** Inputs never grow beyond this many bytes. */
export const MAX_INPUT_BYTES = 70_000

const INTERESTING: readonly number[] = [0, 1, 2, 8, 9, 10, 13, 32, 34, 39, 44, 60, 62, 92, 127, 128, 254, 255]

type Mutation = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  (input, random) => edited(input, random.below(input.length), byte => byte ^ (1 << random.below(8))),
  (input, random) => edited(input, random.below(input.length), () => random.below(256)),
  (input, random) =>
    edited(input, random.below(input.length), () => INTERESTING[random.below(INTERESTING.length)] ?? 0),
  (input, random) => edited(input, random.below(input.length), byte => byte + random.below(9) - 4),
  (input, random) => input.slice(0, random.below(input.length + 1)),
  (input, random) => input.slice(random.below(input.length + 1)),
  (input, random) => spliced(input, random, new Uint8Array(0), random.below(16)),
  (input, random) => spliced(input, random, new Uint8Array(random.below(16)).fill(random.below(256)), 0),
  (input, random) => spliced(input, random, chunk(input, random), 0),
  (input, random, other) => spliced(input, random, chunk(other, random), random.below(32)),
  (input, random) => repeated(input, random),
]

/** One to eight mutations of an input; `other` gives pieces to splice in. */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let mutated = input
  for (let left = 1 + random.below(8); left > 0; left--) {
    const mutation = MUTATIONS[random.below(MUTATIONS.length)]
    if (mutation) mutated = mutation(mutated, random, other).subarray(0, MAX_INPUT_BYTES)
  }
  return mutated
}

function edited(input: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = input.slice()
  if (at < copy.length) copy[at] = change(copy[at] ?? 0)
  return copy
}

function chunk(input: Uint8Array, random: Random): Uint8Array {
  const start = random.below(input.length + 1)
  return input.slice(start, start + random.below(64))
}

/** `input` with `removed` bytes at a random place replaced by `inserted`. */
function spliced(input: Uint8Array, random: Random, inserted: Uint8Array, removed: number): Uint8Array {
  const at = random.below(input.length + 1)
  return Uint8Array.from([...input.subarray(0, at), ...inserted, ...input.subarray(at + removed)])
}

/** A piece said many times over: finds what takes too long. */
function repeated(input: Uint8Array, random: Random): Uint8Array {
  if (random.below(16) > 0) return input
  const piece = chunk(input, random)
  const times = random.below(200)
  return spliced(
    input,
    random,
    Uint8Array.from(
      Array(times)
        .fill([...piece])
        .flat(),
    ),
    0,
  )
}
