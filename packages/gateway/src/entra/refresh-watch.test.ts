import type { BrowserSignIn, RecheckVerdict, RefreshHandle } from '@causeway/entra'
import { beforeEach, expect, test } from 'vitest'
import { RefreshWatch } from './refresh-watch.ts'

const handle: RefreshHandle = { type: 'refresh-handle', subject: 'alice' }

let answer: RecheckVerdict
let forgotten: RefreshHandle[]
let now: number

beforeEach(() => {
  forgotten = []
  now = 1_000
})

function watch(): RefreshWatch {
  const signIn: Pick<BrowserSignIn, 'recheck' | 'forget'> = {
    recheck: () => Promise.resolve(answer),
    forget: given => void forgotten.push(given),
  }
  return new RefreshWatch({
    everySeconds: 60,
    handle,
    signIn,
    expiresAt: 4_600,
    sessionSecondsPastExpiry: 500,
    unixSeconds: () => now,
  })
}

test('each new ID token makes the session good for longer, and none for less', async () => {
  const asked = watch()
  expect(asked.goodUntil).toBe(5_100)
  answer = { type: 'allow', expiresAt: 8_000 }
  expect(await asked.ask()).toEqual({ type: 'allow' })
  expect(asked.goodUntil).toBe(8_500)
  answer = { type: 'allow', expiresAt: 7_000 }
  await asked.ask()
  expect(asked.goodUntil).toBe(8_500)
})

test('without a new ID token the answer itself is what counts', async () => {
  const asked = watch()
  answer = { type: 'allow', expiresAt: undefined }
  now = 9_000
  await asked.ask()
  expect(asked.goodUntil).toBe(9_500)
})

test('a no has its reason, and no answer leaves things as they are', async () => {
  const asked = watch()
  answer = {
    type: 'deny',
    reason: 'the provider refuses: "invalid_grant"',
    userReason: 'no',
    temporary: false,
  }
  expect(await asked.ask()).toMatchObject({
    type: 'deny',
    reason: 'the provider lets the user in no longer: the provider refuses: "invalid_grant"',
  })
  answer = { type: 'unknown', reason: 'status 503' }
  expect(await asked.ask()).toEqual(answer)
  expect(asked.goodUntil).toBe(5_100)
})

test('its end forgets the refresh token', () => {
  watch().drop()
  expect(forgotten).toEqual([handle])
})
