import type { Logger } from 'pino'
import { CommandError } from '../quick-start/index.ts'
import type { PresentGateway } from './present-gateway.ts'

/** Hears that the operator has changed what is in force. */
export type ChangeListener = () => Promise<void>

/**
 * Changes that the operator's commands make, on their way to the management plane. It keeps a copy of the gateway:
 * until it has heard of a change, a change of its own would undo the operator's.
 */
export class OperatorChanges {
  readonly #log: Logger
  readonly #waiting = new Set<() => void>()
  #listener: ChangeListener | undefined
  #isPending = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Whom changes to come are told. `undefined`: nobody, and nobody need hear of those that were made. */
  listen(listener: ChangeListener | undefined): void {
    this.#listener = listener
    if (!listener) this.#isPending = false
  }

  /** A change was made: tells it, within its turn. The change is in force whatever becomes of that. */
  async made(): Promise<void> {
    if (!this.#listener) return
    this.#isPending = true
    // Whoever waits for a turn may hold what the listener needs.
    for (const refuse of this.#waiting) refuse()
    this.#waiting.clear()
    await this.tell()
  }

  /** Tells a change that was not heard of yet, if there is one. */
  async tell(): Promise<void> {
    if (!this.#isPending || !this.#listener) return
    try {
      await this.#listener()
      this.#isPending = false
    } catch (error) {
      this.#log.error(
        { err: error },
        'a change of the operator could not be taken over by the management API',
      )
    }
  }

  /**
   * Makes a change of the management plane in its turn. Errors: `Conflict`, when a change of the operator is not told
   * yet or comes before it; those of `change`.
   */
  inTurn(present: PresentGateway, change: () => Promise<void>): Promise<void> {
    if (this.#isPending) return Promise.reject(changedMeanwhile())
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(changedMeanwhile())
      this.#waiting.add(refuse)
      present
        .inTurn(async () => {
          if (this.#waiting.delete(refuse)) await change()
        })
        .then(resolve, reject)
    })
  }
}

function changedMeanwhile(): CommandError {
  return new CommandError(
    'Conflict',
    'the gateway was changed by a command of the operator meanwhile; look at it and try again',
  )
}
