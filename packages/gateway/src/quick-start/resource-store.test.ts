import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VirtualNetworkGateway, VpnClientConfiguration } from '@causeway/api-contract'
import { StoreError } from '@causeway/store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PreparedGateway } from './quick-start.ts'
import { type ResourceWithSecrets, resourceDraft, separateSecrets } from './resource-store.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from './scratch-installation.suite.ts'
import { commitDrafts, type Written } from './stored.ts'

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

function start(resource?: VirtualNetworkGateway): Promise<PreparedGateway> {
  return preparedGateway(installation, resource ? { resource } : {}, INTERFACES)
}

async function write(sealed: ResourceWithSecrets): Promise<Written | undefined> {
  const { data } = installation
  return (await commitDrafts(data.documents, [await resourceDraft(data, sealed)]))[0]
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
    // The database's log holds it until it is merged into the database: at the end, at the latest.
    installation = await installation.reopen()
    expect(await everything()).not.toContain('Wombat')
  })

  it('are not there where there are none', async () => {
    await start()
    expect(await sealed()).toBeUndefined()
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
    expect(await sealed()).toEqual({ '10.1.0.9': 'Dingo-9', 'nps.test': 'Koala-8' })
  })

  it('with the same secrets is the same', async () => {
    const { resource, secrets } = await start()
    expect(await write({ resource, secrets })).toEqual({
      version: 1,
      changed: false,
    })
  })

  it('without a server forgets its secret', async () => {
    await start(resourceOf(server('nps.test')))
    expect(await sealed()).toEqual({ 'nps.test': 'Koala-8' })
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

describe('a document and its secrets', () => {
  const before = ['10.1.0.9 Wombat-7']
  const next = () => resourceOf(server('10.1.0.9', 'Dingo-9'), server('nps.test', 'Koala-8'))

  beforeEach(() => start(resourceOf(server('10.1.0.9', 'Wombat-7'))))

  it('hold what they held when the disk is full', async () => {
    const { documents } = installation.data
    const full = new StoreError('ERR_STORE_WRITE', 'the disk is full')
    const commit = vi.spyOn(documents, 'commit').mockRejectedValue(full)
    await expect(write(separateSecrets(next()))).rejects.toThrow(full)
    commit.mockRestore()
    expect(await documentVersion()).toBe(1)
    installation = await installation.reopen()
    expect(secretsIn(await start())).toEqual(before)
  })

  it('hold what they held when somebody else changed the document meanwhile', async () => {
    const { documents } = installation.data
    const read = vi.spyOn(documents, 'read').mockResolvedValueOnce(undefined)
    await expect(write(separateSecrets(next()))).rejects.toMatchObject({
      code: 'Conflict',
    })
    read.mockRestore()
    expect(secretsIn(await start())).toEqual(before)
  })

  it('are read as earlier versions stored them, by the version of the document', async () => {
    const { secrets } = installation.data
    const stored = { 0: { '10.1.0.9': 'Koala-8' }, 1: { '10.1.0.9': 'Dingo-9' }, 2: { '10.1.0.9': 'Emu-1' } }
    await secrets.write(SEALED, Buffer.from(JSON.stringify(stored)))
    expect(secretsIn(await start())).toEqual(['10.1.0.9 Dingo-9'])
    await start(resourceOf(server('10.1.0.9'), server('nps.test', 'Koala-8')))
    expect(await sealed()).toEqual({ '10.1.0.9': 'Dingo-9', 'nps.test': 'Koala-8' })
  })
})
