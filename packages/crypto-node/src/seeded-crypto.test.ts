import { expect, test } from 'vitest'
import { createSeededCrypto } from './seeded-crypto.ts'

test('the same seed gives the same bytes, another seed others', () => {
  const draws = (seed: string | number) => {
    const crypto = createSeededCrypto(seed)
    return [crypto.random(8), crypto.random(100), crypto.random(0), crypto.random(64)]
  }
  expect(draws(1)).toEqual(draws(1))
  expect(draws(1)).not.toEqual(draws(2))
})

test('bytes do not repeat within a seed', () => {
  const crypto = createSeededCrypto('x')
  const seen = new Set(Array.from({ length: 1000 }, () => crypto.random(16).join()))
  expect(seen.size).toBe(1000)
})
