import type { TlsConnection, TlsContext } from '@causeway/control-tls'
import { expect, test } from 'vitest'
import { TlsTable } from './tls-table.ts'

/** Counts what was opened in it; its connections say nothing. */
class CountingContext implements TlsContext {
  opened = 0

  open(): TlsConnection {
    this.opened++
    const nothing = () => ({})
    return { start: nothing, input: nothing, write: nothing, end: nothing, release: nothing, close: () => {} }
  }
}

test('a session renegotiates in the context that it began with, and one that begins has the present one', () => {
  const [before, after] = [new CountingContext(), new CountingContext()]
  let present = before
  const table = new TlsTable(() => undefined)
  table.start(1, 10, () => present)
  present = after
  table.start(1, 11, () => present)
  table.close(10)
  table.start(1, 12, () => present)
  expect([before.opened, after.opened]).toEqual([3, 0])
  table.start(2, 20, () => present)
  expect(after.opened).toBe(1)
})

test('a session that has ended is forgotten', () => {
  const [before, after] = [new CountingContext(), new CountingContext()]
  const table = new TlsTable(() => undefined)
  table.start(1, 10, () => before)
  table.close(10)
  table.close(10)
  table.start(1, 11, () => after)
  expect([before.opened, after.opened]).toEqual([1, 1])
  table.close(11)
  expect(table.size).toBe(0)
})
