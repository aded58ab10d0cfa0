import { expect, it } from 'vitest'
import { readTemplateParameters } from './template-parameters.ts'

it.each([
  [{ place: 'local', count: 2 }],
  [{ parameters: { place: { value: 'local' }, count: { value: 2 } } }],
  [
    {
      $schema: 'x',
      contentVersion: '1.0.0.0',
      parameters: { place: { value: 'local' }, count: { value: 2 } },
    },
  ],
])('reads %j', document => {
  expect(readTemplateParameters(document)).toEqual({
    type: 'good',
    parameters: { place: { value: 'local' }, count: { value: 2 } },
  })
})

it('takes a parameter that is called parameters', () => {
  expect(readTemplateParameters({ parameters: 1, x: 2 })).toEqual({
    type: 'good',
    parameters: { parameters: { value: 1 }, x: { value: 2 } },
  })
})

it.each([
  [[], 'is no object'],
  [{ parameters: { place: 'local' } }, "has a parameter 'place' without a value"],
])('refuses %j', (document, problem) => {
  expect(readTemplateParameters(document)).toMatchObject({
    type: 'bad',
    problem: expect.stringContaining(problem),
  })
})
