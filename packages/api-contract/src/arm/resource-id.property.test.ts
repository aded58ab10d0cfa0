import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatResourceId, parseResourceId, resourceKey, scopesOf } from './resource-id.ts'

/** Words that ids are made of, and characters that they must not be. */
const word = fc.oneof(
  fc.constantFrom(
    'subscriptions',
    'resourceGroups',
    'RESOURCEGROUPS',
    'providers',
    'Microsoft.Network',
    'virtualNetworkGateways',
    'natRules',
    '..',
    '',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const text = fc.array(word, { maxLength: 12 }).map(words => `/${words.join('/')}`)

describe('any text', () => {
  it('is no id, or one that is read as it is written, with one key in any case', () => {
    fc.assert(
      fc.property(text, each => {
        const parsed = parseResourceId(each)
        if (parsed.type === 'bad') return
        const written = formatResourceId(parsed.id)
        expect(parseResourceId(written)).toEqual(parsed)
        expect(written.toLowerCase()).toBe(each.toLowerCase())
        expect(resourceKey(parsed.id)).toBe(each.toLowerCase())
        expect(scopesOf(parsed.id).at(-1)).toEqual({ type: 'tenant' })
      }),
      { numRuns: 2_000 },
    )
  })
})
