import { expect, it } from 'vitest'
import { changedPaths } from './changed-paths.ts'

it.each([
  [{ a: 1 }, { a: 1 }, []],
  [{ a: 1, b: { c: 1, d: [1] } }, { b: { c: 2, d: [1, 2] }, e: 1 }, ['a', 'b.c', 'b.d', 'e']],
  [{ a: { b: 1 } }, { a: [] }, ['a']],
])('%j and %j differ in %j', (before, after, paths) => {
  expect(changedPaths(before, after)).toEqual(paths)
})
