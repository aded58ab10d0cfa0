import { afterAll, beforeAll, expect, test } from 'vitest'
import { ipBatch, runIn, runInOk } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import {
  byKey,
  connectSite,
  forTest,
  hasStatus,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from './scenario.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// Forced tunnelling: what comes from inside and has no longer route goes to a site.

/** Somewhere on the Internet, which only the site reaches; and somewhere that the gateway reaches itself. */
const ELSEWHERE = '203.0.113.8'
const BRIEF = { count: 3, intervalSeconds: 0.05 }

let scenario: SitesScenario
let site: Site

beforeAll(async () => {
  scenario = await openSites({ sites: [{}] })
  site = siteAt(scenario, 0)
  // As many machines have it: a packet must come by the device by which its source would be answered.
  await runInOk(scenario.topology.gateway, 'sysctl', ['-qw', 'net.ipv4.conf.all.rp_filter=1'])
  await ipBatch(site.host, [`addr add ${ELSEWHERE}/32 dev lan`])
  await ipBatch(site.device, [`route add ${ELSEWHERE}/32 via ${site.hostAddress}`])
})

afterAll(() => scenario?.close())

/** The way of a packet from inside, as the gateway's kernel has it. */
async function wayOf(destination: string): Promise<string> {
  const { gateway } = scenario.topology
  const args = ['route', 'get', destination, 'from', ADDRESSES.inside, 'iif', 'lan']
  const { stdout, stderr } = await runIn(gateway, 'ip', args)
  return stdout + stderr
}

test('all of it goes there, and the gateway itself stays where it is', async () => {
  const { arm, bodies, topology } = scenario
  const id = await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'ResponderOnly' })
  const gatewayDefaultSite = { id: bodies.id('localNetworkGateways', 'site0') }
  await arm.put(bodies.id('virtualNetworkGateways', 'gw'), bodies.gateway({ gatewayDefaultSite }))
  const selectors = [{ local: ['0.0.0.0/0'], remote: [ADDRESSES.insideNetwork] }]
  const options = { site, gateway: ADDRESSES.gateway, proof: byKey(), selectors }
  const device = forTest(await StrongswanDevice.start(options))
  await device.initiate()
  await hasStatus(scenario, id, 'Connected')
  expect(await ping(topology.inside, ELSEWHERE, BRIEF)).toMatchObject({ received: 3 })
  expect(await ping(topology.inside, site.hostAddress, BRIEF)).toMatchObject({ received: 3 })
  expect(await ping(site.host, ADDRESSES.inside, BRIEF)).toMatchObject({ received: 3 })
  // Its own packets have their own way, or ESP would go into itself.
  const own = await runInOk(topology.gateway, 'ip', ['route', 'get', ELSEWHERE])
  expect(own).toContain('via 10.77.2.1')
  expect(await ping(topology.gateway, site.publicAddress, BRIEF)).toMatchObject({ received: 3 })
})

test('a gateway that has died lets nothing out directly; one that is stopped does', async () => {
  expect(await wayOf(ELSEWHERE)).toContain('dev causeway0')
  await scenario.gateway.process.stop('SIGKILL')
  expect(await wayOf(ELSEWHERE)).toMatch(/unreachable|No route/)
  await scenario.gateway.restart()
  expect(await wayOf(ELSEWHERE)).toContain('dev causeway0')
  await scenario.gateway.stop()
  expect(await wayOf(ELSEWHERE)).not.toMatch(/unreachable|No route|causeway0/)
})
