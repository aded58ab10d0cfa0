import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientCredentials } from '../testing/credentials.suite.ts'
import { type HostileSstp, hostileSstp, isCallConnected } from '../testing/hostile-sstp.suite.ts'
import { type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

let site: TestGateway
let alice: HostileSstp

beforeEach(async () => {
  site = await testGateway({ tunnels: new Set(['SSTP']), sessionLimits: { sstp: 1, ikev2OpenVpn: 1 } })
  alice = hostileSstp(site, await clientCredentials(site.authority, 'alice'))
})

afterEach(async () => {
  alice.close()
  await site.stop()
})

const lastLine = (): string => site.messages().at(-1) ?? ''

test('a client that answers nothing leaves the list at once, and gives its address back later', async () => {
  await alice.connect()
  await site.eventually(() => site.gateway.sessions().length === 1)
  alice.keepBack(() => true)
  expect(site.gateway.disconnect(site.gateway.sessions()[0]?.id ?? '')).toBe(true)
  expect(site.gateway.sessions()).toEqual([])
  await expect(alice.connect()).rejects.toThrow('503')
  alice.close()
  await site.eventually(() => lastLine() === 'alice disconnected: disconnected by the operator')
})

test('whoever is revoked between authentication and binding is not let in', async () => {
  alice.keepBack(isCallConnected)
  await alice.connect()
  await site.eventually(() => alice.events.includes('bound'))
  const { certificateAuthentication } = site.configuration
  await site.gateway.apply({
    ...site.configuration,
    certificateAuthentication: { ...certificateAuthentication, roots: [] },
  })
  alice.letGo()
  await site.eventually(() => alice.events.includes('closed'))
  expect(site.gateway.sessions()).toEqual([])
  await site.eventually(() =>
    lastLine().startsWith('client refused: client certificate refused: it does not'),
  )
})
