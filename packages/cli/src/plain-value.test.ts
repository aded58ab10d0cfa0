import { describe, expect, it } from 'vitest'
import { plainFault } from './plain-value.ts'

describe('plainFault', () => {
  it('finds nothing wrong with JSON', () => {
    expect(plainFault({ a: [1, 'x', null, true, { b: {} }] }, 1_000)).toBeUndefined()
  })

  it('counts what stands in several places as often as it would be written', () => {
    const once = 'x'.repeat(100)
    expect(plainFault([once, once], 300)).toBeUndefined()
    expect(plainFault([once, once, once], 300)).toMatch(/more than 300 bytes/)
  })

  it('finds what JSON cannot say or copies would fall for', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(plainFault(circle, 1e6)).toMatch(/nested deeper than/)
    expect(plainFault({ a: [Number.POSITIVE_INFINITY] }, 1e6)).toMatch(/number without end/)
    expect(plainFault(JSON.parse('{"a":{"__proto__":{"b":1}}}'), 1e6)).toMatch(/__proto__/)
  })
})
