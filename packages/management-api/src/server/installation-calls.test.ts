import { expect, it } from 'vitest'
import { BASE, GATEWAYS, GROUP, SUB, gatewayBody as siteBody, VERSION } from '../management-api.suite.ts'
import { GATEWAY, gatewayBody, networkApi } from '../network/network.suite.ts'

const at = (path: string, version = VERSION) => `${path}?api-version=${version}`

it('does as the installation whatever there is to do, and waits for its end', async () => {
  const { api, gateway, store } = await networkApi()
  const site = await api.asInstallation({ method: 'PUT', path: at(`${GATEWAYS}/lng`), body: siteBody() })
  expect(site.status).toBe(201)
  expect(await api.waitFor(site)).toBe(site)
  const put = await api.asInstallation({ method: 'PUT', path: at(GATEWAY), body: gatewayBody() })
  expect(put).toMatchObject({ status: 201, body: { properties: { provisioningState: 'Creating' } } })
  expect(put.headers['azure-asyncoperation']).toContain(BASE)
  expect((await api.waitFor(put)).status).toBe(200)
  expect(gateway.inForce?.resource.id).toBe(GATEWAY)
  const [entry] = await store.history({ target: `resources${GATEWAY}`.toLowerCase() })
  expect(entry?.who).toBe('installation')
  const health = await api.asInstallation({
    method: 'POST',
    path: at(`${GATEWAY}/getVpnClientConnectionHealth`),
  })
  expect(await api.waitFor(health)).toMatchObject({ status: 200, body: { value: [] } })
  const all = await api.asInstallation({ method: 'GET', path: at('/subscriptions', '2022-12-01') })
  expect(all.body).toMatchObject({ value: [{ id: SUB }] })
})

it('waits for what fails, and answers why', async () => {
  const { api, gateway } = await networkApi()
  gateway.beforeApply = async () => {
    throw new Error('no')
  }
  const put = await api.asInstallation({ method: 'PUT', path: at(GATEWAY), body: gatewayBody() })
  expect(await api.waitFor(put)).toMatchObject({
    status: 500,
    body: { error: { code: 'InternalServerError' } },
  })
})

it.each([
  ['an unknown path', 'GET', '/nowhere', 404, 'NotFound'],
  ['no api-version', 'GET', GROUP, 400, 'MissingApiVersionParameter'],
  [
    'another subscription',
    'GET',
    at('/subscriptions/x/resourceGroups/rg', '2021-04-01'),
    404,
    'SubscriptionNotFound',
  ],
  ['a wrong body', 'PUT', at(GATEWAY), 400, 'InvalidRequestContent'],
])('answers as anybody is answered: %s', async (_what, method, path, status, code) => {
  const { api } = await networkApi()
  const told = await api.asInstallation({ method, path, ...(method === 'PUT' && { body: [] }) })
  expect(told).toMatchObject({ status, body: { error: { code } } })
})

it('is nobody that a token could name', async () => {
  const { ask } = await networkApi()
  const told = await ask('GET', GATEWAY, { as: 'nobody' })
  expect(told.status).toBe(403)
  expect((await ask('GET', GATEWAY, { headers: { authorization: 'Bearer installation' } })).status).not.toBe(
    200,
  )
})
