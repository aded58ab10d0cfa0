import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'

/** A function of the template language. */
export interface TemplateFunction {
  readonly minimum: number
  readonly maximum: number
  readonly run: (args: Arguments, scope: Scope) => Value
}

/** Functions by their names as Azure's documents spell them. */
export type FunctionTable = Readonly<Record<string, TemplateFunction>>

/** A function of as many arguments. */
export function takes(
  minimum: number,
  maximum: number,
  run: (args: Arguments, scope: Scope) => Value,
): TemplateFunction {
  return { minimum, maximum, run }
}

export const ANY_NUMBER: number = Number.POSITIVE_INFINITY
