import { describe, expect, it } from 'vitest'
import { limits } from '../limits.ts'
import { ProvenTokens } from './proven-tokens.ts'

const NOW = 1_800_000_000

describe('tokens that were proven', () => {
  it('count for a minute, and not beyond their end', () => {
    const proven = new ProvenTokens<string>()
    proven.keep('long', 'a', { now: NOW, expiresAt: NOW + 3_600 })
    proven.keep('short', 'b', { now: NOW, expiresAt: NOW + 10 })
    expect(proven.valueOf('long', NOW + limits.provenSeconds - 1)).toBe('a')
    expect(proven.valueOf('long', NOW + limits.provenSeconds)).toBeUndefined()
    expect(proven.valueOf('short', NOW + 9)).toBe('b')
    expect(proven.valueOf('short', NOW + 10)).toBeUndefined()
    expect(proven.valueOf('longer', NOW)).toBeUndefined()
  })

  it('are proven anew when the clock was put back', () => {
    const proven = new ProvenTokens<string>()
    proven.keep('token', 'a', { now: NOW, expiresAt: NOW + 3_600 })
    expect(proven.valueOf('token', NOW - 1)).toBeUndefined()
    expect(proven.valueOf('token', NOW)).toBeUndefined()
  })

  it('are so many at most, the newest', () => {
    const proven = new ProvenTokens<number>(2)
    const times = { now: NOW, expiresAt: NOW + 3_600 }
    for (const [i, token] of ['a', 'b', 'a', 'c'].entries()) proven.keep(token, i, times)
    expect(['a', 'b', 'c'].map(token => proven.valueOf(token, NOW))).toEqual([2, undefined, 3])
  })
})
