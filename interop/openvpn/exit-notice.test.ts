import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import { dial, openScenario, type Scenario } from '../harness/scenario.ts'

let scenario: Scenario
let profiles: Profiles

beforeAll(async () => {
  scenario = await openScenario()
  profiles = await scenario.gateway.addClient('alice')
})

afterAll(() => scenario?.close())

test.each([
  ['udp', true],
  ['tcp', false],
] as const)(
  'a client over %s that is ended is gone from the sessions within a second',
  async (protocol, asked) => {
    const client = dial(scenario, profiles.hardened, { protocol })
    const { address, reply } = await client.connected()
    expect(reply.includes(',explicit-exit-notify 1')).toBe(asked)
    expect(client.process.log()).not.toMatch(/explicit-exit-notify can only|Options error/)
    const list = async (): Promise<string> => JSON.stringify(await scenario.gateway.json('sessions'))
    expect(await list()).toContain(address)

    const mark = scenario.gateway.process.lines.length
    const began = performance.now()
    const stopped = client.stop('SIGTERM')
    // The command line alone takes half a second to start: the log says when the session ended.
    const { at } = await scenario.gateway.process.waitFor(/the client left|the connection ended/, 5_000, mark)
    expect(at - began).toBeLessThan(1_000)
    expect(await list()).not.toContain(address)
    await stopped
  },
)

test('a client that leaves while a key is being negotiated is gone, too', async () => {
  const client = dial(scenario, profiles.hardened, { protocol: 'udp', args: ['--reneg-sec', '1'] })
  const { address } = await client.connected()
  await client.waitFor(/TLS: soft reset/, 20_000)
  const mark = scenario.gateway.process.lines.length
  const stopped = client.stop('SIGTERM')
  await scenario.gateway.logged(/the client left/, 5_000, mark)
  expect(JSON.stringify(await scenario.gateway.json('sessions'))).not.toContain(address)
  await stopped
})
