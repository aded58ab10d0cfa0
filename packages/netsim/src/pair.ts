import type { Engine, Instant } from '@causeway/engine'
import type { Endpoint } from '@causeway/wire'
import { type LinkOptions, LossyLink, PERFECT_LINK } from './lossy-link.ts'
import type { PcapngWriter } from './pcapng-writer.ts'
import { Schedule } from './schedule.ts'
import type { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What a side's surroundings may do while they act on an output. */
export interface PairActions<Command> {
  readonly now: Instant
  /** Puts a packet on the link to the other side. */
  send(bytes: Uint8Array): void
  /** Hands the engine a command after this time, never inside the present call. */
  command(command: Command, afterMilliseconds?: number): void
}

/** One engine, and what stands in for the world around it. */
export interface PairSide<Path, Command, Output> {
  readonly engine: Engine<Path, Command, Output>
  /** The path by which this side sees the other. */
  readonly path: Path
  /** Acts on each output, in order: sends packets, answers requests. */
  readonly handleOutput: (output: Output, actions: PairActions<Command>) => void
  /** How packets from this side travel. At first {@link PERFECT_LINK}. */
  readonly link?: LinkOptions
  /** This side's address in a recording. */
  readonly endpoint?: Endpoint
}

/** How a pair is made. */
export interface PairOptions {
  readonly random: SeededRandom
  /** Records what is sent, when both sides have an endpoint. */
  readonly recording?: PcapngWriter
}

/** Why {@link Pair.run} returned: the goal was met, nothing is left to happen, or time was up. */
export type RunEnd = 'met' | 'quiet' | 'late'

/** Steps at one moment after which engines are taken to chase each other forever. */
const MOST_STEPS_AT_ONCE = 10_000
/** Written over borrowed bytes after each call, so that an engine that keeps them shows it. */
const POISON = 0xdb

/**
 * Two engines, a lossy link each way and a virtual clock that jumps to whatever is next: a packet's
 * arrival, a timer, a command. Keeps the engine contract: after every call the outputs are drained
 * before anything else happens.
 *
 * Errors: `ERR_NETSIM_NO_PROGRESS` when an engine's deadline never moves beyond the present.
 */
export class Pair<PathA, CommandA, OutputA, PathB, CommandB, OutputB> {
  readonly clock: VirtualClock = new VirtualClock()
  readonly a: PairEnd<PathA, CommandA, OutputA>
  readonly b: PairEnd<PathB, CommandB, OutputB>
  #stepsAtOnce = 0

  constructor(
    a: PairSide<PathA, CommandA, OutputA>,
    b: PairSide<PathB, CommandB, OutputB>,
    { random, recording }: PairOptions,
  ) {
    const record = (from?: Endpoint, to?: Endpoint) => (bytes: Uint8Array) => {
      if (recording && from && to) recording.packet(this.clock.now, from, to, bytes)
    }
    const linkA = new LossyLink(a.link ?? PERFECT_LINK, random.fork())
    const linkB = new LossyLink(b.link ?? PERFECT_LINK, random.fork())
    this.a = new PairEnd(a, this.clock, linkA, linkB, record(a.endpoint, b.endpoint))
    this.b = new PairEnd(b, this.clock, linkB, linkA, record(b.endpoint, a.endpoint))
  }

  /** Moves the clock to the next thing to happen and lets it; `false` when there is none. */
  step(): boolean {
    const next = earliest(this.a.next(), this.b.next())
    if (next === undefined) return false
    this.#noteProgress(next)
    this.clock.advanceTo(next)
    // One thing at a time, so that an effect of the first is there before the second.
    if (!this.a.act()) this.b.act()
    return true
  }

  /** Steps until the goal is met, nothing is left, or so much virtual time has passed. */
  run(goal: () => boolean, limitMilliseconds: number): RunEnd {
    const end = this.clock.now + limitMilliseconds
    while (!goal()) {
      const next = earliest(this.a.next(), this.b.next())
      if (next === undefined) return 'quiet'
      if (next > end) {
        this.clock.advanceTo(end)
        return 'late'
      }
      this.step()
    }
    return 'met'
  }

  /** Lets this much virtual time pass. */
  advance(milliseconds: number): void {
    const end = this.clock.now + milliseconds
    this.run(() => false, milliseconds)
    this.clock.advanceTo(end)
  }

  #noteProgress(next: Instant): void {
    this.#stepsAtOnce = next > this.clock.now ? 0 : this.#stepsAtOnce + 1
    if (this.#stepsAtOnce > MOST_STEPS_AT_ONCE)
      throw Object.assign(new Error(`no progress at ${this.clock.now} ms: a deadline does not move`), {
        code: 'ERR_NETSIM_NO_PROGRESS',
      })
  }
}

/** One end of a pair while it runs. */
export class PairEnd<Path, Command, Output> {
  /** The way out; its options may be changed while running, and it counts. */
  readonly link: LossyLink
  readonly #side: PairSide<Path, Command, Output>
  readonly #clock: VirtualClock
  readonly #incoming: LossyLink
  readonly #record: (bytes: Uint8Array) => void
  readonly #commands = new Schedule<Command>()

  constructor(
    side: PairSide<Path, Command, Output>,
    clock: VirtualClock,
    outgoing: LossyLink,
    incoming: LossyLink,
    record: (bytes: Uint8Array) => void,
  ) {
    this.#side = side
    this.#clock = clock
    this.link = outgoing
    this.#incoming = incoming
    this.#record = record
  }

  /** Hands the engine a command at once, or after a time. */
  command(command: Command, afterMilliseconds = 0): void {
    this.#commands.put(this.#clock.now + afterMilliseconds, command)
  }

  /** When this end has something to do. */
  next(): Instant | undefined {
    const arrival = this.#incoming.nextArrival()
    return earliest(earliest(arrival, this.#commands.next()), this.#side.engine.nextTimeout())
  }

  /** Does one thing that is due, and drains the engine; `false` when nothing is. */
  act(): boolean {
    const { now } = this.#clock
    const { engine, path } = this.#side
    const command = this.#commands.takeDue(now)
    const bytes = command === undefined ? this.#incoming.receive(now) : undefined
    if (command !== undefined) engine.handleCommand(command, now)
    else if (bytes) {
      engine.handleDatagram({ path, bytes }, now)
      bytes.fill(POISON)
    } else if (isDue(engine.nextTimeout(), now)) engine.handleTimeout(now)
    else return false
    this.#drain()
    return true
  }

  #drain(): void {
    const { now } = this.#clock
    const actions: PairActions<Command> = {
      now,
      send: bytes => {
        this.#record(bytes)
        this.link.send(bytes, now)
      },
      command: (command, after) => this.command(command, after),
    }
    for (;;) {
      const output = this.#side.engine.poll()
      if (output === undefined) return
      this.#side.handleOutput(output, actions)
    }
  }
}

function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}

function isDue(at: Instant | undefined, now: Instant): boolean {
  return at !== undefined && at <= now
}
