import { StoreError } from '@causeway/store'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { limits } from '../limits.ts'
import {
  type Asked,
  apiWithGroup,
  BASE,
  GATEWAYS,
  gatewayBody,
  NETWORK,
  NOW,
  SUB,
  SUBSCRIPTION,
  type TestApi,
  type Told,
  testApi,
} from '../management-api.suite.ts'
import {
  type ResourceChange,
  type ResourceServer,
  ResourceServerError,
} from '../resources/resource-server.ts'
import { OperationStore } from './operation-store.ts'

/** A server whose changes end when the test says so. */
class Gate implements ResourceServer {
  readonly changes: ResourceChange[] = []
  readonly #waiting: { done: () => void; fail: (error: Error) => void }[] = []

  apply(change: ResourceChange): Promise<void> {
    this.changes.push(change)
    return new Promise((done, fail) => {
      this.#waiting.push({ done, fail })
    })
  }

  async view(): Promise<object & Record<string, unknown>> {
    return { fqdn: 'seen.example' }
  }

  async action({ name, body }: { name: string; body: unknown }) {
    if (name !== 'Reset') return { type: 'done', result: { name, body } } as const
    throw new ResourceServerError('Conflict', 'It is not running.')
  }

  done(): void {
    this.#waiting.shift()?.done()
  }

  fail(error: Error): void {
    this.#waiting.shift()?.fail(error)
  }
}

let api: TestApi
let gate: Gate

beforeEach(async () => {
  gate = new Gate()
  api = await apiWithGroup({ servers: { 'Microsoft.Network/localNetworkGateways': gate } })
})

const put = (body: object = gatewayBody(), asked: Asked = {}) =>
  api.ask('PUT', `${GATEWAYS}/lng`, { body, ...asked })
const state = async () => (await api.ask('GET', `${GATEWAYS}/lng`)).body.properties.provisioningState
const poll = (told: Told, header = 'azure-asyncoperation', asked: Asked = {}) =>
  api.ask('GET', String(told.headers[header]).replace(BASE, ''), { version: '', ...asked })

describe('a PUT that somebody else has to follow', () => {
  it('answers at once, is polled by an absolute URL, and ends with the resource', async () => {
    const told = await put()
    expect([told.status, told.body.properties.provisioningState]).toEqual([201, 'Creating'])
    expect(told.headers['azure-asyncoperation']).toMatch(
      new RegExp(
        `^${BASE}${SUB}/providers/Microsoft.Network/locations/local/operations/[0-9a-f-]{36}\\?api-version=2025-05-01$`,
      ),
    )
    expect(told.headers.location).toBeUndefined()
    expect(told.headers['retry-after']).toBe('1')
    const running = await poll(told)
    expect([running.status, running.body.status, running.headers['retry-after']]).toEqual([
      200,
      'InProgress',
      '1',
    ])
    gate.done()
    expect((await api.ended(told)).body).toMatchObject({
      status: 'Succeeded',
      startTime: expect.any(String),
      endTime: expect.any(String),
    })
    expect(await state()).toBe('Succeeded')
    expect(gate.changes).toMatchObject([
      { type: 'put', next: { id: `${GATEWAYS}/lng`, location: 'local' }, former: undefined },
    ])
  })

  it('keeps others off while it goes on', async () => {
    const told = await put()
    for (const other of [
      await put(),
      await api.ask('DELETE', `${GATEWAYS}/lng`),
      await api.ask('PATCH', `${GATEWAYS}/lng`, { body: { tags: {} } }),
    ]) {
      expect([other.status, other.body.error.code]).toEqual([409, 'AnotherOperationInProgress'])
      expect(other.body.error.message).toContain(told.headers['azure-asyncoperation'])
    }
  })

  it('that fails says why, and the next one is told what still runs', async () => {
    const first = await put()
    gate.done()
    await api.ended(first)
    const second = await put(gatewayBody({ properties: { gatewayIpAddress: '203.0.113.2' } }))
    expect(second.body.properties.provisioningState).toBe('Updating')
    gate.fail(new ResourceServerError('Conflict', 'The address is taken.', 'properties.gatewayIpAddress'))
    expect((await api.ended(second)).body).toMatchObject({
      status: 'Failed',
      error: { code: 'Conflict', message: 'The address is taken.', target: 'properties.gatewayIpAddress' },
    })
    expect(await state()).toBe('Failed')
    await put(gatewayBody({ properties: { gatewayIpAddress: '203.0.113.3' } }))
    expect(gate.changes.at(-1)).toMatchObject({
      former: { body: { properties: { gatewayIpAddress: '203.0.113.1' } } },
    })
  })

  it('ends although its end cannot be stored at first, as while the disk is full', async () => {
    const told = await put()
    const full = new StoreError('ERR_STORE_WRITE', 'the disk is full')
    vi.spyOn(api.store, 'commit').mockRejectedValueOnce(full).mockRejectedValueOnce(full)
    gate.done()
    await expect.poll(async () => (await poll(told)).body.status, { timeout: 5_000 }).toBe('Succeeded')
    expect(await state()).toBe('Succeeded')
    expect(api.logged.filter(line => line.includes('it is tried again'))).toHaveLength(2)
  })

  it('has not begun where it could not be stored, however often', async () => {
    const commit = vi.spyOn(api.store, 'commit')
    commit.mockRejectedValue(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
    for (let i = 0; i <= limits.runningOperations; i++)
      expect((await put()).status).toBeGreaterThanOrEqual(500)
    commit.mockRestore()
    expect((await put()).status).toBe(201)
  })

  it('that has not succeeded yet is not what runs', async () => {
    const running = async () =>
      (await api.api.running('Microsoft.Network/localNetworkGateways')).map(({ body }) => body)
    const first = await put()
    expect(await running()).toEqual([])
    gate.done()
    await api.ended(first)
    const second = await put(gatewayBody({ properties: { gatewayIpAddress: '203.0.113.2' } }))
    expect(await running()).toEqual([gatewayBody()])
    gate.done()
    await api.ended(second)
    expect(await running()).toMatchObject([{ properties: { gatewayIpAddress: '203.0.113.2' } }])
  })

  it('that fails by a defect tells nothing of it', async () => {
    const told = await put()
    gate.fail(new Error('the key is hunter2'))
    const { body } = await api.ended(told)
    expect(body.error.code).toBe('InternalServerError')
    expect(JSON.stringify(body)).not.toContain('hunter2')
  })

  it('is not asked to follow new tags', async () => {
    const told = await put()
    gate.done()
    await api.ended(told)
    const tagged = await api.ask('PATCH', `${GATEWAYS}/lng`, { body: { tags: { a: 'b' } } })
    expect([tagged.status, tagged.body.properties.provisioningState]).toEqual([200, 'Succeeded'])
    expect(gate.changes).toHaveLength(1)
  })

  it('shows what its server fills in', async () => {
    expect((await put()).body.properties.fqdn).toBe('seen.example')
  })
})

describe('a DELETE that somebody else has to follow', () => {
  it('has its end at Location too, and the resource is gone after it', async () => {
    await api.ended(await madeAndDone())
    const told = await api.ask('DELETE', `${GATEWAYS}/lng`)
    expect([told.status, told.body]).toEqual([202, undefined])
    expect(told.headers.location).toContain('/operationResults/')
    const waiting = await poll(told, 'location')
    expect([waiting.status, waiting.headers.location]).toEqual([202, told.headers.location])
    expect(await state()).toBe('Deleting')
    gate.done()
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    expect((await poll(told, 'location')).status).toBe(200)
    expect((await api.ask('GET', `${GATEWAYS}/lng`)).status).toBe(404)
  })

  it('that fails leaves the resource as it was', async () => {
    await api.ended(await madeAndDone())
    const told = await api.ask('DELETE', `${GATEWAYS}/lng`)
    gate.fail(new ResourceServerError('HostFailure', 'The device is busy.'))
    expect((await api.ended(told)).body.status).toBe('Failed')
    const result = await poll(told, 'location')
    expect([result.status, result.body.error.message]).toEqual([500, 'The device is busy.'])
    expect(await state()).toBe('Failed')
  })
})

describe('operations', () => {
  it('are for those who may read the resource, and their results for those who may do the same', async () => {
    const told = await put()
    expect((await poll(told, undefined, { as: 'reader' })).status).toBe(200)
    expect((await poll(told, undefined, { as: 'nobody' })).status).toBe(404)
    const path = String(told.headers['azure-asyncoperation'])
      .replace(BASE, '')
      .replace('/operations/', '/operationResults/')
    expect((await api.ask('GET', path, { as: 'reader', version: '' })).status).toBe(404)
    expect((await api.ask('GET', path, { version: '' })).status).toBe(202)
  })

  it('that ran when the process ended have failed after a restart, and what was there can be changed', async () => {
    await api.ended(await madeAndDone())
    const told = await put(gatewayBody({ properties: { gatewayIpAddress: '203.0.113.2' } }))
    const next = new Gate()
    const again = await testApi({
      store: api.store,
      servers: { 'Microsoft.Network/localNetworkGateways': next },
    })
    const ended = await again.ended(told)
    expect(ended.body).toMatchObject({ status: 'Failed', error: { code: 'OperationCancelled' } })
    expect((await again.ask('GET', `${GATEWAYS}/lng`)).body.properties.provisioningState).toBe('Failed')
    expect((await again.ask('PUT', `${GATEWAYS}/lng`, { body: gatewayBody() })).status).toBe(200)
    expect(next.changes).toMatchObject([
      { former: { body: { properties: { gatewayIpAddress: '203.0.113.1' } } } },
    ])
  })

  it('that have ended can be asked about after a restart', async () => {
    const told = await madeAndDone()
    await api.ended(told)
    const again = await testApi({ store: api.store })
    expect((await again.ended(told)).body.status).toBe('Succeeded')
  })

  it('are forgotten when there are too many, the oldest first', async () => {
    const operations = await OperationStore.open(api.store, api.store.secrets, () => NOW)
    const subject = {
      subscriptionId: SUBSCRIPTION,
      namespace: 'Microsoft.Network',
      location: 'local',
      apiVersion: '2025-05-01',
      right: 'a/write',
      readRight: 'a/read',
      scope: SUB,
    }
    const ids: string[] = []
    for (let made = 0; made < limits.finishedOperations + 3; made++) {
      const { operation, changes } = operations.begin(subject)
      await api.store.commit([
        ...changes,
        ...operations.finishing(operation.id, { type: 'done', result: made }),
      ])
      operations.finished(operation.id)
      ids.push(operation.id)
    }
    expect(await api.store.list('operations')).toHaveLength(limits.finishedOperations)
    expect(await operations.read(ids[2] ?? '')).toBeUndefined()
    const oldest = await operations.read(ids[3] ?? '')
    expect(oldest && (await operations.resultOf(oldest))).toBe(3)
    expect(await api.store.secrets.read(`operations/${ids[2]}`)).toBeUndefined()
  })

  it('that nobody began are not found', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '..%2f..']) {
      const told = await api.ask('GET', `${SUB}/providers/Microsoft.Network/locations/local/operations/${id}`)
      expect([told.status, told.body.error.code]).toEqual([404, 'NotFound'])
    }
  })
})

describe('actions', () => {
  const gateway = `${NETWORK}/virtualNetworkGateways/gw`

  beforeEach(async () => {
    api = await apiWithGroup({
      servers: { 'Microsoft.Network/virtualNetworkGateways': { action: call => gate.action(call) } },
    })
    await api.ask('PUT', gateway, {
      body: { location: 'local', properties: { gatewayType: 'Vpn', vpnType: 'RouteBased' } },
    })
  })

  it('go on after their request, and have their result at Location', async () => {
    const told = await api.ask('POST', `${gateway}/generatevpnprofile`, {
      body: { authenticationMethod: 'eaptls' },
    })
    expect([told.status, told.body]).toEqual([202, undefined])
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    const result = await poll(told, 'location')
    expect(result.body).toEqual({ name: 'GenerateVpnProfile', body: { authenticationMethod: 'EAPTLS' } })
  })

  it('that fail say why', async () => {
    const told = await api.ask('POST', `${gateway}/reset?gatewayVip=None`)
    expect((await api.ended(told)).body.error).toEqual({ code: 'Conflict', message: 'It is not running.' })
  })

  it('that are quick answer at once', async () => {
    const told = await api.ask('POST', `${gateway}/supportedvpndevices`)
    expect([told.status, told.body]).toEqual([200, { name: 'SupportedVpnDevices' }])
  })

  it('are refused with a wrong body, a parameter too few, without a right, on what is not there', async () => {
    const wrong = await api.ask('POST', `${gateway}/generatevpnprofile`, {
      body: { authenticationMethod: 'EAPTTLS' },
    })
    expect([wrong.status, wrong.body.error.target]).toEqual([400, 'authenticationMethod'])
    const few = await api.ask('POST', `${gateway}/getAdvertisedRoutes`)
    expect([few.status, few.body.error.target]).toEqual([400, 'peer'])
    expect((await api.ask('POST', `${gateway}/reset`, { as: 'reader' })).status).toBe(403)
    expect((await api.ask('POST', `${gateway}2/reset`)).status).toBe(404)
  })

  it('that nobody stands behind, or that are none of ours, say so', async () => {
    const declined = await api.ask('POST', `${gateway}/startSiteFailoverTest`)
    expect([declined.status, declined.body.error.code]).toEqual([501, 'OperationNotSupported'])
    await api.ask('PUT', `${NETWORK}/virtualNetworks/net`, { body: { location: 'local', properties: {} } })
    expect((await api.ask('GET', `${NETWORK}/virtualNetworks/net/usages`)).status).toBe(501)
  })
})

async function madeAndDone(): Promise<Told> {
  const told = await put()
  gate.done()
  return told
}
