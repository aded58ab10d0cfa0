import { describe, expect, it } from 'vitest'
import { isManagementRequest, LIVE_METHODS, readControlRequest } from './control-protocol.ts'

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
    { id: 1, method: 'principal.add', params: { name: '../x' } },
    { id: 1, method: 'principal.secret', params: { name: 'ci', validDays: 731 } },
    { id: 1, method: 'template.apply', params: { document: {}, parameters: { x: 1 } } },
    { id: 1, method: 'cert.import', params: { vault: 'v', name: 'a/b', content: 'x' } },
    { id: 1, method: 'cert.issue', params: { vault: 'v', name: 'c', commonName: '' } },
    { id: 1, method: 'cert.check', params: { subject: 's', chain: Array(21).fill('x') } },
  ])('refuses %j', value => {
    expect(readControlRequest(value)).toMatchObject({ type: 'bad' })
  })
})

describe('requests to the management API', () => {
  it('are those of principals and templates, and need a running gateway', () => {
    const add = { method: 'principal.add', params: { name: 'ci', role: 'Reader' } } as const
    expect(readControlRequest({ id: 1, ...add })).toEqual({ type: 'good', value: { id: 1, request: add } })
    expect(isManagementRequest(add)).toBe(true)
    expect(isManagementRequest({ method: 'client.list', params: {} })).toBe(false)
    expect(LIVE_METHODS).toContain('template.apply')
  })

  it('take parameters as ARM writes them', () => {
    const params = { document: {}, parameters: { place: { value: 'local' } }, group: 'rg' }
    expect(readControlRequest({ id: 1, method: 'template.apply', params })).toMatchObject({ type: 'good' })
  })
})

describe('requests about certificates of connections', () => {
  it('repeat nothing of a key or a password that is too long', () => {
    const params = {
      vault: 'v',
      name: 'c',
      content: `key ${'k'.repeat(1_048_576)}`,
      password: 'p'.repeat(2_000),
    }
    const read = readControlRequest({ id: 1, method: 'cert.import', params })
    expect(read.type).toBe('bad')
    expect(JSON.stringify(read)).not.toMatch(/ppp|kkk/)
  })

  it('go to the management API where they are about vaults', () => {
    const name = 'cert'
    expect(isManagementRequest({ method: 'cert.show', params: { vault: 'v', name } })).toBe(true)
    expect(isManagementRequest({ method: 'cert.check', params: { subject: 's', chain: [] } })).toBe(false)
    expect(LIVE_METHODS).toContain('connections')
    expect(LIVE_METHODS).not.toContain('cert.check')
  })
})
