import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VirtualNetworkGateway, VpnClientConfiguration } from '@causeway/api-contract'
import { type DataDirectory, StoreError } from '@causeway/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PreparedGateway, prepareGateway } from './quick-start.ts'
import { separateSecrets, writeResource } from './resource-store.ts'
import { INTERFACES, type ScratchInstallation, scratchInstallation } from './scratch-installation.suite.ts'

type Servers = NonNullable<VpnClientConfiguration['radiusServers']>

const DOCUMENT = 'gateways/causeway'
const SEALED = 'radius-secrets'

let installation: ScratchInstallation

beforeEach(async () => {
  installation = await scratchInstallation()
})

afterEach(() => installation.remove())

const server = (radiusServerAddress: string, radiusServerSecret?: string): Servers[number] => ({
  radiusServerAddress,
  ...(radiusServerSecret !== undefined && { radiusServerSecret }),
})

function resourceOf(...radiusServers: Servers): VirtualNetworkGateway {
  return {
    name: 'gw',
    properties: {
      sku: { name: 'VpnGw1' },
      vpnClientConfiguration: {
        vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24'] },
        vpnClientProtocols: ['OpenVPN'],
        vpnAuthenticationTypes: ['Radius'],
        radiusServers,
      },
    },
  }
}

function start(resource?: VirtualNetworkGateway, data = installation.data): Promise<PreparedGateway> {
  return prepareGateway({ ...installation, data }, resource ? { resource } : {}, INTERFACES)
}

function secretsIn({ configuration }: PreparedGateway): string[] {
  const { servers = [] } = configuration.radius ?? {}
  return servers.map(({ host, secret }) => `${host} ${Buffer.from(secret)}`)
}

async function sealed(): Promise<unknown> {
  const bytes = await installation.data.secrets.read(SEALED)
  return bytes && JSON.parse(Buffer.from(bytes).toString())
}

const documentVersion = async (): Promise<number> =>
  (await installation.data.documents.read(DOCUMENT))?.version ?? 0

/** The text of every file of the data directory. */
async function everything(): Promise<string> {
  const entries = await readdir(installation.data.path, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  return (
    await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
  ).join()
}

describe('secrets at rest', () => {
  it('are not in the document, nor readable anywhere in the data directory', async () => {
    const prepared = await start(resourceOf(server('10.1.0.9', 'Wombat-7'), server('nps.test', 'Koala-8')))
    expect(secretsIn(prepared)).toEqual(['10.1.0.9 Wombat-7', 'nps.test Koala-8'])
    const stored = (await installation.data.documents.read(DOCUMENT))?.value
    expect(stored).toEqual(prepared.resource)
    const shown = resourceOf(server('10.1.0.9', '[secret]'), server('nps.test', '[secret]'))
    expect(stored).toMatchObject(shown)
    expect(await everything()).not.toMatch(/Wombat|Koala/)
  })

  it('are there again at the next start, which writes nothing', async () => {
    const first = await start(resourceOf(server('10.1.0.9', 'Wombat-7')))
    installation = await installation.reopen()
    expect(secretsIn(await start())).toEqual(secretsIn(first))
    expect(await documentVersion()).toBe(1)
  })

  it('leave a document in which an earlier version kept them', async () => {
    const old = { ...resourceOf(server('10.1.0.9', 'Wombat-7')) }
    await installation.data.documents.write(DOCUMENT, old, 0)
    expect(secretsIn(await start())).toEqual(['10.1.0.9 Wombat-7'])
    expect(await everything()).not.toContain('Wombat')
  })

  it('need no file where there are none', async () => {
    await start()
    expect(await readdir(join(installation.data.path, 'secrets'))).not.toContain(`${SEALED}.sealed`)
  })
})

describe('a document that is given again', () => {
  beforeEach(() => start(resourceOf(server('10.1.0.9', 'Wombat-7'), server('nps.test', 'Koala-8'))))

  it.each([
    ['as it is shown', server('10.1.0.9', '[secret]'), server('nps.test', '[secret]')],
    ['without its secrets', server('10.1.0.9'), server('NPS.test', '')],
  ])('%s keeps them', async (_how, ...servers) => {
    const prepared = await start(resourceOf(...servers))
    expect(secretsIn(prepared)).toEqual(['10.1.0.9 Wombat-7', 'nps.test Koala-8'])
  })

  it('with another secret is another document', async () => {
    await start(resourceOf(server('10.1.0.9', 'Dingo-9'), server('nps.test')))
    expect(await documentVersion()).toBe(2)
    installation = await installation.reopen()
    expect(secretsIn(await start())).toEqual(['10.1.0.9 Dingo-9', 'nps.test Koala-8'])
    expect(await sealed()).toEqual({ 2: { '10.1.0.9': 'Dingo-9', 'nps.test': 'Koala-8' } })
  })

  it('with the same secrets is the same', async () => {
    const { resource, secrets } = await start()
    expect(await writeResource(installation.data, { resource, secrets })).toEqual({
      version: 1,
      changed: false,
    })
  })

  it('without a server forgets its secret', async () => {
    await start(resourceOf(server('nps.test')))
    expect(await sealed()).toEqual({ 2: { 'nps.test': 'Koala-8' } })
    await expect(start(resourceOf(server('10.1.0.9')))).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining('radiusServerSecret: is missing for 10.1.0.9'),
    })
  })

  it('that is refused changes nothing', async () => {
    const before = await sealed()
    const bad = start(
      resourceOf(server('10.1.0.9', 'Dingo-9'), server('nps.test', '[secret]'), server('a b', 'x')),
    )
    await expect(bad).rejects.toThrow("'a b' is neither an IP address nor a DNS name")
    expect([await sealed(), await documentVersion()]).toEqual([before, 1])
  })
})

describe('two files that change together', () => {
  const before = ['10.1.0.9 Wombat-7']
  const next = () => resourceOf(server('10.1.0.9', 'Dingo-9'), server('nps.test', 'Koala-8'))

  beforeEach(() => start(resourceOf(server('10.1.0.9', 'Wombat-7'))))

  /** A disk on which nothing can be written after so many writes of ours. */
  function fullAfter(writes: number): DataDirectory {
    const { data } = installation
    let left = writes
    const spend = <Result>(write: () => Promise<Result>): Promise<Result> => {
      if (left-- > 0) return write()
      return Promise.reject(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
    }
    return {
      ...data,
      documents: {
        read: key => data.documents.read(key),
        list: folder => data.documents.list(folder),
        write: (key, value, version) => spend(() => data.documents.write(key, value, version)),
        remove: (key, version) => data.documents.remove(key, version),
        watch: (folder, listener) => data.documents.watch(folder, listener),
      },
      secrets: { ...data.secrets, write: (name, secret) => spend(() => data.secrets.write(name, secret)) },
    }
  }

  it.each([0, 1])('hold what they held when the disk is full after %i writes', async writes => {
    await expect(writeResource(fullAfter(writes), separateSecrets(next()))).rejects.toThrow(
      'the disk is full',
    )
    expect(await documentVersion()).toBe(1)
    installation = await installation.reopen()
    expect(secretsIn(await start())).toEqual(before)
    expect(await sealed()).toEqual({ 1: { '10.1.0.9': 'Wombat-7' } })
  })

  it('hold the new when it fills up only after both are written', async () => {
    const written = await writeResource(fullAfter(2), separateSecrets(next()))
    expect(written).toEqual({ version: 2, changed: true })
    expect(await sealed()).toHaveProperty('1')
    installation = await installation.reopen()
    await start()
    const kept = Object.values((await sealed()) as object)
    expect(kept).toEqual([{ '10.1.0.9': 'Dingo-9', 'nps.test': 'Koala-8' }])
  })

  it('do not take secrets of a change that never came to be for those of the next', async () => {
    await expect(writeResource(fullAfter(1), separateSecrets(next()))).rejects.toThrow('the disk is full')
    expect(await sealed()).toHaveProperty('2')
    const { resource } = separateSecrets({ ...resourceOf(server('10.1.0.9')), tags: { a: 'b' } })
    await writeResource(installation.data, { resource, secrets: new Map() })
    expect(await sealed()).toEqual({})
  })
})
