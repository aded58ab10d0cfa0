import { describe, expect, test } from 'vitest'
import { SeededRandom } from './seeded-random.ts'

const draw = (random: SeededRandom, count: number) => Array.from({ length: count }, () => random.fraction())

describe('SeededRandom', () => {
  test('repeats with the same seed and differs with others, also close ones', () => {
    expect(draw(new SeededRandom(7), 50)).toEqual(draw(new SeededRandom(7), 50))
    const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => new SeededRandom(seed).fraction()))
    expect(firsts.size).toBe(1000)
  })

  test('keeps what it gives for a seed: a failing simulation can be run again later', () => {
    const random = new SeededRandom(42)
    expect([random.integer(1000), random.integer(1000), random.integer(1000)]).toEqual([194, 562, 486])
  })

  test('is even: each tenth gets about a tenth', () => {
    const tenths = new Array<number>(10).fill(0)
    for (const value of draw(new SeededRandom(1), 20_000)) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThan(1)
      const tenth = Math.floor(value * 10)
      tenths[tenth] = (tenths[tenth] as number) + 1
    }
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
  })

  test('chance keeps to its probability and its ends', () => {
    const random = new SeededRandom(3)
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.25)).filter(Boolean).length
    expect(Math.abs(hits - 2500)).toBeLessThan(200)
    for (let i = 0; i < 1000; i++) {
      expect(random.chance(0)).toBe(false)
      expect(random.chance(1)).toBe(true)
    }
  })

  test('bytes take all values, forks are unrelated', () => {
    const random = new SeededRandom(9)
    expect(new Set(random.bytes(5000)).size).toBe(256)
    const fork = random.fork()
    expect(draw(fork, 5)).not.toEqual(draw(random, 5))
  })
})
