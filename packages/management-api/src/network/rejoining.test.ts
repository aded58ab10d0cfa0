import { beforeEach, describe, expect, it } from 'vitest'
import { NETWORK } from '../management-api.suite.ts'
import {
  ADDRESS,
  CONNECTION,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  networkApi,
  SITE,
  siteBody,
} from './network.suite.ts'

const KEY = CONNECTION.toLowerCase()

let api: NetworkApi

beforeEach(async () => {
  api = await networkApi()
  await api.done('PUT', GATEWAY, gatewayBody())
  await api.done('PUT', SITE, siteBody())
  await api.done('PUT', CONNECTION, connectionBody())
})

/** Another process, on the same store and with the gateway as it is. */
async function restarted(): Promise<void> {
  api = await networkApi(api.gateway, { store: api.store })
  await api.api.adopt(api.gateway.present())
  await api.api.rejoin()
}

const connection = () => api.gateway.connected.get(KEY)
const stateOf = async (path: string = CONNECTION) =>
  (await api.ask('GET', path)).body.properties?.provisioningState

describe('at the start', () => {
  it('nothing is applied where all is in line', async () => {
    let calls = 0
    api.gateway.beforeApply = async () => void calls++
    await restarted()
    expect(calls).toBe(0)
    expect(await stateOf()).toBe('Succeeded')
  })

  it('a connection runs that is stored and does not, its key in it', async () => {
    const before = connection()
    api.gateway.connected.clear()
    await restarted()
    expect(connection()).toEqual(before)
    expect(connection()?.connection.properties.sharedKey).toBe('hunter2')
  })

  it('one ends that is stored no more', async () => {
    const former = connection()
    await api.done('DELETE', CONNECTION)
    if (former) api.gateway.connected.set(KEY, former)
    await restarted()
    expect(api.gateway.connected.size).toBe(0)
  })

  it('what ran already is no longer failed, and what did not run does not', async () => {
    api.gateway.beforeApply = async () => {
      throw new Error('no such device')
    }
    await api.done('PUT', CONNECTION, connectionBody({ routingWeight: 5 }))
    expect(await stateOf()).toBe('Failed')
    const former = connection()
    api.gateway.beforeApply = async () => undefined
    await restarted()
    expect(await stateOf()).toBe('Failed')
    expect(connection()).toBe(former)
    // The process ended when the change was in force, and its note was not.
    const { properties } = former?.connection ?? {}
    if (former && properties)
      api.gateway.connected.set(KEY, {
        ...former,
        connection: { ...former.connection, properties: { ...properties, routingWeight: 5 } },
      })
    await restarted()
    expect(await stateOf()).toBe('Succeeded')
    expect(connection()?.connection.properties.routingWeight).toBe(5)
  })

  it('the gateway has the addresses that its resources say', async () => {
    await api.done('PUT', ADDRESS, { location: 'local', properties: { ipAddress: '192.0.2.9' } })
    const { inForce } = api.gateway
    if (inForce?.network) {
      const { publicAddresses: _none, ...network } = inForce.network
      api.gateway.inForce = { ...inForce, network }
    }
    await restarted()
    expect(api.gateway.inForce?.network?.publicAddresses).toEqual(['192.0.2.9'])
    expect(await stateOf(GATEWAY)).toBe('Succeeded')
  })

  it('what cannot be done is logged, and holds nothing up', async () => {
    const second = `${NETWORK}/connections/second`
    await api.done('PUT', second, connectionBody())
    api.gateway.connected.clear()
    let calls = 0
    api.gateway.beforeApply = async () => {
      if (++calls === 1) throw new Error('no such device')
    }
    await restarted()
    expect(api.gateway.connected.size).toBe(1)
    expect(api.logged.filter(line => line.includes('could not be brought in force'))).toHaveLength(1)
    expect(api.logged.join()).not.toContain('hunter2')
  })
})

describe('later', () => {
  it('connections run again with a gateway that comes back under its id', async () => {
    const before = connection()
    await api.gateway.command(undefined)
    api.gateway.connected.clear()
    expect(await stateOf(GATEWAY)).toBe('Failed')
    expect((await api.done('PUT', GATEWAY, gatewayBody())).body.status).toBe('Succeeded')
    expect(connection()).toEqual(before)
    expect(await stateOf()).toBe('Succeeded')
  })

  it('one that is being changed is left to who changes it', async () => {
    let go = (): void => undefined
    const held = new Promise<void>(resolve => {
      go = resolve
    })
    api.gateway.beforeApply = () => held
    const told = await api.ask('PUT', CONNECTION, { body: connectionBody({ routingWeight: 9 }) })
    const rejoined = api.api.rejoin()
    api.gateway.beforeApply = async () => undefined
    go()
    await rejoined
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    expect(connection()?.connection.properties.routingWeight).toBe(9)
  })
})
