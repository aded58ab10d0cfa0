import { StoreError } from '@causeway/store'
import { beforeEach, describe, expect, it, vi } from 'vitest'
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
  testApi,
} from '../management-api.suite.ts'
import type { ResourceChange, ResourceServer } from '../resources/resource-server.ts'

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

/** Which of the local network gateways of these names are there. */
async function there(...names: readonly string[]): Promise<readonly string[]> {
  const told = await Promise.all(names.map(name => api.ask('GET', `${GATEWAYS}/${name}`)))
  return names.filter((_, i) => told[i]?.status === 200)
}

/** A server whose changes wait for the test, but for those that fail at once. */
class Gate implements ResourceServer {
  readonly begun: string[] = []
  readonly #waiting: (() => void)[] = []

  apply(change: ResourceChange): Promise<void> {
    const { name } = change.type === 'put' ? change.next : change.former
    this.begun.push(name)
    if (name.startsWith('bad')) throw new Error('a secret of the machine')
    return new Promise(done => this.#waiting.push(done))
  }

  open(): void {
    for (const done of this.#waiting.splice(0)) done()
  }
}

const gated = async (): Promise<Gate> => {
  const gate = new Gate()
  api = await apiWithGroup({ servers: { 'Microsoft.Network/localNetworkGateways': gate } })
  return gate
}

/** Waits until a test's condition holds. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000 && !isSo(); tries++) await new Promise(setImmediate)
  expect(isSo()).toBe(true)
}

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
    expect(await there('lng')).toEqual(['lng'])
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

  it('of az makes a connection, whose key nobody sees again', async () => {
    await api.ask('PUT', `${GATEWAYS}/lng`, { body: gatewayBody() })
    const gateway = { location: 'local', properties: { gatewayType: 'Vpn', sku: { name: 'VpnGw1' } } }
    await api.ask('PUT', `${NETWORK}/virtualNetworkGateways/gw`, { body: gateway })
    const connection = {
      type: 'Microsoft.Network/connections',
      name: 'c1',
      location: 'local',
      tags: {},
      apiVersion: '2015-06-15',
      dependsOn: [],
      properties: {
        virtualNetworkGateway1: { id: `${NETWORK}/virtualNetworkGateways/gw` },
        enableBgp: false,
        connectionType: 'IPSec',
        routingWeight: 10,
        localNetworkGateway2: { id: `${GATEWAYS}/lng` },
        sharedKey: "[parameters('sharedKey')]",
        expressRouteGatewayBypass: null,
      },
    }
    const body = {
      properties: {
        mode: 'incremental',
        parameters: { sharedKey: { value: 'correct-horse-battery' } },
        template: {
          $schema: 'https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#',
          contentVersion: '1.0.0.0',
          parameters: { sharedKey: { type: 'securestring', metadata: { description: 'Secure sharedKey' } } },
          variables: {},
          resources: [connection],
          outputs: {
            resource: { type: 'object', value: "[reference('c1')]" },
            leak: { type: 'string', value: "[base64(parameters('sharedKey'))]" },
          },
        },
      },
    }
    const path = DEPLOYMENTS.replace('resourceGroups', 'resourcegroups')
    const told = await api.ask('PUT', `${path}/vpn_connection_deploy_x`, { body, version: '2021-04-01' })
    expect((await api.ended(told)).body).toMatchObject({ status: 'Succeeded' })
    const found = await api.ask('GET', `${path}/vpn_connection_deploy_x`, { version: '2021-04-01' })
    expect(found.body.properties).toMatchObject({
      parameters: { sharedKey: { type: 'SecureString' } },
      outputs: { resource: { type: 'Object', value: { connectionType: 'IPsec' } }, leak: { type: 'String' } },
    })
    expect(found.body.properties.outputs.leak).not.toHaveProperty('value')
    const key = await api.ask('GET', `${NETWORK}/connections/c1/sharedkey`)
    expect(key.body.value).toBe('correct-horse-battery')
    const stored = [
      ...(await api.store.scan('')).map(({ key, value }) => [key, value]),
      ...(await api.store.history()),
    ]
    for (const text of [JSON.stringify(stored), api.logged.join('\n'), JSON.stringify(found.body)]) {
      expect(text).not.toContain('correct-horse-battery')
      expect(text).not.toContain(Buffer.from('correct-horse-battery').toString('base64'))
    }
  })

  it('goes in the order of what waits for what, and tells each step', async () => {
    const told = await deployed({ resources: [lng('b', { dependsOn: ['a'] }), lng('a')] })
    expect(told.body.properties.dependencies).toEqual([
      {
        id: `${GATEWAYS}/b`,
        resourceType: 'Microsoft.Network/localNetworkGateways',
        resourceName: 'b',
        dependsOn: [expect.objectContaining({ id: `${GATEWAYS}/a` })],
      },
    ])
    const steps = (await get('/operations')).body.value
    expect(steps).toHaveLength(2)
    expect(steps[0]).toMatchObject({
      properties: {
        provisioningOperation: 'Create',
        provisioningState: 'Succeeded',
        statusCode: 'Created',
        targetResource: { resourceType: 'Microsoft.Network/localNetworkGateways' },
      },
    })
    expect((await get(`/operations/${steps[0].operationId}`)).body).toEqual(steps[0])
    expect((await get('/operations/none')).status).toBe(404)
    const older = await api.ask('GET', `${GROUP}/deployments/d/operations`, { version })
    expect(older.body.value).toEqual(steps)
  })

  it("is taken in the JSON of templates, in which az sends a template's file", async () => {
    const template = `{ // a comment
      "contentVersion": "1.0.0.0", "resources": [${JSON.stringify(lng('a'))},] }`
    const body = `{"properties": {"mode": "Incremental", template:${template}}}`
    await api.ended(await api.ask('PUT', `${DEPLOYMENTS}/d`, { body, version }))
    expect(await there('a')).toEqual(['a'])
    const elsewhere = await api.ask('PUT', `${GATEWAYS}/b`, { body: '{location: "local"}' })
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([400, 'InvalidRequestContent'])
  })

  it('is there to be read, listed, exported, judged and removed', async () => {
    const parameters = { s: { type: 'securestring', defaultValue: 'hunter22' } }
    const connection = {
      type: 'Microsoft.Network/connections',
      apiVersion: '2025-05-01',
      name: 'c',
      condition: false,
      properties: { sharedKey: 'hunter33', other: "[parameters('s')]" },
    }
    await deployed({ parameters, resources: [connection, lng('a')] })
    expect((await api.ask('HEAD', `${DEPLOYMENTS}/d`, { version })).status).toBe(204)
    expect((await api.ask('HEAD', `${DEPLOYMENTS}/e`, { version })).status).toBe(404)
    const list = (filter: string) =>
      api.ask('GET', `${DEPLOYMENTS}?$filter=${encodeURIComponent(filter)}`, { version })
    expect((await list("provisioningState eq 'Succeeded'")).body.value).toHaveLength(1)
    expect((await list("provisioningState eq 'Failed'")).body.value).toEqual([])
    const exported = await api.ask('POST', `${DEPLOYMENTS}/d/exportTemplate`, { version })
    expect(exported.body.template).toMatchObject({
      contentVersion: '1.0.0.0',
      resources: [{ name: 'c' }, { name: 'a' }],
    })
    expect(JSON.stringify(exported.body)).not.toMatch(/hunter/)
    const judged = await api.ask('POST', `${DEPLOYMENTS}/v/validate`, {
      body: properties({ resources: [lng('v')] }),
      version,
    })
    expect([judged.status, judged.body.properties.provisioningState]).toEqual([200, 'Succeeded'])
    expect(await there('v')).toEqual([])
    expect((await api.ask('DELETE', `${DEPLOYMENTS}/d`, { version })).status).toBe(204)
    expect((await get()).body.error.code).toBe('DeploymentNotFound')
    expect((await api.ask('GET', `${GROUP}/resources`, { version: '2021-04-01' })).body.value).toHaveLength(1)
  })

  it('goes with its group', async () => {
    await deployed({ resources: [lng('a')] })
    await api.ended(await api.ask('DELETE', GROUP, { version: '2021-04-01' }))
    await api.ask('PUT', GROUP, { body: { location: 'local' }, version: '2021-04-01' })
    expect((await get()).status).toBe(404)
  })
})

describe('what is wrong is told before anything changes', () => {
  it.each([
    [{ resources: [lng('a'), lng("[nope('x')]")] }, {}, 'InvalidTemplate', "resources[1].name: calls 'nope'"],
    [{ resources: [lng('a')], parameters: { p: { type: 'int' } } }, {}, 'InvalidTemplate', 'parameters.p'],
    [
      { resources: [lng('a'), lng('b', { properties: { localNetworkAddressSpace: [] } })] },
      {},
      'InvalidTemplateDeployment',
      'resources[1].properties.localNetworkAddressSpace',
    ],
    [{ resources: [lng('a'), lng('-b')] }, {}, 'InvalidTemplateDeployment', 'is not a name of this type'],
    [
      { resources: [lng('a'), lng('b', { apiVersion: '1999-01-01' })] },
      {},
      'InvalidTemplateDeployment',
      'No registered resource provider',
    ],
    [
      { resources: [lng('a'), lng('b', { type: 'Microsoft.Compute/virtualMachines' })] },
      {},
      'InvalidTemplateDeployment',
      'virtualMachines',
    ],
    [
      { resources: [lng('a'), lng('b', { copy: { name: 'l', count: 1_000_000 } })] },
      {},
      'InvalidTemplate',
      'copy.count',
    ],
    [
      {},
      { template: undefined, templateLink: { uri: 'https://x.example/t' } },
      'InvalidTemplate',
      'properties.templateLink',
    ],
    [{}, { parametersLink: { uri: 'https://x.example/t' } }, 'InvalidTemplate', 'properties.parametersLink'],
    [{}, { mode: 'Sometimes' }, 'InvalidRequestContent', 'use one of Incremental, Complete'],
    [{}, { template: undefined }, 'InvalidRequestContent', 'send the template itself'],
  ])('%#', async (template, more, code, part) => {
    const told = await put(template, more)
    expect([told.status, told.body.error.code]).toEqual([400, code])
    expect(JSON.stringify(told.body.error)).toContain(part)
    expect(await there('a', 'b')).toEqual([])
    expect((await get()).status).toBe(404)
  })

  it('rights of whoever deploys, for each resource', async () => {
    const identity = {
      type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
      apiVersion: '2023-01-31',
      name: 'identity',
      location: 'local',
    }
    const told = await put({ resources: [lng('a'), identity] }, {}, { as: 'network' })
    expect(told.body.error).toMatchObject({
      code: 'InvalidTemplateDeployment',
      details: [
        { code: 'AuthorizationFailed', target: expect.stringContaining('/userAssignedIdentities/identity') },
      ],
    })
    expect(await there('a')).toEqual([])
    expect((await put({ resources: [] }, {}, { as: 'reader' })).status).toBe(403)
    expect(
      (await deployed({ resources: [lng('a')] }, {}, { as: 'network' })).body.properties.provisioningState,
    ).toBe('Succeeded')
  })

  it('secrets are not repeated', async () => {
    const told = await put(
      {
        parameters: { p: { type: 'securestring' } },
        resources: [lng('a', { properties: { bgpSettings: { asn: "[parameters('p')]" } } })],
      },
      { parameters: { p: { value: 'hunter22' } } },
    )
    expect(told.status).toBe(400)
    expect(JSON.stringify(told.body)).not.toContain('hunter22')
  })

  it('the store keeps from going on has failed, and the next one is made', async () => {
    const commit = api.store.commit.bind(api.store)
    const full = new StoreError('ERR_STORE_WRITE', 'the disk is full')
    let isFull = true
    vi.spyOn(api.store, 'commit').mockImplementation(changes => {
      if (!isFull || !JSON.stringify(changes).includes('"Create"')) return commit(changes)
      isFull = false
      return Promise.reject(full)
    })
    const told = await put({ resources: [lng('a')] })
    expect((await api.ended(told)).body.status).toBe('Failed')
    expect((await get()).body.properties.provisioningState).toBe('Failed')
    expect((await deployed({ resources: [lng('a')] })).body.properties.provisioningState).toBe('Succeeded')
  })

  it('secrets that read like a code of ours hide no code', async () => {
    const told = await put(
      {
        parameters: { p: { type: 'securestring' } },
        resources: [lng('a', { properties: { bgpSettings: { asn: "[parameters('p')]" } } })],
      },
      { parameters: { p: { value: 'InvalidTemplateDeployment' } } },
    )
    expect([told.status, told.body.error.code]).toEqual([400, 'InvalidTemplateDeployment'])
    expect(told.body.error.details[0].code).toBe('InvalidParameter')
  })

  it('secrets are so many that not every text can be looked through: those are not shown', async () => {
    const texts = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`)
    const { body } = await deployed(
      {
        parameters: { p: { type: 'secureObject' } },
        outputs: {
          few: { type: 'array', value: texts('shown', 2) },
          all: { type: 'array', value: texts('x', 2_000) },
        },
      },
      { parameters: { p: { value: { list: texts('hunter', 2_000) } } } },
    )
    const { few, all } = body.properties.outputs
    expect(few.value).toEqual(['shown 0', 'shown 1'])
    expect([all.value[0], all.value.at(-1)]).toEqual(['x 0', '[secret]'])
  })
})

describe('a deployment of which something fails', () => {
  it('does what does not depend on it, and says what failed', async () => {
    const gate = await gated()
    const told = await put({
      resources: [lng('bad'), lng('after', { dependsOn: ['bad'] }), lng('other')],
    })
    await until(() => gate.begun.length === 2)
    gate.open()
    const { body } = await api.ended(told)
    expect(body).toMatchObject({
      status: 'Failed',
      error: {
        code: 'DeploymentFailed',
        target: `${DEPLOYMENTS}/d`,
        details: [{ code: 'InternalServerError', target: `${GATEWAYS}/bad` }],
      },
    })
    expect(gate.begun.toSorted()).toEqual(['bad', 'other'])
    const found = (await get()).body.properties
    expect([found.provisioningState, found.error]).toEqual(['Failed', body.error])
    const states = (await get('/operations')).body.value.map(
      (each: { properties: { provisioningState: string } }) => each.properties.provisioningState,
    )
    expect(states.toSorted()).toEqual(['Failed', 'Succeeded'])
  })

  it('fails when what stands behind a type breaks, and tells the log alone why', async () => {
    const broken: ResourceServer = {
      check: async () => {
        throw new Error('the disk is full')
      },
    }
    api = await apiWithGroup({ servers: { 'Microsoft.Network/localNetworkGateways': broken } })
    const told = await deployed({ resources: [lng('a')] })
    expect(told.body.properties).toMatchObject({
      provisioningState: 'Failed',
      error: { details: [{ code: 'InternalServerError' }] },
    })
    expect(JSON.stringify(told.body)).not.toContain('disk')
    expect(api.logged.join('')).toContain('the disk is full')
  })

  it('fails with an output that refers to nothing', async () => {
    const value = "[reference(resourceId('Microsoft.Network/localNetworkGateways', 'none'), '2025-05-01').x]"
    const told = await deployed({ resources: [], outputs: { o: { type: 'string', value } } })
    expect(told.body.properties).toMatchObject({
      provisioningState: 'Failed',
      error: {
        details: [{ code: 'InvalidTemplate', message: expect.stringContaining('which is not there') }],
      },
    })
  })
})

describe('a deployment that goes on', () => {
  it('keeps others of its name off, and begins nothing more when it is cancelled', async () => {
    const gate = await gated()
    const told = await put({ resources: [lng('a'), lng('b', { dependsOn: ['a'] })] })
    await until(() => gate.begun.length === 1)
    expect((await get()).body.properties.provisioningState).toBe('Running')
    expect((await put({ resources: [] })).body.error.code).toBe('DeploymentActive')
    expect((await api.ask('DELETE', `${DEPLOYMENTS}/d`, { version })).body.error.code).toBe(
      'DeploymentActive',
    )
    expect((await api.ask('POST', `${DEPLOYMENTS}/d/cancel`, { version })).status).toBe(204)
    gate.open()
    expect((await api.ended(told)).body).toMatchObject({
      status: 'Failed',
      error: { code: 'OperationCancelled' },
    })
    expect((await get()).body.properties.provisioningState).toBe('Canceled')
    expect(gate.begun).toEqual(['a'])
    expect((await api.ask('POST', `${DEPLOYMENTS}/d/cancel`, { version })).status).toBe(409)
  })

  it('has failed when the process starts again', async () => {
    const gate = await gated()
    await put({ resources: [lng('a')] })
    await until(() => gate.begun.length === 1)
    const again = await testApi({ store: api.store })
    const found = await again.ask('GET', `${DEPLOYMENTS}/d`, { version })
    expect(found.body.properties).toMatchObject({
      provisioningState: 'Failed',
      error: { code: 'OperationCancelled' },
    })
  })
})

describe('the mode Complete', () => {
  it('removes what is not in the template, whoever refers to others first', async () => {
    await deployed({ resources: [lng('a'), lng('b')] })
    const connection = {
      location: 'local',
      properties: { connectionType: 'IPsec', localNetworkGateway2: { id: `${GATEWAYS}/b` } },
    }
    await api.ask('PUT', `${NETWORK}/connections/c`, { body: connection })
    const told = await deployed({ resources: [lng('a')] }, { mode: 'Complete' })
    expect(told.body.properties.provisioningState).toBe('Succeeded')
    expect(await there('a', 'b')).toEqual(['a'])
    expect((await api.ask('GET', `${NETWORK}/connections/c`)).status).toBe(404)
  })

  it('needs the right to remove, and is for groups alone', async () => {
    await api.ask('PUT', `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity`, {
      body: { location: 'local' },
      version: '2023-01-31',
    })
    const told = await put({ resources: [] }, { mode: 'Complete' }, { as: 'network' })
    expect(told.body.error).toMatchObject({
      code: 'InvalidTemplateDeployment',
      details: [{ code: 'AuthorizationFailed' }],
    })
    const body = { location: 'local', ...properties({}, { mode: 'Complete' }) }
    const atSubscription = await api.ask('PUT', `${SUB}/providers/Microsoft.Resources/deployments/d`, {
      body,
      version,
    })
    expect(atSubscription.body.error.target).toBe('properties.mode')
  })
})

describe('a deployment to a subscription', () => {
  const path = `${SUB}/providers/Microsoft.Resources/deployments/d`

  it('makes groups, and deploys to them', async () => {
    const group = {
      type: 'Microsoft.Resources/resourceGroups',
      apiVersion: '2024-11-01',
      name: 'new',
      location: 'local',
    }
    const inner = (scope: string, template: object, parameters?: object) => ({
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2024-11-01',
      name: `in-${scope}`,
      resourceGroup: 'new',
      dependsOn: ['new'],
      properties: {
        mode: 'Incremental',
        expressionEvaluationOptions: { scope },
        template,
        ...(parameters && { parameters }),
      },
    })
    const template = {
      parameters: { key: { type: 'securestring' } },
      variables: { name: 'outer' },
      resources: [
        inner(
          'inner',
          {
            contentVersion: '1.0.0.0',
            parameters: { name: { type: 'string' }, k: { type: 'secureString' } },
            resources: [lng("[concat(parameters('name'), '-', resourceGroup().name)]")],
          },
          { name: { value: "[toLower('INNER')]" }, k: { value: "[parameters('key')]" } },
        ),
        inner('outer', { contentVersion: '1.0.0.0', resources: [lng("[variables('name')]")] }),
        group,
      ],
    }
    const body = {
      location: 'local',
      ...properties(template, { parameters: { key: { value: 'hunter22' } } }),
    }
    const told = await api.ask('PUT', path, { body, version })
    expect((await api.ended(told)).body).toMatchObject({ status: 'Succeeded' })
    const made = `${SUB}/resourceGroups/new/providers`
    for (const name of ['inner-new', 'outer'])
      expect((await api.ask('GET', `${made}/Microsoft.Network/localNetworkGateways/${name}`)).status).toBe(
        200,
      )
    const nested = await api.ask('GET', `${made}/Microsoft.Resources/deployments/in-inner`, { version })
    expect(nested.body.properties).toMatchObject({
      provisioningState: 'Succeeded',
      parameters: { name: { type: 'String', value: 'inner' }, k: { type: 'SecureString' } },
    })
    expect(JSON.stringify(await api.store.scan(''))).not.toContain('hunter22')
    const all = await api.ask('GET', `${SUB}/providers/Microsoft.Resources/deployments`, { version })
    expect(all.body.value).toMatchObject([{ id: path, location: 'local' }])
  })

  it('has what another one gave out', async () => {
    const template = {
      contentVersion: '1.0.0.0',
      resources: [],
      outputs: { name: { type: 'string', value: 'given' } },
    }
    const inner = {
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2024-11-01',
      name: 'inner',
      properties: { mode: 'Incremental', template },
    }
    const tags = { from: "[reference('inner').outputs.name.value]" }
    await deployed({ resources: [lng('a', { tags }), inner] })
    expect((await api.ask('GET', `${GATEWAYS}/a`)).body.tags).toEqual({ from: 'given' })
  })

  it('has a location', async () => {
    const told = await api.ask('PUT', path, { body: properties({}), version })
    expect(told.body.error.code).toBe('LocationRequired')
  })

  it('does not lie in others without end', async () => {
    const within = (depth: number): object => ({
      contentVersion: '1.0.0.0',
      resources:
        depth === 0
          ? []
          : [
              {
                type: 'Microsoft.Resources/deployments',
                apiVersion: '2024-11-01',
                name: `d${depth}`,
                properties: { mode: 'Incremental', template: within(depth - 1) },
              },
            ],
    })
    expect((await put(within(5))).status).toBe(201)
    expect(JSON.stringify((await put(within(6))).body)).toContain('more than 5 deployments')
  })
})

it('templates in templates do not cost without end', async () => {
  const within = (depth: number): object => ({
    contentVersion: '1.0.0.0',
    resources:
      depth === 0
        ? []
        : [
            {
              type: 'Microsoft.Resources/deployments',
              apiVersion: '2024-11-01',
              name: `[concat('d${depth}-', copyIndex())]`,
              copy: { name: 'l', count: 800 },
              properties: { mode: 'Incremental', template: within(depth - 1) },
            },
          ],
  })
  const told = await put(within(4))
  expect(told.status).toBe(400)
  expect(JSON.stringify(told.body)).toContain('steps to evaluate')
})

describe('the installation', () => {
  it('deploys as itself, and is told of each resource', async () => {
    const told: string[] = []
    const template = {
      contentVersion: '1.0.0.0',
      resources: [lng('a')],
      outputs: { n: { type: 'int', value: '[add(1, 2)]' } },
    }
    const outcome = await api.api.deploy({
      scope: GROUP,
      name: 'apply-1',
      template,
      tell: ({ id, state }) => told.push(`${id.split('/').at(-1)} ${state}`),
    })
    expect(outcome).toEqual({ type: 'done', outputs: { n: { type: 'Int', value: 3 } } })
    expect(told).toEqual(['a running', 'a succeeded'])
    const wrong = await api.api.deploy({ scope: GROUP, name: 'apply-2', template: { resources: 1 } })
    expect(wrong).toMatchObject({ type: 'failed', error: { code: 'InvalidRequestContent' } })
    const nowhere = await api.api.deploy({ scope: `${SUB}/resourceGroups/none`, name: 'x', template })
    expect(nowhere).toMatchObject({ type: 'failed', error: { details: [{ code: 'ResourceGroupNotFound' }] } })
  })
})

it('names of the prototype are names like any other', async () => {
  const text = JSON.stringify(properties({ resources: [lng('a')] })).replace(
    '"contentVersion"',
    '"variables":{"__proto__":{"polluted":true},"constructor":1},"contentVersion"',
  )
  const told = await api.ask('PUT', `${DEPLOYMENTS}/d`, { body: text, version })
  expect([201, 400]).toContain(told.status)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})
