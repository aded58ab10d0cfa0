import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SessionTerms } from '../authentication/identity.ts'
import { NO_COUNTERS, type Session } from './session.ts'
import { SessionDeadlines } from './session-deadlines.ts'

const BEGUN = 1_000

let deadlines: SessionDeadlines
let ended: string[]
let packets: number

beforeEach(() => {
  vi.useFakeTimers({ now: BEGUN * 1_000 })
  ended = []
  packets = 0
  const clock = { now: () => Date.now(), unixSeconds: () => Date.now() / 1_000 }
  deadlines = new SessionDeadlines(clock, (_, cause) => void ended.push(cause))
})

afterEach(() => {
  deadlines.close()
  vi.useRealTimers()
})

function session(terms: SessionTerms): Session {
  return {
    id: JSON.stringify(terms),
    identity: { user: 'alice', description: '', thumbprint: undefined },
    protocol: 'OpenVPN',
    transport: 'udp',
    cipher: '',
    clientVersion: '',
    lease: {},
    terms,
    startedAt: BEGUN,
    credentials: { tunnel: 'OpenVPN', peerChain: [], username: 'alice', password: undefined },
    outer: () => '',
    counters: () => ({ ...NO_COUNTERS, packetsReceived: packets }),
    end: (_manner, reason) => void ended.push(reason),
  }
}

test('a session ends at its time, and one without terms costs no timer', () => {
  deadlines.watch(session({}))
  expect(vi.getTimerCount()).toBe(0)
  deadlines.watch(session({ endsAt: BEGUN + 60 }))
  vi.advanceTimersByTime(59_000)
  expect(ended).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(ended).toEqual(['session-timeout', 'the time of the session is over'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a session ends when no packet has passed for so long', () => {
  deadlines.watch(session({ idleSeconds: 10 }))
  vi.advanceTimersByTime(9_000)
  packets++
  vi.advanceTimersByTime(10_000)
  expect(ended).toEqual([])
  vi.advanceTimersByTime(2_000)
  expect(ended).toEqual(['idle-timeout', 'idle for 10 s'])
})

test('a session that is gone is not ended again', () => {
  const gone = session({ endsAt: BEGUN + 1 })
  deadlines.watch(gone)
  deadlines.forget(gone.id)
  vi.advanceTimersByTime(5_000)
  expect(ended).toEqual([])
})

test('limits that change count from then on, for a session without any too', () => {
  const free = session({})
  deadlines.watch(free)
  vi.advanceTimersByTime(100_000)
  deadlines.change(free, { idleSeconds: 10 })
  deadlines.change(free, { endsAt: BEGUN + 1_000 })
  vi.advanceTimersByTime(9_000)
  expect(ended).toEqual([])
  deadlines.change(free, { endsAt: BEGUN + 111 })
  vi.advanceTimersByTime(2_000)
  expect(ended).toEqual(['session-timeout', 'the time of the session is over'])
})
