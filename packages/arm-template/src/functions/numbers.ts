import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { ANY_NUMBER, type FunctionTable, takes } from './template-function.ts'

/** Functions of integers. */
export const NUMBER_FUNCTIONS: FunctionTable = {
  add: takes(2, 2, args => exact(args, args.integer(0) + args.integer(1))),
  sub: takes(2, 2, args => exact(args, args.integer(0) - args.integer(1))),
  mul: takes(2, 2, args => exact(args, args.integer(0) * args.integer(1))),
  div: takes(2, 2, args => exact(args, Math.trunc(args.integer(0) / divisor(args)))),
  mod: takes(2, 2, args => exact(args, args.integer(0) % divisor(args))),
  min: takes(1, ANY_NUMBER, (args, scope) =>
    numbersOf(args, scope).reduce((one, other) => Math.min(one, other)),
  ),
  max: takes(1, ANY_NUMBER, (args, scope) =>
    numbersOf(args, scope).reduce((one, other) => Math.max(one, other)),
  ),
  int: takes(1, 1, int),
}

function divisor(args: Arguments): number {
  const value = args.integer(1)
  if (value === 0) throw args.fault('with 0 to divide by', 'divide by something else')
  return value
}

function exact(args: Arguments, value: number): number {
  if (!Number.isSafeInteger(value)) throw args.fault('beyond 53 bits', 'stay within 9007199254740991')
  // There is one zero.
  return value === 0 ? 0 : value
}

/** Of one array, or of the arguments themselves. */
function numbersOf(args: Arguments, { budget }: Scope): readonly number[] {
  const list = args.count === 1 && Array.isArray(args.value(0)) ? args.list(0) : args.values
  budget.spend(list.length)
  if (list.length === 0) throw args.wrong(0, 'an array with integers in it')
  return list.map((value, i) => {
    if (typeof value === 'number') return value
    throw args.wrong(list === args.values ? i : 0, 'integers')
  })
}

function int(args: Arguments): Value {
  const value = args.value(0)
  if (typeof value === 'number') return exact(args, Math.trunc(value))
  if (typeof value === 'string' && /^\s*[+-]?\d{1,16}\s*$/.test(value)) return exact(args, Number(value))
  throw args.wrong(0, 'an integer, or a string that is one')
}
