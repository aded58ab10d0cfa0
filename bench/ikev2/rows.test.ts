import { expect, test } from 'vitest'
import { createRow } from '../report.ts'
import { type Results, samplesOf } from './rows.ts'

const flow = (gigabitsPerSecond: number, cpuSecondsPerGigabit: number) => ({
  gigabitsPerSecond,
  cpuSecondsPerGigabit,
})

const NOTHING: Results = { traffic: [], handshakes: [], memory: [], floods: [] }

test('what was not measured has no rows', () => {
  expect(samplesOf(NOTHING)).toEqual([])
})

test('throughput and CPU are judged by what strongSwan has in the same run', () => {
  const causeway = { up: flow(4, 0.1), down: flow(5, 0.2), addedLatencyMs: 0.1 }
  const strongswan = { up: flow(0.5, 1), down: flow(0.5, 1), addedLatencyMs: 0.2 }
  const rows = samplesOf({
    ...NOTHING,
    traffic: [
      { contender: 'strongswan', measured: strongswan },
      { contender: 'causeway', measured: causeway },
    ],
  }).map(createRow)
  expect(rows.map(({ measure, ratio, met }) => [measure.replace(/.*: /, ''), ratio, met])).toEqual([
    ['throughput up', 8, true],
    ['responder CPU up', 0.1, true],
    ['throughput down', 10, true],
    ['responder CPU down', 0.2, false],
    ['added latency', 0.5, null],
  ])
})

test('each group that was measured has a row, with the median of its rounds', () => {
  const taken = (
    contender: 'causeway' | 'strongswan',
    group: 'ECP-256' | 'MODP-2048',
    perCpuSecond: number,
  ) => ({
    contender,
    group,
    measured: { perCpuSecond },
  })
  const rows = samplesOf({
    ...NOTHING,
    handshakes: [
      taken('strongswan', 'ECP-256', 400),
      taken('causeway', 'ECP-256', 390),
      taken('causeway', 'ECP-256', 500),
      taken('causeway', 'ECP-256', 410),
      taken('strongswan', 'MODP-2048', 200),
      taken('causeway', 'MODP-2048', 180),
    ],
  }).map(createRow)
  expect(rows).toMatchObject([
    { measure: 'IKE_SAs per responder-CPU-second, ECP 256', causeway: 410, peer: 400, met: true },
    { measure: 'IKE_SAs per responder-CPU-second, group 14', causeway: 180, peer: 200, met: false },
  ])
})

test('memory has a bound of its own', () => {
  const rows = (kilobytes: number) =>
    samplesOf({ ...NOTHING, memory: [{ contender: 'causeway', measured: kilobytes }] }).map(createRow)
  expect(rows(30)).toMatchObject([{ target: '<= 30 KB', met: true, peer: null }])
  expect(rows(31)).toMatchObject([{ met: false }])
})

test('a flood must not be noticed by honest clients', () => {
  const rows = samplesOf({
    ...NOTHING,
    floods: [
      { contender: 'causeway', measured: { microsecondsEach: 40, lostPercent: 1, connectedPercent: 100 } },
    ],
  }).map(createRow)
  expect(rows.map(({ causeway, met }) => [causeway, met])).toEqual([
    [40, null],
    [1, false],
    [100, true],
  ])
})
