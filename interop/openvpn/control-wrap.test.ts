import { readFileSync } from 'node:fs'
import { CONTROL_WRAPS } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import { createStaticKey } from '../harness/openvpn-server.ts'
import { profileBlock } from '../harness/profile.ts'
import {
  applySettings,
  type DialOptions,
  dial,
  expectInside,
  openScenario,
  type Scenario,
} from '../harness/scenario.ts'

let scenario: Scenario
let profiles: Profiles
/** Made while tls-crypt was the only way; it must go on working beside the others. */
let shared: string

beforeAll(async () => {
  scenario = await openScenario({ settings: { openvpn: { controlWraps: ['tls-crypt'] } } })
  shared = (await scenario.gateway.addClient('bob')).hardened
  await applySettings(scenario.gateway, { openvpn: { controlWraps: [...CONTROL_WRAPS] } })
  profiles = await scenario.gateway.addClient('alice')
})

afterAll(() => scenario?.close())

/** What a profile may hold for the control channel's protection. */
const WRAPS = ['tls-auth', 'tls-crypt', 'tls-crypt-v2', 'key-direction']

const transports = ['udp', 'tcp'] as const

test.each(transports)('tls-auth over %s', async protocol => {
  await expectTraffic(profiles.azure, { protocol })
})

test.each(transports)('tls-crypt-v2 over %s', async protocol => {
  expect(profileBlock(profiles.hardened, 'tls-crypt-v2')).toMatch(/OpenVPN tls-crypt-v2 client key/)
  await expectTraffic(profiles.hardened, { protocol })
})

test.each(transports)('tls-crypt over %s', async protocol => {
  expect(profileBlock(shared, 'tls-crypt')).toMatch(/OpenVPN Static key/)
  await expectTraffic(shared, { protocol })
})

test.each(transports)('none over %s, where the settings allow it', async protocol => {
  await expectTraffic(profiles.azure, { protocol, edit: { drop: WRAPS } })
})

test('a wrong key is met with silence over UDP', async () => {
  const wrong = readFileSync(await createStaticKey(), 'utf8')
  const edit = { blocks: { 'tls-auth': wrong } }
  const client = dial(scenario, profiles.azure, { protocol: 'udp', edit, args: ['--hand-window', '3'] })
  await client.waitFor(/TLS key negotiation failed to occur within 3 seconds/)
  expect(client.process.log()).not.toMatch(/TLS: Initial packet from/)
  await client.stop()
})

test('a wrong key ends the connection over TCP', async () => {
  const wrong = readFileSync(await createStaticKey(), 'utf8')
  const client = dial(scenario, profiles.azure, { edit: { blocks: { 'tls-auth': wrong } } })
  await client.waitFor(/Connection reset, restarting/)
  expect(client.process.log()).not.toMatch(/TLS: Initial packet from/)
  await client.stop()
})

async function expectTraffic(profile: string, options: DialOptions): Promise<void> {
  const client = dial(scenario, profile, options)
  await client.connected()
  await expectInside(client)
  await client.stop()
}
