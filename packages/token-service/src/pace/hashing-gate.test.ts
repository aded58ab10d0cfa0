import { describe, expect, it } from 'vitest'
import { HashingGate } from './hashing-gate.ts'

describe('the gate of hashing', () => {
  it('lets so many run, so many wait, and turns the others away', async () => {
    const gate = new HashingGate(2, 1)
    const ends: (() => void)[] = []
    let running = 0
    const work = async () => {
      running++
      await new Promise<void>(resolve => ends.push(resolve))
      running--
      return 'done'
    }
    const runs = [gate.run(work), gate.run(work), gate.run(work), gate.run(work)]
    expect(await runs[3]).toBe('busy')
    expect(running).toBe(2)
    ends[0]?.()
    expect(await runs[0]).toBe('done')
    expect(running).toBe(2)
    ends[1]?.()
    ends[2]?.()
    expect(await Promise.all(runs.slice(1, 3))).toEqual(['done', 'done'])
    const next = gate.run(work)
    ends[3]?.()
    expect(await next).toBe('done')
  })

  it('gives its place back when the work fails', async () => {
    const gate = new HashingGate(1, 0)
    await expect(gate.run(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
    expect(await gate.run(async () => 1)).toBe(1)
  })
})
