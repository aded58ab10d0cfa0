import type { Scope } from '../context.ts'
import type { Value } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { textOf } from './fingerprint.ts'

/** A brace of its own, or `{0}`, `{0,5}`, `{0:D2}`. */
const ITEM = /\{\{|\}\}|\{(\d{1,4})(?:,(-?\d{1,4}))?(?::([^{}]{0,32}))?\}|[{}]/g

/** `format('{0}-{1:D2}', …)`: of .NET's formats those of integers (`D`, `X`, `000`). */
export function formatted(args: Arguments, { budget }: Scope): Value {
  const pattern = args.text(0)
  budget.text(pattern.length)
  const parts: string[] = []
  let length = 0
  const add = (part: string): void => {
    length += part.length
    budget.text(part.length)
    parts.push(part)
  }
  let from = 0
  for (const found of pattern.matchAll(ITEM)) {
    add(pattern.slice(from, found.index))
    add(itemText(args, found, budget))
    from = found.index + found[0].length
  }
  add(pattern.slice(from))
  budget.text(length)
  return parts.join('')
}

function itemText(args: Arguments, found: RegExpMatchArray, budget: Scope['budget']): string {
  const [whole, number, width, format] = found
  if (whole === '{{' || whole === '}}') return whole.slice(1)
  if (number === undefined)
    throw args.fault('with a brace that belongs to nothing', 'write {0} for an argument and {{ for a brace')
  const at = Number(number) + 1
  if (at >= args.count)
    throw args.fault(`with {${number}} and ${args.count - 1} values`, 'give as many values as it names')
  const text = format === undefined ? textOf(args.value(at), budget) : numberText(args, at, format)
  const columns = Number(width ?? 0)
  return columns < 0 ? text.padEnd(-columns) : text.padStart(columns)
}

function numberText(args: Arguments, at: number, format: string): string {
  const value = args.integer(at)
  const sign = value < 0 ? '-' : ''
  const [, kind = '', digits = '0'] = /^([DdXx])(\d{0,2})$/.exec(format) ?? []
  const size = /^0{1,32}$/.test(format) ? format.length : Number(digits)
  if (kind === '' && !/^0{1,32}$/.test(format))
    throw args.fault(`with the format ':${format}'`, 'use D, D2, X or 000, for integers alone')
  const plain = Math.abs(value).toString(kind.toLowerCase() === 'x' ? 16 : 10)
  const text = kind === 'X' ? plain.toUpperCase() : plain
  return sign + text.padStart(size, '0')
}
