import { LimitFault } from './fault.ts'
import { LIMITS } from './limits.ts'
import { isObject, type Value } from './value.ts'

/** What evaluating may still cost. A small template can ask for any amount of work: nothing is done that is not paid for. */
export class Budget {
  #left: number
  #depth = 0

  constructor(steps: number = LIMITS.steps) {
    this.#left = steps
  }

  /** Pays for work before it is done. */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0)
      throw new LimitFault(
        `takes more than ${LIMITS.steps} steps to evaluate`,
        'split it, or make its loops and texts smaller',
      )
  }

  /** Goes one call deeper: variables that use variables could go on for longer than there is room. */
  deeper<Result>(work: () => Result): Result {
    if (this.#depth >= LIMITS.evaluationDepth)
      throw new LimitFault(
        `has more than ${LIMITS.evaluationDepth} calls in each other`,
        'make its variables and expressions less deep',
      )
    this.#depth++
    try {
      return work()
    } finally {
      this.#depth--
    }
  }

  /** Pays for a text of this length before it is made. */
  text(length: number): void {
    if (length > LIMITS.textCharacters)
      throw new LimitFault(
        `makes a text of more than ${LIMITS.textCharacters} characters`,
        'make its texts smaller',
      )
    this.spend(1 + (length >> 5))
  }

  /** Pays for looking for one text in another, which at worst compares much of the one at many places of the other. */
  search(text: string, wanted: string): void {
    this.text(text.length)
    this.text(wanted.length)
    this.spend(Math.floor((text.length * wanted.length) / 65_536))
  }

  /** Pays for a value as it would be written out, each of its parts as often as it stands there. */
  whole(value: Value, depth = 0): void {
    if (depth > LIMITS.depth)
      throw new LimitFault(`has values more than ${LIMITS.depth} deep`, 'make it flatter')
    if (typeof value === 'string') this.text(value.length)
    else if (Array.isArray(value)) {
      this.spend(1 + value.length)
      for (const entry of value as readonly Value[]) this.whole(entry, depth + 1)
    } else if (isObject(value)) {
      this.spend(1)
      for (const [name, part] of Object.entries(value)) {
        this.text(name.length)
        this.whole(part, depth + 1)
      }
    } else this.spend(1)
  }
}
