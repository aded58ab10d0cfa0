import { expect, test } from 'vitest'
import { createRow } from '../report.ts'
import type { Attack } from './attack.ts'
import { samplesOf } from './rows.ts'

function attack(p99: number, heapAfter: number): Attack {
  return {
    quiet: { median: 10, p99: 20 },
    attacked: { median: 11, p99 },
    inPercent: 100,
    attempts: 3_000,
    requests: 200,
    before: { heap: 30, resident: 140 },
    during: { heap: 31, resident: 150 },
    after: { heap: heapAfter, resident: 145 },
    lines: 300,
    cpuPercent: 50,
  }
}

test('who signs in under attack is held to twice the time, and the heap to what it was', () => {
  const judged = (results: readonly Attack[]) =>
    samplesOf({ rates: [], validations: [], tokenRates: [], attacks: [...results] })
      .map(createRow)
      .filter(({ target }) => target !== null)
      .map(({ measure, causeway, met }) => [measure, causeway, met])
  expect(judged([attack(40, 31), attack(30, 32), attack(90, 30)])).toEqual([
    ['attack: honest users, p99 (beside it: without)', 40, true],
    ['attack: honest users that came in', 100, true],
    ['attack: heap grown', 1, true],
  ])
  expect(judged([attack(41, 33)]).map(([, , met]) => met)).toEqual([false, true, false])
})

test('sign-ins by RADIUS stand beside those of openvpn, and tokens alone', () => {
  const rows = samplesOf({
    rates: [
      { server: 'openvpn', rate: { perSecond: 40, perCpuSecond: 400 } },
      { server: 'causeway', rate: { perSecond: 120, perCpuSecond: 200 } },
    ],
    validations: [9_000],
    tokenRates: [{ perSecond: 100, perCpuSecond: 150 }],
    attacks: [],
  }).map(createRow)
  expect(rows.map(({ causeway, peer, ratio }) => [causeway, peer, ratio])).toEqual([
    [120, 40, 3],
    [200, 400, 0.5],
    [9_000, null, null],
    [100, null, null],
    [150, null, null],
  ])
})

test('what was not measured has no row', () => {
  expect(samplesOf({ rates: [], validations: [], tokenRates: [], attacks: [] })).toEqual([])
})
