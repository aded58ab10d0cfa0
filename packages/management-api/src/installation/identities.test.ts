import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GatewayResource } from '@causeway/gateway'
import { openMemoryStore } from '@causeway/store'
import { createPrincipalStore, type PrincipalStore } from '@causeway/token-service'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { GROUP, NETWORK, NOW } from '../management-api.suite.ts'
import { ensureHeaderSecret, IDENTITY_HEADER_FILE, identityHosts } from './identities.ts'

const GATEWAY = `${NETWORK}/virtualNetworkGateways/gw`
const IDENTITIES = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`

let principals: PrincipalStore

beforeEach(async () => {
  const store = await openMemoryStore()
  onTestFinished(() => store.close())
  principals = createPrincipalStore(store, () => NOW)
})

const withIdentities = (...ids: string[]): GatewayResource => ({
  resource: {
    id: GATEWAY,
    name: 'gw',
    identity: { type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(ids.map(id => [id, {}])) },
    properties: {},
  },
})

describe('programs of this machine', () => {
  it('have the identities that are assigned to the gateway now, and there are', async () => {
    const reader = await principals.ensureManagedIdentity(`${IDENTITIES}/reader`, 'userAssigned')
    await principals.ensureManagedIdentity(`${IDENTITIES}/other`, 'userAssigned')
    let present: GatewayResource | undefined = withIdentities(`${IDENTITIES}/reader`, `${IDENTITIES}/gone`)
    const hosts = identityHosts({ present: () => present }, principals, ['secret', 'other'])
    expect(await hosts.identitiesOf(GATEWAY)).toEqual([reader])
    expect(await hosts.headerSecrets()).toEqual([
      { resourceId: GATEWAY, secret: 'secret' },
      { resourceId: GATEWAY, secret: 'other' },
    ])
    present = withIdentities()
    expect(await hosts.identitiesOf(GATEWAY)).toEqual([])
  })

  it('are nobody where there is no gateway, or another one', async () => {
    let present: GatewayResource | undefined
    const hosts = identityHosts({ present: () => present }, principals, ['secret'])
    expect(await hosts.headerSecrets()).toEqual([])
    expect(await hosts.identitiesOf(GATEWAY)).toEqual([])
    present = withIdentities(`${IDENTITIES}/reader`)
    expect(await hosts.identitiesOf(`${GATEWAY}2`)).toEqual([])
    expect(await identityHosts({ present: () => present }, principals, []).headerSecrets()).toEqual([])
  })
})

it('keeps one header secret, in a file for root alone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-identities-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const store = await openMemoryStore()
  onTestFinished(() => store.close())
  const secret = await ensureHeaderSecret(store.secrets, directory)
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(await ensureHeaderSecret(store.secrets, directory)).toBe(secret)
  const file = join(directory, IDENTITY_HEADER_FILE)
  expect(await readFile(file, 'utf8')).toBe(`${secret}\n`)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})
