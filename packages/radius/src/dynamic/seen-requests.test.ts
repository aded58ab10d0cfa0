import { Writer } from '@causeway/wire'
import { expect, test } from 'vitest'
import { ANSWER_KEPT_MS, SEEN_REQUESTS } from '../limits.ts'
import { repeatedAnswer, SeenRequests } from './seen-requests.ts'

const authenticator = (number: number) => new Writer(16).u32(number).u32(0).u32(0).u32(0).finish()

test('so many are known again, and the oldest gives way', () => {
  const seen = new SeenRequests()
  for (let i = 0; i <= SEEN_REQUESTS; i++) seen.add(authenticator(i), 1_000 + i)
  expect(seen.size).toBe(SEEN_REQUESTS)
  expect(seen.find(authenticator(0))).toBeUndefined()
  expect(seen.find(authenticator(1))).toBeDefined()
  expect(seen.nextTimeout()).toBe(1_001)
})

test('each is forgotten in its time', () => {
  const seen = new SeenRequests()
  seen.add(authenticator(1), 100)
  seen.add(authenticator(2), 50)
  seen.handleTimeout(50)
  expect([seen.find(authenticator(1))?.isPending, seen.find(authenticator(2))]).toEqual([true, undefined])
  seen.handleTimeout(100)
  expect([seen.size, seen.nextTimeout()]).toEqual([0, undefined])
})

test('an answer is given again for a minute, and is nobody else’s to change', () => {
  const request = { key: '', answer: Uint8Array.of(1), isPending: false, answeredAt: 10 }
  repeatedAnswer(request, 10)?.fill(9)
  expect(repeatedAnswer(request, 9 + ANSWER_KEPT_MS)).toEqual(Uint8Array.of(1))
  expect(repeatedAnswer(request, 10 + ANSWER_KEPT_MS)).toBeUndefined()
})
