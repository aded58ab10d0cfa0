import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection, GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { StoreError } from '@causeway/store'
import { utf8Text } from '@causeway/wire'
import { type IssuedCertificate, issueRoot } from '@causeway/x509'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionResource } from '../arm/index.ts'
import type { StartOptions } from '../quick-start/index.ts'
import {
  NOW,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import type { SiteConnection } from '../site/site-configuration.ts'
import type { GatewayResource } from './managed-gateway.ts'
import { type ScratchProcess, scratchProcess } from './scratch-process.suite.ts'

const SECRET = 'Wombat7'
const DAY = 86_400

let installation: ScratchInstallation
let running: ScratchProcess
/** Ends a day from now. */
let root: IssuedCertificate

beforeAll(async () => {
  root = await issueRoot({ commonName: 'Root', key: 'ecdsa-p256', notBefore: NOW - DAY, notAfter: NOW + DAY })
})

beforeEach(async () => {
  installation = await scratchInstallation()
  running = await scratchProcess(installation)
})

afterEach(() => installation.remove())

/** As after a kill: nothing of what was in memory is left. */
async function restart(now?: number, options: StartOptions = {}): Promise<void> {
  installation = await installation.reopen(now)
  running = await scratchProcess(installation, options)
}

function present(): GatewayResource {
  const gateway = running.managed.present()
  if (!gateway) throw new Error('there is no gateway')
  return gateway
}

function gatewayWith(
  properties: Partial<VirtualNetworkGateway['properties']>,
  rest: Partial<VirtualNetworkGateway> = {},
): GatewayResource {
  const { resource, ...others } = present()
  return {
    ...others,
    resource: { ...resource, ...rest, properties: { ...resource.properties, ...properties } },
  }
}

function idOf(type: string, name: string): string {
  return (present().resource.id ?? '').replace(/virtualNetworkGateways\/.*$/, `${type}/${name}`)
}

type Properties = Connection['properties']

function connection(
  properties: Partial<Properties> = {},
  name = 'Site-1',
  prefix = '10.20.0.0/16',
): ConnectionResource {
  return {
    connection: {
      id: idOf('connections', name),
      name,
      properties: {
        virtualNetworkGateway1: { id: present().resource.id ?? '' },
        connectionType: 'IPsec',
        sharedKey: SECRET,
        ...properties,
      },
    },
    peer: {
      type: 'local-gateway',
      id: idOf('localNetworkGateways', name),
      address: '192.0.2.1',
      addressPrefixes: [prefix],
    },
  }
}

function certificates(chain = Buffer.from(root.certificate).toString('base64')): Partial<Properties> {
  return {
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: 'https://kv.vault.example/certificates/gw',
      inboundAuthCertificateSubjectName: 'site-1',
      inboundAuthCertificateChain: [chain],
    },
  }
}

/** The same without its secret. */
function untold(resource: ConnectionResource, sharedKey?: string): ConnectionResource {
  const { sharedKey: _, ...properties } = resource.connection.properties
  const told = { ...properties, ...(sharedKey !== undefined && { sharedKey }) }
  return { ...resource, connection: { ...resource.connection, properties: told } }
}

const withIdentity = () =>
  running.managed.apply(
    gatewayWith({}, { identity: { type: 'UserAssigned', userAssignedIdentities: { '/identity': {} } } }),
  )
const sites = (): readonly SiteConnection[] | undefined => running.gateway.applied.at(-1)?.sites.connections
const names = () => running.managed.connectionsInForce().map(({ connection }) => connection.name)
const keyOf = (site: SiteConnection | undefined) =>
  site?.authentication.type === 'psk' ? utf8Text(site.authentication.secret) : site?.authentication.type
const documents = async () =>
  (await installation.data.documents.scan('')).map(({ key, value }) => `${key} ${JSON.stringify(value)}`)
const storedConnections = async () => (await documents()).filter(text => text.startsWith('connections/'))
const command = (document: unknown) => running.handler.answer({ method: 'apply', params: { document } })
const withSettings = (change: GatewaySettings) => ({ ...running.managed.settings(), ...change })

describe('a connection by shared key', () => {
  it('is run with, stored, and in force after a restart without the management plane', async () => {
    await running.managed.applyConnection(connection())
    expect(sites()).toMatchObject([{ name: 'Site-1', mode: 'Default' }])
    expect(await storedConnections()).toHaveLength(1)
    const inForce = running.managed.connectionsInForce()
    expect(inForce).toEqual([connection()])
    await restart()
    expect(running.prepared.configuration.sites.connections).toMatchObject([{ name: 'Site-1' }])
    expect(keyOf(running.prepared.configuration.sites.connections[0])).toBe(SECRET)
    expect(running.managed.connectionsInForce()).toEqual(inForce)
  })

  it('has its key in no document and in no file, and shows it to the management plane alone', async () => {
    await running.managed.applyConnection(connection({ authorizationKey: `${SECRET}auth` }))
    expect((await documents()).join('\n')).not.toContain(SECRET)
    expect((await storedConnections())[0]).toContain('"sharedKey":"[secret]"')
    const { path } = installation.data
    for (const file of await readdir(path, { withFileTypes: true, recursive: true }))
      if (file.isFile())
        expect((await readFile(join(file.parentPath, file.name))).includes(SECRET), file.name).toBe(false)
    expect(JSON.stringify(running.lines)).not.toContain(SECRET)
    expect(JSON.stringify(await running.handler.answer({ method: 'status', params: {} }))).not.toContain(
      SECRET,
    )
    const [{ connection: shown } = connection()] = running.managed.connectionsInForce()
    expect(shown.properties).toMatchObject({ sharedKey: SECRET, authorizationKey: `${SECRET}auth` })
  })

  it('keeps a key that is not told, also while it uses certificates', async () => {
    await withIdentity()
    await running.managed.applyConnection(connection())
    await running.managed.applyConnection(untold(connection({ routingWeight: 3 })))
    await running.managed.applyConnection(untold(connection({ routingWeight: 4 }), '[secret]'))
    expect(keyOf(sites()?.[0])).toBe(SECRET)
    await running.managed.applyConnection(untold(connection(certificates())))
    expect(keyOf(sites()?.[0])).toBe('certificate')
    await restart()
    await running.managed.applyConnection(untold(connection({ authenticationType: 'PSK' })))
    expect(keyOf(sites()?.[0])).toBe(SECRET)
    await running.managed.applyConnection(connection({ sharedKey: 'Numbat9' }))
    expect(keyOf(sites()?.[0])).toBe('Numbat9')
  })

  it('takes over no key of another connection', async () => {
    await running.managed.applyConnection(connection())
    const other = untold(connection({}, 'Site-2'))
    expect(running.managed.checkConnection(other)).toMatchObject([
      { document: 'connection', connection: 'Site-2', path: 'properties.sharedKey', problem: 'is missing' },
    ])
  })
})

describe('a change of a connection', () => {
  it('leaves the others as they are, and writes nothing of them', async () => {
    await running.managed.applyConnection(connection({}, 'a'))
    await running.managed.applyConnection(connection({}, 'b', '10.21.0.0/16'))
    const [before] = sites() ?? []
    const commit = vi.spyOn(installation.data.documents, 'commit')
    await running.managed.applyConnection(connection({ routingWeight: 9 }, 'B', '10.21.0.0/16'))
    expect(commit.mock.calls.flat(2).map(change => change.type)).toEqual(['put', 'put-secret'])
    commit.mockRestore()
    expect(sites()?.[0]).toBe(before)
    expect(sites()).toMatchObject([{ name: 'a' }, { name: 'B', routingWeight: 9 }])
  })

  it('is refused whole when it is wrong, with its name and the place of the fault', async () => {
    await running.managed.applyConnection(connection())
    const stored = await documents()
    const wrong = connection({}, 'Site-1', '10.9.0.0/25')
    const path = 'properties.localNetworkGateway2.id'
    expect(running.managed.checkConnection(wrong)).toMatchObject([{ connection: 'Site-1', path }])
    await expect(running.managed.applyConnection(wrong)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(`connection Site-1: ${path}: 10.9.0.0/25 overlaps 10.9.0.0/24`),
      details: [{ target: path }],
    })
    expect(sites()).toHaveLength(1)
    expect(await documents()).toEqual(stored)
    expect(running.managed.checkConnection(connection({ routingWeight: 1 }))).toEqual([])
  })

  it('is refused when its gateway is not the one that runs', async () => {
    const other = connection({ virtualNetworkGateway1: { id: idOf('virtualNetworkGateways', 'other') } })
    const path = 'properties.virtualNetworkGateway1.id'
    expect(running.managed.checkConnection(other)).toMatchObject([{ connection: 'Site-1', path }])
    const refused = {
      code: 'Conflict',
      message: expect.stringContaining('names a gateway that does not run'),
    }
    await expect(running.managed.applyConnection(other)).rejects.toMatchObject(refused)
    const mine = connection()
    await running.managed.apply(undefined)
    await expect(running.managed.applyConnection(mine)).rejects.toMatchObject(refused)
    expect(running.managed.connectionsInForce()).toEqual([])
  })

  it('is undone when the disk refuses it', async () => {
    await running.managed.applyConnection(connection())
    const refusing = vi
      .spyOn(installation.data.documents, 'commit')
      .mockRejectedValue(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
    const next = running.managed.applyConnection(connection({ sharedKey: 'Numbat9' }))
    await expect(next).rejects.toThrow('the disk is full')
    await expect(running.managed.removeConnection(idOf('connections', 'Site-1'))).rejects.toThrow('is full')
    refusing.mockRestore()
    expect(keyOf(sites()?.[0])).toBe(SECRET)
    expect(running.managed.connectionsInForce()).toEqual([connection()])
    await restart()
    expect(running.managed.connectionsInForce()).toEqual([connection()])
  })

  it('that the gateway cannot take over is not stored', async () => {
    running.gateway.refusal = Object.assign(new Error('the port is taken'), { code: 'ERR_LISTENER' })
    await expect(running.managed.applyConnection(connection())).rejects.toThrow('the port is taken')
    expect(await storedConnections()).toEqual([])
    expect(running.managed.connectionsInForce()).toEqual([])
  })

  it('that is run and not stored yet when the process is killed is gone after that', async () => {
    await running.managed.applyConnection(connection())
    let reached: () => void = () => undefined
    const atCommit = new Promise<void>(resolve => {
      reached = resolve
    })
    vi.spyOn(installation.data.documents, 'commit').mockImplementation(() => {
      reached()
      return new Promise(() => undefined)
    })
    void running.managed.applyConnection(connection({ sharedKey: 'Numbat9' }))
    await atCommit
    expect(keyOf(sites()?.[0])).toBe('Numbat9')
    await restart()
    expect(running.managed.connectionsInForce()).toEqual([connection()])
  })

  it('waits for its turn behind the operator, and is refused when that was not heard of', async () => {
    running.managed.onChanged(() => Promise.reject(new Error('the store is full')))
    await command(withSettings({ nat: false }))
    await expect(running.managed.applyConnection(connection())).rejects.toMatchObject({ code: 'Conflict' })
    expect(await storedConnections()).toEqual([])
  })
})

describe('a connection that is removed', () => {
  it('is gone, with its document and its key', async () => {
    await running.managed.applyConnection(connection({}, 'a'))
    await running.managed.applyConnection(connection({}, 'b', '10.21.0.0/16'))
    const removed = await secretNames()
    await running.managed.removeConnection(idOf('connections', 'A').toUpperCase())
    expect(names()).toEqual(['b'])
    expect(sites()).toMatchObject([{ name: 'b' }])
    expect(await storedConnections()).toHaveLength(1)
    expect(await secretsLeft(removed)).toBe(1)
    await restart()
    expect(names()).toEqual(['b'])
  })

  it('and was not there changes nothing', async () => {
    await running.managed.removeConnection(idOf('connections', 'a'))
    expect(running.gateway.applied).toEqual([])
  })

  /** By the keys of their documents. */
  async function secretNames(): Promise<string[]> {
    const keys = (await storedConnections()).map(text => text.split(' ')[0] ?? '')
    return keys.map(key => key.replace('connections/', 'connection-'))
  }

  async function secretsLeft(secrets: readonly string[]): Promise<number> {
    const left = await Promise.all(secrets.map(name => installation.data.secrets.read(name)))
    return left.filter(secret => secret !== undefined).length
  }
})

describe('the connections of a gateway', () => {
  beforeEach(() => running.managed.applyConnection(connection()))

  it('stay when it changes, by whoever', async () => {
    await running.managed.apply(gatewayWith({ customRoutes: { addressPrefixes: ['10.77.0.0/16'] } }))
    await command(gatewayWith({ customRoutes: { addressPrefixes: ['10.78.0.0/16'] } }).resource)
    await command(withSettings({ clientToClient: true }))
    await running.handler.answer({ method: 'client.add', params: { name: 'bob', keyType: 'ecdsa-p256' } })
    await running.handler.answer({ method: 'client.revoke', params: { name: 'bob' } })
    expect(sites()).toMatchObject([{ name: 'Site-1' }])
    await restart()
    expect(names()).toEqual(['Site-1'])
  })

  it.each([
    ['no gateway', () => running.managed.apply(undefined)],
    ['another gateway', () => running.managed.apply(other())],
    ['another gateway of the operator', () => command(other().resource)],
  ])('go with it when there is %s', async (_what, change) => {
    await change()
    expect(sites()).toEqual([])
    expect(names()).toEqual([])
    expect(await storedConnections()).toEqual([])
    await restart()
    expect(running.prepared.configuration.sites.connections).toEqual([])
  })

  function other(): GatewayResource {
    const { resource } = present()
    return { resource: { ...resource, id: idOf('virtualNetworkGateways', 'other'), name: 'other' } }
  }

  it('go when a start makes another gateway, and stay when it cannot', async () => {
    const next = other().resource
    const refused = restart(undefined, { insidePrefixes: ['10.20.0.0/24'] })
    await expect(refused).rejects.toThrow(
      'connection Site-1: properties.localNetworkGateway2.id: 10.20.0.0/16',
    )
    expect(await storedConnections()).toHaveLength(1)
    await restart(undefined, { resource: next })
    expect(names()).toEqual([])
    expect(await storedConnections()).toEqual([])
  })

  it('keep it from what they cannot be with, and are named', async () => {
    const network = { addressPrefixes: ['10.20.0.0/16'], dnsServers: [] }
    const refused = {
      code: 'InvalidParameter',
      message: expect.stringContaining(
        'connection Site-1: properties.localNetworkGateway2.id: 10.20.0.0/16 overlaps',
      ),
    }
    await expect(running.managed.apply({ ...present(), network })).rejects.toMatchObject(refused)
    await expect(command(withSettings({ insidePrefixes: ['10.20.8.0/24'] }))).rejects.toMatchObject(refused)
    const { vpnClientConfiguration } = present().resource.properties
    const vpnClientAddressPool = { addressPrefixes: ['10.20.9.0/24'] }
    const pool = gatewayWith({ vpnClientConfiguration: { ...vpnClientConfiguration, vpnClientAddressPool } })
    expect(running.managed.check(pool)).toMatchObject([{ document: 'connection', connection: 'Site-1' }])
    expect(running.gateway.applied).toHaveLength(1)
  })

  it('keep the NAT rules that they use', async () => {
    const rule = {
      name: 'r',
      properties: {
        type: 'Static' as const,
        mode: 'IngressSnat' as const,
        internalMappings: [{ addressSpace: '10.20.0.0/24' }],
        externalMappings: [{ addressSpace: '100.64.0.0/24' }],
      },
    }
    await running.managed.apply(gatewayWith({ natRules: [rule] }))
    await running.managed.applyConnection(
      connection({ ingressNatRules: [{ id: `${present().resource.id}/natRules/r` }] }),
    )
    expect(sites()?.[0]?.nat.ingress).toMatchObject([{ name: 'r', type: 'static' }])
    expect(running.managed.check(gatewayWith({ natRules: [] }))).toMatchObject([
      { connection: 'Site-1', path: 'properties.ingressNatRules[0].id' },
    ])
  })

  it('keep their public addresses over a restart', async () => {
    const network = { addressPrefixes: ['10.50.0.0/16'], dnsServers: [], publicAddresses: ['198.51.100.7'] }
    await running.managed.apply({ ...present(), network })
    expect(sites()?.[0]?.tunnels).toMatchObject([{ name: 'Site-1_198.51.100.7' }])
    await restart()
    expect(running.prepared.configuration.sites.connections[0]?.tunnels).toMatchObject([
      { name: 'Site-1_198.51.100.7' },
    ])
  })
})

describe('a connection by certificates', () => {
  const chainPath = 'properties.certificateAuthentication.inboundAuthCertificateChain'

  beforeEach(withIdentity)

  it('is run with and stored', async () => {
    await running.managed.applyConnection(untold(connection(certificates())))
    expect(sites()).toMatchObject([
      { authentication: { type: 'certificate', inboundSubject: 'site-1', revocation: 'soft' } },
    ])
    await restart()
    expect(running.prepared.configuration.sites.connections).toMatchObject([
      { authentication: { outbound: 'https://kv.vault.example/certificates/gw' } },
    ])
  })

  it('is refused with a chain that is no good, entry by entry', async () => {
    const wrong = connection(certificates('AAAA'))
    expect(running.managed.checkConnection(wrong)).toMatchObject([
      {
        document: 'connection',
        connection: 'Site-1',
        path: `${chainPath}[0]`,
        problem: 'entry 1 of the inbound chain is base64, but of no X.509 certificate',
        remedy: 'export it as base64 (.cer)',
      },
    ])
    await expect(running.managed.applyConnection(wrong)).rejects.toMatchObject({ code: 'InvalidParameter' })
    expect(await storedConnections()).toEqual([])
  })

  it('whose root has expired since is read and run, and is refused as a new one', async () => {
    await running.managed.applyConnection(connection(certificates()))
    await restart(NOW + 2 * DAY)
    expect(running.prepared.configuration.sites.connections).toHaveLength(1)
    await running.managed.applyConnection(connection({ ...certificates(), routingWeight: 2 }))
    expect(sites()).toMatchObject([{ routingWeight: 2 }])
    const another = connection(certificates(), 'Site-2', '10.21.0.0/16')
    expect(running.managed.checkConnection(another)).toMatchObject([
      { connection: 'Site-2', path: `${chainPath}[0]`, problem: expect.stringContaining('expired on') },
    ])
  })

  it('needs the identity of its gateway', async () => {
    await running.managed.applyConnection(connection(certificates()))
    const { resource } = present()
    const { identity: _, ...without } = resource
    await expect(running.managed.apply({ resource: without })).rejects.toMatchObject({
      message: expect.stringContaining(
        'connection Site-1: properties.virtualNetworkGateway1.id: the gateway has no',
      ),
    })
  })
})

describe('a hundred connections', () => {
  it('are there after a restart, in one document each', async () => {
    for (let i = 0; i < 100; i++)
      await running.managed.applyConnection(connection({}, `site-${i}`, `10.${100 + i}.0.0/16`))
    expect(sites()).toHaveLength(100)
    await restart()
    expect(new Set(names()).size).toBe(100)
    expect(running.prepared.configuration.sites.connections).toHaveLength(100)
  }, 60_000)
})
