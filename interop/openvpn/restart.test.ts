import { afterAll, beforeAll, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'

let scenario: Scenario
let profiles: Profiles

/** A client finds out by itself that a gateway was killed; a short ping keeps the scenario short. */
const SHORT_PING = { openvpn: { pingSeconds: 1, pingRestartSeconds: 4 } }
/** Between attempts; OpenVPN's own default is 1 s growing to 300. */
const RETRY = ['--connect-retry', '1', '2']

beforeAll(async () => {
  scenario = await openScenario({ settings: SHORT_PING })
  profiles = await scenario.gateway.addClient('alice')
})

afterAll(() => scenario?.close())

test('a client that restarts on a signal comes back', async () => {
  for (const client of dialBoth()) {
    await client.connected()
    for (const signal of ['SIGUSR1', 'SIGHUP'] as const) {
      const mark = client.process.mark()
      client.process.signal(signal)
      await client.connected(20_000, mark)
      await expectInside(client)
    }
    await client.stop()
  }
})

test('a client that was killed comes back, and its session before does not stand in the way', async () => {
  for (const client of dialBoth()) {
    await client.connected()
    await client.stop('SIGKILL')
  }
  for (const client of dialBoth()) {
    await client.connected()
    await expectInside(client)
    await client.stop()
  }
})

test.each([
  ['stopped', 'SIGTERM'],
  ['killed', 'SIGKILL'],
] as const)(
  'clients come back by themselves when the gateway was %s and started again',
  async (_, signal) => {
    const clients = dialBoth()
    await Promise.all(clients.map(client => client.connected()))
    const marks = clients.map(client => client.process.mark())

    await scenario.gateway.process.stop(signal)
    await scenario.gateway.restart()

    await Promise.all(clients.map((client, index) => client.connected(30_000, marks[index])))
    for (const client of clients) await expectInside(client)
    await Promise.all(clients.map(client => client.stop()))
  },
)

/** One over TCP, one over UDP. */
function dialBoth(): OpenVpnClient[] {
  return [profiles.azure, profiles.hardened].map(profile => dial(scenario, profile, { args: RETRY }))
}
