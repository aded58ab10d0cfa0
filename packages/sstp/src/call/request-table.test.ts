import { describe, expect, it } from 'vitest'
import { RequestTable } from './request-table.ts'

describe('requests of many links', () => {
  it('have one sequence of ids, and are answered once', () => {
    const table = new RequestTable<number>()
    const [a, b] = [table.add(1, 10), table.add(2, 10)]
    expect(a).not.toBe(b)
    expect(table.take(b)).toEqual({ call: 2, linkId: 10 })
    expect(table.take(b)).toBeUndefined()
    expect(table.take(a)).toEqual({ call: 1, linkId: 10 })
    expect(table.size).toBe(0)
  })

  it('are forgotten with their call', () => {
    const table = new RequestTable<number>()
    const ids = [table.add(1, 1), table.add(1, 2), table.add(2, 1)]
    table.forget(1)
    expect(ids.map(id => table.take(id)?.call)).toEqual([undefined, undefined, 2])
  })

  it('are few of each call, whatever it asks', () => {
    const table = new RequestTable<number>()
    const ids = Array.from({ length: 100 }, (_, i) => table.add(1, i))
    expect(table.size).toBe(4)
    expect(table.take(ids[0] as number)).toBeUndefined()
    expect(table.take(ids[99] as number)).toEqual({ call: 1, linkId: 99 })
  })
})
