import type { Instant } from '@causeway/engine'
import type { PppCommand, PppOptions, PppOutput } from '@causeway/ppp'
import type { PppLink } from '../call/call-host.ts'

/** A link that does what the test says: it records what it is told, and puts out what it is given. */
export class ScriptedLink implements PppLink {
  readonly options: PppOptions
  readonly frames: Uint8Array[] = []
  readonly commands: PppCommand[] = []
  deadline: Instant | undefined
  timeouts = 0
  readonly #outputs: PppOutput[] = []

  constructor(options: PppOptions) {
    this.options = options
  }

  /** Comes out when the link is next called. */
  will(...outputs: readonly PppOutput[]): void {
    this.#outputs.push(...outputs)
  }

  handleDatagram({ bytes }: { readonly bytes: Uint8Array }): void {
    this.frames.push(bytes.slice())
  }

  handleCommand(command: PppCommand): void {
    this.commands.push(command)
  }

  handleTimeout(): void {
    this.timeouts++
    this.deadline = undefined
  }

  poll(): PppOutput | undefined {
    return this.#outputs.shift()
  }

  nextTimeout(): Instant | undefined {
    return this.deadline
  }
}
