import { describe, expect, it } from 'vitest'
import { Locks } from './locks.ts'

/** Work that ends when it is told to. */
function task(log: string[], name: string) {
  let end: () => void = () => undefined
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const work = async (): Promise<void> => {
    log.push(`${name} begins`)
    await ended
    log.push(`${name} ends`)
  }
  return { work, end: () => end() }
}

const settled = () => new Promise(setImmediate)

describe('locks', () => {
  it('let many rely on a resource, and nobody change it meanwhile', async () => {
    const [locks, log] = [new Locks(), [] as string[]]
    const [one, two, change] = [task(log, 'one'), task(log, 'two'), task(log, 'change')]
    const all = [
      locks.holding({ changes: [], relies: ['a'] }, one.work),
      locks.holding({ changes: [], relies: ['a'] }, two.work),
      locks.holding({ changes: ['a'], relies: [] }, change.work),
    ]
    await settled()
    expect(log).toEqual(['one begins', 'two begins'])
    one.end()
    await settled()
    expect(log).not.toContain('change begins')
    two.end()
    await settled()
    expect(log.at(-1)).toBe('change begins')
    change.end()
    await Promise.all(all)
  })

  it('come in the order in which they were asked for', async () => {
    const [locks, log] = [new Locks(), [] as string[]]
    const [first, change, late] = [task(log, 'first'), task(log, 'change'), task(log, 'late')]
    const all = [
      locks.holding({ changes: [], relies: ['a'] }, first.work),
      locks.holding({ changes: ['a'], relies: [] }, change.work),
      locks.holding({ changes: [], relies: ['a'] }, late.work),
    ]
    await settled()
    expect(log).toEqual(['first begins'])
    first.end()
    await settled()
    expect(log.at(-1)).toBe('change begins')
    change.end()
    late.end()
    await Promise.all(all)
  })

  it('do not wait for each other, whatever each changes and relies on', async () => {
    const locks = new Locks()
    const works = Array.from({ length: 50 }, (_, i) =>
      locks.holding({ changes: [`r${i % 5}`], relies: [`r${(i + 1) % 5}`, `r${(i + 3) % 5}`] }, settled),
    )
    await expect(Promise.all(works)).resolves.toHaveLength(50)
  })

  it('are let go when the work fails', async () => {
    const locks = new Locks()
    const failing = locks.holding({ changes: ['a'], relies: [] }, async () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await expect(locks.holding({ changes: ['a'], relies: ['a'] }, async () => 'yes')).resolves.toBe('yes')
  })
})
