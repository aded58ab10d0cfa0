import type { Scope } from '../context.ts'
import { LIMITS } from '../limits.ts'
import { isObject, own, type Value, type ValueObject } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { fingerprint, isEqual, textOf } from './fingerprint.ts'
import { ANY_NUMBER, type FunctionTable, takes } from './template-function.ts'

/** Functions of arrays and objects, and of what texts have in common with arrays. */
export const COLLECTION_FUNCTIONS: FunctionTable = {
  length: takes(1, 1, length),
  empty: takes(1, 1, empty),
  first: takes(1, 1, args => at(args, 0)),
  last: takes(1, 1, args => at(args, -1)),
  take: takes(2, 2, (args, scope) => cut(args, scope, 0, Math.max(0, args.integer(1)))),
  skip: takes(2, 2, (args, scope) => cut(args, scope, Math.max(0, args.integer(1)))),
  contains: takes(2, 2, contains),
  indexOf: takes(2, 2, (args, scope) => place(args, scope, 'first')),
  lastIndexOf: takes(2, 2, (args, scope) => place(args, scope, 'last')),
  union: takes(2, ANY_NUMBER, union),
  intersection: takes(2, ANY_NUMBER, intersection),
  array: takes(1, 1, args => (Array.isArray(args.value(0)) ? args.value(0) : [args.value(0)])),
  createArray: takes(0, ANY_NUMBER, args => args.values),
  createObject: takes(0, ANY_NUMBER, createObject),
  flatten: takes(1, 1, flatten),
  items: takes(1, 1, items),
  objectKeys: takes(1, 1, (args, { budget }) => keysOf(args.object(0), budget)),
  range: takes(2, 2, range),
}

const COLLECTION = 'a string, an array or an object'

function keysOf(object: ValueObject, budget: Scope['budget']): readonly string[] {
  const keys = Object.keys(object)
  budget.spend(keys.length)
  return keys
}

function length(args: Arguments, { budget }: Scope): Value {
  const value = args.value(0)
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (isObject(value)) return keysOf(value, budget).length
  throw args.wrong(0, COLLECTION)
}

function empty(args: Arguments, scope: Scope): Value {
  return args.value(0) === null || length(args, scope) === 0
}

/** Azure's: of an empty text an empty text, of an empty array nothing. */
function at(args: Arguments, index: number): Value {
  const value = args.value(0)
  if (typeof value === 'string') return value.at(index) ?? ''
  return args.list(0).at(index) ?? null
}

function cut(args: Arguments, { budget }: Scope, from: number, to?: number): Value {
  const value = args.value(0)
  if (typeof value === 'string') return value.slice(from, to)
  const list = args.list(0)
  budget.spend(list.length)
  return list.slice(from, to)
}

function contains(args: Arguments, { budget }: Scope): Value {
  const container = args.value(0)
  if (typeof container === 'string') {
    const wanted = textOf(args.value(1), budget)
    budget.search(container, wanted)
    return container.includes(wanted)
  }
  if (isObject(container)) {
    keysOf(container, budget)
    return own(container, textOf(args.value(1), budget)) !== undefined
  }
  const list = args.list(0)
  budget.spend(list.length)
  return list.some(each => isEqual(each, args.value(1), budget))
}

/** In a text, its case not minded; in an array. -1: nowhere. */
function place(args: Arguments, { budget }: Scope, which: 'first' | 'last'): Value {
  const value = args.value(0)
  if (typeof value === 'string') {
    budget.search(value, args.text(1))
    const [text, wanted] = [value.toLowerCase(), args.text(1).toLowerCase()]
    return which === 'first' ? text.indexOf(wanted) : text.lastIndexOf(wanted)
  }
  const list = args.list(0)
  budget.spend(list.length)
  const isWanted = (each: Value): boolean => isEqual(each, args.value(1), budget)
  return which === 'first' ? list.findIndex(isWanted) : list.findLastIndex(isWanted)
}

/** Of arrays: what is in any of them, once. Of objects: the properties of all, the last ones counting. */
function union(args: Arguments, { budget }: Scope): Value {
  if (Array.isArray(args.value(0))) {
    const found = new Map<string, Value>()
    for (const i of args.values.keys())
      for (const each of args.list(i)) {
        const key = fingerprint(each, budget)
        if (!found.has(key)) found.set(key, each)
      }
    return [...found.values()]
  }
  return args.values.reduce<ValueObject>((all, _, i) => merged(all, args.object(i), budget), {})
}

function merged(one: ValueObject, other: ValueObject, budget: Scope['budget']): ValueObject {
  return budget.deeper(() => {
    budget.spend(1 + Object.keys(one).length + Object.keys(other).length)
    const all = new Map(Object.entries(one))
    for (const [name, value] of Object.entries(other)) {
      const present = all.get(name)
      all.set(name, isObject(present) && isObject(value) ? merged(present, value, budget) : value)
    }
    return Object.fromEntries(all)
  })
}

function intersection(args: Arguments, { budget }: Scope): Value {
  const others = [...args.values.keys()].slice(1)
  if (Array.isArray(args.value(0))) {
    const keys = others.map(i => new Set(args.list(i).map(each => fingerprint(each, budget))))
    const found = new Map<string, Value>()
    for (const each of args.list(0)) found.set(fingerprint(each, budget), each)
    return [...found].filter(([key]) => keys.every(set => set.has(key))).map(([, each]) => each)
  }
  const common = Object.entries(args.object(0)).filter(([name, value]) =>
    others.every(i => {
      const object = args.object(i)
      const other = Object.hasOwn(object, name) ? object[name] : undefined
      return other !== undefined && isEqual(value, other, budget)
    }),
  )
  return Object.fromEntries(common)
}

function createObject(args: Arguments): Value {
  if (args.count % 2 !== 0) throw args.fault('with a name and no value', 'give pairs of a name and a value')
  const entries: [string, Value][] = []
  for (let i = 0; i < args.count; i += 2) entries.push([args.text(i), args.value(i + 1)])
  return Object.fromEntries(entries)
}

function flatten(args: Arguments, { budget }: Scope): Value {
  const lists = args.list(0)
  budget.spend(lists.reduce<number>((sum, each) => sum + (Array.isArray(each) ? each.length : 1), 0))
  return lists.flat(1) as readonly Value[]
}

function items(args: Arguments, { budget }: Scope): Value {
  const entries = Object.entries(args.object(0))
  budget.spend(entries.length)
  return entries
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]): ValueObject => ({ key, value }))
}

function range(args: Arguments, { budget }: Scope): Value {
  const [start, count] = [args.integer(0), args.integer(1)]
  if (count < 0 || count > LIMITS.rangeEntries)
    throw args.fault(`with ${count} entries`, `give 0 to ${LIMITS.rangeEntries}`)
  budget.spend(count)
  return Array.from({ length: count }, (_, i) => start + i)
}
