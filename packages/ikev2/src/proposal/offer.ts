import { TRANSFORM } from '../wire/numbers.ts'
import type { Transform } from '../wire/payload.ts'
import { sameTransform } from './transform-ids.ts'

/** The transforms of one row, at most one of each type. */
export type Row = readonly Transform[]

/**
 * Puts rows into few proposals: a row joins a proposal of the same transform types when every combination
 * that the peer could then choose is a row too. So GCM (without integrity) and CBC never share one, and no
 * integrity meets a PRF it has no row with. Transforms stand in the order of the rows.
 */
export function groupRows(rows: readonly Row[]): readonly (readonly Transform[])[] {
  const groups: Transform[][] = []
  for (const row of rows) {
    const home = groups.findIndex(group => sameTypes(group, row) && isWithin(rows, joined(group, row)))
    if (home === -1) groups.push([...row])
    else groups[home] = joined(groups[home] as Transform[], row)
  }
  return groups.map(group => inTypeOrder(group))
}

/** Every combination of one transform of each type. */
export function combinations(transforms: readonly Transform[]): readonly Row[] {
  let found: Row[] = [[]]
  for (const type of typesOf(transforms)) {
    const choices = transforms.filter(transform => transform.type === type)
    found = found.flatMap(row => choices.map(choice => [...row, choice]))
  }
  return found
}

/** Whether both rows hold the same transforms. */
export function sameRow(a: Row, b: Row): boolean {
  return a.length === b.length && a.every(x => b.some(y => sameTransform(x, y)))
}

function isWithin(rows: readonly Row[], transforms: readonly Transform[]): boolean {
  return combinations(transforms).every(combination => rows.some(row => sameRow(row, combination)))
}

function sameTypes(a: readonly Transform[], b: readonly Transform[]): boolean {
  const [x, y] = [typesOf(a), typesOf(b)]
  return x.length === y.length && x.every(type => y.includes(type))
}

function joined(group: readonly Transform[], row: Row): Transform[] {
  return [...group, ...row.filter(added => !group.some(held => sameTransform(held, added)))]
}

function typesOf(transforms: readonly Transform[]): readonly number[] {
  return [...new Set(transforms.map(({ type }) => type))]
}

const TYPES = Object.values(TRANSFORM)

function inTypeOrder(transforms: readonly Transform[]): Transform[] {
  return TYPES.flatMap(type => transforms.filter(transform => transform.type === type))
}
