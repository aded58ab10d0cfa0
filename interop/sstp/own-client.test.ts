import { afterAll, beforeAll, describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { ping } from '../harness/ping.ts'
import type { RunningProcess } from '../harness/process.ts'
import { type SstpClientPlan, startSstpClient } from '../harness/sstp-client.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { issueClient, openSstp, type SstpScenario, sessionsOf } from './scenario.ts'

// Causeway's own client role, which does on purpose what no other client does.

/** Of the SKU. */
const SESSION_LIMIT = 128
const NEGOTIATION_SECONDS = 3

let scenario: SstpScenario

beforeAll(async () => {
  scenario = await openSstp(1, { sstp: { negotiationSeconds: NEGOTIATION_SECONDS } })
})

afterAll(() => scenario?.close())

async function startAs(
  user: string,
  plan: Pick<SstpClientPlan, 'binding' | 'crowd'>,
  finished: TestContext['onTestFinished'] = onTestFinished,
): Promise<RunningProcess> {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const { authority, serverName } = scenario
  const where = { server: ADDRESSES.gateway, serverName, authority, destinations: [ADDRESSES.insideNetwork] }
  const client = startSstpClient(namespace, await issueClient(scenario, user), {
    ...where,
    ...plan,
  })
  finished(async () => void (await client.stop()))
  return client
}

async function echoes(): Promise<number> {
  const [namespace] = scenario.topology.clients
  return namespace ? (await ping(namespace, ADDRESSES.inside, { count: 2 })).received : 0
}

describe('the crypto binding', () => {
  test('that is right lets in', async () => {
    const client = await startAs('alice', { binding: 'right' })
    await client.waitFor(/^connected$/)
    expect(await echoes()).toBe(2)
    expect(await sessionsOf(scenario, 'alice')).toHaveLength(1)
  })

  test('that is missing lets no packet through, and ends the call in time', async () => {
    const mark = scenario.gateway.process.mark()
    const client = await startAs('mallory', { binding: 'missing' })
    await client.waitFor(/^connected$/)
    expect(await echoes()).toBe(0)
    expect(await sessionsOf(scenario, 'mallory')).toEqual([])
    await client.waitFor(/^ended /, 2 * NEGOTIATION_SECONDS * 1_000)
    await scenario.gateway.logged(/refused: user mallory: no Call Connected in time/, 5_000, mark)
  })
})

describe.concurrent('a crypto binding is refused', () => {
  test.for([
    ['other MAC', 'another compound MAC'],
    ['other nonce', 'another nonce'],
    ['other certificate', 'another certificate'],
    ['replayed', 'another nonce'],
  ] as const)('%s', async ([binding, reason], { onTestFinished: finished }) => {
    const user = binding.replace(' ', '-')
    const client = await startAs(user, { binding }, finished)
    await client.waitFor(/^ended /)
    await scenario.gateway.logged(new RegExp(`refused: user ${user}: crypto binding: ${reason}`))
    expect(await sessionsOf(scenario, user)).toEqual([])
  })
})

test(`${SESSION_LIMIT} sessions and no more, and the next one is told why`, async () => {
  const mark = scenario.gateway.process.mark()
  const client = await startAs('crowd', { binding: 'right', crowd: SESSION_LIMIT })
  await client.waitFor(new RegExp(`^open ${SESSION_LIMIT}$`), 60_000)
  expect((await client.waitFor(/^one more /)).text).toContain('503')
  await scenario.gateway.logged(/refused: the limit of 128 SSTP sessions is reached/, 5_000, mark)
  const sessions = await sessionsOf(scenario, 'crowd')
  expect(new Set(sessions.flatMap(session => session.innerAddresses)).size).toBe(SESSION_LIMIT)
})
