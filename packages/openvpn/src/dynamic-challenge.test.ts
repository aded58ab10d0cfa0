import { describe, expect, it } from 'vitest'
import type { OpenVpnReply } from './command.ts'
import {
  formatChallengeAnswer,
  formatDynamicChallenge,
  formatStaticChallenge,
  readChallengeAnswer,
  readStaticChallenge,
} from './options/challenge.ts'
import type { OpenVpnRequest } from './output.ts'
import { connect, createDuo, letIn } from './testing/duo.suite.ts'
import { dataPasses } from './testing/surroundings.ts'

const CHALLENGE = {
  stateId: 'state-1',
  username: 'anna',
  text: `Your code, please: "${'x'.repeat(900)}"`,
  echo: false,
  responseRequired: true,
}

/** Asks for a second factor, and lets in whoever gives it. */
function decide(temporary: boolean): (request: OpenVpnRequest) => OpenVpnReply {
  return request => {
    if (request.type !== 'authenticate') return letIn(request)
    const answer = readChallengeAnswer(request.password ?? '')
    if (answer?.stateId === 'state-1' && answer.response === '123456') return letIn(request)
    return { type: 'deny', reason: formatDynamicChallenge(CHALLENGE), temporary }
  }
}

describe('a refusal with a question', () => {
  // client                               server
  // anna, password           ─────────▶  deny CRV1:R:state-1:YW5uYQ==:…
  //                          ◀─────────  AUTH_FAILED,CRV1:…
  // (a new session)
  // anna, CRV1::state-1::123456 ──────▶  allow
  it.each([false, true])('comes whole, and is answered with the next session; temporary: %s', temporary => {
    const credentials = { username: 'anna', password: 'password' }
    const duo = createDuo({ client: { credentials }, decide: decide(temporary) })
    expect(connect(duo)).toBe(false)
    expect(duo.clientSide.eventsOf('challenge')).toEqual([{ type: 'challenge', challenge: CHALLENGE }])
    expect(duo.clientSide.eventsOf('refused')).toEqual([
      { type: 'refused', reason: 'authentication failed: the server asks for a further answer' },
    ])
    expect(duo.serverSide.eventsOf('refused')).toEqual([
      { type: 'refused', reason: 'The user was asked for a further answer' },
    ])
    const password = formatChallengeAnswer(CHALLENGE.stateId, '123456')
    duo.pair.a.command({
      type: 'connect',
      path: duo.clientPath,
      credentials: { username: CHALLENGE.username, password },
    })
    duo.pair.advance(5000)
    expect(dataPasses(duo.clientSide.flow, duo.serverSide.flow)).toBe(true)
    expect(duo.serverSide.requests[1]).toMatchObject({ username: 'anna', password })
  })

  it('that is none is an ordinary refusal', () => {
    const reason = 'CRV1:R:no such thing'
    const duo = createDuo({
      decide: request =>
        request.type === 'authenticate' ? { type: 'deny', reason, temporary: false } : letIn(request),
    })
    connect(duo)
    expect(duo.clientSide.eventsOf('challenge')).toEqual([])
    expect(duo.clientSide.eventsOf('refused')).toHaveLength(1)
  })
})

it('the answer to a question of the profile comes through untouched', () => {
  const answer = { password: 'päss:word', response: '123 456' }
  const credentials = { username: 'anna', password: formatStaticChallenge(answer) }
  const duo = createDuo({ client: { credentials } })
  expect(connect(duo)).toBe(true)
  const [request] = duo.serverSide.requests
  if (request?.type !== 'authenticate') throw new Error('nobody was asked')
  expect(request.password).toBe(credentials.password)
  expect(readStaticChallenge(request.password ?? '')).toEqual(answer)
})
