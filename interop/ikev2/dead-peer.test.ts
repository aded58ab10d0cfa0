import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectInside } from '../harness/scenario.ts'
import { CHILD } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

interface SessionList {
  readonly sessions: readonly { readonly user: string }[]
}

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

async function sessionCount(): Promise<number> {
  return (await scenario.gateway.json<SessionList>('sessions')).sessions.length
}

test('a client that is frozen loses its session, and gets a new one when it wakes', async () => {
  const client = await startClient(scenario, {
    connection: { dpd_delay: '2s' },
    child: { dpd_action: 'restart' },
  })
  await client.initiate(CHILD)
  await expectInside(client)
  expect(await sessionCount()).toBe(1)

  client.process.signal('SIGSTOP')
  await expect.poll(sessionCount, { timeout: 120_000, interval: 1_000 }).toBe(0)
  const mark = client.process.mark()
  client.process.signal('SIGCONT')
  await client.waitFor(/CHILD_SA inside\{\d+\} established/, 60_000, mark)
  await expectInside(client)
  expect(await sessionCount()).toBe(1)
})

test('a client that leaves says so, and its session goes at once', async () => {
  const client = await startClient(scenario)
  await client.initiate(CHILD)
  await client.stop()
  await expect.poll(sessionCount, { timeout: 2_000, interval: 100 }).toBe(0)
})

test('a gateway that stops says so to its clients', async () => {
  const own = await openIkev2()
  const client = await startClient(own)
  await client.initiate(CHILD)
  await own.gateway.stop()
  await client.waitFor(/received DELETE for IKE_SA/, 5_000)
  await own.close()
})
