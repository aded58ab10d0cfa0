import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LIMITS } from '../limits.ts'
import { type Expression, formatExpression } from './expression.ts'
import { parseExpression } from './parse-expression.ts'

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,7}$/)
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), value: fc.string({ maxLength: 20 }) }),
  fc.record({ type: fc.constant('integer' as const), value: fc.maxSafeInteger().map(value => value || 0) }),
)
const { expression } = fc.letrec<{ expression: Expression }>(tie => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.record({
      type: fc.constant('call' as const),
      name: fc.oneof(
        name,
        fc.tuple(name, name).map(words => words.join('.')),
      ),
      arguments: fc.array(tie('expression'), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('property' as const), of: tie('expression'), name }),
    fc.record({ type: fc.constant('entry' as const), of: tie('expression'), at: tie('expression') }),
  ),
}))

it('what is written is read the same again', () => {
  fc.assert(
    fc.property(expression, written => {
      expect(parseExpression(`[${formatExpression(written)}]`)).toEqual({
        type: 'expression',
        expression: written,
      })
    }),
    { numRuns: 500 },
  )
})

it('no text throws, and what is cut is a fault', () => {
  const marks = fc.string({ unit: fc.constantFrom(...`[]().,'abc(1 -_"\\`), maxLength: 60 })
  fc.assert(
    fc.property(fc.oneof(fc.string(), marks), text => {
      expect(['expression', 'fault']).toContain(parseExpression(`[${text}]`).type)
    }),
    { numRuns: 1_000 },
  )
  const whole = "concat('a''b', parameters('c').d[0], -1)"
  for (let end = 0; end < whole.length; end++)
    expect(parseExpression(`[${whole.slice(0, end)}]`).type, whole.slice(0, end)).toBe('fault')
})

it.each([
  ['[]', 'its end', 1],
  ['[concat]', "'concat' without (", 7],
  ["[concat('a' 'b')]", "''b')' at character 12", 12],
  ["['a'b]", "'b' at character 4", 4],
  ['[9007199254740993]', 'its end', 17],
  ["[concat('a]", "has ''a' at character 8", 8],
  ['[a().1]', "'1' at character 5", 5],
  [`[${'a('.repeat(LIMITS.expressionDepth + 2)}]`, 'calls in each other', 99],
  [`[a()${'.b'.repeat(LIMITS.places + 1)}]`, 'fewer places', 52],
  [`['${'x'.repeat(LIMITS.expressionCharacters)}']`, 'more than 24576 characters', 1],
])('%#: says what is wrong, and where', (text, part, offset) => {
  const parsed = parseExpression(text)
  const told = parsed.type === 'fault' ? `${parsed.fault.problem}; ${parsed.fault.remedy}` : ''
  expect(told).toContain(part)
  expect(parsed).toMatchObject({ offset })
})
