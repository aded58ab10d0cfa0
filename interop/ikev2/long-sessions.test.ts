import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { type Credential, issue } from '../harness/certificates.ts'
import { iperf, longestStall } from '../harness/iperf.ts'
import { ping } from '../harness/ping.ts'
import { expectInside } from '../harness/scenario.ts'
import type { Strongswan } from '../harness/strongswan.ts'
import type { Sections } from '../harness/swanctl.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

// Clients side by side at a gateway that rekeys every few seconds and soon asks for a sign of life.

const SETTINGS = { childRekeySeconds: 3, ikeRekeySeconds: 5, livenessSeconds: 2 }
const SECONDS = 12
const RATE = 4e6
const IKE = 'aes256gcm16-prfsha384-ecp384'

/** Without a longer life than that, strongSwan deletes the SA in the same second. */
const CHILD_SECOND = { rekey_time: '1s', life_time: '60s', rand_time: '0s' }
const IKE_SECOND = { rekey_time: '1s', over_time: '60s', rand_time: '0s' }

interface Case {
  readonly name: string
  readonly esp: string
  readonly child: Sections
  readonly connection: Sections
}

const CASES: readonly Case[] = [
  { name: 'by the gateway alone', esp: 'aes256gcm16', child: {}, connection: {} },
  { name: 'Child SAs by both', esp: 'aes256gcm16', child: CHILD_SECOND, connection: {} },
  { name: 'Child SAs by both, ECP 256', esp: 'aes256gcm16-ecp256', child: CHILD_SECOND, connection: {} },
  { name: 'all by both', esp: 'aes256-sha256', child: CHILD_SECOND, connection: IKE_SECOND },
]

let scenario: Ikev2Scenario
let credentials: readonly Credential[]

beforeAll(async () => {
  scenario = await openIkev2({ clients: CASES.length + 1, settings: { ikev2: SETTINGS } })
  credentials = await Promise.all(
    [...CASES, 'frozen'].map((_, i) => issue(scenario.root, { commonName: `user${i}` })),
  )
})

afterAll(() => scenario?.close())

function start(
  at: number,
  context: TestContext,
  changes: { esp?: string; child?: Sections; connection?: Sections },
): Promise<Strongswan> {
  const credential = credentials[at] as Credential
  return startClient(scenario, { credential, at, ike: IKE, finished: context.onTestFinished, ...changes })
}

/** How many sessions a user has. */
async function sessionsOf(user: string): Promise<number> {
  const { sessions } = await scenario.gateway.json<{ sessions: { user: string }[] }>('sessions')
  return sessions.filter(session => session.user === user).length
}

describe.concurrent('side by side', () => {
  test.for(CASES.map((rekeys, at) => ({ ...rekeys, at })))(
    'rekeys $name: no echo is lost',
    async (rekeys, context) => {
      const client = await start(rekeys.at, context, rekeys)
      await client.initiate(CHILD)
      const before = await client.sa()
      const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
      const [echoes, down] = await Promise.all([
        ping(client.namespace, ADDRESSES.inside, { count: SECONDS * 10, intervalSeconds: 0.1 }),
        // In datagrams: a burst of TCP is more than the socket of a userspace client holds, rekeys or not.
        iperf(client.namespace, inside, { seconds: SECONDS, udpRate: RATE, direction: 'down' }),
      ])
      expect(echoes.received).toBe(echoes.sent)
      expect(down.lostPercent).toBeLessThan(0.5)
      expect(longestStall(down.intervals)).toBe(0)
      const log = client.process.log()
      const count = (pattern: RegExp): number => [...log.matchAll(pattern)].length
      expect(count(/outbound CHILD_SA inside\{\d+\} established/g)).toBeGreaterThan(2)
      expect(count(/IKE_SA gateway\[\d+\] rekeyed/g)).toBeGreaterThan(1)
      const sas = await client.sas()
      expect(sas.length).toBeLessThanOrEqual(2)
      expect(sas[0]?.virtualAddresses).toEqual(before.virtualAddresses)
      expect(await sessionsOf(`user${rekeys.at}`)).toBe(1)
    },
  )

  test('a client that is frozen loses its session, and gets a new one when it wakes', async context => {
    const at = CASES.length
    const user = `user${at}`
    const client = await start(at, context, {
      connection: { dpd_delay: '2s' },
      child: { dpd_action: 'restart' },
    })
    await client.initiate(CHILD)
    await expectInside(client)
    expect(await sessionsOf(user)).toBe(1)

    client.process.signal('SIGSTOP')
    const gone = { timeout: 170_000, interval: 1_000 }
    await expect.poll(() => sessionsOf(user), gone).toBe(0)
    const mark = client.process.mark()
    client.process.signal('SIGCONT')
    await client.waitFor(/IKE_SA gateway\[\d+\] established/, 60_000, mark)
    await client.waitFor(/[^d] CHILD_SA inside\{\d+\} established/, 5_000, mark)
    await expectInside(client)
    expect(await sessionsOf(user)).toBe(1)
  }, 250_000)
})

test('a client that leaves says so, and its session goes at once', async () => {
  const client = await startClient(scenario)
  await client.initiate(CHILD)
  expect(await sessionsOf('alice')).toBe(1)
  await client.stop()
  await expect.poll(() => sessionsOf('alice'), { timeout: 2_000, interval: 100 }).toBe(0)
})

test('a gateway that stops says so to its clients', async () => {
  const client = await startClient(scenario)
  await client.initiate(CHILD)
  await scenario.gateway.stop()
  await client.waitFor(/received DELETE for IKE_SA/, 5_000)
})
