import type { Instant } from '@causeway/engine'

interface Entry<Item> {
  readonly at: Instant
  /** Keeps items of one moment in the order they were put. */
  readonly sequence: number
  readonly item: Item
}

/** Items with the moment at which each is due: a binary heap, in order of put within a moment. */
export class Schedule<Item> {
  readonly #heap: Entry<Item>[] = []
  #sequence = 0

  get size(): number {
    return this.#heap.length
  }

  put(at: Instant, item: Item): void {
    const heap = this.#heap
    const entry = { at, sequence: this.#sequence++, item }
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent] as Entry<Item>
      if (isBefore(above, entry)) break
      heap[i] = above
      i = parent
    }
    heap[i] = entry
  }

  /** The earliest moment. */
  next(): Instant | undefined {
    return this.#heap[0]?.at
  }

  /** Removes and gives the first item that is due. */
  takeDue(now: Instant): Item | undefined {
    const first = this.#heap[0]
    if (!first || first.at > now) return undefined
    const last = this.#heap.pop() as Entry<Item>
    if (this.#heap.length > 0) this.#sink(last)
    return first.item
  }

  #sink(entry: Entry<Item>): void {
    const heap = this.#heap
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      const left = heap[child]
      if (!left) break
      const right = heap[child + 1]
      if (right && isBefore(right, left)) child++
      const smaller = heap[child] as Entry<Item>
      if (isBefore(entry, smaller)) break
      heap[i] = smaller
      i = child
    }
    heap[i] = entry
  }
}

function isBefore<Item>(a: Entry<Item>, b: Entry<Item>): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
}
