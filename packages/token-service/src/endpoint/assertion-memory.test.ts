import { describe, expect, it } from 'vitest'
import { AssertionMemory } from './assertion-memory.ts'

describe('the memory of assertions', () => {
  const use = (source: string, expiresAt = 100) => ({ source, expiresAt })

  it('keeps clients apart', () => {
    const memory = new AssertionMemory()
    expect(memory.admit('a', 'x', use('here'), 0)).toBe(true)
    expect(memory.admit('b', 'x', use('there'), 0)).toBe(true)
    expect(memory.admit('a', 'x', use('there'), 100)).toBe(false)
    expect(memory.admit('a', 'x', use('there'), 101)).toBe(true)
  })

  it('holds a bounded number, of which those that expired go first', () => {
    const memory = new AssertionMemory(2)
    memory.admit('a', 'short', use('here', 10), 0)
    memory.admit('a', 'long', use('here'), 0)
    memory.admit('a', 'third', use('here'), 20)
    expect(memory.admit('a', 'long', use('there'), 20)).toBe(false)
    memory.admit('a', 'fourth', use('here'), 20)
    expect(memory.admit('a', 'third', use('there'), 20)).toBe(false)
    expect(memory.admit('a', 'long', use('there'), 20)).toBe(true)
  })
})
