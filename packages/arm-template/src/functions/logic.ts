import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { isEqual } from './fingerprint.ts'
import { type FunctionTable, takes } from './template-function.ts'

/** Functions of truth. `if`, `and`, `or` and `coalesce` are the evaluator's: not all of their arguments are evaluated. */
export const LOGIC_FUNCTIONS: FunctionTable = {
  true: takes(0, 0, () => true),
  false: takes(0, 0, () => false),
  null: takes(0, 0, () => null),
  not: takes(1, 1, args => !args.flag(0)),
  bool: takes(1, 1, bool),
  equals: takes(2, 2, (args, { budget }) => isEqual(args.value(0), args.value(1), budget)),
  less: takes(2, 2, (args, scope) => compared(args, scope) < 0),
  lessOrEquals: takes(2, 2, (args, scope) => compared(args, scope) <= 0),
  greater: takes(2, 2, (args, scope) => compared(args, scope) > 0),
  greaterOrEquals: takes(2, 2, (args, scope) => compared(args, scope) >= 0),
  copyIndex: takes(0, 2, copyIndex),
}

function bool(args: Arguments): Value {
  const value = args.value(0)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (text === 'true' || text === 'false') return text === 'true'
  throw args.wrong(0, "a boolean, an integer, 'true' or 'false'")
}

/** Two integers, or two texts. */
function compared(args: Arguments, { budget }: Scope): number {
  if (typeof args.value(0) === 'string') {
    const [one, other] = [args.text(0), args.text(1)]
    budget.text(one.length)
    return one < other ? -1 : one > other ? 1 : 0
  }
  return args.integer(0) - args.integer(1)
}

/** `copyIndex()`, `copyIndex(offset)`, `copyIndex(loop)`, `copyIndex(loop, offset)`. */
function copyIndex(args: Arguments, { loops }: Scope): Value {
  const isNamed = typeof args.value(0) === 'string'
  const wanted = isNamed ? args.text(0).toLowerCase() : undefined
  const loop = loops.findLast(({ name }) => wanted === undefined || name.toLowerCase() === wanted)
  if (!loop) throw args.fault('outside of its copy loop', 'use it in what the loop copies')
  const at = isNamed ? 1 : 0
  return loop.index + (args.count > at ? args.integer(at) : 0)
}
