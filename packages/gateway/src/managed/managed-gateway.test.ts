import type { VirtualNetworkGateway } from '@causeway/api-contract'
import { StoreError } from '@causeway/store'
import { formatIpAddress, formatIpPrefix } from '@causeway/wire'
import { describeCertificate, readCertificates } from '@causeway/x509'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StartOptions } from '../quick-start/index.ts'
import { type ScratchInstallation, scratchInstallation } from '../quick-start/scratch-installation.suite.ts'
import type { GatewayNetwork, GatewayResource } from './managed-gateway.ts'
import { type ScratchProcess, scratchProcess } from './scratch-process.suite.ts'

const OTHER_GUID = '0a1b2c3d-0000-4000-8000-00000000000f'
const NETWORK: GatewayNetwork = { addressPrefixes: ['10.50.0.0/16', 'fd50::/48'], dnsServers: ['10.50.0.53'] }

let installation: ScratchInstallation
let running: ScratchProcess

beforeEach(async () => {
  installation = await scratchInstallation()
  running = await scratchProcess(installation)
})

afterEach(() => installation.remove())

async function restart(options: StartOptions = {}): Promise<void> {
  installation = await installation.reopen()
  running = await scratchProcess(installation, options)
}

/** The present gateway, to be changed. */
function present(): GatewayResource {
  const gateway = running.managed.present()
  if (!gateway) throw new Error('there is no gateway')
  return gateway
}

type Properties = VirtualNetworkGateway['properties']

function changed(properties: Partial<Properties>, network?: GatewayNetwork): GatewayResource {
  const { resource } = present()
  const next = { ...resource, properties: { ...resource.properties, ...properties } }
  return { resource: next, ...(network && { network }) }
}

/** Without its point-to-site part. */
function withoutClients(): GatewayResource {
  const { resource } = present()
  const { vpnClientConfiguration: _, ...properties } = resource.properties
  return { resource: { ...resource, properties } }
}

/** Another gateway, as the management plane would make it. */
function another(): GatewayResource {
  const { resource } = present()
  const id = resource.id?.replace(/[^/]+$/, 'other') ?? ''
  const properties = { ...resource.properties, resourceGuid: OTHER_GUID }
  return { resource: { ...resource, id, name: 'other', properties } }
}

const byRadius = (radiusServerSecret?: string): Partial<Properties> => ({
  vpnClientConfiguration: {
    ...present().resource.properties.vpnClientConfiguration,
    vpnAuthenticationTypes: ['Radius'],
    radiusServers: [
      { radiusServerAddress: '10.1.0.9', ...(radiusServerSecret !== undefined && { radiusServerSecret }) },
    ],
  },
})

const applied = () => running.gateway.applied.at(-1)
const stored = async (key: string): Promise<unknown> => (await installation.data.documents.read(key))?.value
const command = (document: unknown) => running.handler.answer({ method: 'apply', params: { document } })
const commonName = () => {
  const [der] = readCertificates(running.gateway.shown.at(-1)?.certificateChain ?? '')
  return der && describeCertificate(der).commonName
}

describe('a change by the management plane', () => {
  it('that lets a revoked client in again is done, and logged', async () => {
    await running.handler.answer({ method: 'client.add', params: { name: 'ann' } })
    await running.handler.answer({ method: 'client.revoke', params: { name: 'ann' } })
    const { vpnClientConfiguration } = present().resource.properties
    await running.managed.apply(changed({ customRoutes: { addressPrefixes: ['10.77.0.0/16'] } }))
    expect(JSON.stringify(running.lines)).not.toContain('let in again')
    const forgetful = { ...vpnClientConfiguration, vpnClientRevokedCertificates: [] }
    await running.managed.apply(changed({ vpnClientConfiguration: forgetful }))
    expect(JSON.stringify(running.lines)).toContain('clients that were revoked are let in again: ann')
  })

  it('is run with, stored, and there again after a restart', async () => {
    await running.managed.apply(changed({ customRoutes: { addressPrefixes: ['10.77.0.0/16'] } }))
    expect(applied()?.customRoutes.map(formatIpPrefix)).toEqual(['10.77.0.0/16'])
    const { resource } = present()
    expect(await stored('gateways/causeway')).toEqual(resource)
    await restart()
    expect(present()).toEqual({ resource })
  })

  it('is seen by the commands that follow', async () => {
    await running.managed.apply(changed({ customRoutes: { addressPrefixes: ['10.77.0.0/16'] } }))
    await command({ ...running.managed.settings(), nat: false })
    expect(applied()).toMatchObject({ nat: false })
    expect(applied()?.customRoutes).toHaveLength(1)
  })

  it('is refused whole when it is wrong, with the place of the fault', async () => {
    const vpnClientAddressPool = { addressPrefixes: ['10.9.0.0/24'] }
    const wrong = changed({
      vpnClientConfiguration: {
        ...present().resource.properties.vpnClientConfiguration,
        vpnClientAddressPool,
      },
    })
    const path = 'properties.vpnClientConfiguration.vpnClientAddressPool.addressPrefixes'
    expect(running.managed.check(wrong)).toMatchObject([{ document: 'gateway', path }])
    const before = present()
    await expect(running.managed.apply(wrong)).rejects.toMatchObject({ code: 'InvalidParameter' })
    expect(running.gateway.applied).toEqual([])
    expect(present()).toEqual(before)
    expect(running.managed.check(before)).toEqual([])
  })

  it('is undone when the disk refuses it, gateway, certificate and all', async () => {
    const before = present()
    const { commit } = installation.data.documents
    const refusing = vi.spyOn(installation.data.documents, 'commit').mockImplementation(changes => {
      const isCertificate = changes.some(change => change.type === 'put' && /^certificates/.test(change.key))
      if (isCertificate) return commit.call(installation.data.documents, changes)
      return Promise.reject(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
    })
    await expect(running.managed.apply(another())).rejects.toThrow('the disk is full')
    await expect(running.managed.apply(undefined)).rejects.toThrow('the disk is full')
    refusing.mockRestore()
    expect(present()).toEqual(before)
    expect(applied()?.name).toBe('causeway')
    expect(commonName()).toContain(before.resource.properties.resourceGuid)
    await restart()
    expect(present()).toEqual(before)
  })

  it('that the gateway cannot take over is not stored', async () => {
    running.gateway.refusal = Object.assign(new Error('the port is taken'), { code: 'ERR_LISTENER' })
    const before = await stored('gateways/causeway')
    await expect(running.managed.apply(changed({ adminState: 'Disabled' }))).rejects.toThrow(/is taken/)
    expect(await stored('gateways/causeway')).toEqual(before)
  })

  it('keeps secrets that it does not tell, and shows them to the management plane alone', async () => {
    await running.managed.apply(changed(byRadius('Wombat-7')))
    await running.managed.apply(changed(byRadius('[secret]')))
    await running.managed.apply(changed(byRadius()))
    const [server] = applied()?.radius?.servers ?? []
    expect(Buffer.from(server?.secret ?? []).toString()).toBe('Wombat-7')
    expect(JSON.stringify(present())).toContain('Wombat-7')
    expect(JSON.stringify(await stored('gateways/causeway'))).not.toContain('Wombat-7')
  })
})

describe('another gateway', () => {
  it('has its own GUID, a certificate for it, and none of the secrets of the former', async () => {
    await running.managed.apply(changed(byRadius('Wombat-7')))
    const { resource } = another()
    const { vpnClientConfiguration } = byRadius()
    const next = {
      resource: { ...resource, properties: { ...resource.properties, vpnClientConfiguration } },
    } as GatewayResource
    expect(running.managed.check(next).map(({ problem }) => problem)).toEqual(['is missing for 10.1.0.9'])
    await running.managed.apply(undefined)
    await running.managed.apply({ resource })
    expect(present().resource).toMatchObject({ name: 'other', properties: { resourceGuid: OTHER_GUID } })
    expect(commonName()).toBe(`${OTHER_GUID}.vpn.causeway.internal`)
  })

  it('with the id of the present one keeps its GUID, whatever it says', async () => {
    const before = present().resource.properties.resourceGuid
    await running.managed.apply(changed({ resourceGuid: OTHER_GUID }))
    expect(present().resource.properties.resourceGuid).toBe(before)
    expect(running.gateway.shown).toEqual([])
  })
})

describe('the network of a gateway', () => {
  const inside = () => applied()?.insidePrefixes.map(formatIpPrefix)
  const subnet = `/subscriptions/${OTHER_GUID}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub/subnets/GatewaySubnet`
  const ipConfigurations = [{ name: 'default', properties: { subnet: { id: subnet } } }]

  it('says what lies inside, and who resolves names', async () => {
    await running.managed.apply(changed({}, NETWORK))
    expect(inside()).toEqual(NETWORK.addressPrefixes)
    expect(applied()?.dnsServers.map(formatIpAddress)).toEqual(['10.50.0.53'])
    await command({ ...running.managed.settings(), dns: { servers: ['10.9.0.1'] } })
    expect(applied()?.dnsServers.map(formatIpAddress)).toEqual(['10.9.0.1'])
    expect(inside()).toEqual(NETWORK.addressPrefixes)
  })

  it('is stored with the gateway, stays over a restart, and goes with it', async () => {
    await running.managed.apply(changed({}, NETWORK))
    await restart()
    expect(running.prepared.configuration.insidePrefixes.map(formatIpPrefix)).toEqual(NETWORK.addressPrefixes)
    expect(present().network).toEqual(NETWORK)
    await running.managed.apply(changed({}))
    expect(inside()).toEqual(['10.9.0.0/24'])
    expect(await stored('networks/causeway')).toBeUndefined()
  })

  it('is left alone by a document that stays in it, and dropped by one that leaves it', async () => {
    await running.managed.apply(changed({ ipConfigurations }, NETWORK))
    const { resource } = present()
    const { id: _, ...withoutId } = resource
    await command({ ...withoutId, tags: { colour: 'green' } })
    expect(present()).toMatchObject({ network: NETWORK, resource: { id: resource.id } })
    await command({ ...resource, properties: { ...resource.properties, ipConfigurations: [] } })
    expect(present().network).toBeUndefined()
    expect(inside()).toEqual(['10.9.0.0/24'])
  })

  it('has its faults named as its own', () => {
    const broken = { addressPrefixes: ['10.50.0.1/16'], dnsServers: ['ns.test'] }
    expect(running.managed.check(changed({}, broken))).toMatchObject([
      { document: 'network', path: 'addressSpace.addressPrefixes[0]' },
      { document: 'network', path: 'dhcpOptions.dnsServers[0]' },
    ])
    const overlapping = { addressPrefixes: ['172.16.0.0/12'], dnsServers: [] }
    expect(running.managed.check(changed({}, overlapping))).toMatchObject([{ document: 'gateway' }])
  })
})

describe('a gateway without a point-to-site part', () => {
  it.each([
    ['is absent', () => withoutClients()],
    [
      'names nothing',
      () => changed({ vpnClientConfiguration: { vpnClientProtocols: [], vpnClientRootCertificates: [] } }),
    ],
  ])('serves nobody when it %s', async (_how, next) => {
    await running.managed.apply(next())
    expect(applied()).toMatchObject({ name: 'causeway', listeners: [], pool: {} })
    expect(applied()?.tunnels.size).toBe(0)
    await restart()
    expect(running.prepared.configuration.listeners).toEqual([])
  })

  it('says so where clients are concerned', async () => {
    const { handler, managed } = running
    await handler.answer({ method: 'client.add', params: { name: 'bob', keyType: 'ecdsa-p256' } })
    await managed.apply(withoutClients())
    const refused = {
      code: 'Conflict',
      message: expect.stringContaining('has no point-to-site configuration; add vpnClientConfiguration'),
    }
    const params = { name: 'bob' }
    await expect(handler.answer({ method: 'client.add', params })).rejects.toMatchObject(refused)
    await expect(handler.answer({ method: 'client.revoke', params })).rejects.toMatchObject(refused)
    await expect(managed.profilePackage({})).rejects.toMatchObject(refused)
    expect(await handler.answer({ method: 'status', params: {} })).toMatchObject({
      name: 'causeway',
      listeners: [],
      addressPools: [],
    })
  })

  it('is refused when it is there by half', async () => {
    const half = changed({
      vpnClientConfiguration: { vpnClientAddressPool: { addressPrefixes: ['10.8.0.0/24'] } },
    })
    const problems = running.managed.check(half).map(({ problem }) => problem)
    expect(problems).toEqual(['names no tunnel type', 'is empty'])
  })

  it('serves again when it gets one', async () => {
    const before = present()
    await running.managed.apply(withoutClients())
    await running.managed.apply(before)
    expect(applied()).toEqual(running.prepared.configuration)
    expect(await running.managed.profilePackage({})).toBeInstanceOf(Uint8Array)
  })
})

describe('no gateway', () => {
  const status = () => running.handler.answer({ method: 'status', params: {} })

  it('is idle, and stays so over restarts', async () => {
    await running.managed.apply(undefined)
    expect(running.managed.present()).toBeUndefined()
    expect(applied()?.listeners).toEqual([])
    expect(await status()).not.toHaveProperty('name')
    await restart()
    expect(running.prepared.resource).toBeUndefined()
    await restart({ addressPool: ['10.78.0.0/24'], insidePrefixes: ['10.70.0.0/16'] })
    expect(running.managed.present()).toBeUndefined()
    expect(running.prepared.configuration.tunnels.size).toBe(0)
  })

  it('has nothing to give to clients', async () => {
    await running.managed.apply(undefined)
    const refused = { code: 'Conflict', message: expect.stringContaining('there is no gateway; make one') }
    await expect(running.managed.profilePackage({})).rejects.toMatchObject(refused)
    const add = running.handler.answer({ method: 'client.add', params: { name: 'bob' } })
    await expect(add).rejects.toMatchObject(refused)
    const shown = await running.handler.answer({ method: 'certificate.show', params: {} })
    expect(shown).toMatchObject({ source: 'own' })
  })

  it('takes a document of the operator as the first one', async () => {
    const { resource } = present()
    await running.managed.apply(undefined)
    const { id: _, ...document } = resource
    await command({ ...document, name: 'hq' })
    expect(present().resource).toMatchObject({
      name: 'hq',
      id: expect.stringMatching(/\/resourceGroups\/causeway\/.*\/hq$/),
    })
    await restart()
    expect(present().resource.name).toBe('hq')
  })
})

describe('a change by the operator', () => {
  const routes = (...addressPrefixes: string[]) => changed({ customRoutes: { addressPrefixes } })
  const operatorChange = (prefix: string) => command(routes(prefix).resource)

  it('is told before the command is answered, once, and not when nothing changed', async () => {
    const seen: unknown[] = []
    running.managed.onChanged(async () => void seen.push(present().resource.properties.customRoutes))
    await operatorChange('10.77.0.0/16')
    expect(seen).toEqual([{ addressPrefixes: ['10.77.0.0/16'] }])
    await command(present().resource)
    await running.managed.apply(routes('10.78.0.0/16'))
    expect(seen).toHaveLength(1)
  })

  it('is told of a revoked client too', async () => {
    const { handler, managed } = running
    await handler.answer({ method: 'client.add', params: { name: 'bob', keyType: 'ecdsa-p256' } })
    const listener = vi.fn(() => Promise.resolve())
    managed.onChanged(listener)
    await handler.answer({ method: 'client.revoke', params: { name: 'bob' } })
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('that was not heard of keeps the management plane from changing anything', async () => {
    const listener = vi.fn(() => Promise.reject(new Error('the store is full')))
    running.managed.onChanged(listener)
    expect(await operatorChange('10.77.0.0/16')).toMatchObject({ changed: true, live: true })
    expect(running.lines).toMatchObject([{ msg: expect.stringContaining('could not be taken over') }])
    const next = routes('10.78.0.0/16')
    await expect(running.managed.apply(next)).rejects.toMatchObject({ code: 'Conflict' })
    expect(applied()?.customRoutes.map(formatIpPrefix)).toEqual(['10.77.0.0/16'])
    listener.mockResolvedValue(undefined as never)
    await running.managed.retryChanged()
    await running.managed.apply(next)
    await running.managed.retryChanged()
    expect(listener).toHaveBeenCalledTimes(2)
    expect(applied()?.customRoutes.map(formatIpPrefix)).toEqual(['10.78.0.0/16'])
  })

  it('refuses who waits behind it at once, so that its listener may wait for them', async () => {
    let waiting: Promise<unknown> = Promise.resolve()
    running.managed.onChanged(async () => void (await waiting))
    const mine = routes('10.78.0.0/16')
    const answer = operatorChange('10.77.0.0/16')
    waiting = running.managed.apply(mine).catch((error: unknown) => error)
    expect(await waiting).toMatchObject({ code: 'Conflict' })
    await answer
    expect(applied()?.customRoutes.map(formatIpPrefix)).toEqual(['10.77.0.0/16'])
    await running.managed.apply(mine)
    expect(applied()?.customRoutes.map(formatIpPrefix)).toEqual(['10.78.0.0/16'])
  })

  it('cannot be answered with a change', async () => {
    const answers: unknown[] = []
    running.managed.onChanged(async () => {
      answers.push(await running.managed.apply(undefined).catch((error: unknown) => error))
    })
    await operatorChange('10.77.0.0/16')
    expect(answers).toMatchObject([{ code: 'Conflict' }])
  })

  it('is the concern of nobody when nobody listens', async () => {
    running.managed.onChanged(() => Promise.reject(new Error('gone')))
    await operatorChange('10.77.0.0/16')
    running.managed.onChanged(undefined)
    await running.managed.apply(routes('10.78.0.0/16'))
    expect(applied()?.customRoutes).toHaveLength(1)
  })
})

describe('sessions', () => {
  it('are listed, ended and reset by the running gateway', async () => {
    const { managed, gateway } = running
    expect([managed.disconnect('known'), managed.disconnect('other')]).toEqual([true, false])
    expect(managed.sessions()).toEqual(gateway.sessions())
    await managed.reset()
    expect(gateway.resets).toBe(1)
  })
})
