import type { Instant } from './engine.ts'

/** The deadlines of one engine part: a closed set of names, each set or not. */
export class TimerTable<Name extends string> {
  readonly #deadlines = new Map<Name, Instant>()

  /** Sets or moves a timer. */
  set(name: Name, at: Instant): void {
    this.#deadlines.set(name, at)
  }

  clear(name: Name): void {
    this.#deadlines.delete(name)
  }

  clearAll(): void {
    this.#deadlines.clear()
  }

  deadline(name: Name): Instant | undefined {
    return this.#deadlines.get(name)
  }

  /** The earliest deadline. */
  next(): Instant | undefined {
    let earliest: Instant | undefined
    for (const at of this.#deadlines.values()) if (earliest === undefined || at < earliest) earliest = at
    return earliest
  }

  /** Clears and gives back the timers that are due, earliest first. */
  takeDue(now: Instant): Name[] {
    const due = [...this.#deadlines].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b)
    for (const [name] of due) this.#deadlines.delete(name)
    return due.map(([name]) => name)
  }
}
