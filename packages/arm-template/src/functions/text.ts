import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { textOf } from './fingerprint.ts'
import { formatted } from './format.ts'
import { ANY_NUMBER, type FunctionTable, takes } from './template-function.ts'

/** Functions of texts. */
export const TEXT_FUNCTIONS: FunctionTable = {
  concat: takes(1, ANY_NUMBER, concat),
  format: takes(1, ANY_NUMBER, formatted),
  toLower: takes(1, 1, (args, { budget }) => paid(args.text(0), budget).toLowerCase()),
  toUpper: takes(1, 1, (args, { budget }) => paid(args.text(0), budget).toUpperCase()),
  trim: takes(1, 1, (args, { budget }) => paid(args.text(0), budget).trim()),
  substring: takes(2, 3, substring),
  replace: takes(3, 3, replace),
  split: takes(2, 2, split),
  join: takes(2, 2, join),
  startsWith: takes(2, 2, (args, { budget }) => lower(args, 0, budget).startsWith(lower(args, 1, budget))),
  endsWith: takes(2, 2, (args, { budget }) => lower(args, 0, budget).endsWith(lower(args, 1, budget))),
  padLeft: takes(2, 3, padLeft),
}

type Budget = Scope['budget']

function paid(text: string, budget: Budget): string {
  budget.text(text.length)
  return text
}

function lower(args: Arguments, at: number, budget: Budget): string {
  return paid(args.text(at), budget).toLowerCase()
}

/** Of texts, or of arrays. */
function concat(args: Arguments, { budget }: Scope): Value {
  if (Array.isArray(args.value(0))) {
    const lists = args.values.map((_, i) => args.list(i))
    budget.spend(lists.reduce((sum, list) => sum + list.length, 0))
    return lists.flat(1) as readonly Value[]
  }
  const parts = args.values.map((value, i) => {
    if (Array.isArray(value)) throw args.wrong(i, 'a string, as the first argument is')
    return textOf(value, budget)
  })
  budget.text(parts.reduce((sum, part) => sum + part.length, 0))
  return parts.join('')
}

function substring(args: Arguments, { budget }: Scope): Value {
  const text = paid(args.text(0), budget)
  const start = args.integer(1)
  const length = args.count > 2 ? args.integer(2) : text.length - start
  if (start < 0 || length < 0 || start + length > text.length)
    throw args.fault(
      `with ${start} and ${length} for a text of ${text.length} characters`,
      'stay within the text',
    )
  return text.slice(start, start + length)
}

function replace(args: Arguments, { budget }: Scope): Value {
  const [text, old, next] = [args.text(0), args.text(1), args.text(2)]
  budget.search(text, old)
  if (old === '') throw args.fault('with nothing to replace', 'give the text that is to be replaced')
  const parts = text.split(old)
  budget.text(text.length + (parts.length - 1) * (next.length - old.length))
  return parts.join(next)
}

/** At one delimiter, or at any of an array of them. */
function split(args: Arguments, { budget }: Scope): Value {
  const text = paid(args.text(0), budget)
  const given = args.value(1)
  const marks = Array.isArray(given) ? args.list(1) : [args.text(1)]
  let parts: readonly string[] = [text]
  for (const mark of marks) {
    if (typeof mark !== 'string' || mark === '')
      throw args.wrong(1, 'a string or strings, none of them empty')
    budget.search(text, mark)
    parts = parts.flatMap(part => part.split(mark))
  }
  budget.spend(parts.length)
  return parts
}

function join(args: Arguments, { budget }: Scope): Value {
  const delimiter = args.text(1)
  const parts = args.list(0).map(value => textOf(value, budget))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  budget.text(length + delimiter.length * parts.length)
  return parts.join(delimiter)
}

function padLeft(args: Arguments, { budget }: Scope): Value {
  const text = textOf(args.value(0), budget)
  const length = args.integer(1)
  const fill = args.optionalText(2) ?? ' '
  if (fill.length !== 1) throw args.wrong(2, 'one character')
  budget.text(Math.max(length, text.length))
  return text.padStart(length, fill)
}
