import type { Budget } from '../budget.ts'
import type { Loop, References, Scope, TemplateContext } from '../context.ts'
import type { Value } from '../value.ts'

/** What the names in a template stand for, wherever in it they are. */
export interface Names {
  readonly context: TemplateContext
  readonly parameter: (name: string) => Value
  readonly variable: (name: string) => Value
  readonly resourceNamed: (name: string) => string
  readonly loops: readonly Loop[]
  /** Whether an expression is made of a secret: of what the parameters of that type hold. */
  readonly isSecret: (part: unknown) => boolean
}

/** A scope in which nothing may be asked of resources, or in which what is known of them is given. */
export function scopeOf(names: Names, budget: Budget, references?: References): Scope {
  return { ...names, budget, isDefault: false, ...(references && { references }) }
}
