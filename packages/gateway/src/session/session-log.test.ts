import type { Endpoint } from '@causeway/wire'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { address, recordingLog } from '../testing/test-gateway.suite.ts'
import { REFUSAL_LINES } from './refusal-tally.ts'
import { SessionLog } from './session-log.ts'

const INTERVAL = 30_000
const from = (text: string): Endpoint => ({ address: address(text), port: 4000 })

let log: SessionLog
let messages: () => string[]

beforeEach(() => {
  vi.useFakeTimers()
  const recorded = recordingLog()
  log = new SessionLog(recorded.log, 'OpenVPN')
  messages = () => recorded.lines.splice(0).map(({ msg }) => msg)
})

afterEach(() => {
  log.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function refuse(times: number, outer: (i: number) => Endpoint | undefined): void {
  for (let i = 0; i < times; i++) log.refused(outer(i), `reason ${i}`)
}

test('a refusal is told at once with its reason, and nothing follows it', () => {
  log.refused(from('198.51.100.7'), 'revoked')
  expect(messages()).toEqual(['client refused: revoked'])
  vi.advanceTimersByTime(2 * INTERVAL)
  expect(messages()).toEqual([])
})

test('refusals of one network past its lines are one line at the end of the interval', () => {
  refuse(REFUSAL_LINES.perNetwork + 5, i => from(`198.51.100.${i + 1}`))
  const told = messages()
  expect(told).toHaveLength(REFUSAL_LINES.perNetwork)
  expect(told.at(-1)).toBe(`client refused: reason ${REFUSAL_LINES.perNetwork - 1}`)
  vi.advanceTimersByTime(INTERVAL)
  expect(messages()).toEqual(['5 more refusals, 5 of them from 198.51.100.0/24'])
})

test('a network that is loud does not silence another', () => {
  refuse(1000, () => from('198.51.100.7'))
  messages()
  log.refused(from('203.0.113.9'), 'expired')
  expect(messages()).toEqual(['client refused: expired'])
})

test('any number of networks have no more lines than all together, and a new interval has as many', () => {
  const many = (i: number) => from(`2001:db8:${(i % 3000).toString(16)}::1`)
  for (let round = 0; round < 2; round++) {
    refuse(4000, many)
    expect(messages()).toHaveLength(REFUSAL_LINES.total)
    vi.advanceTimersByTime(INTERVAL)
    const rest = 4000 - REFUSAL_LINES.total
    expect(messages()).toEqual([
      expect.stringMatching(`^${rest} more refusals, \\d+ of them from further networks$`),
    ])
  }
})

test('what is untold at the end is told then', () => {
  refuse(REFUSAL_LINES.perNetwork + 1, () => undefined)
  messages()
  log.close()
  expect(messages()).toEqual(['1 more refusals, 1 of them from an unknown network'])
})
