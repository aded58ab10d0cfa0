import type { Instant } from '@causeway/engine'
import type { ChildId } from '../ids.ts'
import type { Children, ChildSa, ChildScope } from './children.ts'

/** The Child SAs of a new session: none. */
export function createChildren(): Children {
  return new ChildTable()
}

/** Few SAs and few questions: one map is enough. */
class ChildTable implements Children {
  readonly #all = new Map<number, ChildSa>()
  scope: ChildScope = { local: [], remote: [] }

  get all(): ReadonlyMap<number, ChildSa> {
    return this.#all
  }

  add(child: ChildSa): void {
    this.#all.set(child.receiveSpi, child)
  }

  remove(receiveSpi: number): boolean {
    return this.#all.delete(receiveSpi)
  }

  bySendSpi(spi: number): ChildSa | undefined {
    for (const child of this.#all.values()) if (child.sendSpi === spi) return child
    return undefined
  }

  ofChild(id: ChildId): readonly ChildSa[] {
    return [...this.#all.values()].filter(child => child.id === id)
  }

  nextTimeout(): Instant | undefined {
    let earliest = Number.POSITIVE_INFINITY
    for (const { rekeyAt, expireAt } of this.#all.values())
      earliest = Math.min(earliest, rekeyAt ?? earliest, expireAt ?? earliest)
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest
  }
}
