import { expect, test } from 'vitest'
import { createRow } from '../report.ts'
import type { Carried } from './measure.ts'
import { samplesOf } from './rows.ts'

const carried = (gigabitsPerSecond: number, cpuSecondsPerGigabyte: number): Carried => ({
  out: { gigabitsPerSecond, cpuSecondsPerGigabyte },
  back: { gigabitsPerSecond: 2 * gigabitsPerSecond, cpuSecondsPerGigabyte },
  datagrams: { perSecond: 100_000, lostPercent: 0, cpuMicroseconds: 5 },
  roundTripMs: 0.1,
  megabytes: 200,
})

test('what was not measured has no rows', () => {
  expect(samplesOf([])).toEqual([])
})

test('throughput is judged by what strongSwan has in the same run, by the median of rounds', () => {
  const rows = samplesOf([
    { contender: 'strongswan', carried: carried(0.5, 16) },
    { contender: 'causeway', carried: carried(3, 1) },
    { contender: 'causeway', carried: carried(4, 2) },
    { contender: 'causeway', carried: carried(5, 4) },
  ]).map(createRow)
  expect(
    rows.slice(0, 4).map(({ measure, causeway, ratio, met }) => [measure, causeway, ratio, met]),
  ).toEqual([
    ['TCP out: throughput', 4, 8, true],
    ['TCP out: CPU of both gateways', 2, 0.125, null],
    ['TCP back: throughput', 8, 8, true],
    ['TCP back: CPU of both gateways', 2, 0.125, null],
  ])
  expect(rows.slice(4)).toMatchObject([
    { measure: 'UDP, 200 bytes: received', causeway: 100, unit: 'kpps', met: null },
    { causeway: 5, unit: 'µs/packet' },
    { causeway: 0.1 },
    { causeway: 200, peer: 200 },
  ])
})
