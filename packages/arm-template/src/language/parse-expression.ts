import { shown, TemplateFault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Expression } from './expression.ts'

/** What became of a text that should be an expression. */
export type ParsedExpression =
  | { readonly type: 'expression'; readonly expression: Expression }
  | { readonly type: 'fault'; readonly fault: TemplateFault; readonly offset: number }

/**
 * Reads an expression of the template language, its brackets around it.
 *
 * @param text `[concat('a', parameters('b').c[0])]`.
 */
export function parseExpression(text: string): ParsedExpression {
  const cursor: Cursor = { text, at: 1, end: text.length - 1 }
  try {
    if (text.length > LIMITS.expressionCharacters)
      throw new TemplateFault(
        `is an expression of more than ${LIMITS.expressionCharacters} characters`,
        'take parts of it into variables',
      )
    const expression = readExpression(cursor, 0)
    skipSpace(cursor)
    if (cursor.at < cursor.end) throw unexpected(cursor, 'the end of the expression')
    return { type: 'expression', expression }
  } catch (thrown) {
    if (thrown instanceof TemplateFault) return { type: 'fault', fault: thrown, offset: cursor.at }
    throw thrown
  }
}

interface Cursor {
  readonly text: string
  at: number
  /** Of the bracket that ends it. */
  readonly end: number
}

const SPACE = /[ \t\r\n]*/y
const NAME = /[A-Za-z_]\w*/y
const FUNCTION_NAME = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y
const INTEGER = /-?\d+/y
/** Two quotes stand for one. */
const TEXT = /'[^']*(?:''[^']*)*'/y

function readExpression(cursor: Cursor, depth: number): Expression {
  if (depth > LIMITS.expressionDepth)
    throw new TemplateFault(
      `is an expression with more than ${LIMITS.expressionDepth} calls in each other`,
      'take parts of it into variables',
    )
  skipSpace(cursor)
  let expression = readOperand(cursor, depth)
  for (let places = 0; ; places++) {
    skipSpace(cursor)
    const mark = cursor.at < cursor.end ? cursor.text[cursor.at] : undefined
    if (mark !== '.' && mark !== '[') return expression
    if (places >= LIMITS.places) throw unexpected(cursor, 'fewer places after each other')
    cursor.at++
    expression = mark === '.' ? readProperty(cursor, expression) : readEntry(cursor, expression, depth)
  }
}

function readOperand(cursor: Cursor, depth: number): Expression {
  const text = match(cursor, TEXT)
  if (text) return { type: 'text', value: text.slice(1, -1).replaceAll("''", "'") }
  const integer = match(cursor, INTEGER)
  if (integer !== undefined) return readInteger(cursor, integer)
  const name = match(cursor, FUNCTION_NAME)
  if (name === undefined) throw unexpected(cursor, 'a function, a text in single quotes or an integer')
  skipSpace(cursor)
  if (!take(cursor, '('))
    throw new TemplateFault(
      `has ${shown(name)} without ( after it`,
      'call it as a function, or put single quotes around a text',
    )
  return { type: 'call', name, arguments: readArguments(cursor, depth) }
}

function readInteger(cursor: Cursor, text: string): Expression {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw unexpected(cursor, 'an integer of at most 53 bits before it')
  // There is one zero.
  return { type: 'integer', value: value === 0 ? 0 : value }
}

function readArguments(cursor: Cursor, depth: number): Expression[] {
  const found: Expression[] = []
  skipSpace(cursor)
  if (take(cursor, ')')) return found
  for (;;) {
    found.push(readExpression(cursor, depth + 1))
    skipSpace(cursor)
    if (take(cursor, ')')) return found
    if (!take(cursor, ',')) throw unexpected(cursor, ', or )')
  }
}

function readProperty(cursor: Cursor, of: Expression): Expression {
  skipSpace(cursor)
  const name = match(cursor, NAME)
  if (name === undefined) throw unexpected(cursor, 'the name of a property')
  return { type: 'property', of, name }
}

function readEntry(cursor: Cursor, of: Expression, depth: number): Expression {
  const at = readExpression(cursor, depth + 1)
  skipSpace(cursor)
  if (!take(cursor, ']')) throw unexpected(cursor, ']')
  return { type: 'entry', of, at }
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found === undefined || cursor.at + found.length > cursor.end) return undefined
  cursor.at += found.length
  return found
}

function take(cursor: Cursor, mark: string): boolean {
  if (cursor.at >= cursor.end || cursor.text[cursor.at] !== mark) return false
  cursor.at++
  return true
}

function skipSpace(cursor: Cursor): void {
  match(cursor, SPACE)
}

function unexpected({ text, at, end }: Cursor, wanted: string): TemplateFault {
  const found = at >= end ? 'its end' : shown(text.slice(at, Math.min(end, at + 20)))
  return new TemplateFault(`has ${found} at character ${at} of the expression`, `expected is ${wanted}`)
}
