import type { DatapathEvent } from './datapath-event.ts'

/** Control packets that may wait for JavaScript. Ours. */
const CONTROL_LIMIT = 4096

/** Gathers events and hands them over in batches, never inside the call that caused them. */
export class MemoryEventQueue {
  readonly #receive: (events: readonly DatapathEvent[]) => void
  #waiting: DatapathEvent[] = []
  #waitingControl = 0
  #overflow = 0
  #closed = false

  constructor(receive: (events: readonly DatapathEvent[]) => void) {
    this.#receive = receive
  }

  /** Control packets dropped because too many waited. */
  get overflow(): number {
    return this.#overflow
  }

  put(event: DatapathEvent): void {
    if (this.#closed) return
    if (event.type === 'datagram' || event.type === 'control') {
      if (this.#waitingControl === CONTROL_LIMIT) {
        this.#overflow++
        return
      }
      this.#waitingControl++
    }
    if (this.#waiting.push(event) === 1) queueMicrotask(() => this.flush())
  }

  /** Counts a control packet that was not put. */
  drop(): void {
    this.#overflow++
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    const events = this.#waiting
    this.#waiting = []
    this.#waitingControl = 0
    this.#receive(events)
  }

  /** What still waits is dropped: nobody is left to act on it. */
  close(): void {
    this.#closed = true
    this.#waiting = []
  }
}
