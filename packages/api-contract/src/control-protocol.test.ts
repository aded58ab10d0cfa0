import { describe, expect, it } from 'vitest'
import { readControlRequest } from './control-protocol.ts'

describe('readControlRequest', () => {
  it('reads a request', () => {
    const request = { method: 'client.add', params: { name: 'ann@example.org' } }
    expect(readControlRequest({ id: 7, ...request })).toEqual({ type: 'good', value: { id: 7, request } })
  })

  it.each(['../etc', '', '.', '-x', 'a/b', 'a b', 'a\nb', 'a\0', 'ä', 'x'.repeat(65)])(
    'refuses the client name %j',
    name => {
      expect(readControlRequest({ id: 1, method: 'client.add', params: { name } })).toMatchObject({
        type: 'bad',
      })
    },
  )

  it.each([
    null,
    {},
    { id: -1, method: 'status', params: {} },
    { id: 1, method: 'toString', params: {} },
    { id: 1, method: 'status', params: { extra: 1 } },
    { id: 1, method: 'status', params: {}, extra: 1 },
  ])('refuses %j', value => {
    expect(readControlRequest(value)).toMatchObject({ type: 'bad' })
  })
})
