import type { Datagram, Engine, Instant } from '@causeway/engine'

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
