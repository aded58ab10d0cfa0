import { StoreError } from '@causeway/store'
import { expect, it } from 'vitest'
import { CommandError } from '../quick-start/index.ts'
import { errorBody } from './error-body.ts'

it('gives a refusal its own code, message and details', () => {
  const details = [{ code: 'InvalidParameter', message: 'a: b; c', target: 'a' }] as const
  expect(errorBody(new CommandError('InvalidParameter', 'a: b; c', details))).toEqual({
    code: 'InvalidParameter',
    message: 'a: b; c',
    details,
  })
})

it('says what the machine refused, in its own words', () => {
  expect(errorBody(new StoreError('ERR_STORE_WRITE', 'full; make room'))).toEqual({
    code: 'HostFailure',
    message: 'full; make room',
  })
  const listener = Object.assign(new Error('taken'), { code: 'ERR_LISTENER' })
  expect(errorBody(listener)).toEqual({ code: 'HostFailure', message: 'taken' })
})

it.each([new TypeError('x is not a function'), 'thrown text', undefined])('owns up to %s', error => {
  expect(errorBody(error)).toMatchObject({
    code: 'InternalServerError',
    message: expect.stringMatching(/^this is a fault of Causeway's: /),
  })
})
