import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ipBatch } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import type { DeviceSelectors } from './device.ts'
import {
  byKey,
  connectSite,
  disconnectSite,
  expectFlow,
  forTest,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from './scenario.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// What is between which networks: proposed by the gateway, and by the device.

/** One more network of the site. */
const MORE = '10.201.0.0/24'
const MORE_HOST = '10.201.0.10'
const { insideNetwork, insideNetwork6, inside } = ADDRESSES

let scenario: SitesScenario
let site: Site

beforeAll(async () => {
  scenario = await openSites({ sites: [{}] })
  site = siteAt(scenario, 0)
  await ipBatch(site.host, [`addr add ${MORE_HOST}/24 dev lan`])
  // Of each network strongSwan wants an address, to have a source for its routes.
  await ipBatch(site.device, ['addr add 10.201.0.1/24 dev lan'])
})

afterEach(() => disconnectSite(scenario, site))
afterAll(() => scenario?.close())

async function device(selectors?: readonly DeviceSelectors[]): Promise<StrongswanDevice> {
  const options = { site, gateway: ADDRESSES.gateway, proof: byKey(), ...(selectors && { selectors }) }
  const saysWhatIsProposed = { filelog: { stderr: { default: '1', cfg: '2', flush_line: 'yes' } } }
  return forTest(await StrongswanDevice.start(options, { daemon: saysWhatIsProposed }))
}

/** Makes the connection, and the local gateway with these prefixes. */
async function connect(changes: object, addressPrefixes: readonly string[]): Promise<string> {
  const { arm, bodies } = scenario
  const id = await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'ResponderOnly' })
  const localNetworkAddressSpace = { addressPrefixes }
  await arm.put(
    bodies.id('localNetworkGateways', 'site0'),
    bodies.localGateway(site, { localNetworkAddressSpace }),
  )
  await arm.delete(id)
  await arm.put(id, bodies.connection('site0', { sharedKey: SECRET, ...changes }))
  return id
}

/** Selectors of all Child SAs of the device, as `local === remote`. */
async function agreed(from: StrongswanDevice): Promise<readonly string[]> {
  const sas = await from.sas()
  const children = sas.flatMap(sa => sa.children).filter(({ state }) => state === 'INSTALLED')
  return children
    .map(
      ({ localSelectors, remoteSelectors }) => `${localSelectors.join(' ')} === ${remoteSelectors.join(' ')}`,
    )
    .sort()
}

/** Whether an echo from another address of the site's host comes back. */
async function moreReaches(): Promise<boolean> {
  const { received } = await ping(site.host, inside, { device: MORE_HOST, count: 2, intervalSeconds: 0.05 })
  return received === 2
}

const POLICY_BASED = {
  usePolicyBasedTrafficSelectors: true,
  ipsecPolicies: [
    {
      ikeEncryption: 'GCMAES256',
      ikeIntegrity: 'SHA384',
      dhGroup: 'ECP384',
      ipsecEncryption: 'GCMAES256',
      ipsecIntegrity: 'GCMAES256',
      pfsGroup: 'None',
      saLifeTimeSeconds: 3_600,
      saDataSizeKilobytes: 102_400_000,
    },
  ],
} as const

test('any to any, which the device narrows', async () => {
  const waiting = await device()
  await connect({ connectionMode: 'InitiatorOnly' }, [site.network, site.network6])
  await waiting.up()
  expect(await waiting.log()).toMatch(
    /looking for a child config for 0\.0\.0\.0\/0( ::\/0)? === 0\.0\.0\.0\/0/,
  )
  await expectFlow(scenario, site)
})

test('each of its networks with each of ours', async () => {
  const pairs = [
    { local: [MORE], remote: ['10.1.0.0/16'] },
    { local: [site.network], remote: ['10.1.0.0/16'] },
    { local: [site.network6], remote: [insideNetwork6] },
  ]
  const waiting = await device(pairs)
  const changes = { ...POLICY_BASED, connectionMode: 'InitiatorOnly' }
  await connect(changes, [site.network, site.network6, MORE])
  const wanted = pairs.map(({ local, remote }) => `${local.join(' ')} === ${remote.join(' ')}`).sort()
  await expect.poll(() => agreed(waiting), { timeout: 20_000, interval: 100 }).toEqual(wanted)
  await expectFlow(scenario, site)
  expect(await moreReaches()).toBe(true)
})

test('custom ones', async () => {
  const pairs = [
    { local: ['10.101.0.0/28'], remote: ['10.1.0.0/28'] },
    { local: ['fd10:101::/120'], remote: ['fd01::/120'] },
  ]
  const waiting = await device(pairs)
  const trafficSelectorPolicies = pairs.map(({ local, remote }) => ({
    localAddressRanges: remote,
    remoteAddressRanges: local,
  }))
  await connect({ trafficSelectorPolicies, connectionMode: 'InitiatorOnly' }, [
    site.network,
    site.network6,
    MORE,
  ])
  const wanted = pairs.map(({ local, remote }) => `${local.join(' ')} === ${remote.join(' ')}`).sort()
  await expect.poll(() => agreed(waiting), { timeout: 20_000, interval: 100 }).toEqual(wanted)
  await expectFlow(scenario, site)
  expect(await moreReaches()).toBe(false)
})

test('several Child SAs, as the device proposes them', async () => {
  const pairs = [
    { local: [site.network], remote: [insideNetwork] },
    { local: [site.network6], remote: [insideNetwork6] },
    { local: [MORE], remote: [insideNetwork] },
  ]
  await connect({ connectionMode: 'ResponderOnly' }, [site.network, site.network6, MORE])
  const begins = await device(pairs)
  await begins.initiate()
  expect(await agreed(begins)).toHaveLength(3)
  await expectFlow(scenario, site)
  expect(await moreReaches()).toBe(true)
})

test('what the device proposes beyond the local network gateway passes only when that has it', async () => {
  await connect({ connectionMode: 'ResponderOnly' }, [site.network, site.network6])
  const begins = await device([
    { local: [site.network, site.network6], remote: [insideNetwork, insideNetwork6] },
    { local: [MORE], remote: [insideNetwork] },
  ])
  await begins.initiate()
  await expectFlow(scenario, site)
  expect(await moreReaches()).toBe(false)
  const { arm, bodies } = scenario
  const localNetworkAddressSpace = { addressPrefixes: [site.network, site.network6, MORE] }
  const mark = begins.daemon.process.mark()
  await arm.put(
    bodies.id('localNetworkGateways', 'site0'),
    bodies.localGateway(site, { localNetworkAddressSpace }),
  )
  await expect.poll(moreReaches, { timeout: 10_000 }).toBe(true)
  expect(begins.daemon.process.log(mark)).not.toMatch(/deleting IKE_SA|received DELETE for IKE_SA/)
  await expectFlow(scenario, site)
})
