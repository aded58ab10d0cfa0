import type { VirtualNetworkGateway } from '@causeway/api-contract'
import type { GatewayResource } from '@causeway/gateway'
import { beforeEach, describe, expect, it } from 'vitest'
import { GROUP, NETWORK, PEOPLE, SUB } from '../management-api.suite.ts'
import { gatewayServer } from './gateway-server.ts'
import {
  CLIENTS,
  CONNECTION,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  networkApi,
  networkBody,
  SITE,
  siteBody,
  VNET,
} from './network.suite.ts'
import type { NetworkOptions } from './network-options.ts'
import { MemoryGateway } from './running-gateway.suite.ts'

const GUID = '99999999-aaaa-4bbb-8ccc-dddddddddddd'
const OTHER = `${NETWORK}/virtualNetworkGateways/other`

let api: NetworkApi

beforeEach(async () => {
  api = await networkApi()
})

/** A gateway as a command of the operator leaves it. */
function commanded(properties: object = {}, id: string = GATEWAY): GatewayResource {
  const name = id.split('/').at(-1)
  const { properties: own } = gatewayBody({ ipConfigurations: [] }) as { properties: object }
  const whole = { ...own, resourceGuid: GUID, ...properties }
  const resource = { id, name, location: 'local', properties: whole }
  return { resource: resource as unknown as VirtualNetworkGateway }
}

const sku = (name: string) => ({ sku: { name, tier: name } })
const stateOf = async (path = GATEWAY) => {
  const { body } = await api.ask('GET', path)
  return [body.properties?.provisioningState, body.properties?.sku.name]
}
const who = async (path: string) => {
  const [entry] = await api.store.history({ target: `resources${path}`.toLowerCase() })
  return [entry?.who, entry?.action]
}

interface Hold {
  /** It has begun, and waits. */
  readonly begun: Promise<void>
  readonly go: () => void
}

/** Holds the gateway's changes until they are let go. */
function held(): Hold {
  const { wait, ...hold } = gate()
  api.gateway.beforeApply = wait
  return hold
}

/** Holds the operator's commands until they are let go. */
function heldCommand(): Hold {
  const { wait, ...hold } = gate()
  api.gateway.beforeCommand = wait
  return hold
}

function gate(): Hold & { readonly wait: () => Promise<void> } {
  let go = (): void => undefined
  let begin = (): void => undefined
  const open = new Promise<void>(resolve => {
    go = resolve
  })
  const begun = new Promise<void>(resolve => {
    begin = resolve
  })
  const wait = (): Promise<void> => {
    begin()
    return open
  }
  return { begun, go: () => go(), wait }
}

describe('adopting what is in force', () => {
  it('makes the gateway of a quick start a resource, with its group', async () => {
    const id = `${SUB}/resourceGroups/causeway/providers/Microsoft.Network/virtualNetworkGateways/causeway`
    await api.gateway.command(commanded(sku('Unlimited'), id))
    const group = await api.ask('GET', `${SUB}/resourceGroups/causeway`, { version: '2021-04-01' })
    expect(group.body).toMatchObject({ location: 'local', properties: { provisioningState: 'Succeeded' } })
    const { body } = await api.ask('GET', id)
    expect(body.properties).toMatchObject({
      provisioningState: 'Succeeded',
      resourceGuid: GUID,
      vpnClientConfiguration: { vpnClientProtocols: ['OpenVPN', 'IkeV2'] },
    })
    expect(await who(id)).toEqual(['installation', 'Microsoft.Network/virtualNetworkGateways/write'])
  })

  it('changes nothing where the resource says it already', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    const before = await api.ask('GET', GATEWAY)
    await api.api.adopt(api.gateway.present())
    expect((await api.ask('GET', GATEWAY)).headers.etag).toBe(before.headers.etag)
    expect((await who(GATEWAY))[0]).toBe(PEOPLE.owner)
  })

  it('takes over a command, and keeps tags, which the gateway is not told of', async () => {
    await api.gateway.command(commanded())
    await api.ask('PATCH', GATEWAY, { body: { tags: { a: 'b' } } })
    const before = await api.ask('GET', GATEWAY)
    await api.gateway.command(commanded(sku('VpnGw3')))
    const after = await api.ask('GET', GATEWAY)
    expect(after.headers.etag).not.toBe(before.headers.etag)
    expect(after.body).toMatchObject({ tags: { a: 'b' }, properties: sku('VpnGw3') })
    expect((await who(GATEWAY))[0]).toBe('installation')
  })

  it('keeps secrets sealed', async () => {
    const servers = [{ radiusServerAddress: '10.9.0.1', radiusServerScore: 30, radiusServerSecret: 'hush' }]
    await api.gateway.command(commanded({ vpnClientConfiguration: { ...CLIENTS, radiusServers: servers } }))
    expect(JSON.stringify((await api.ask('GET', GATEWAY)).body)).not.toContain('hush')
    const history = await api.store.history({ target: `resources${GATEWAY}`.toLowerCase() })
    expect(JSON.stringify(history)).not.toContain('hush')
    const told = await api.ask('POST', `${GATEWAY}/listRadiusSecrets`)
    expect(told.body.value).toEqual([{ radiusServerAddress: '10.9.0.1', radiusServerSecret: 'hush' }])
  })

  it('removes what is not in force any more', async () => {
    await api.gateway.command(commanded())
    await api.gateway.command(commanded({}, OTHER))
    expect((await api.ask('GET', GATEWAY)).status).toBe(404)
    expect(await stateOf(OTHER)).toEqual(['Succeeded', 'VpnGw1'])
    await api.gateway.command(undefined)
    expect((await api.ask('GET', OTHER)).status).toBe(404)
    expect(await who(OTHER)).toEqual(['installation', 'Microsoft.Network/virtualNetworkGateways/delete'])
  })

  it('leaves what others refer to, as failed', async () => {
    api = await networkApi(new MemoryGateway({ insidePrefixes: ['10.1.0.0/16'] }))
    await api.gateway.command(commanded())
    await api.done('PUT', SITE, siteBody())
    expect((await api.done('PUT', CONNECTION, connectionBody())).body).toMatchObject({ status: 'Succeeded' })
    await api.gateway.command(undefined)
    expect(await stateOf()).toEqual(['Failed', 'VpnGw1'])
    expect(await api.api.running('Microsoft.Network/virtualNetworkGateways')).toEqual([])
  })
})

describe('a resource that is not what is in force', () => {
  it('keeps what is wanted while it is failed, and notes what is in force', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    api.gateway.beforeApply = async () => {
      throw new Error('no')
    }
    await api.done('PUT', GATEWAY, gatewayBody(sku('VpnGw2')))
    await api.gateway.command(commanded(sku('VpnGw3')))
    expect(await stateOf()).toEqual(['Failed', 'VpnGw2'])
    const [running] = await api.api.running('Microsoft.Network/virtualNetworkGateways')
    expect(running?.body).toMatchObject({ properties: sku('VpnGw3') })
  })

  it('is no longer failed when a command does what was wanted', async () => {
    api.gateway.beforeApply = async () => {
      throw new Error('no')
    }
    await api.done('PUT', GATEWAY, gatewayBody({ ipConfigurations: [] }))
    expect(await stateOf()).toEqual(['Failed', 'VpnGw1'])
    await api.gateway.command(commanded())
    expect(await stateOf()).toEqual(['Succeeded', 'VpnGw1'])
  })

  it('stays when it never was in force', async () => {
    api.gateway.beforeApply = async () => {
      throw new Error('no')
    }
    await api.done('PUT', GATEWAY, gatewayBody())
    await api.gateway.command(undefined)
    expect(await stateOf()).toEqual(['Failed', 'VpnGw1'])
  })
})

describe('a command while a resource is changed', () => {
  beforeEach(async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
  })

  // PUT:      stored --- applied --- noted
  // command:                  changed, adopts: busy --- adopted
  it('that comes after the change is taken over when the operation has ended', async () => {
    const { begun, go } = held()
    const put = await api.ask('PUT', GATEWAY, { body: gatewayBody(sku('VpnGw2')) })
    await begun
    const command = api.gateway.command(commanded(sku('VpnGw3')))
    go()
    expect((await api.ended(put)).body.status).toBe('Succeeded')
    await command
    expect(await calmState()).toEqual(['Succeeded', 'VpnGw3'])
  })

  // command:  begun ------------------ changed, adopts: busy --- adopted
  // PUT:             stored --- waits, refused --- noted
  it('that comes before the change stands, and the change has failed', async () => {
    const { begun, go } = heldCommand()
    const command = api.gateway.command(commanded(sku('VpnGw3')))
    await begun
    const put = await api.ask('PUT', GATEWAY, { body: gatewayBody(sku('VpnGw2')) })
    go()
    await command
    const ended = await api.ended(put)
    expect([ended.body.status, ended.body.error.code]).toEqual(['Failed', 'Conflict'])
    expect(await calmState()).toEqual(['Failed', 'VpnGw2'])
    expect(api.gateway.inForce?.resource.properties.sku?.name).toBe('VpnGw3')
    const [running] = await api.api.running('Microsoft.Network/virtualNetworkGateways')
    expect(running?.body).toMatchObject({ properties: sku('VpnGw3') })
    expect((await api.done('PUT', GATEWAY, gatewayBody(sku('VpnGw3')))).body.status).toBe('Succeeded')
  })

  it('that comes while the group goes makes the group again', async () => {
    await api.done('DELETE', GATEWAY)
    await api.gateway.command(commanded())
    const { begun, go } = held()
    const gone = await api.ask('DELETE', GROUP, { version: '2021-04-01' })
    await begun
    const command = api.gateway.command(commanded(sku('VpnGw3')))
    go()
    expect((await api.ended(gone)).body.status).toBe('Succeeded')
    await command
    expect(await calmState()).toEqual(['Succeeded', 'VpnGw3'])
  })

  it('refuses what would be applied before it is taken over', async () => {
    const server = gatewayServer({
      gateway: api.gateway,
      resources: { changing: (_relies: unknown, work: () => Promise<unknown>) => work() },
      isBehind: () => true,
    } as unknown as NetworkOptions)
    const next = { id: GATEWAY, name: 'gw', type: '', location: 'local', tags: {}, guid: GUID, body: {} }
    for (const change of [
      { type: 'put', next, former: undefined },
      { type: 'remove', former: next },
    ] as const)
      await expect(server.apply?.(change)).rejects.toMatchObject({ code: 'Conflict', target: GATEWAY })
    expect(api.gateway.inForce).toBeDefined()
  })
})

describe('a process that ended in the middle of a change', () => {
  it.each([
    ['was made', 'VpnGw2', ['Succeeded', 'VpnGw2']],
    ['was not made', 'VpnGw1', ['Failed', 'VpnGw2']],
  ])('leaves a resource that says whether it %s', async (_what, inForce, state) => {
    await api.gateway.command(commanded())
    const { begun, go } = held()
    await api.ask('PUT', GATEWAY, { body: gatewayBody({ ...sku('VpnGw2'), ipConfigurations: [] }) })
    await begun
    const gateway = new MemoryGateway()
    gateway.inForce = commanded(sku(inForce))
    const next = await networkApi(gateway, { store: api.store })
    expect((await next.ask('GET', GATEWAY)).body.properties.provisioningState).toBe('Failed')
    await next.api.adopt(gateway.present())
    const { properties } = (await next.ask('GET', GATEWAY)).body
    expect([properties.provisioningState, properties.sku.name]).toEqual(state)
    go()
  })
})

it('a network that the gateway has already is no longer failed', async () => {
  await api.done('PUT', GATEWAY, gatewayBody())
  const { begun, go } = held()
  const addressSpace = { addressPrefixes: ['10.1.0.0/16', '10.2.0.0/16'] }
  const put = api.ask('PUT', VNET, { body: networkBody({ addressSpace }) })
  await begun
  const { inForce } = api.gateway
  const gateway = new MemoryGateway()
  const next = await networkApi(gateway, { store: api.store })
  const stateOfNetwork = async () => (await next.ask('GET', VNET)).body.properties.provisioningState
  if (inForce) await next.api.adopt(inForce)
  expect(await stateOfNetwork()).toBe('Failed')
  const network = { ...addressSpace, dnsServers: ['10.1.0.4'] }
  if (inForce) await next.api.adopt({ ...inForce, network })
  expect(await stateOfNetwork()).toBe('Succeeded')
  go()
  await put
})

/** How the gateway's resource stands when nothing goes on any more. */
async function calmState() {
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
  return stateOf()
}
