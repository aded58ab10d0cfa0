import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { withCredential } from '../harness/profile.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'

const CLIENTS = 100
/** So many start at a time: the clients' own handshakes take more of the machine than the gateway's. */
const WAVE = 10

let scenario: Scenario
let profile: string
let credentials: Credential[]

beforeAll(async () => {
  const root = await createAuthority('Crowd Root')
  scenario = await openScenario({ root })
  profile = (await scenario.gateway.addClient('alice')).hardened
  const first = await issue(root, { commonName: 'user0' })
  const names = Array.from({ length: CLIENTS - 1 }, (_, index) => `user${index + 1}`)
  const others: Credential[] = []
  for (const commonName of names) others.push(await issue(root, { commonName, keyPath: first.keyPath }))
  credentials = [first, ...others]
})

afterAll(() => scenario?.close())

test(`${CLIENTS} clients at once, each with an address of its own and traffic`, async () => {
  const clients: OpenVpnClient[] = []
  for (let next = 0; next < CLIENTS; next += WAVE) {
    const wave = credentials.slice(next, next + WAVE).map(credential => {
      return dial(scenario, profile, { edit: withCredential(credential), title: credential.commonName })
    })
    clients.push(...wave)
    await Promise.all(wave.map(client => client.connected(60_000)))
  }
  const addresses = new Set(clients.map(client => client.lease().address))
  expect(addresses.size).toBe(CLIENTS)

  for (let next = 0; next < CLIENTS; next += WAVE) {
    const wave = clients.slice(next, next + WAVE)
    await Promise.all(wave.map(client => expectInside(client)))
  }
  const { sessions } = await scenario.gateway.json<{ sessions: unknown[] }>('sessions')
  expect(sessions).toHaveLength(CLIENTS)
  await Promise.all(clients.map(client => client.stop()))
})
