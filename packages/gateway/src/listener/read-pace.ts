import type { Socket } from 'node:net'

/** So many chunks within one pause mean a stream in full flow. */
const BUSY_CHUNKS = 4
/** Less than this after a pause, and the flow is over: two packets. */
const IDLE_BYTES = 3_000
/** How much Node reads at once; a chunk of this size has more behind it. */
const FULL_CHUNK_BYTES = 64 * 1024
/** How long packets may gather in the kernel. */
const PAUSE_MILLISECONDS = 1

/**
 * Lets packets of a busy stream gather. A sender writes each VPN packet by itself, and each that is
 * read alone costs a wake-up, a call into the datapath and a write to TUN, several times the work of
 * the packet. In full flow the socket is read once a millisecond; a stream that is not in full flow
 * is read at once, so that its latency stays.
 */
export class ReadPace {
  readonly #socket: Socket
  readonly #now: () => number
  readonly #resume: () => void
  #timer: NodeJS.Timeout | undefined
  #busy = false
  #since = 0
  #chunks = 0

  constructor(socket: Socket, now: () => number) {
    this.#socket = socket
    this.#now = now
    this.#resume = () => socket.resume()
  }

  handleChunk(bytes: number): void {
    if (bytes >= FULL_CHUNK_BYTES) return
    if (this.#busy) this.#busy = bytes > IDLE_BYTES
    else this.#busy = this.#isMany()
    if (this.#busy) this.#pause()
  }

  /** Forgets a pause that is under way: its socket is the caller's to resume. Later chunks are paced as before. */
  stop(): void {
    clearTimeout(this.#timer)
    // A timer that was cleared cannot be refreshed: the next pause would have no end.
    this.#timer = undefined
  }

  #isMany(): boolean {
    const now = this.#now()
    if (now - this.#since > PAUSE_MILLISECONDS) {
      this.#since = now
      this.#chunks = 0
    }
    return ++this.#chunks >= BUSY_CHUNKS
  }

  #pause(): void {
    this.#socket.pause()
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(this.#resume, PAUSE_MILLISECONDS)
  }
}
