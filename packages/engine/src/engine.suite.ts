import { describe, expect, it } from 'vitest'
import type { Datagram, Engine, Instant } from './engine.ts'

/** One call that an engine received. */
export type EngineStep<Path, Command> =
  | { readonly type: 'datagram'; readonly datagram: Datagram<Path>; readonly at: Instant }
  | { readonly type: 'command'; readonly command: Command; readonly at: Instant }
  | { readonly type: 'timeout'; readonly at: Instant }

/** An engine that also writes down what it is told, to be told again to another. */
export class EngineRecorder<Path, Command, Output> implements Engine<Path, Command, Output> {
  readonly steps: EngineStep<Path, Command>[] = []
  readonly #engine: Engine<Path, Command, Output>

  constructor(engine: Engine<Path, Command, Output>) {
    this.#engine = engine
  }

  handleDatagram(datagram: Datagram<Path>, at: Instant): void {
    this.steps.push({ type: 'datagram', datagram: structuredClone(datagram), at })
    this.#engine.handleDatagram(datagram, at)
  }

  handleCommand(command: Command, at: Instant): void {
    this.steps.push({ type: 'command', command: structuredClone(command), at })
    this.#engine.handleCommand(command, at)
  }

  handleTimeout(at: Instant): void {
    this.steps.push({ type: 'timeout', at })
    this.#engine.handleTimeout(at)
  }

  poll(): Output | undefined {
    return this.#engine.poll()
  }

  nextTimeout(): Instant | undefined {
    return this.#engine.nextTimeout()
  }
}

/** What the contract is tried on. */
export interface EngineUnderTest<Path, Command, Output> {
  readonly name: string
  /** A fresh engine. All that it makes are alike: same keys, same randomness. */
  readonly create: () => Engine<Path, Command, Output>
  /** A whole life of such an engine, from an {@link EngineRecorder}: it must do what it did then. */
  readonly steps: readonly EngineStep<Path, Command>[]
  /** Commands about sessions and requests that are not there. */
  readonly strayCommands: readonly Command[]
}

const RANDOM_DATAGRAMS = 2000
/** Timeouts in a row at which an engine must have come to rest or moved its deadline on. */
const MOST_TIMEOUTS = 1000
const POISON = 0xdb

/** The contract that every protocol core keeps (see {@link Engine}), as tests. */
export function assertEngineContract<Path, Command, Output>(
  subject: EngineUnderTest<Path, Command, Output>,
): void {
  const plain = (): unknown[][] => replay(subject, {})
  const end = subject.steps.at(-1)?.at ?? 0

  describe(`engine contract: ${subject.name}`, () => {
    it('does the same again when it is told the same', () => {
      expect(plain().flat().length).toBeGreaterThan(0)
      expect(plain()).toEqual(plain())
    })

    it('starts at rest', () => {
      const engine = subject.create()
      expect([engine.poll(), engine.nextTimeout()]).toEqual([undefined, undefined])
    })

    it('does nothing on a spurious timeout', () => {
      expect(replay(subject, { before: spuriousTimeout })).toEqual(plain())
    })

    it('keeps no input bytes', () => {
      expect(replay(subject, { afterInput: poison })).toEqual(plain())
    })

    it('gives its output bytes away', () => {
      expect(replay(subject, { afterOutput: poison })).toEqual(plain())
    })

    it('ignores commands about what is gone', () => {
      const engine = subject.create()
      for (const command of subject.strayCommands) engine.handleCommand(command, 0)
      expect(engine.poll()).toBeUndefined()
    })

    it('does not throw on any bytes, fresh or in the middle of its life', () => {
      const random = createRandom(1)
      for (const known of [0, 0.25, 0.5, 1]) {
        const { engine, at } = halfway(subject, known)
        for (const datagram of strangeDatagrams(subject, random)) {
          engine.handleDatagram(datagram, at)
          drain(engine)
        }
      }
    })

    it('comes to rest, or its deadline moves on', () => {
      const { engine } = halfway(subject, 1)
      let now = end
      let stuck = 0
      for (let i = 0; i < MOST_TIMEOUTS; i++) {
        const next = engine.nextTimeout()
        if (next === undefined) return
        stuck = next > now ? 0 : stuck + 1
        expect(stuck).toBeLessThan(3)
        now = Math.max(now, next)
        engine.handleTimeout(now)
        drain(engine)
      }
    })
  })
}

interface Disturbance<Path, Command, Output> {
  readonly before?: (engine: Engine<Path, Command, Output>, at: Instant) => void
  readonly afterInput?: (input: unknown) => void
  readonly afterOutput?: (output: unknown) => void
}

/** Tells a fresh engine all steps; gives the outputs after each, copied before anything touches them. */
function replay<Path, Command, Output>(
  { create, steps }: EngineUnderTest<Path, Command, Output>,
  { before, afterInput, afterOutput }: Disturbance<Path, Command, Output>,
): unknown[][] {
  const engine = create()
  return steps.map(recorded => {
    const step = structuredClone(recorded)
    before?.(engine, step.at)
    tell(engine, step)
    if (step.type === 'datagram') afterInput?.(step.datagram.bytes)
    if (step.type === 'command') afterInput?.(step.command)
    return drain(engine).map(output => {
      const copy = structuredClone(output)
      afterOutput?.(output)
      return copy
    })
  })
}

function tell<Path, Command, Output>(
  engine: Engine<Path, Command, Output>,
  step: EngineStep<Path, Command>,
): void {
  if (step.type === 'datagram') engine.handleDatagram(step.datagram, step.at)
  else if (step.type === 'command') engine.handleCommand(step.command, step.at)
  else engine.handleTimeout(step.at)
}

function drain<Output>(engine: { poll(): Output | undefined }): Output[] {
  const outputs: Output[] = []
  for (let output = engine.poll(); output !== undefined; output = engine.poll()) outputs.push(output)
  return outputs
}

/** A timeout before anything is due must change nothing. */
function spuriousTimeout<Path, Command, Output>(engine: Engine<Path, Command, Output>, at: Instant): void {
  const next = engine.nextTimeout()
  if (next !== undefined && next <= at) return
  engine.handleTimeout(at)
  expect([engine.poll(), engine.nextTimeout()]).toEqual([undefined, next])
}

/** Overwrites every byte array inside a value. IP addresses are values that nobody writes to. */
function poison(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(POISON)
  else if (typeof value === 'object' && value !== null && 'family' in value) return
  else if (value instanceof Map) for (const inner of value.values()) poison(inner)
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) poison(inner)
}

/** An engine that has lived through a share of the steps. */
function halfway<Path, Command, Output>(
  { create, steps }: EngineUnderTest<Path, Command, Output>,
  share: number,
): { readonly engine: Engine<Path, Command, Output>; readonly at: Instant } {
  const engine = create()
  const lived = steps.slice(0, Math.ceil(steps.length * share))
  for (const step of lived) {
    tell(engine, structuredClone(step))
    drain(engine)
  }
  return { engine, at: lived.at(-1)?.at ?? 0 }
}

/** Noise of every length, and known datagrams cut, changed and continued. */
function* strangeDatagrams<Path, Command, Output>(
  { steps }: EngineUnderTest<Path, Command, Output>,
  random: () => number,
): Iterable<Datagram<Path>> {
  const known = steps.flatMap(step => (step.type === 'datagram' ? [step.datagram] : []))
  const below = (limit: number): number => Math.floor(random() * limit)
  for (let i = 0; i < RANDOM_DATAGRAMS && known.length > 0; i++) {
    const { path, bytes } = known[below(known.length)] as Datagram<Path>
    if (i % 2 === 0) yield { path, bytes: Uint8Array.from({ length: below(200) }, () => below(256)) }
    else yield { path, bytes: changed(bytes, below) }
  }
}

function changed(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  const copy = bytes.slice(0, below(3) === 0 ? below(bytes.length + 1) : bytes.length)
  for (let left = below(4); left > 0 && copy.length > 0; left--) copy[below(copy.length)] = below(256)
  return copy
}

/** A linear congruential generator (Numerical Recipes): repeatable, and no more is asked of it. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
