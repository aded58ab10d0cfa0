import { MESSAGE_ID_LIMIT, RECEIVE_WINDOW } from '../limits.ts'

/** What became of a message. Only `accepted` and `repeated` are acknowledged. */
export type ReceiveVerdict = 'accepted' | 'repeated' | 'beyond-window'

/** Puts messages back in order and drops repetitions. Holds at most {@link RECEIVE_WINDOW}. */
export class ReceiveWindow {
  #next: number
  readonly #waiting = new Map<number, Uint8Array>()

  /** `first`: the id of the first message to come. */
  constructor(first: number) {
    this.#next = first
  }

  /** Takes a message in; keeps a copy of the payload. */
  offer(messageId: number, payload: Uint8Array): ReceiveVerdict {
    if (messageId < this.#next || this.#waiting.has(messageId)) return 'repeated'
    if (messageId >= this.#next + RECEIVE_WINDOW || messageId >= MESSAGE_ID_LIMIT) return 'beyond-window'
    this.#waiting.set(messageId, payload.slice())
    return 'accepted'
  }

  /** The next message in order, when it is there. */
  take(): Uint8Array | undefined {
    const payload = this.#waiting.get(this.#next)
    if (payload) {
      this.#waiting.delete(this.#next)
      this.#next++
    }
    return payload
  }
}
