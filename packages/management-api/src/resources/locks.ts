/** What a change needs to stay as it is, and what it changes. Keys of resources. */
export interface Claim {
  readonly changes: readonly string[]
  readonly relies: readonly string[]
}

interface Waiting {
  readonly isExclusive: boolean
  readonly go: () => void
}

/** Who holds a key: several who rely on it, or one who changes it. */
interface Held {
  relying: number
  isChanged: boolean
  readonly queue: Waiting[]
}

/**
 * Keeps changes in this process from what they rely on being changed under them: a resource is not written into a group
 * that goes, nor referred to while it is removed. One process writes to a store, so no other one has to be asked.
 */
export class Locks {
  readonly #held = new Map<string, Held>()

  /** Does something while nobody changes what it relies on, and nobody relies on what it changes. */
  async holding<Result>({ changes, relies }: Claim, work: () => Promise<Result>): Promise<Result> {
    const changed = new Set(changes)
    // Everybody takes keys in the same order, so that nobody waits for who waits for them.
    const keys = [...new Set([...changes, ...relies])].sort()
    const taken: string[] = []
    try {
      for (const key of keys) {
        await this.#take(key, changed.has(key))
        taken.push(key)
      }
      return await work()
    } finally {
      for (const key of taken.reverse()) this.#release(key, changed.has(key))
    }
  }

  #take(key: string, isExclusive: boolean): Promise<void> | undefined {
    const held = this.#held.get(key) ?? { relying: 0, isChanged: false, queue: [] }
    this.#held.set(key, held)
    if (held.queue.length === 0 && isFree(held, isExclusive)) {
      hold(held, isExclusive)
      return undefined
    }
    return new Promise(go => {
      held.queue.push({ isExclusive, go })
    })
  }

  #release(key: string, isExclusive: boolean): void {
    const held = this.#held.get(key)
    if (!held) return
    if (isExclusive) held.isChanged = false
    else held.relying--
    for (let next = held.queue[0]; next && isFree(held, next.isExclusive); next = held.queue[0]) {
      held.queue.shift()
      hold(held, next.isExclusive)
      next.go()
    }
    if (!held.isChanged && held.relying === 0 && held.queue.length === 0) this.#held.delete(key)
  }
}

function isFree({ isChanged, relying }: Held, isExclusive: boolean): boolean {
  return !isChanged && (!isExclusive || relying === 0)
}

function hold(held: Held, isExclusive: boolean): void {
  if (isExclusive) held.isChanged = true
  else held.relying++
}
