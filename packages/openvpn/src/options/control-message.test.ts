import { utf8Bytes } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CONTROL_TEXT_BYTES,
  type ControlMessage,
  formatControlMessage,
  parseControlMessage,
} from './control-message.ts'

const CASES: readonly (readonly [string, ControlMessage])[] = [
  ['PUSH_REQUEST', { type: 'push-request' }],
  ['PUSH_REPLY,ping 1', { type: 'push-reply', text: 'PUSH_REPLY,ping 1' }],
  ['AUTH_FAILED', { type: 'auth-failed', reason: '' }],
  ['AUTH_FAILED,no, not you', { type: 'auth-failed', reason: 'no, not you' }],
  ['AUTH_FAILED,TEMP', { type: 'auth-failed', reason: '', temporary: {} }],
  [
    'AUTH_FAILED,TEMP[backoff 42,advance no]:later: please',
    { type: 'auth-failed', reason: 'later: please', temporary: { backoffSeconds: 42, advance: 'no' } },
  ],
  ['RESTART', { type: 'restart', nextServer: false, reason: '' }],
  ['RESTART,[N]draining', { type: 'restart', nextServer: true, reason: 'draining' }],
  ['HALT,gone', { type: 'halt', reason: 'gone' }],
  ['EXIT', { type: 'exit' }],
  ['INFO,hello', { type: 'info', text: 'hello' }],
  ['INFO_PRE,WEB_AUTH::https://x.example/', { type: 'info-pre', text: 'WEB_AUTH::https://x.example/' }],
  ['AUTH_PENDING', { type: 'auth-pending' }],
  ['AUTH_PENDING,timeout 120', { type: 'auth-pending', timeoutSeconds: 120 }],
  ['CR_RESPONSE,aGVsbG8=', { type: 'challenge-response', response: 'aGVsbG8=' }],
  ['PUSH_UPDATE,ping 2', { type: 'unknown', text: 'PUSH_UPDATE,ping 2' }],
]

describe('control messages', () => {
  it.each(CASES)('%s', (text, message) => {
    expect(parseControlMessage(text)).toEqual(message)
    expect(formatControlMessage(message)).toBe(text)
  })

  it('of any text read the same again once written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const message = parseControlMessage(text)
        if ('kind' in message) return
        expect(parseControlMessage(formatControlMessage(message))).toEqual(message)
      }),
    )
  })

  it('lose line breaks at their end, and are a fault with other control characters', () => {
    expect(parseControlMessage('PUSH_REQUEST\r\n')).toEqual({ type: 'push-request' })
    for (const text of ['AUTH_FAILED,a\nb', 'INFO,\x1b[2J', 'A\x7f', 'A\x85'])
      expect(parseControlMessage(text)).toMatchObject({ kind: 'invalid' })
  })

  it('never carry control characters, whatever the reason', () => {
    const reason = 'wrong\r\npassword\0\x1b'
    expect(formatControlMessage({ type: 'auth-failed', reason })).toBe('AUTH_FAILED,wrong  password  ')
  })

  it('do not let a reason pass for a temporary failure', () => {
    const message: ControlMessage = { type: 'auth-failed', reason: 'TEMPERATURE' }
    expect(parseControlMessage(formatControlMessage(message))).toEqual(message)
    const forged: ControlMessage = { type: 'auth-failed', reason: 'TEMP:again' }
    expect(parseControlMessage(formatControlMessage(forged))).toEqual(forged)
  })

  it('are cut to what clients can hold, between characters', () => {
    const text = formatControlMessage({ type: 'info', text: '€'.repeat(600) })
    expect(utf8Bytes(text).length).toBe(CONTROL_TEXT_BYTES - 1 - ((CONTROL_TEXT_BYTES - 6) % 3))
    expect(text.endsWith('€')).toBe(true)
  })
})
