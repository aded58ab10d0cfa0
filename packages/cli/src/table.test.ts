import { describe, expect, it } from 'vitest'
import { formatBytes, formatDay, formatDuration, formatTable } from './table.ts'

describe('formatTable', () => {
  it('lines columns up', () => {
    expect(
      formatTable(
        ['A', 'LONG'],
        [
          ['xyz', '1'],
          ['y', ''],
        ],
      ),
    ).toBe('A    LONG\nxyz  1\ny')
  })

  it('lets nothing steer the terminal', () => {
    expect(formatTable(['A'], [['\x1b[2J\nready\u202e']])).toBe('A\n?[2J?ready?')
  })
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [2.5e9, '2.5 GB'],
  [9e15, '9000.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

it.each([
  [0, '0 s'],
  [59, '59 s'],
  [3_600, '1 h 0 min'],
  [90_061, '1 d 1 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

it('writes days', () => {
  expect(formatDay(0)).toBe('1970-01-01')
})
