import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { iperf } from '../harness/iperf.ts'
import { ping } from '../harness/ping.ts'
import { cut, mend, type Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import {
  byKey,
  connectSite,
  expectFlow,
  hasStatus,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from './scenario.ts'
import type { StrongswanExtras } from './strongswan-connection.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// Connections side by side: rekeys, and what becomes of them when the other side or the way there is gone.

/** The least that Azure takes. */
const DPD_SECONDS = 9
const CUT_SECONDS = 30
/** Back after a cut: a dial's wait is a minute at the most. */
const BACK = { timeoutMs: 90_000, intervalMs: 500 }

let scenario: SitesScenario

beforeAll(async () => {
  scenario = await openSites({ sites: [{}, {}, {}, {}, {}] })
})

afterAll(() => scenario?.close())

interface Ends {
  readonly site: Site
  readonly device: StrongswanDevice
  readonly connection: string
}

/** A connection that is up, with a device that is stopped with the test. */
async function connected(
  at: number,
  context: TestContext,
  {
    changes = {},
    extras = {},
    begins = true,
  }: { changes?: object; extras?: StrongswanExtras; begins?: boolean } = {},
): Promise<Ends> {
  const site = siteAt(scenario, at)
  const device = await StrongswanDevice.start({ site, gateway: ADDRESSES.gateway, proof: byKey() }, extras)
  context.onTestFinished(() => device.stop())
  const connectionMode = begins ? 'ResponderOnly' : 'Default'
  const base = { sharedKey: SECRET, dpdTimeoutSeconds: DPD_SECONDS, connectionMode }
  const connection = await connectSite(scenario, site, { ...base, ...changes })
  if (begins) await device.initiate()
  await device.up()
  await expectFlow(scenario, site)
  return { site, device, connection }
}

/** Whether an echo of the site's host comes back. */
async function flows(site: Site): Promise<boolean> {
  return (await ping(site.host, ADDRESSES.inside, { count: 1 })).received === 1
}

const POLICY = {
  ikeEncryption: 'GCMAES256',
  ikeIntegrity: 'SHA384',
  dhGroup: 'ECP384',
  ipsecEncryption: 'GCMAES256',
  ipsecIntegrity: 'GCMAES256',
  pfsGroup: 'ECP384',
} as const

describe.concurrent('side by side', () => {
  test('rekeys by both ends, and no echo is lost', async context => {
    // By the gateway after the least volume that Azure takes; by the device after seconds.
    const lifetimes = { saLifeTimeSeconds: 300, saDataSizeKilobytes: 1_024 }
    const { site, device } = await connected(0, context, {
      changes: { ipsecPolicies: [{ ...POLICY, ...lifetimes }] },
      extras: {
        connection: {
          proposals: 'aes256gcm16-prfsha384-ecp384',
          rekey_time: '4s',
          over_time: '60s',
          rand_time: '0s',
        },
        child: { esp_proposals: 'aes256gcm16-ecp384', rekey_time: '3s', life_time: '60s', rand_time: '0s' },
      },
    })
    const seconds = 12
    const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
    const [echoes, load] = await Promise.all([
      ping(site.host, ADDRESSES.inside, { count: seconds * 10, intervalSeconds: 0.1 }),
      iperf(site.host, inside, { seconds, udpRate: 6e6, direction: 'down' }),
    ])
    expect(echoes.received).toBe(echoes.sent)
    expect(load.lostPercent).toBeLessThan(0.5)
    const log = await device.log()
    const count = (pattern: RegExp): number => [...log.matchAll(pattern)].length
    expect(count(/creating rekey job for CHILD_SA/g), 'by the device').toBeGreaterThan(0)
    expect(count(/parsed CREATE_CHILD_SA request \d+ \[.*N\(REKEY_SA\)/g), 'by the gateway').toBeGreaterThan(
      0,
    )
    expect(count(/IKE_SA gateway\[\d+\] rekeyed/g)).toBeGreaterThan(1)
    expect((await device.sas()).length).toBeLessThanOrEqual(2)
  })

  test('a device that dies and begins anew is let in at once', async context => {
    const { site, device, connection } = await connected(1, context)
    await device.restart()
    await device.initiate()
    await expectFlow(scenario, site)
    await hasStatus(scenario, connection, 'Connected')
  })

  test(`a network that is cut for ${CUT_SECONDS} s`, async context => {
    const { site, device, connection } = await connected(2, context, { begins: false })
    await cut(site)
    await eventually(() => flows(site), false)
    await delay(CUT_SECONDS * 1_000)
    await mend(site)
    await eventually(() => flows(site), true, BACK)
    await hasStatus(scenario, connection, 'Connected')
    await expectFlow(scenario, site)
    // What is left of a session before the cut goes when the device misses it.
    expect((await device.sas()).length).toBeLessThanOrEqual(2)
  })

  test('a device that dies and waits is missed, and dialled', async context => {
    const { site, device, connection } = await connected(3, context, { begins: false })
    await device.restart()
    await eventually(() => flows(site), true, BACK)
    await hasStatus(scenario, connection, 'Connected')
    await expectFlow(scenario, site)
    expect(await device.sas()).toHaveLength(1)
  })

  test('a device that is frozen loses its session, and is connected when it wakes', async context => {
    const { site, device, connection } = await connected(4, context, { begins: false })
    device.daemon.process.signal('SIGSTOP')
    await hasStatus(scenario, connection, 'NotConnected', 60_000)
    device.daemon.process.signal('SIGCONT')
    await eventually(() => flows(site), true, BACK)
    await hasStatus(scenario, connection, 'Connected')
    await expectFlow(scenario, site)
  })
})
