import { shown, TemplateFault } from '../fault.ts'
import { isObject, kindOf, type Value, type ValueObject } from '../value.ts'

/** The arguments of one call. Every reader raises a {@link TemplateFault} that names the function and the argument. */
export class Arguments {
  readonly name: string
  readonly values: readonly Value[]

  constructor(name: string, values: readonly Value[]) {
    this.name = name
    this.values = values
  }

  get count(): number {
    return this.values.length
  }

  value(at: number): Value {
    return this.values[at] ?? null
  }

  text(at: number): string {
    const value = this.value(at)
    if (typeof value === 'string') return value
    throw this.wrong(at, 'a string')
  }

  /** `undefined`: it was left out. */
  optionalText(at: number): string | undefined {
    return at < this.count ? this.text(at) : undefined
  }

  integer(at: number): number {
    const value = this.value(at)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value
    throw this.wrong(at, 'an integer')
  }

  flag(at: number): boolean {
    const value = this.value(at)
    if (typeof value === 'boolean') return value
    throw this.wrong(at, 'a boolean')
  }

  list(at: number): readonly Value[] {
    const value = this.value(at)
    if (Array.isArray(value)) return value as readonly Value[]
    throw this.wrong(at, 'an array')
  }

  object(at: number): ValueObject {
    const value = this.value(at)
    if (isObject(value)) return value
    throw this.wrong(at, 'an object')
  }

  texts(from = 0): readonly string[] {
    return this.values.slice(from).map((_, i) => this.text(from + i))
  }

  /** What is wrong with one argument. Its value is not told: it may be a secret. */
  wrong(at: number, wanted: string): TemplateFault {
    return new TemplateFault(
      `calls ${this.name}() with ${kindOf(this.value(at))} as argument ${at + 1}`,
      `give ${wanted}`,
    )
  }

  fault(problem: string, remedy: string): TemplateFault {
    return new TemplateFault(`calls ${this.name}() ${problem}`, remedy)
  }
}

/** What is wrong with a call of a function that there is not. */
export function unknownFunction(name: string): TemplateFault {
  if (/^list/i.test(name))
    return new TemplateFault(
      `calls ${shown(name)}, and no resource type here has such an action in templates`,
      'take the secret into a parameter of type securestring',
    )
  if (name.includes('.'))
    return new TemplateFault(
      `calls the user-defined function ${shown(name)}, which is not evaluated here`,
      'write what it does in its place, or take it into a variable',
    )
  return new TemplateFault(
    `calls ${shown(name)}, which is not a function`,
    'correct its spelling, or take the value into a parameter',
  )
}
