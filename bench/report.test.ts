import { expect, test } from 'vitest'
import { createRow, formatTable } from './report.ts'

const base = { measure: 'throughput', unit: 'Gbit/s', causeway: [5, 6, 4], peer: [0.5, 0.6, 0.4] }

test('a row holds medians and their ratio', () => {
  expect(createRow(base)).toEqual({
    ...{ measure: 'throughput', unit: 'Gbit/s', causeway: 5, peer: 0.5, ratio: 10 },
    ...{ target: null, met: null },
  })
})

test('a target on the ratio is judged by the ratio', () => {
  const target = { of: 'ratio', relation: '>=', bound: 8 } as const
  expect(createRow({ ...base, target })).toMatchObject({ target: 'ratio >= 8', met: true })
  expect(createRow({ ...base, target: { ...target, bound: 11 } })).toMatchObject({ met: false })
})

test('a target on the value is judged by the value and shows its unit', () => {
  const target = { of: 'causeway', relation: '<=', bound: 4 } as const
  expect(createRow({ ...base, target })).toMatchObject({ target: '<= 4 Gbit/s', met: false })
})

test('a side that was not measured has no value, no ratio and no verdict', () => {
  const target = { of: 'ratio', relation: '>=', bound: 8 } as const
  const row = createRow({ ...base, causeway: [], target })
  expect(row).toMatchObject({ causeway: null, peer: 0.5, ratio: null, target: 'ratio >= 8', met: null })
})

test('the table aligns its columns and marks what is missed', () => {
  const target = { of: 'ratio', relation: '>=', bound: 11 } as const
  expect(
    formatTable([createRow(base), createRow({ ...base, measure: 'more', target })], 'openvpn').split('\n'),
  ).toEqual([
    'measure     unit    causeway  openvpn  ratio  target       met',
    '----------  ------  --------  -------  -----  -----------  ---',
    'throughput  Gbit/s         5      0.5     10',
    'more        Gbit/s         5      0.5     10  ratio >= 11  NO',
  ])
})
