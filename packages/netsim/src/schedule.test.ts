import { expect, test } from 'vitest'
import { Schedule } from './schedule.ts'
import { SeededRandom } from './seeded-random.ts'

test('gives items by time, and those of one moment in their order', () => {
  const random = new SeededRandom(1)
  const schedule = new Schedule<{ at: number; order: number }>()
  const items = Array.from({ length: 2000 }, (_, order) => ({ at: random.integer(100), order }))
  for (const item of items) schedule.put(item.at, item)
  const taken = []
  for (let item = schedule.takeDue(1000); item; item = schedule.takeDue(1000)) taken.push(item)
  expect(taken).toEqual(items.toSorted((a, b) => a.at - b.at || a.order - b.order))
  expect(schedule.size).toBe(0)
})

test('gives nothing before its time', () => {
  const schedule = new Schedule<string>()
  expect(schedule.next()).toBeUndefined()
  schedule.put(10, 'later')
  schedule.put(5, 'sooner')
  expect(schedule.next()).toBe(5)
  expect(schedule.takeDue(4.9)).toBeUndefined()
  expect(schedule.takeDue(5)).toBe('sooner')
  expect(schedule.takeDue(5)).toBeUndefined()
  expect(schedule.next()).toBe(10)
})
