import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { PreparedGateway } from './quick-start.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from './scratch-installation.suite.ts'
import { separateSettings, settingsDraft } from './settings-store.ts'
import { commitDrafts } from './stored.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const RESOURCE: VirtualNetworkGateway = {
  name: 'gw',
  properties: {
    sku: { name: 'VpnGw1' },
    vpnClientConfiguration: {
      vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24'] },
      vpnClientProtocols: ['OpenVPN'],
      vpnAuthenticationTypes: ['AAD'],
      aadTenant: `https://login.microsoftonline.com/${TENANT}`,
      aadIssuer: `https://sts.windows.net/${TENANT}/`,
      aadAudience: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
    },
  },
}
const settingsOf = (clientSecret?: string): GatewaySettings => ({
  hostNames: ['vpn.example'],
  insidePrefixes: ['10.1.0.0/16'],
  entra: { browser: { clientId: 'vpn', ...(clientSecret !== undefined && { clientSecret }) } },
})

let installation: ScratchInstallation

beforeEach(async () => {
  installation = await scratchInstallation()
})

afterEach(() => installation.remove())

const start = (settings?: GatewaySettings): Promise<PreparedGateway> =>
  preparedGateway(installation, { resource: RESOURCE, ...(settings && { settings }) }, INTERFACES)
const secretIn = ({ configuration }: PreparedGateway) => configuration.entra?.browser?.clientSecret

/** The text of every file of the data directory. */
async function everything(): Promise<string> {
  const entries = await readdir(installation.data.path, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'))
  return (await Promise.all(texts)).join()
}

it('the secret of the gateway at its provider is in no file, and there again at the next start', async () => {
  const first = await start(settingsOf('Wombat-7'))
  expect(secretIn(first)).toBe('Wombat-7')
  expect(first.settings).toEqual(settingsOf('[secret]'))
  expect(await everything()).not.toContain('Wombat')
  installation = await installation.reopen()
  expect(secretIn(await start())).toBe('Wombat-7')
})

it('settings that are given back as they are shown keep it, and without it have none', async () => {
  await start(settingsOf('Wombat-7'))
  expect(secretIn(await start(settingsOf('[secret]')))).toBe('Wombat-7')
  expect(secretIn(await start(settingsOf()))).toBeUndefined()
  await expect(start(settingsOf('[secret]'))).rejects.toMatchObject({
    code: 'InvalidParameter',
    message: expect.stringContaining('entra.browser.clientSecret: is [secret], and none is known'),
  })
})

it('another secret alone is a change of the settings', async () => {
  await start(settingsOf('Wombat-7'))
  const { data } = installation
  const draft = await settingsDraft(data, separateSettings(settingsOf('Dingo-9')))
  const [changed] = await commitDrafts(data.documents, [draft])
  expect(changed).toEqual({ version: 2, changed: true })
  expect(secretIn(await start())).toBe('Dingo-9')
})
