import type { Engine, Instant } from '@causeway/engine'

/** What an engine loop needs beside its engine. */
export interface EngineLoopOptions<Output> {
  readonly now: () => Instant
  readonly interpret: (output: Output) => void
  /** After all outputs of one or more inputs were interpreted. */
  readonly drained: () => void
  /**
   * An input that the engine threw at (then without an output), or an output that could not be carried
   * out: a defect of ours, which must not end the other sessions.
   */
  readonly defect: (error: unknown, output: Output | undefined) => void
}

/**
 * Keeps the contract of an engine: after every input its outputs are carried out in order until there
 * are none, then one timer is set for its next deadline. An output may cause further inputs at once;
 * their outputs join the same queue.
 */
export class EngineLoop<Path, Command, Output> {
  readonly #engine: Engine<Path, Command, Output>
  readonly #options: EngineLoopOptions<Output>
  #draining = false
  #timer: NodeJS.Timeout | undefined
  #timerAt: Instant | undefined
  #closed = false

  constructor(engine: Engine<Path, Command, Output>, options: EngineLoopOptions<Output>) {
    this.#engine = engine
    this.#options = options
  }

  handleDatagram(path: Path, bytes: Uint8Array): void {
    if (this.#closed) return
    this.#input(now => this.#engine.handleDatagram({ path, bytes }, now))
  }

  handleCommand(command: Command): void {
    if (this.#closed) return
    this.#input(now => this.#engine.handleCommand(command, now))
  }

  /** Stops the timer and takes no more input. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #input(handle: (now: Instant) => void): void {
    try {
      handle(this.#options.now())
    } catch (error) {
      this.#options.defect(error, undefined)
    }
    this.#drain()
  }

  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    for (let output = this.#engine.poll(); output !== undefined; output = this.#engine.poll()) {
      try {
        this.#options.interpret(output)
      } catch (error) {
        this.#options.defect(error, output)
      }
    }
    this.#draining = false
    this.#arm()
    this.#options.drained()
  }

  /** A timer that goes off too early does no harm, so a deadline that moved away needs no new one. */
  #arm(): void {
    const at = this.#engine.nextTimeout()
    if (this.#closed || at === undefined) return
    if (this.#timerAt !== undefined && this.#timerAt <= at) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    // Timers are whole milliseconds and may come a fraction early.
    const wait = Math.min(Math.max(1, Math.ceil(at - this.#options.now())), LONGEST_WAIT_MILLISECONDS)
    this.#timer = setTimeout(() => this.#timeout(), wait)
  }

  #timeout(): void {
    this.#timerAt = undefined
    this.#input(now => this.#engine.handleTimeout(now))
  }
}

/** Node cannot wait longer than 2³¹ − 1 ms. */
const LONGEST_WAIT_MILLISECONDS = 2 ** 30
