import { expect, test } from 'vitest'
import { createRow } from '../report.ts'
import type { ApiRound, Rate } from './measure.ts'
import { samplesOf } from './rows.ts'

function rate(perSecond: number, p99: number): Rate {
  return { perSecond, median: p99 / 2, p99, cpuMicroseconds: 300 }
}

function round(changes: Partial<ApiRound> = {}): ApiRound {
  return {
    arrival: rate(400, 2_000),
    token: rate(2_000, 600),
    read: rate(4_000, 400),
    list: rate(500, 2_200),
    write: rate(2_000, 800),
    pacedRead: rate(500, 50),
    pacedWrite: rate(200, 60),
    increments: { perSecond: 300, conflicts: 4, lost: 0 },
    before: { heap: 30, resident: 240 },
    during: { heap: 60, resident: 400 },
    after: { heap: 33, resident: 420 },
    requests: 40_000,
    ...changes,
  }
}

const judged = (rounds: readonly ApiRound[]) =>
  samplesOf({ rounds: [...rounds], peers: [{ read: rate(16_000, 100) }] })
    .map(createRow)
    .filter(({ target }) => target !== null)
    .map(({ measure, met }) => [measure, met])

test('reads are held to the peer, everybody to a time, updates to none lost, the heap to what it was', () => {
  expect(judged([round()])).toEqual([
    ['reads of a resource', true],
    ['reads of a resource, p99', true],
    ['PUTs of new resources, p99', true],
    ['reads at a pace, p99', true],
    ['PUTs at a pace, p99', true],
    ['counting up with If-Match: lost updates', true],
    ['heap grown', true],
  ])
  const worse = round({
    read: rate(1_500, 1_600),
    write: rate(2_000, 1_600),
    pacedRead: rate(500, 101),
    pacedWrite: rate(200, 101),
    increments: { perSecond: 300, conflicts: 4, lost: 1 },
    after: { heap: 36, resident: 420 },
  })
  expect(judged([worse]).map(([, met]) => met)).toEqual(Array.from({ length: 7 }, () => false))
})

test('the peer stands beside reads alone', () => {
  const rows = samplesOf({ rounds: [round()], peers: [{ read: rate(16_000, 100) }] }).map(createRow)
  const beside = rows.filter(({ peer }) => peer !== null).map(({ measure, ratio }) => [measure, ratio])
  expect(beside).toEqual([
    ['reads of a resource', 0.25],
    ['reads of a resource, median', 4],
    ['reads of a resource, p99', 4],
    ['reads of a resource, CPU of the server for each', 1],
  ])
})

test('what was not measured has no row', () => {
  expect(samplesOf({ rounds: [], peers: [] })).toEqual([])
})
