import { shown, TemplateFault } from '../fault.ts'
import type { Value } from '../value.ts'

type State =
  | { readonly type: 'evaluating' }
  | { readonly type: 'value'; readonly value: Value }
  | { readonly type: 'fault'; readonly fault: TemplateFault }

/** Values that are evaluated when they are first asked for, and only once. Names are compared in any case. */
export class LazyValues {
  readonly #kind: string
  readonly #names: ReadonlyMap<string, string>
  readonly #compute: (name: string) => Value
  readonly #states = new Map<string, State>()

  /**
   * @param kind of the section, as `variables`, for messages and paths.
   * @param compute raises a {@link TemplateFault} when there is no value.
   */
  constructor(kind: string, names: readonly string[], compute: (name: string) => Value) {
    this.#kind = kind
    this.#names = new Map(names.map(name => [name.toLowerCase(), name]))
    this.#compute = compute
  }

  value(asked: string): Value {
    const name = this.#names.get(asked.toLowerCase())
    if (name === undefined)
      throw new TemplateFault(
        `refers to ${shown(asked)}, which is not among the ${this.#kind} of the template`,
        'declare it, or correct its spelling',
      )
    const state = this.#states.get(name)
    if (state?.type === 'value') return state.value
    if (state?.type === 'fault') throw state.fault
    if (state?.type === 'evaluating')
      throw new TemplateFault('refers to itself', 'break the circle', `${this.#kind}.${name}`)
    return this.#evaluate(name)
  }

  #evaluate(name: string): Value {
    this.#states.set(name, { type: 'evaluating' })
    try {
      const value = this.#compute(name)
      this.#states.set(name, { type: 'value', value })
      return value
    } catch (thrown) {
      if (thrown instanceof TemplateFault) this.#states.set(name, { type: 'fault', fault: thrown })
      else this.#states.delete(name)
      throw thrown
    }
  }
}
