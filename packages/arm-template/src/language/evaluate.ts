import type { Scope } from '../context.ts'
import { shown, TemplateFault } from '../fault.ts'
import { functionNamed } from '../functions/all-functions.ts'
import { Arguments, unknownFunction } from '../functions/arguments.ts'
import { isObject, kindOf, own, type Value } from '../value.ts'
import type { Expression } from './expression.ts'

type Call = Extract<Expression, { type: 'call' }>

/** What an expression comes to. Raises a {@link TemplateFault}, or a `PendingReference` for what is not known yet. */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.type) {
    case 'text':
    case 'integer':
      return expression.value
    case 'call':
      return scope.budget.deeper(() => call(expression, scope))
    case 'property':
      return entryOf(evaluate(expression.of, scope), expression.name, scope)
    case 'entry':
      return entryOf(evaluate(expression.of, scope), evaluate(expression.at, scope), scope)
    default:
      return expression satisfies never
  }
}

function call(expression: Call, scope: Scope): Value {
  scope.budget.spend(1)
  const chosen = LAZY[expression.name.toLowerCase()]
  if (chosen) return chosen(expression, scope)
  const found = functionNamed(expression.name)
  if (!found) throw unknownFunction(expression.name)
  judgeCount(expression, found.minimum, found.maximum)
  const values = expression.arguments.map(argument => evaluate(argument, scope))
  return found.run(new Arguments(expression.name, values), scope)
}

/** Functions that do not evaluate all of their arguments. */
const LAZY: Readonly<Record<string, (call: Call, scope: Scope) => Value>> = {
  __proto__: null as never,
  if: (expression, scope) => {
    judgeCount(expression, 3, 3)
    return argument(expression, flagAt(expression, 0, scope) ? 1 : 2, scope)
  },
  and: (expression, scope) => {
    judgeCount(expression, 1)
    return expression.arguments.every((_, i) => flagAt(expression, i, scope))
  },
  or: (expression, scope) => {
    judgeCount(expression, 1)
    return expression.arguments.some((_, i) => flagAt(expression, i, scope))
  },
  coalesce: (expression, scope) => {
    judgeCount(expression, 1)
    for (const each of expression.arguments) {
      const value = evaluate(each, scope)
      if (value !== null) return value
    }
    return null
  },
}

function argument({ name, arguments: given }: Call, at: number, scope: Scope): Value {
  const found = given[at]
  if (!found) throw new TemplateFault(`calls ${name}() without argument ${at + 1}`, 'give it')
  return evaluate(found, scope)
}

function flagAt(expression: Call, at: number, scope: Scope): boolean {
  const value = argument(expression, at, scope)
  if (typeof value === 'boolean') return value
  const given = new Arguments(expression.name, [...Array<Value>(at).fill(null), value])
  throw given.wrong(at, 'a boolean')
}

function judgeCount(
  { name, arguments: given }: Call,
  minimum: number,
  maximum = Number.POSITIVE_INFINITY,
): void {
  if (given.length >= minimum && given.length <= maximum) return
  const wanted =
    minimum === maximum
      ? `${minimum}`
      : maximum === Number.POSITIVE_INFINITY
        ? `at least ${minimum}`
        : `${minimum} to ${maximum}`
  throw new TemplateFault(`calls ${name}() with ${given.length} arguments`, `give ${wanted}`)
}

/** A property of an object, its name in any case; or an entry of an array. */
function entryOf(of: Value, at: Value, { budget }: Scope): Value {
  budget.spend(1)
  if (isObject(of) && typeof at === 'string') {
    if (!Object.hasOwn(of, at)) budget.spend(Object.keys(of).length)
    const found = own(of, at)
    if (found !== undefined) return found
    throw new TemplateFault(
      `asks for the property ${shown(at)}, which the object has not`,
      propertiesOf(Object.keys(of)),
    )
  }
  if (Array.isArray(of) && typeof at === 'number') {
    const found = (of as readonly Value[])[at]
    if (found !== undefined) return found
    throw new TemplateFault(`asks for entry ${at} of ${of.length}`, 'count from 0, and stay within the array')
  }
  throw new TemplateFault(
    `asks ${kindOf(of)} for ${typeof at === 'string' ? `the property ${shown(at)}` : `entry ${String(at)}`}`,
    'ask objects for properties and arrays for entries',
  )
}

function propertiesOf(names: readonly string[]): string {
  if (names.length === 0) return 'it has none'
  return `it has ${names.slice(0, 12).map(shown).join(', ')}${names.length > 12 ? ', …' : ''}`
}
