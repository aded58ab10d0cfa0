import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EntraConfiguration } from '../configuration.ts'
import { SessionTable } from '../session/session-table.ts'
import { recordingLog } from '../testing/test-gateway.suite.ts'
import { Client } from './browser.suite.ts'
import { EntraAccess } from './entra-access.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const OPENVPN = new Set(['OpenVPN'] as const)
const ALLOWED = { byEntra: OPENVPN, byPassword: new Set([]), byCertificate: new Set([]) }

/** Nobody is asked: the provider is needed only after a confirmation. */
const configuration = (changes: Partial<EntraConfiguration> = {}): EntraConfiguration => ({
  authority: `https://login.microsoftonline.com/${TENANT}`,
  tenantId: TENANT,
  issuer: `https://sts.windows.net/${TENANT}/`,
  audience: 'a',
  audiences: ['a'],
  sessionSecondsPastExpiry: 0,
  signInAt: {
    authority: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  },
  browser: {
    clientId: 'vpn',
    publicUrl: 'https://vpn.example',
    scopes: ['openid'],
    timeoutSeconds: 180,
    recheckSeconds: 900,
    sameAddress: true,
  },
  ...changes,
})

let access: EntraAccess

beforeEach(() => {
  vi.useFakeTimers()
  const clock = { now: () => Date.now(), unixSeconds: () => Date.now() / 1_000 }
  const sessions = new SessionTable(clock, () => undefined)
  access = new EntraAccess({ sessions, clock, log: recordingLog().log })
})
afterEach(() => void vi.useRealTimers())

/** Who waits under the configuration that is in use. */
function begin(given: EntraConfiguration): { readonly client: Client; readonly isOver: () => boolean } {
  const method = access.methods(given, ALLOWED).find(each => each.asksElsewhere)
  const client = new Client()
  let isOver = false
  Promise.resolve(method?.authenticate(client.credentials)).then(() => {
    isOver = true
  })
  return { client, isOver: () => isOver }
}

const isServed = (path: string) => access.site.routes(path) !== undefined
const settle = () => vi.advanceTimersByTimeAsync(0)

test('serves pages only while sign-in through the browser is configured', () => {
  expect(isServed('/signin/callback')).toBe(false)
  access.use(configuration())
  expect(isServed('/signin/callback')).toBe(true)
  const { browser: _, ...without } = configuration()
  access.use(without)
  expect(isServed('/signin/callback')).toBe(false)
  expect(access.methods(without, ALLOWED)).toHaveLength(1)
})

test('keeps sign-ins under way while the configuration of Entra stays, however long sessions last', async () => {
  access.use(configuration())
  const { isOver } = begin(configuration())
  access.use(configuration({ sessionSecondsPastExpiry: 7 }))
  await settle()
  expect(isOver()).toBe(false)
})

test('a configuration that is looked at and not used changes nothing', async () => {
  access.use(configuration())
  const { isOver } = begin(configuration())
  access.methods(configuration({ audiences: ['b'] }), ALLOWED)
  access.use(configuration())
  await settle()
  expect(isOver()).toBe(false)
})

test('refuses sign-ins under way when another configuration is used, or none any more', async () => {
  access.use(configuration())
  const first = begin(configuration())
  access.use(configuration({ issuer: 'https://other.test/' }))
  await settle()
  expect(first.isOver()).toBe(true)
  const second = begin(configuration({ issuer: 'https://other.test/' }))
  access.close()
  await settle()
  expect(second.isOver()).toBe(true)
})
