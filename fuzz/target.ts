/**
 * A parser under fuzzing: a pure function of the input, which throws when the parser breaks its
 * word. A fault that the parser gives back as a value is no failure.
 */
export interface FuzzTarget {
  /** Name on the command line, and of its folder under `fuzz/corpus`. */
  readonly name: string
  readonly run: (input: Uint8Array) => void
  /** Inputs to begin with, made anew on each run; what is in the corpus comes on top. */
  readonly seeds: () => readonly Uint8Array[]
}

/** Throws unless both are the same, deeply. */
export function requireSame(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [show(actual), show(expected)]
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`)
}

/** Runs `attempt`; an error of one of these classes is part of the parser's contract. */
export function allowing<T>(
  errors: readonly (new (...args: never) => Error)[],
  attempt: () => T,
): T | undefined {
  try {
    return attempt()
  } catch (thrown) {
    if (errors.some(error => thrown instanceof error)) return undefined
    throw thrown
  }
}

const encoder = new TextEncoder()

/** Seeds that are text. */
export function textSeeds(texts: readonly string[]): Uint8Array[] {
  return texts.map(text => encoder.encode(text))
}

/** The input as text; malformed UTF-8 becomes U+FFFD. */
export function inputText(input: Uint8Array): string {
  return new TextDecoder().decode(input)
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return `0x${Buffer.from(inner).toString('hex')}`
    if (inner instanceof Map) return [...inner]
    if (typeof inner === 'bigint') return `${inner}n`
    const isPlain = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    return isPlain ? Object.fromEntries(Object.entries(inner).sort()) : inner
  })
}
