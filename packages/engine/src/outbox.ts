/** The one ordered queue of an engine: what was put first leaves first. */
export class Outbox<Output> {
  #queue: Output[] = []
  #head = 0

  put(output: Output): void {
    this.#queue.push(output)
  }

  take(): Output | undefined {
    if (this.#head === this.#queue.length) {
      if (this.#head > 0) {
        this.#queue = []
        this.#head = 0
      }
      return undefined
    }
    return this.#queue[this.#head++]
  }
}
