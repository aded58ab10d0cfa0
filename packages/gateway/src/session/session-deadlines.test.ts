import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SessionTerms } from '../authentication/identity.ts'
import type { UserLimits } from '../configuration.ts'
import { NO_COUNTERS, type Session } from './session.ts'
import { SessionDeadlines } from './session-deadlines.ts'
import { NO_LIMITS, planWithin } from './user-plan.suite.ts'

const BEGUN = 1_000

let deadlines: SessionDeadlines
let ended: string[]
let packets: number
/** The reason to end whoever is judged anew. */
let anew: string | undefined

beforeEach(() => {
  vi.useFakeTimers({ now: BEGUN * 1_000 })
  ended = []
  packets = 0
  const clock = { now: () => Date.now(), unixSeconds: () => Date.now() / 1_000 }
  anew = undefined
  deadlines = new SessionDeadlines({
    clock,
    explain: (_, cause) => void ended.push(cause),
    judgeAnew: () => anew,
  })
})

afterEach(() => {
  deadlines.close()
  vi.useRealTimers()
})

function session(terms: SessionTerms, limits: Partial<UserLimits> = {}): Session {
  return {
    id: JSON.stringify(terms),
    identity: { user: 'alice', description: '', thumbprint: undefined },
    protocol: 'OpenVPN',
    transport: 'udp',
    cipher: '',
    clientVersion: '',
    lease: {},
    plan: planWithin(limits),
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

test('of a server and of the limits of its user the earlier one counts', () => {
  deadlines.watch(session({ endsAt: BEGUN + 60 }, { maximumSeconds: 30 }))
  deadlines.watch(session({ endsAt: BEGUN + 20 }, { maximumSeconds: 30 }))
  vi.advanceTimersByTime(20_000)
  expect(ended).toHaveLength(2)
  vi.advanceTimersByTime(10_000)
  expect(ended).toHaveLength(4)
})

test('the limits of a user may change, and go', () => {
  const held = session({}, { idleSeconds: 10 })
  deadlines.watch(held)
  deadlines.hold(held, NO_LIMITS)
  vi.advanceTimersByTime(60_000)
  expect(ended).toEqual([])
  deadlines.change(held, { endsAt: BEGUN + 100 })
  vi.advanceTimersByTime(30_000)
  expect(ended).toEqual([])
  deadlines.hold(held, { ...NO_LIMITS, idleSeconds: 5 })
  vi.advanceTimersByTime(1_000)
  expect(ended).toEqual(['idle-timeout', 'idle for 5 s'])
})

test('a user is judged anew each time, until the answer is no', () => {
  deadlines.watch(session({}, { reauthenticationSeconds: 60 }))
  vi.advanceTimersByTime(179_000)
  expect(ended).toEqual([])
  anew = 'revoked'
  vi.advanceTimersByTime(2_000)
  expect(ended).toEqual(['session-timeout', 'revoked'])
})
