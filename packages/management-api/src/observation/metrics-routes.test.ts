import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { openMemoryStore } from '@causeway/store'
import { describe, expect, test } from 'vitest'
import { assignment, GROUP, NETWORK, PEOPLE, SUB, testApi } from '../management-api.suite.ts'
import { RoleStore } from '../rights/role-store.ts'

const TEXT = 'causeway_p2s_connection_count{protocol="OpenVPN"} 3\n'
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const metrics = () => Promise.resolve({ text: TEXT, contentType: CONTENT_TYPE })

const scrape = (api: Awaited<ReturnType<typeof testApi>>['api'], as?: string) =>
  api.inject({ method: 'GET', url: '/metrics', headers: as ? { authorization: `Bearer ${as}` } : {} })

describe('GET /metrics', () => {
  test('gives the text to who may read metrics', async () => {
    const { api } = await testApi({ metrics })
    for (const person of ['owner', 'reader']) {
      const { status, headers, text } = await scrape(api, person)
      expect([status, headers['content-type'], text]).toEqual([200, CONTENT_TYPE, TEXT])
    }
    await api.close()
  })

  test('needs a token, and says where to get one', async () => {
    const { api } = await testApi({ metrics })
    const { status, headers, text } = await scrape(api)
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toContain('Bearer')
    expect(JSON.parse(text).error.code).toBe('AuthenticationFailed')
    await api.close()
  })

  test('is refused to others, with the right that they need and where', async () => {
    const { api } = await testApi({ metrics })
    const { status, text } = await scrape(api, 'nobody')
    expect(status).toBe(403)
    const { error } = JSON.parse(text)
    expect(error.code).toBe('AuthorizationFailed')
    expect(error.message).toContain("'Microsoft.Insights/metrics/read'")
    expect(error.message).toContain(SUB)
    await api.close()
  })

  test('with a gateway, the right is needed there, and is enough there', async () => {
    const gateway = `${NETWORK}/virtualNetworkGateways/gw`
    const store = await openMemoryStore()
    const roles = await RoleStore.open(store)
    await store.commit([
      roles.putAssignment(assignment(1, PEOPLE.owner, BUILT_IN_ROLE_IDS.owner, '/')),
      roles.putAssignment(assignment(2, PEOPLE.network, BUILT_IN_ROLE_IDS.reader, gateway)),
    ])
    roles.close()
    const { api, ask } = await testApi({ metrics, store })
    expect((await scrape(api, 'network')).status).toBe(403)
    await ask('PUT', GROUP, { body: { location: 'local' }, version: '2021-04-01' })
    const made = await ask('PUT', gateway, { body: { location: 'local', properties: {} } })
    expect(made.status).toBe(201)
    expect((await scrape(api, 'network')).status).toBe(200)
    expect((await scrape(api, 'nobody')).status).toBe(403)
    await api.close()
  })

  test('is not there where nothing is measured', async () => {
    const { api } = await testApi()
    expect((await scrape(api, 'owner')).status).toBe(404)
    await api.close()
  })

  test('a failure is for the log alone', async () => {
    const { api, logged } = await testApi({ metrics: () => Promise.reject(new Error('the secret is x')) })
    const { status, text } = await scrape(api, 'owner')
    expect([status, JSON.parse(text).error.code]).toEqual([500, 'InternalServerError'])
    expect(text).not.toContain('secret')
    expect(logged.join()).toContain('the metrics could not be read')
    await api.close()
  })
})
