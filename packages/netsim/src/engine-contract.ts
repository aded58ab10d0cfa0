import type { Engine, Instant } from '@causeway/engine'
import { formatHex } from '@causeway/wire'
import { makeScripts, type Script, type ScriptStep } from './contract-script.ts'
import type { EngineStep } from './engine-recorder.ts'
import { SeededRandom } from './seeded-random.ts'

/** An engine to be held to the contract, and what its protocol looks like. */
export interface ContractSubject<Path, Command, Output> {
  /** A fresh engine in its starting state. The seed determines all its randomness. */
  readonly create: (seed: number) => Engine<Path, Command, Output>
  readonly path: Path
  /** Packets of the protocol, from which the malformed ones are made. */
  readonly packets: readonly Uint8Array[]
  /** Commands that may come at any time, also for what does not exist. */
  readonly commands: readonly Command[]
  /** Commands about what is not there: a fresh engine does nothing on them. */
  readonly strayCommands?: readonly Command[]
  /** What an engine of the same seed was told in its life (`EngineRecorder`). */
  readonly life?: readonly EngineStep<Path, Command>[]
}

/** What a run does that must make no difference. */
interface Disturbance {
  /** Overwrites input bytes after the call. */
  readonly inputs?: boolean
  /** Overwrites output bytes after they were given. */
  readonly outputs?: boolean
  /** Calls `handleTimeout` when nothing is due. */
  readonly wakes?: boolean
}

const DISTURBANCES: readonly (readonly [rule: string, Disturbance])[] = [
  ['the same inputs give other outputs', {}],
  ['a spurious timeout makes a difference', { wakes: true }],
  ['input bytes are kept after the call', { inputs: true }],
  ['output bytes are used after they were given', { outputs: true }],
]

/** Outputs of one call after which the queue is taken to have no end. */
const MOST_OUTPUTS = 10_000
/** Timeouts at one moment after which a deadline is taken not to move. */
const MOST_TIMEOUTS = 2
const POISON = 0xdb

/**
 * Holds an engine to the contract (`Engine` in `@causeway/engine`) with packets cut at every
 * length, with changed bits and at random, between commands and times that pass; from its start
 * and, when a life is given, through that life and after each quarter of it:
 *
 * - it starts at rest, and commands about what is not there leave it so;
 * - nothing makes a `handle*` throw;
 * - the queue ends, and a deadline that was handled moves beyond the present or away;
 * - a spurious `handleTimeout` does nothing;
 * - the same seed and inputs give the same outputs;
 * - input bytes are not kept, and output bytes are nobody else's.
 *
 * Errors: an `Error` with code `ERR_ENGINE_CONTRACT`, which names the rule, the step and the seed.
 */
export function assertEngineContract<Path, Command, Output>(
  subject: ContractSubject<Path, Command, Output>,
  seed = 1,
): void {
  const run = (disturbance: Disturbance) => new ContractRun(subject.create(seed), seed, disturbance)
  run({}).rest(subject.strayCommands ?? [])
  for (const script of makeScripts(subject, new SeededRandom(seed))) {
    const plain = run({}).trace(script)
    for (const [rule, disturbance] of DISTURBANCES) compare(plain, run(disturbance).trace(script), seed, rule)
  }
}

/** One engine going through a script. */
class ContractRun<Path, Command, Output> {
  readonly #engine: Engine<Path, Command, Output>
  readonly #seed: number
  readonly #disturbance: Disturbance
  #now: Instant = 0
  #step = 0

  constructor(engine: Engine<Path, Command, Output>, seed: number, disturbance: Disturbance) {
    this.#engine = engine
    this.#seed = seed
    this.#disturbance = disturbance
  }

  /** A fresh engine has nothing to do, nor has it when it is told of what is not there. */
  rest(strayCommands: readonly Command[]): void {
    const expectRest = (rule: string): void => {
      let outputs = 0
      this.#drain(() => outputs++)
      if (outputs > 0 || this.#engine.nextTimeout() !== undefined) this.#fail(rule)
    }
    expectRest('a fresh engine is not at rest')
    for (const command of strayCommands) {
      this.#call('a stray command', () => this.#engine.handleCommand(structuredClone(command), this.#now))
      expectRest('a stray command does something')
    }
  }

  /** Everything that came out, step by step, as text. */
  trace(script: Script<Path, Command>): string[] {
    return script.map(step => {
      const outputs: string[] = []
      if (step.type !== 'wait') this.#now = Math.max(this.#now, step.at ?? this.#now)
      this.#wakeForNothing()
      this.#take(step, output => outputs.push(output))
      this.#wakeForNothing()
      this.#step++
      return outputs.join('\n')
    })
  }

  #take(step: ScriptStep<Path, Command>, put: (output: string) => void): void {
    switch (step.type) {
      case 'datagram': {
        const datagram = { path: step.datagram.path, bytes: step.datagram.bytes.slice() }
        this.#call('a packet', () => this.#engine.handleDatagram(datagram, this.#now))
        if (this.#disturbance.inputs) spoil(datagram.bytes)
        this.#drain(put)
        return
      }
      case 'command': {
        const command = structuredClone(step.command)
        this.#call('a command', () => this.#engine.handleCommand(command, this.#now))
        if (this.#disturbance.inputs) spoil(command)
        this.#drain(put)
        return
      }
      case 'timeout':
        this.#call('a timeout', () => this.#engine.handleTimeout(this.#now))
        this.#drain(put)
        return
      case 'wait':
        this.#wait(step.milliseconds, put)
        return
      default:
        step satisfies never
    }
  }

  /** Lets time pass, stopping at every deadline. */
  #wait(milliseconds: number, put: (output: string) => void): void {
    const end = this.#now + milliseconds
    const deadline = (): Instant => this.#engine.nextTimeout() ?? Number.POSITIVE_INFINITY
    let atOnce = 0
    for (let at = deadline(); at <= end; at = deadline()) {
      atOnce = at > this.#now ? 0 : atOnce + 1
      if (atOnce > MOST_TIMEOUTS) this.#fail('a deadline does not move when it is handled')
      this.#now = Math.max(this.#now, at)
      this.#take({ type: 'timeout' }, put)
    }
    this.#now = end
  }

  /** A timeout before anything is due must leave no trace. */
  #wakeForNothing(): void {
    const before = this.#engine.nextTimeout()
    if (!this.#disturbance.wakes || (before !== undefined && before <= this.#now)) return
    this.#call('a spurious timeout', () => this.#engine.handleTimeout(this.#now))
    if (this.#engine.poll() !== undefined || this.#engine.nextTimeout() !== before)
      this.#fail('a spurious timeout does something')
  }

  #drain(put: (output: string) => void): void {
    let count = 0
    for (let output = this.#engine.poll(); output !== undefined; output = this.#engine.poll()) {
      put(describe(output))
      if (this.#disturbance.outputs) spoil(output)
      if (++count > MOST_OUTPUTS) this.#fail('the queue has no end')
    }
  }

  #call(what: string, call: () => void): void {
    try {
      call()
    } catch (cause) {
      throw violation(`${what} makes it throw`, this.#step, this.#seed, cause)
    }
  }

  #fail(rule: string): never {
    throw violation(rule, this.#step, this.#seed)
  }
}

function compare(expected: readonly string[], got: readonly string[], seed: number, rule: string): void {
  const step = expected.findIndex((outputs, i) => outputs !== got[i])
  if (step >= 0) throw violation(rule, step, seed)
}

function violation(rule: string, step: number, seed: number, cause?: unknown): Error {
  const error = new Error(`engine contract: ${rule} (step ${step}, seed ${seed})`, { cause })
  return Object.assign(error, { code: 'ERR_ENGINE_CONTRACT' })
}

/** An output as text, with byte arrays and maps spelled out. */
function describe(output: unknown): string {
  return JSON.stringify(output, (_, value: unknown) => {
    if (value instanceof Uint8Array) return formatHex(value)
    if (value instanceof Map) return [...value]
    if (value instanceof Set) return [...value]
    return typeof value === 'bigint' ? value.toString() : value
  })
}

/** Overwrites every byte array of a value. Addresses are values that may be shared, and are left. */
function spoil(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(POISON)
  else if (value instanceof Map) for (const inner of value.values()) spoil(inner)
  else if (Array.isArray(value)) for (const inner of value) spoil(inner)
  else if (typeof value === 'object' && value !== null && !isAddress(value)) {
    for (const inner of Object.values(value)) spoil(inner)
  }
}

function isAddress(value: object): boolean {
  return 'family' in value && 'bytes' in value
}
