import { expect, test } from 'vitest'
import { DropLog, type DropReport } from './drop-log.ts'

function recorded() {
  const reports: DropReport<number>[] = []
  return { log: new DropLog<number>(report => reports.push(report)), reports }
}

test('the first drop of a reason is told at once, those of the next second together', () => {
  const { log, reports } = recorded()
  for (const now of [0, 10, 20]) log.add(undefined, 'malformed', now)
  log.add(7, 'malformed', 30)
  expect(reports).toEqual([
    { session: undefined, reason: 'malformed', count: 1 },
    { session: 7, reason: 'malformed', count: 1 },
  ])
  expect(log.nextTimeout()).toBe(1000)
  log.handleTimeout(1000)
  expect(reports.at(-1)).toEqual({ session: undefined, reason: 'malformed', count: 2 })
})

test('a reason that has fallen silent is forgotten, and told at once when it comes back', () => {
  const { log, reports } = recorded()
  log.add(1, 'replay', 0)
  log.handleTimeout(1000)
  expect(log.nextTimeout()).toBeUndefined()
  log.add(1, 'replay', 5000)
  expect(reports).toHaveLength(2)
})

test('strangers do not choose how many reasons are kept', () => {
  const { log, reports } = recorded()
  for (let i = 0; i < 5000; i++) log.add(i, 'odd', 0)
  expect(reports).toHaveLength(1024)
})
