import { beforeEach, describe, expect, it } from 'vitest'
import {
  type Asked,
  apiWithGroup,
  GATEWAYS,
  GROUP,
  gatewayBody,
  NETWORK,
  SUB,
  type TestApi,
  type Told,
} from '../management-api.suite.ts'

const DEPLOYMENTS = `${GROUP}/providers/Microsoft.Resources/deployments`
const version = '2024-11-01'

let api: TestApi

beforeEach(async () => {
  api = await apiWithGroup()
})

const properties = (template: object, more: object = {}) => ({
  properties: {
    mode: 'Incremental',
    template: { contentVersion: '1.0.0.0', resources: [], ...template },
    ...more,
  },
})
const put = (template: object, more: object = {}, asked: Asked = {}) =>
  api.ask('PUT', `${DEPLOYMENTS}/d`, { body: properties(template, more), version, ...asked })
const get = (rest = '') => api.ask('GET', `${DEPLOYMENTS}/d${rest}`, { version })

/** Deploys, and answers the deployment as it ended. */
async function deployed(template: object, more: object = {}, asked: Asked = {}): Promise<Told> {
  const told = await put(template, more, asked)
  if (told.status >= 300) throw new Error(JSON.stringify(told.body))
  await api.ended(told)
  return get()
}

const lng = (name: string, changes: object = {}) => ({
  type: 'Microsoft.Network/localNetworkGateways',
  apiVersion: '2025-05-01',
  name,
  ...gatewayBody(),
  ...changes,
})

describe('a deployment', () => {
  it('makes what its template says, with its parameters', async () => {
    const told = await put(
      {
        parameters: { name: { type: 'string' } },
        resources: [lng("[parameters('name')]")],
        outputs: { address: { type: 'string', value: "[reference(parameters('name')).gatewayIpAddress]" } },
      },
      { parameters: { name: { value: 'lng' } } },
    )
    expect([told.status, told.body.properties.provisioningState]).toEqual([201, 'Accepted'])
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    expect((await api.ask('GET', `${GATEWAYS}/lng`)).body.properties.gatewayIpAddress).toBe('203.0.113.1')
    expect((await get()).body).toMatchObject({
      id: `${DEPLOYMENTS}/d`,
      name: 'd',
      type: 'Microsoft.Resources/deployments',
      properties: {
        provisioningState: 'Succeeded',
        mode: 'Incremental',
        parameters: { name: { type: 'String', value: 'lng' } },
        outputs: { address: { type: 'String', value: '203.0.113.1' } },
        outputResources: [{ id: `${GATEWAYS}/lng` }],
      },
    })
  })
})
