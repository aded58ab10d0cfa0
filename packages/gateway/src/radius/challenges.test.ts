import { formatChallengeAnswer, parseDynamicChallenge } from '@causeway/openvpn'
import { beforeEach, expect, test } from 'vitest'
import { Challenges } from './challenges.ts'

const CONTINUATION = { server: 'nps', state: Uint8Array.of(1) }

let now: number
let challenges: Challenges

beforeEach(() => {
  now = 0
  challenges = new Challenges(() => now)
})

function asked(username: string): string {
  return parseDynamicChallenge(challenges.ask(username, CONTINUATION, 'Code?'))?.stateId ?? ''
}

test('an answer finds its question once, and goes on where the server was', () => {
  const answer = formatChallengeAnswer(asked('alice'), '123456')
  expect(challenges.take('alice', answer)).toEqual({ continuation: CONTINUATION, answer: '123456' })
  expect(challenges.take('alice', answer)).toBe('expired')
})

test('an ordinary password is none, whatever colons it has', () => {
  for (const password of ['secret', 'CRV1', 'CRV1:', 'a::b::c'])
    expect(challenges.take('alice', password)).toBeUndefined()
})

test('an answer of somebody else, a late one and an invented one count for nothing, and use the question up', () => {
  const id = asked('alice')
  expect(challenges.take('bob', formatChallengeAnswer(id, '1'))).toBe('expired')
  expect(challenges.take('alice', formatChallengeAnswer(id, '1'))).toBe('expired')
  const late = asked('alice')
  now = 120_000
  expect(challenges.take('alice', formatChallengeAnswer(late, '1'))).toBe('expired')
  expect(challenges.take('alice', formatChallengeAnswer('00', '1'))).toBe('expired')
})

test('strangers do not choose how many questions wait', () => {
  const first = asked('alice')
  for (let i = 0; i < 2_000; i++) asked(`user${i}`)
  expect(challenges.size).toBeLessThanOrEqual(1_024)
  expect(challenges.take('alice', formatChallengeAnswer(first, '1'))).toBe('expired')
})
