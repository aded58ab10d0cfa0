import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CHALLENGE_STATE_LENGTH,
  type DynamicChallenge,
  formatChallengeAnswer,
  formatDynamicChallenge,
  formatStaticChallenge,
  parseDynamicChallenge,
  readChallengeAnswer,
  readStaticChallenge,
} from './challenge.ts'
import { CONTROL_TEXT_BYTES, formatControlMessage, parseControlMessage } from './control-message.ts'

/** The example of OpenVPN's management-notes. */
const EXAMPLE = 'CRV1:R,E:Om01u7Fh4LrGBS7uh0SWmzwabUiGiW6l:Y3Ix:Please enter token PIN'
const CHALLENGE: DynamicChallenge = {
  stateId: 'Om01u7Fh4LrGBS7uh0SWmzwabUiGiW6l',
  username: 'cr1',
  text: 'Please enter token PIN',
  echo: true,
  responseRequired: true,
}

describe('a dynamic challenge', () => {
  it('is what OpenVPN writes', () => {
    expect(formatDynamicChallenge(CHALLENGE)).toBe(EXAMPLE)
    expect(parseDynamicChallenge(EXAMPLE)).toEqual(CHALLENGE)
  })

  it('has a text with colons, commas, quotes and brackets', () => {
    const challenge = { ...CHALLENGE, text: `'Code': "x", [TEMP] \\ – ü`, echo: false }
    expect(parseDynamicChallenge(formatDynamicChallenge(challenge))).toEqual(challenge)
  })

  it('reads again as it was written, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 100, unit: 'grapheme-composite' }),
        fc.boolean(),
        (username, echo) => {
          const challenge = { ...CHALLENGE, username, echo }
          expect(parseDynamicChallenge(formatDynamicChallenge(challenge))).toEqual(challenge)
        },
      ),
    )
  })

  it('arrives unshortened at its longest, and is refused when it is longer', () => {
    const room = CONTROL_TEXT_BYTES - `AUTH_FAILED,${EXAMPLE}\0`.length
    const longest = { ...CHALLENGE, text: CHALLENGE.text + 'x'.repeat(room) }
    const reason = formatDynamicChallenge(longest)
    const message = formatControlMessage({ type: 'auth-failed', reason })
    expect(message).toHaveLength(CONTROL_TEXT_BYTES - 1)
    expect(parseControlMessage(message)).toEqual({ type: 'auth-failed', reason })
    expect(() => formatDynamicChallenge({ ...longest, text: `${longest.text}x` })).toThrow(RangeError)
  })

  it.each(['', 'a:b', 'a b', 'ä', 'x'.repeat(CHALLENGE_STATE_LENGTH + 1)])('has no state id %j', stateId => {
    expect(() => formatDynamicChallenge({ ...CHALLENGE, stateId })).toThrow(RangeError)
    expect(() => formatChallengeAnswer(stateId, '1')).toThrow(RangeError)
    expect(parseDynamicChallenge(`CRV1:R:${stateId}:Y3Ix:text`)).toBeUndefined()
    expect(readChallengeAnswer(`CRV1::${stateId}::1`)).toBeUndefined()
  })

  it.each(['', 'CRV1', 'CRV1:R,E:id:Y3Ix', 'CRV1:R:id:?:text', ' CRV1:R:id:Y3Ix:t', 'not you'])(
    'is none of %j',
    reason => expect(parseDynamicChallenge(reason)).toBeUndefined(),
  )

  it('has no control characters', () => {
    expect(() => formatDynamicChallenge({ ...CHALLENGE, text: 'a\nb' })).toThrow(RangeError)
  })
})

describe('an answer', () => {
  it('to a dynamic challenge is what OpenVPN sends', () => {
    const password = 'CRV1::Om01u7Fh4LrGBS7uh0SWmzwabUiGiW6l::8675309'
    expect(formatChallengeAnswer(CHALLENGE.stateId, '8675309')).toBe(password)
    expect(readChallengeAnswer(password)).toEqual({ stateId: CHALLENGE.stateId, response: '8675309' })
  })

  it('to a dynamic challenge may be empty, or have colons', () => {
    for (const response of ['', '::', 'a::b:'])
      expect(readChallengeAnswer(`CRV1::id::${response}`)).toEqual({ stateId: 'id', response })
  })

  it('to a static challenge is what OpenVPN sends', () => {
    const answer = { password: 'bar', response: '8675309' }
    expect(readStaticChallenge('SCRV1:YmFy:ODY3NTMwOQ==')).toEqual(answer)
    expect(formatStaticChallenge(answer)).toBe('SCRV1:YmFy:ODY3NTMwOQ==')
    expect(readStaticChallenge('SCRV1::')).toEqual({ password: '', response: '' })
  })

  it.each(['', 'SCRV1:YmFy', 'SCRV1:YmFy:?', 'scrv1:YmFy:YmFy', 'SCRV1:YmFy:YmFy:YmFy', 'CRV1:R:id:Y3Ix:t'])(
    'is none of %j',
    password =>
      expect([readStaticChallenge(password), readChallengeAnswer(password)]).toEqual([undefined, undefined]),
  )
})
