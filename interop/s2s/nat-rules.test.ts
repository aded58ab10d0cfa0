import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { iperf } from '../harness/iperf.ts'
import { runIn } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import type { DeviceSelectors } from './device.ts'
import {
  byKey,
  connectSite,
  disconnectSite,
  forTest,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from './scenario.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// NAT rules of a gateway, seen from the hosts of both sides through the kernel of each.

/** How each side knows the other's network. */
const OURS_OUTSIDE = '100.64.1.0/24'
const OURS_HOST_OUTSIDE = '100.64.1.10'
const THEIRS_INSIDE = '100.64.101.0/24'
const THEIRS_HOST_INSIDE = '100.64.101.10'
/** One address that all of ours are behind. */
const ONE = '100.64.2.1'
const BRIEF = { count: 3, intervalSeconds: 0.05 }

let scenario: SitesScenario
let site: Site

beforeAll(async () => {
  scenario = await openSites({ sites: [{}] })
  site = siteAt(scenario, 0)
  const { arm, bodies } = scenario
  const natRules = [
    rule('ours', 'Static', 'EgressSnat', ADDRESSES.insideNetwork, OURS_OUTSIDE),
    rule('one', 'Dynamic', 'EgressSnat', ADDRESSES.insideNetwork, `${ONE}/32`),
    rule('theirs', 'Static', 'IngressSnat', site.network, THEIRS_INSIDE),
  ]
  const sku = { name: 'VpnGw2AZ', tier: 'VpnGw2AZ' }
  await arm.put(bodies.id('virtualNetworkGateways', 'gw'), bodies.gateway({ sku, natRules }))
})

afterEach(() => disconnectSite(scenario, site))
afterAll(() => scenario?.close())

function rule(name: string, type: string, mode: string, internal: string, external: string): object {
  const [internalMappings, externalMappings] = [internal, external].map(addressSpace => [{ addressSpace }])
  return { name, properties: { type, mode, internalMappings, externalMappings } }
}

/** A connection that uses these rules, and the device of the site. */
async function open(egress: string, selectors: DeviceSelectors): Promise<StrongswanDevice> {
  const { bodies } = scenario
  const idOf = (name: string) => ({ id: `${bodies.id('virtualNetworkGateways', 'gw')}/natRules/${name}` })
  await connectSite(scenario, site, {
    sharedKey: SECRET,
    connectionMode: 'ResponderOnly',
    egressNatRules: [idOf(egress)],
    ingressNatRules: [idOf('theirs')],
  })
  const options = { site, gateway: ADDRESSES.gateway, proof: byKey(), selectors: [selectors] }
  const device = forTest(await StrongswanDevice.start(options))
  await device.initiate()
  return device
}

test('networks reach each other by other addresses, both ways', async () => {
  await open('ours', { local: [site.network], remote: [OURS_OUTSIDE] })
  const { inside } = scenario.topology
  expect(await ping(site.host, OURS_HOST_OUTSIDE, BRIEF)).toMatchObject({ received: 3 })
  expect(await ping(inside, THEIRS_HOST_INSIDE, BRIEF)).toMatchObject({ received: 3 })
  // Larger than the path: in fragments, and refused with word of it where it must stay whole.
  expect(await ping(inside, THEIRS_HOST_INSIDE, { ...BRIEF, bytes: 4000 })).toMatchObject({ received: 3 })
  const whole = await runIn(inside, 'ping', [
    '-n',
    '-c',
    '2',
    '-w',
    '3',
    '-M',
    'do',
    '-s',
    '1472',
    THEIRS_HOST_INSIDE,
  ])
  expect(whole.stdout + whole.stderr).toMatch(/message too long|Frag(mentation)? needed/i)
})

test('TCP and UDP keep their checksums through the kernels of both sides', async () => {
  await open('ours', { local: [site.network], remote: [OURS_OUTSIDE] })
  const { inside } = scenario.topology
  for (const direction of ['up', 'down'] as const) {
    const done = await iperf(
      inside,
      { namespace: site.host, address: THEIRS_HOST_INSIDE },
      { seconds: 1, direction },
    )
    expect(done.bytes, `TCP ${direction}`).toBeGreaterThan(1_000_000)
  }
  const datagrams = await iperf(
    site.host,
    { namespace: inside, address: OURS_HOST_OUTSIDE },
    { seconds: 1, udpRate: 5_000_000 },
  )
  expect(datagrams.bytes).toBeGreaterThan(300_000)
})

test('behind one address only the inside begins', async () => {
  await open('one', { local: [site.network], remote: [`${ONE}/32`] })
  const { inside } = scenario.topology
  expect(await ping(inside, THEIRS_HOST_INSIDE, BRIEF)).toMatchObject({ received: 3 })
  const tcp = await iperf(inside, { namespace: site.host, address: THEIRS_HOST_INSIDE }, { seconds: 1 })
  expect(tcp.bytes).toBeGreaterThan(1_000_000)
  expect(await ping(site.host, ONE, { count: 1 })).toMatchObject({ received: 0 })
  // An error of the site's host finds back to the socket that it is about.
  const asked = await runIn(inside, process.execPath, ['-e', ASK_NOBODY, THEIRS_HOST_INSIDE])
  expect(asked.stdout).toBe('ECONNREFUSED')
})

/** Sends a datagram to the discard port, where nobody listens, and says what comes of it. */
const ASK_NOBODY = `
const socket = require('dgram').createSocket('udp4')
const end = text => { process.stdout.write(text); process.exit() }
socket.on('error', ({ code }) => end(code))
socket.connect(9, process.argv[1], () => socket.send('anybody?'))
setTimeout(() => end('silence'), 5000)
`
