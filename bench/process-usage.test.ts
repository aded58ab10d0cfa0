import { expect, test } from 'vitest'
import { cpuSeconds, parseCpuTicks, parseResident, residentKilobytes } from './process-usage.ts'

test('user and system time are read past a name with spaces and parentheses', () => {
  const stat = '42 (a ) b) S 1 42 42 0 -1 4194560 100 0 0 0 250 30 7 9 20 0 1 0 100 1000 10 184467'
  expect(parseCpuTicks(stat)).toBe(280)
})

test('resident memory is read from VmRSS', () => {
  expect(parseResident('VmHWM:\t   9000 kB\nVmRSS:\t   1234 kB\nRssAnon:\t 1 kB\n')).toBe(1234)
})

test('this process uses some of both', () => {
  expect(cpuSeconds(process.pid)).toBeGreaterThan(0)
  expect(residentKilobytes(process.pid)).toBeGreaterThan(1000)
})
