import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { strictJson } from './template-json.ts'

describe('the JSON of templates', () => {
  it('is what az sends: a name without quotes, and the file as it is', () => {
    const body = `{"properties": {"mode": "Incremental", template:{
      // who it is for
      "contentVersion": "1.0.0.0", /* "not": "this" */
      "parameters": { "note": { "defaultValue": "[concat('a',
        'b // c')]", }, },
      "resources": [ "x, ]", ],
    }}}`
    expect(JSON.parse(strictJson(body))).toEqual({
      properties: {
        mode: 'Incremental',
        template: {
          contentVersion: '1.0.0.0',
          parameters: { note: { defaultValue: "[concat('a',\n        'b // c')]" } },
          resources: ['x, ]'],
        },
      },
    })
  })

  it.each(['{"a": }', '{"a" 1}', '[,]]', '{a', '"open', '/* open', 'tru', "{'a': 1}", '[1 2]', '[,,]'])(
    'does not make JSON of %s',
    text => {
      expect(() => JSON.parse(strictJson(text))).toThrow(SyntaxError)
    },
  )

  it('leaves the values of strict JSON as they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, isWide) => {
        const text = JSON.stringify(value, undefined, isWide ? 2 : 0)
        expect(JSON.parse(strictJson(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('takes any text, and what it gives is the same when it is read again', () => {
    const characters = fc.constantFrom(...'{}[]",:/*\\\n a1-')
    fc.assert(
      fc.property(fc.array(characters), parts => {
        const once = strictJson(parts.join(''))
        expect(typeof once).toBe('string')
        if (isJson(once)) expect(JSON.parse(strictJson(once))).toEqual(JSON.parse(once))
      }),
    )
  })

  it('is read in proportion to its length, whatever is in it', () => {
    for (const part of ['"', '/*', '//', 'a ', '\\"', ',', ' '])
      expect(strictJson(part.repeat(200_000)).length).toBeLessThan(1_300_000)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
