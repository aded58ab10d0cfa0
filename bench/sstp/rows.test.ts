import { expect, test } from 'vitest'
import { createRow } from '../report.ts'
import { samplesOf } from './rows.ts'

const traffic = (gigabitsPerSecond: number, cpuSecondsPerGigabit: number) => {
  const flow = { gigabitsPerSecond, cpuSecondsPerGigabit }
  return { up: flow, down: flow, addedLatencyMs: 0.1 }
}

test('what was not measured has no rows', () => {
  expect(samplesOf({ traffic: [], crowds: [] })).toEqual([])
})

test('both ways of filling records are judged by the same runs of openvpn, each by its own bound', () => {
  const rows = samplesOf({
    traffic: [
      { server: 'openvpn', contents: 'packets', traffic: traffic(1, 1) },
      { server: 'causeway', contents: 'full records', traffic: traffic(3, 0.3) },
      { server: 'causeway', contents: 'a record per packet', traffic: traffic(2, 0.3) },
    ],
    crowds: [
      { server: 'openvpn', crowd: { connectsPerCpuSecond: 100, kilobytesPerSession: 100 } },
      { server: 'causeway', crowd: { connectsPerCpuSecond: 200, kilobytesPerSession: 50 } },
    ],
  }).map(createRow)
  expect(rows.map(({ measure, ratio, met }) => [measure, ratio, met])).toEqual([
    ['full records: throughput up', 3, true],
    ['full records: server CPU up', 0.3, false],
    ['full records: throughput down', 3, true],
    ['full records: server CPU down', 0.3, false],
    ['added latency', 1, null],
    ['a record per packet: throughput up', 2, false],
    ['a record per packet: server CPU up', 0.3, true],
    ['a record per packet: throughput down', 2, false],
    ['a record per packet: server CPU down', 0.3, true],
    ['session set-ups per server-CPU-second', 2, null],
    ['memory per idle session', 0.5, null],
  ])
})
