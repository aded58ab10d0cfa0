import type { Engine, Instant } from '@causeway/engine'
import { formatHex } from '@causeway/wire'
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
}

/** What the script does next. */
type Step<Command> =
  | { readonly type: 'packet'; readonly bytes: Uint8Array }
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'wait'; readonly milliseconds: number }

/** What the run does to bytes whose owner has changed. */
interface Spoiling {
  readonly inputs: boolean
  readonly outputs: boolean
}

/** Outputs of one call after which the queue is taken to have no end. */
const MOST_OUTPUTS = 10_000
/** Timeouts at one moment after which a deadline is taken not to move. */
const MOST_TIMEOUTS = 100
const RANDOM_PACKETS = 200
const RANDOM_BITS_PER_PACKET = 32
const LONGEST_RANDOM_PACKET = 1600
const POISON = 0xdb

/**
 * Holds an engine to the contract (`Engine` in `@causeway/engine`) with packets cut at every
 * length, with changed bits and at random, between commands and times that pass:
 *
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
  const script = makeScript(subject, new SeededRandom(seed))
  const run = (spoiling: Spoiling) => new ContractRun(subject, seed, spoiling).trace(script)
  const plain = run({ inputs: false, outputs: false })
  compare(plain, run({ inputs: false, outputs: false }), seed, 'the same inputs give other outputs')
  compare(plain, run({ inputs: true, outputs: false }), seed, 'input bytes are kept after the call')
  compare(plain, run({ inputs: false, outputs: true }), seed, 'output bytes are used after they were given')
}

/** One engine going through the script. */
class ContractRun<Path, Command, Output> {
  readonly #engine: Engine<Path, Command, Output>
  readonly #path: Path
  readonly #seed: number
  readonly #spoiling: Spoiling
  #now: Instant = 0
  #step = 0

  constructor(subject: ContractSubject<Path, Command, Output>, seed: number, spoiling: Spoiling) {
    this.#engine = subject.create(seed)
    this.#path = subject.path
    this.#seed = seed
    this.#spoiling = spoiling
  }

  /** Everything that came out, step by step, as text. */
  trace(script: readonly Step<Command>[]): string[] {
    const trace = [this.#drain()]
    for (const step of script) {
      trace.push(this.#take(step))
      this.#wakeForNothing()
      this.#step++
    }
    return trace
  }

  #take(step: Step<Command>): string {
    switch (step.type) {
      case 'packet': {
        const bytes = step.bytes.slice()
        this.#call('a packet', () => this.#engine.handleDatagram({ path: this.#path, bytes }, this.#now))
        if (this.#spoiling.inputs) bytes.fill(POISON)
        return this.#drain()
      }
      case 'command':
        this.#call('a command', () => this.#engine.handleCommand(step.command, this.#now))
        return this.#drain()
      case 'wait':
        return this.#wait(step.milliseconds)
      default:
        step satisfies never
        throw new TypeError('unknown step')
    }
  }

  /** Lets time pass, stopping at every deadline. */
  #wait(milliseconds: number): string {
    const end = this.#now + milliseconds
    const parts: string[] = []
    let atOnce = 0
    for (
      let at = this.#engine.nextTimeout();
      at !== undefined && at <= end;
      at = this.#engine.nextTimeout()
    ) {
      atOnce = at > this.#now ? 0 : atOnce + 1
      if (atOnce > MOST_TIMEOUTS) this.#fail('a deadline does not move when it is handled')
      this.#now = Math.max(this.#now, at)
      this.#call('a timeout', () => this.#engine.handleTimeout(this.#now))
      parts.push(this.#drain())
    }
    this.#now = end
    return parts.join()
  }

  /** A timeout before anything is due must leave no trace. */
  #wakeForNothing(): void {
    const before = this.#engine.nextTimeout()
    if (before !== undefined && before <= this.#now) return
    this.#call('a spurious timeout', () => this.#engine.handleTimeout(this.#now))
    if (this.#engine.poll() !== undefined || this.#engine.nextTimeout() !== before)
      this.#fail('a spurious timeout does something')
  }

  #drain(): string {
    const outputs: string[] = []
    for (;;) {
      const output = this.#engine.poll()
      if (output === undefined) return outputs.join('\n')
      outputs.push(describe(output))
      if (this.#spoiling.outputs) spoil(output)
      if (outputs.length > MOST_OUTPUTS) this.#fail('the queue has no end')
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

/** Good packets, cut ones, changed ones and noise, with commands and waiting in between. */
function makeScript<Path, Command, Output>(
  { packets, commands }: ContractSubject<Path, Command, Output>,
  random: SeededRandom,
): Step<Command>[] {
  const malformed = packets.flatMap(packet => [
    ...Array.from({ length: packet.length }, (_, length) => packet.subarray(0, length)),
    ...Array.from({ length: RANDOM_BITS_PER_PACKET }, () => withChangedBit(packet, random)),
  ])
  const noise = Array.from({ length: RANDOM_PACKETS }, () =>
    random.bytes(random.integer(LONGEST_RANDOM_PACKET)),
  )
  const script: Step<Command>[] = []
  for (const bytes of [...packets, ...malformed, ...noise, ...packets]) {
    script.push({ type: 'packet', bytes })
    const command = commands[random.integer(commands.length)]
    if (command !== undefined && random.chance(0.1)) script.push({ type: 'command', command })
    if (random.chance(0.2)) script.push({ type: 'wait', milliseconds: random.integer(3000) })
  }
  for (const command of commands) script.push({ type: 'command', command })
  script.push({ type: 'wait', milliseconds: 600_000 })
  return script
}

function withChangedBit(packet: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = packet.slice()
  const at = random.integer(packet.length)
  if (packet.length > 0) changed[at] = (changed[at] as number) ^ (1 << random.integer(8))
  return changed
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

/** Overwrites every byte array of an output. Addresses are values that may be shared, and are left. */
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
