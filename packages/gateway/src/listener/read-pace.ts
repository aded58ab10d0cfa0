import type { Socket } from 'node:net'

/** So many small chunks within one pause mean a stream in full flow. */
const BUSY_CHUNKS = 4
/** A chunk of this size is a good batch already. */
const GOOD_CHUNK_BYTES = 16 * 1024
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
  #since = 0
  #chunks = 0

  constructor(socket: Socket, now: () => number) {
    this.#socket = socket
    this.#now = now
    this.#resume = () => socket.resume()
  }

  handleChunk(bytes: number): void {
    if (bytes >= GOOD_CHUNK_BYTES) return
    const now = this.#now()
    if (now - this.#since > PAUSE_MILLISECONDS) {
      this.#since = now
      this.#chunks = 0
    }
    if (++this.#chunks < BUSY_CHUNKS) return
    this.#chunks = 0
    this.#socket.pause()
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(this.#resume, PAUSE_MILLISECONDS)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
