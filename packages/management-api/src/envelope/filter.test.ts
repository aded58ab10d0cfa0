import { describe, expect, it } from 'vitest'
import { callOf, equalTo, readFilter } from './filter.ts'

const ALLOWED = ['name eq', 'type eq', 'atScope()', 'assignedTo()']

function conditionsOf(text: string) {
  const read = readFilter(text, ALLOWED)
  return read.type === 'good' ? read.conditions : read.error
}

describe('a filter', () => {
  it.each([
    ["name eq 'a'", [{ type: 'equal', name: 'name', value: 'a' }]],
    ["NAME  EQ 'it''s and that'", [{ type: 'equal', name: 'name', value: "it's and that" }]],
    ['atScope()', [{ type: 'call', name: 'atscope', value: undefined }]],
    [
      "atScope() and assignedTo('x')",
      [
        { type: 'call', name: 'atscope', value: undefined },
        { type: 'call', name: 'assignedto', value: 'x' },
      ],
    ],
  ])('%s is read', (text, conditions) => {
    expect(conditionsOf(text)).toEqual(conditions)
  })

  it.each([
    "colour eq 'red'",
    'name',
    "name ne 'a'",
    "name eq 'a' or type eq 'b'",
    "name eq 'a",
    '()',
    "x('a')",
  ])('%s is refused, with what would do', text => {
    expect(conditionsOf(text)).toMatchObject({
      target: '$filter',
      message: expect.stringContaining('name eq, type eq'),
    })
  })

  it('of more conditions than anybody has is refused', () => {
    expect(conditionsOf(Array(11).fill('atScope()').join(' and '))).toMatchObject({ target: '$filter' })
  })

  it('tells what it asks for', () => {
    const read = readFilter("name eq 'A' and assignedTo('B')", ALLOWED)
    const conditions = read.type === 'good' ? read.conditions : []
    expect([equalTo(conditions, 'name'), equalTo(conditions, 'type')]).toEqual(['a', undefined])
    expect([callOf(conditions, 'assignedTo'), callOf(conditions, 'atScope')]).toEqual(['b', undefined])
  })
})
