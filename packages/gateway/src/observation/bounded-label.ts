/** What stands for all values past the limit. */
export const OTHER = 'other'

/** Values of one label, of which strangers may bring about new ones: the first so many count by themselves. */
export class BoundedLabel {
  readonly #limit: number
  readonly #known = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  of(value: string): string {
    if (this.#known.has(value)) return value
    if (this.#known.size >= this.#limit) return OTHER
    this.#known.add(value)
    return value
  }
}
