/** The query of a URL: names in any case, percent signs decoded in names as well (newer SDKs send `api%2Dversion`). */
export class Query {
  readonly #values: ReadonlyMap<string, string>

  constructor(text: string) {
    const values = new Map<string, string>()
    for (const [name, value] of new URLSearchParams(text)) {
      const key = name.toLowerCase()
      if (!values.has(key)) values.set(key, value)
    }
    this.#values = values
  }

  /** The first value of this name; `undefined` when there is none or it is empty. */
  value(name: string): string | undefined {
    return this.#values.get(name.toLowerCase()) || undefined
  }

  entries(): Iterable<readonly [string, string]> {
    return this.#values
  }
}
