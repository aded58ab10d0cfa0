import type { Ikev2Command } from '@causeway/ikev2'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SiteChildren } from './site-children.ts'
import type { SelectorPair } from './site-configuration.ts'
import { ALL_SELECTORS } from './site-terms.ts'

const PAIR: SelectorPair = { local: ALL_SELECTORS, remote: ALL_SELECTORS }

let commands: Ikev2Command[]
let warnings: string[]
let children: SiteChildren

beforeEach(() => {
  vi.useFakeTimers()
  commands = []
  warnings = []
  let tags = 0
  children = new SiteChildren({
    session: -1,
    command: command => commands.push(command),
    nextTag: () => ++tags,
    yields: true,
    warn: message => warnings.push(message),
  })
})

afterEach(() => {
  children.stop()
  vi.useRealTimers()
})

const asked = () => commands.flatMap(command => (command.type === 'create-child' ? [command.tag] : []))
const deleted = () => commands.flatMap(command => (command.type === 'delete-child' ? [command.child] : []))

test('former Child SAs go when the last new one is decided and one of them stands', () => {
  children.established(1, undefined, PAIR)
  children.renew([PAIR, PAIR])
  expect(asked()).toEqual([1, 2])
  children.established(2, 1, PAIR)
  expect(deleted()).toEqual([])
  children.refused(2, 'TS_UNACCEPTABLE', false)
  expect(deleted()).toEqual([1])
  expect(warnings.join()).toMatch(/TS_UNACCEPTABLE/)
})

test('when no new one stands the former stay', () => {
  children.established(1, undefined, PAIR)
  children.renew([PAIR])
  children.refused(1, 'NO_PROPOSAL_CHOSEN', false)
  expect(deleted()).toEqual([])
})

test('ours go a while after both ends have made them anew at once', () => {
  const other: SelectorPair = { ...PAIR, remote: PAIR.remote.slice(0, 1) }
  children.established(1, undefined, PAIR)
  children.renew([PAIR, other])
  children.established(2, undefined, PAIR)
  children.established(3, 1, PAIR)
  children.established(4, 2, other)
  vi.advanceTimersByTime(59_000)
  expect(deleted()).toEqual([1])
  vi.advanceTimersByTime(2_000)
  expect(deleted()).toEqual([1, 3])
})

test("ours stay where the peer's is gone again, or has come at another time", () => {
  children.renew([PAIR])
  children.established(1, 1, PAIR)
  children.established(2, undefined, PAIR)
  children.closed(2)
  vi.advanceTimersByTime(61_000)
  children.established(3, undefined, PAIR)
  vi.advanceTimersByTime(120_000)
  expect(deleted()).toEqual([])
})

test('a peer that is busy is asked again, and not for ever', () => {
  children.ask([PAIR])
  for (let tag = 1; asked().at(-1) === tag; tag++) {
    children.refused(tag, 'TEMPORARY_FAILURE', true)
    vi.advanceTimersByTime(5_000)
  }
  expect(asked()).toHaveLength(10)
  expect(warnings).toHaveLength(1)
})

test('after the end nothing is asked any more', () => {
  children.ask([PAIR])
  children.refused(1, 'TEMPORARY_FAILURE', true)
  children.stop()
  vi.advanceTimersByTime(60_000)
  expect(asked()).toEqual([1])
})
