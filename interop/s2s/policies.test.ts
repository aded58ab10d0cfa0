import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADDRESSES } from '../harness/topology.ts'
import type { DeviceOptions } from './device.ts'
import { ikeWords, ipsecWords } from './policy-words.ts'
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

// Every value of a policy, default and custom, that strongSwan knows: the device proposes or takes nothing else.

let scenario: SitesScenario

beforeAll(async () => {
  scenario = await openSites({ sites: [{}, {}, {}], settings: { sites: { allowWeakIpsec: true } } })
})

afterAll(() => scenario?.close())

/** What a device is told of a row of IKE and one of IPsec. */
function optionsOf(at: number, ike: string, ipsec: string): DeviceOptions {
  const words = { ike: ikeWords(ike).proposal, esp: ipsecWords(ipsec).proposal }
  const site = siteAt(scenario, at)
  // Of IPv4 alone: for both the gateway has two Child SAs, and only the first is without a key exchange.
  const selectors = [{ local: [site.network], remote: [ADDRESSES.insideNetwork] }]
  return { site, gateway: ADDRESSES.gateway, proof: byKey(), selectors, ...words }
}

/** What has been agreed on, and the group of the Child SA that follows. */
async function expectAgreed(device: StrongswanDevice, ike: string, ipsec: string): Promise<void> {
  const { suite, group } = ipsecWords(ipsec)
  const sa = await device.daemon.sa()
  expect(sa.suite).toBe(ikeWords(ike).suite)
  expect(sa.children.map(child => child.suite)).toEqual([suite])
  if (group === undefined) return
  await device.daemon.rekeyChild('inside0')
  const suites = async (): Promise<string[]> => {
    const { children } = await device.daemon.sa()
    return children.filter(child => child.state === 'INSTALLED').map(child => child.suite)
  }
  await expect.poll(suites, { interval: 50, timeout: 5_000 }).toContain(`${suite}/${group}`)
}

const STRONG_IKE = [
  'GCMAES256 - SHA384',
  'GCMAES256 - SHA256',
  'AES256 SHA256 SHA256',
  'AES128 SHA256 SHA256',
].flatMap(row => ['DHGroup14', 'ECP256', 'ECP384'].map(group => `${row} ${group}`))

/** Azure's main mode, as far as there are ciphers for it. */
const AZURE_IKE = ['AES256', 'AES128'].flatMap(cipher =>
  ['SHA1', 'SHA256'].map(hash => `${cipher} ${hash} ${hash} DHGroup2`),
)

const IKE = [...STRONG_IKE, ...AZURE_IKE]

/** Azure's quick mode as initiator, in its order and as far as there are ciphers for it. */
const INITIATOR = ['GCMAES256 - None', 'AES256 SHA1 None', 'AES256 SHA256 None', 'AES128 SHA1 None']

/** Azure's quick mode as responder. */
const RESPONDER = [
  ...INITIATOR,
  'AES256 SHA1 PFS2',
  'AES256 SHA1 PFS2048',
  'AES128 SHA1 PFS2',
  'AES128 SHA1 PFS2048',
  'AES256 SHA256 PFS2',
  'AES256 SHA256 PFS2048',
  'AES256 SHA1 PFS24',
  'AES256 SHA256 PFS24',
  'AES128 SHA256 None',
  'AES128 SHA256 PFS2',
  'AES128 SHA256 PFS2048',
]

/** Each row of the shorter list stands beside several of the longer one. */
function paired(ike: readonly string[], ipsec: readonly string[]): { ike: string; ipsec: string }[] {
  const length = Math.max(ike.length, ipsec.length)
  return Array.from({ length }, (_, at) => ({
    ike: ike[at % ike.length] ?? '',
    ipsec: ipsec[at % ipsec.length] ?? '',
  }))
}

describe('the defaults', () => {
  test('as responder: each row alone', async () => {
    const site = siteAt(scenario, 0)
    await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'ResponderOnly' })
    const [first, ...rows] = paired(IKE, RESPONDER)
    const device = forTest(await StrongswanDevice.start(optionsOf(0, first?.ike ?? '', first?.ipsec ?? '')))
    for (const row of [first, ...rows]) {
      if (!row) continue
      await device.change(optionsOf(0, row.ike, row.ipsec))
      await device.initiate()
      await expectAgreed(device, row.ike, row.ipsec)
      await expectFlow(scenario, site, [4])
      await device.down()
    }
  })

  const everySecond = IKE.filter((_, at) => at % 2 === 0)
  test.each(paired(everySecond, INITIATOR).map(({ ike, ipsec }) => [ike, ipsec] as const))(
    'as initiator: %s, %s',
    async (ike, ipsec) => {
      const site = siteAt(scenario, 1)
      const device = forTest(await StrongswanDevice.start(optionsOf(1, ike, ipsec)))
      await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'InitiatorOnly' })
      await device.up()
      await expectAgreed(device, ike, ipsec)
      await expectFlow(scenario, site, [4])
      await disconnectSite(scenario, site)
    },
  )
})

/** Custom policies that have each value at least once: cipher, integrity, its PRF, group; cipher, integrity, group. */
const CUSTOM = [
  ['GCMAES256 SHA384 SHA384 ECP384', 'GCMAES256 GCMAES256 ECP384'],
  ['GCMAES128 GCMAES128 SHA256 ECP256', 'GCMAES192 GCMAES192 ECP256'],
  ['AES256 SHA256 SHA256 DHGroup14', 'GCMAES128 GCMAES128 PFS2048'],
  ['AES192 SHA384 SHA384 DHGroup24', 'AES256 SHA256 PFS24'],
  ['AES128 SHA1 SHA1 DHGroup2', 'AES192 SHA1 PFS2'],
  ['GCMAES256 GCMAES256 SHA384 DHGroup2048', 'AES128 SHA256 None'],
  ['AES256 SHA384 SHA384 DHGroup14', 'AES128 SHA1 PFS14'],
] as const

function customPolicy(ike: string, ipsec: string): object {
  const [ikeEncryption, ikeIntegrity, , dhGroup] = ike.split(' ')
  const [ipsecEncryption, ipsecIntegrity, pfsGroup] = ipsec.split(' ')
  const lifetimes = { saLifeTimeSeconds: 3_600, saDataSizeKilobytes: 102_400_000 }
  return { ...lifetimes, ikeEncryption, ikeIntegrity, dhGroup, ipsecEncryption, ipsecIntegrity, pfsGroup }
}

describe('custom policies', () => {
  test('as responder: one connection changed from each to the next', async () => {
    const site = siteAt(scenario, 2)
    const [[ike, ipsec]] = CUSTOM
    const device = forTest(await StrongswanDevice.start(optionsOf(2, ike, ipsec)))
    for (const [nextIke, nextIpsec] of CUSTOM) {
      const policy = { ipsecPolicies: [customPolicy(nextIke, nextIpsec)], connectionMode: 'ResponderOnly' }
      await connectSite(scenario, site, { sharedKey: SECRET, ...policy })
      await expect.poll(async () => (await device.sas()).length, { timeout: 10_000 }).toBe(0)
      await device.change(optionsOf(2, nextIke, nextIpsec))
      await device.initiate()
      await expectAgreed(device, withoutGcm(nextIke), withoutGcm(nextIpsec))
      await expectFlow(scenario, site, [4])
    }
    await disconnectSite(scenario, site)
  })

  test.each(CUSTOM)('as initiator: %s, %s', async (ike, ipsec) => {
    const site = siteAt(scenario, 1)
    const device = forTest(await StrongswanDevice.start(optionsOf(1, withoutGcm(ike), withoutGcm(ipsec))))
    const policy = { ipsecPolicies: [customPolicy(ike, ipsec)], connectionMode: 'InitiatorOnly' }
    await connectSite(scenario, site, { sharedKey: SECRET, ...policy })
    await device.up()
    await expectAgreed(device, withoutGcm(ike), withoutGcm(ipsec))
    await expectFlow(scenario, site, [4])
    await disconnectSite(scenario, site)
  })

  test('a device that has another one is refused', async () => {
    const site = siteAt(scenario, 1)
    const [[ike, ipsec], [otherIke, otherIpsec]] = CUSTOM
    const policy = { ipsecPolicies: [customPolicy(ike, ipsec)], connectionMode: 'ResponderOnly' }
    await connectSite(scenario, site, { sharedKey: SECRET, ...policy })
    const device = forTest(
      await StrongswanDevice.start(optionsOf(1, withoutGcm(otherIke), withoutGcm(otherIpsec))),
    )
    await expect(device.initiate()).rejects.toThrow('NO_PROPOSAL_CHOSEN')
    await disconnectSite(scenario, site)
  })
})

/** strongSwan has no integrity beside a GCM cipher: what Azure writes there is none, or the PRF alone. */
function withoutGcm(row: string): string {
  const [cipher = '', , ...rest] = row.split(' ')
  return cipher.startsWith('GCM') ? [cipher, '-', ...rest].join(' ') : row
}
