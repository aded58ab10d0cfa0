import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SessionWatch, WatchVerdict } from '../authentication/identity.ts'
import { BEGUN, type TestSession, testSession } from '../radius/sessions.suite.ts'
import { SessionTable } from '../session/session-table.ts'
import { recordingLog } from '../testing/test-gateway.suite.ts'
import { SignInWatch } from './sign-in-watch.ts'

const EVERY_SECONDS = 900
const ALLOW: WatchVerdict = { type: 'allow' }
const UNKNOWN: WatchVerdict = { type: 'unknown', reason: 'status 503' }
const DENY: WatchVerdict = { type: 'deny', reason: 'disabled', userReason: 'sign in again', temporary: false }

/** Answers as the test says, once it says so. */
class FakeWatch implements SessionWatch {
  readonly everySeconds = EVERY_SECONDS
  goodUntil = BEGUN + 10_000
  answer: WatchVerdict | Promise<WatchVerdict> | Error = ALLOW
  asked = 0

  async ask(): Promise<WatchVerdict> {
    this.asked++
    if (this.answer instanceof Error) throw this.answer
    return this.answer
  }

  /** The admission does so when the session has left. */
  drop(): void {
    throw new Error('whoever asks does not forget')
  }
}

let table: SessionTable
let recorded: ReturnType<typeof recordingLog>

beforeEach(() => {
  vi.useFakeTimers({ now: BEGUN * 1_000 })
  recorded = recordingLog()
  const clock = { now: () => Date.now(), unixSeconds: () => Date.now() / 1_000 }
  table = new SessionTable(clock, () => undefined)
  table.watchedBy(
    new SignInWatch({
      end: (session, cause, reason) => table.end(session, cause, 'auth-failed', reason),
      clock,
      log: recorded.log,
    }),
  )
})
afterEach(() => void vi.useRealTimers())

function begin(id: string, watch = new FakeWatch()): { session: TestSession; watch: FakeWatch } {
  const session = testSession(id, `user-${id}`, { watch })
  table.add(session)
  return { session, watch }
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000)
function laterAnswer() {
  let resolve: (verdict: WatchVerdict) => void = () => undefined
  const promise = new Promise<WatchVerdict>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

const messages = () => recorded.lines.map(({ msg }) => msg)

describe('a session whose user can be asked about', () => {
  test('is asked about in each interval, and not before four fifths of it', async () => {
    const { session, watch } = begin('a')
    await pass(EVERY_SECONDS * 0.79)
    expect(watch.asked).toBe(0)
    await pass(EVERY_SECONDS * 0.21 + 1)
    expect(watch.asked).toBe(1)
    await pass(EVERY_SECONDS + 1)
    expect(watch.asked).toBe(2)
    expect([session.ends, messages()]).toEqual([[], []])
  })

  test('ends when the answer is no, and is asked about no more', async () => {
    const { session, watch } = begin('a')
    watch.answer = DENY
    await pass(EVERY_SECONDS + 1)
    expect(session.ends).toEqual(['sign in again'])
    expect(watch.asked).toBe(1)
    expect(recorded.lines).toMatchObject([
      { msg: 'session withdrawn', session: 'a', user: 'user-a', reason: 'disabled' },
    ])
    await pass(EVERY_SECONDS * 2)
    expect(watch.asked).toBe(1)
  })

  test('goes on while nothing can be found out; the log says so once, and when it is over', async () => {
    const all = ['a', 'b', 'c'].map(id => begin(id))
    for (const { watch } of all) watch.answer = UNKNOWN
    await pass(EVERY_SECONDS * 2)
    expect(all.map(({ session }) => session.ends)).toEqual([[], [], []])
    expect(messages()).toEqual(['Entra ID: sign-ins cannot be checked again now: status 503'])
    for (const { watch } of all) watch.answer = ALLOW
    await pass(EVERY_SECONDS)
    expect(messages().slice(1)).toEqual(['Entra ID: sign-ins can be checked again'])
  })

  test('does not go on for ever while nothing can be found out', async () => {
    const { session, watch } = begin('a')
    watch.answer = UNKNOWN
    watch.goodUntil = BEGUN + EVERY_SECONDS * 2
    await pass(EVERY_SECONDS * 2 - 1)
    expect(session.ends).toEqual([])
    await pass(90)
    expect(session.ends).toEqual(['sign in again'])
    expect(recorded.lines.at(-1)).toMatchObject({ reason: 'the sign-in could not be checked for too long' })
  })

  test('that has ended is forgotten, and what is heard of it then ends nobody', async () => {
    const { session, watch } = begin('a')
    const { promise, resolve } = laterAnswer()
    watch.answer = promise
    await pass(EVERY_SECONDS + 1)
    expect(watch.asked).toBe(1)
    table.remove('a')
    resolve(DENY)
    await pass(1)
    expect([session.ends, messages()]).toEqual([[], []])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('survives a defect', async () => {
    const { session, watch } = begin('a')
    watch.answer = new Error('none of the answers')
    await pass(EVERY_SECONDS + 1)
    expect(messages()).toEqual(['a sign-in could not be checked again'])
    watch.answer = DENY
    await pass(EVERY_SECONDS + 1)
    expect(session.ends).toEqual(['sign in again'])
  })
})

test('a session that nobody can be asked about costs no timer', () => {
  table.add(testSession('a', 'alice'))
  expect(vi.getTimerCount()).toBe(0)
})

describe('a provider that answers late and says nothing', () => {
  const LATE_SECONDS = 10
  const late = (): WatchVerdict | Promise<WatchVerdict> =>
    new Promise(resolve => {
      setTimeout(() => resolve(UNKNOWN), LATE_SECONDS * 1_000)
    })

  class LateWatch extends FakeWatch {
    override goodUntil = BEGUN + EVERY_SECONDS * 2

    override ask(): Promise<WatchVerdict> {
      this.answer = late()
      return super.ask()
    }
  }

  test('is asked about all sessions in turn, and none of them goes on for ever', async () => {
    const all = Array.from({ length: 300 }, (_, i) => begin(`s${i}`, new LateWatch()))
    await pass(EVERY_SECONDS * 2 - 1)
    expect(all.filter(({ watch }) => watch.asked === 0)).toEqual([])
    expect(all.filter(({ session }) => session.ends.length > 0)).toEqual([])
    await pass(180)
    expect(all.filter(({ session }) => session.ends.length === 0)).toEqual([])
  })
})

test('few questions are under way at once, and none is left out', async () => {
  const all = Array.from({ length: 20 }, (_, i) => begin(`s${i}`))
  const { promise, resolve } = laterAnswer()
  for (const { watch } of all) watch.answer = promise
  const asked = () => all.filter(({ watch }) => watch.asked > 0).length
  await pass(EVERY_SECONDS + 5)
  expect(asked()).toBe(8)
  resolve(ALLOW)
  await pass(5)
  expect(asked()).toBe(20)
})
