import type { Instant } from './engine.ts'

interface Entry<Member> {
  readonly at: Instant
  readonly member: Member
}

/** Stale entries up to this number cost less than clearing them. */
const STALE_ALLOWED = 64

/**
 * The next deadlines of many members (sessions of a server): a binary heap with lazy removal, so
 * that ten thousand sessions cost a logarithm and not a scan.
 */
export class DeadlineQueue<Member> {
  #heap: Entry<Member>[] = []
  readonly #current = new Map<Member, Instant>()

  /** Entries held, those that count no more included: bounded by twice the members. */
  get entryCount(): number {
    return this.#heap.length
  }

  /** Sets, moves (`at`) or clears (`undefined`) a member's deadline. */
  schedule(member: Member, at: Instant | undefined): void {
    if (this.#current.get(member) === at) return
    if (at === undefined) {
      this.#current.delete(member)
      return
    }
    this.#current.set(member, at)
    this.#push({ at, member })
    if (this.#heap.length > 2 * this.#current.size + STALE_ALLOWED) this.#compact()
  }

  /** The earliest deadline of all. */
  next(): Instant | undefined {
    this.#dropStale()
    return this.#heap[0]?.at
  }

  /** Removes and gives one member that is due, or `undefined`. */
  takeDue(now: Instant): Member | undefined {
    this.#dropStale()
    const first = this.#heap[0]
    if (!first || first.at > now) return undefined
    this.#pop()
    this.#current.delete(first.member)
    return first.member
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (this.#current.get(first.member) === first.at) return
      this.#pop()
    }
  }

  /** A peer decides how often its deadline moves; it must not decide how much is kept of that. */
  #compact(): void {
    const entries = Array.from(this.#current, ([member, at]) => ({ at, member }))
    this.#heap = entries.sort((a, b) => a.at - b.at)
  }

  #push(entry: Entry<Member>): void {
    const heap = this.#heap
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent]
      if (!above || above.at <= entry.at) break
      heap[i] = above
      i = parent
    }
    heap[i] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      const left = heap[child]
      const right = heap[child + 1]
      if (!left) break
      if (right && right.at < left.at) child++
      const smaller = heap[child]
      if (!smaller || smaller.at >= last.at) break
      heap[i] = smaller
      i = child
    }
    heap[i] = last
  }
}
