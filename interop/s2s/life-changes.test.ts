import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicCertData } from '../harness/certificates.ts'
import { ping } from '../harness/ping.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { importSigned, type Signed, sign } from './credentials.ts'
import type { DeviceOptions } from './device.ts'
import { meanwhileWhole } from './pinging.ts'
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
import { StrongswanDevice } from './strongswan-device.ts'

// One connection is reset and changed, and another one does not notice; the gateway dies, and both are back.

let scenario: SitesScenario
/** What is changed, and what must not notice. */
let [changed, quiet]: StrongswanDevice[] = []
let connection: string
let own: Signed
let theirs: Signed

beforeAll(async () => {
  scenario = await openSites({ sites: [{}, {}], hasVault: true })
  own = await sign('gateway.test')
  theirs = await sign('site.test')
  changed = await StrongswanDevice.start(optionsOf(siteAt(scenario, 0)))
  quiet = await StrongswanDevice.start(optionsOf(siteAt(scenario, 1)))
  connection = await connectSite(scenario, siteAt(scenario, 0), { sharedKey: SECRET })
  await connectSite(scenario, siteAt(scenario, 1), { sharedKey: SECRET })
  await Promise.all([changed.up(), quiet.up()])
})

afterAll(async () => {
  await Promise.all([changed?.stop(), quiet?.stop()])
  await scenario?.close()
})

function optionsOf(site: Site): DeviceOptions {
  return { site, gateway: ADDRESSES.gateway, proof: byKey() }
}

function deviceOf(device: StrongswanDevice | undefined): StrongswanDevice {
  if (!device) throw new Error('there is no device')
  return device
}

/** Does something to the first connection while the second one is pinged. */
async function meanwhileQuiet(work: () => Promise<void>): Promise<void> {
  const { host } = siteAt(scenario, 1)
  const before = await deviceOf(quiet).daemon.sa()
  const [echoes] = await Promise.all([
    ping(host, ADDRESSES.inside, { count: 50, intervalSeconds: 0.1 }),
    work(),
  ])
  expect(echoes.received).toBe(echoes.sent)
  expect((await deviceOf(quiet).daemon.sa()).initiatorSpi).toBe(before.initiatorSpi)
}

test('a reset ends one session and begins another', () =>
  meanwhileQuiet(async () => {
    const device = deviceOf(changed)
    const mark = device.daemon.process.mark()
    await scenario.arm.post(`${connection}/resetconnection`)
    await device.daemon.waitFor(/received DELETE for IKE_SA/, 10_000, mark)
    await device.daemon.waitFor(/[^d] CHILD_SA inside0\{\d+\} established/, 20_000, mark)
    await hasStatus(scenario, connection, 'Connected')
    await expectFlow(scenario, siteAt(scenario, 0))
  }))

test('another key is another session', () =>
  meanwhileQuiet(async () => {
    const device = deviceOf(changed)
    const secret = 'AnotherSecret2'
    await device.change({ proof: byKey({ secret }) })
    const mark = device.daemon.process.mark()
    await connectSite(scenario, siteAt(scenario, 0), { sharedKey: secret })
    await device.daemon.waitFor(/[^d] CHILD_SA inside0\{\d+\} established/, 60_000, mark)
    await expectFlow(scenario, siteAt(scenario, 0))
  }))

test('a shared key becomes certificates, without a pause', async () => {
  const site = siteAt(scenario, 0)
  const outbound = await importSigned(scenario, 'gw', own)
  const device = deviceOf(changed)
  await device.change({ proof: proof() })
  const mark = device.daemon.process.mark()
  const change = async (): Promise<void> => {
    await connectSite(scenario, site, {
      authenticationType: 'Certificate',
      certificateAuthentication: {
        outboundAuthCertificate: outbound,
        inboundAuthCertificateSubjectName: 'site.test',
        inboundAuthCertificateChain: [publicCertData(theirs.root)],
      },
    })
    await device.daemon.waitFor(/authentication of 'CN=gateway.test' with .* successful/, 60_000, mark)
    await device.daemon.waitFor(/[^d] CHILD_SA inside0\{\d+\} established/, 20_000, mark)
  }
  await meanwhileWhole(site, change)
})

test('certificates become a shared key, without a pause', async () => {
  const site = siteAt(scenario, 0)
  const device = deviceOf(changed)
  await device.change({ proof: byKey() })
  const mark = device.daemon.process.mark()
  await meanwhileWhole(site, async () => {
    await connectSite(scenario, site, { sharedKey: SECRET, authenticationType: 'PSK' })
    const { gateway } = ADDRESSES
    const proven = new RegExp(`authentication of '${gateway}' with pre-shared key successful`)
    await device.daemon.waitFor(proven, 60_000, mark)
    await device.daemon.waitFor(/[^d] CHILD_SA inside0\{\d+\} established/, 20_000, mark)
  })
})

function proof(): DeviceOptions['proof'] {
  const trusts = [own.root.certificatePath]
  return { type: 'certificate', credential: theirs.credential, trusts, gatewayIdentity: 'CN=gateway.test' }
}

test('a gateway that is killed has its connections again when it is back', async () => {
  const { gateway } = scenario
  await gateway.process.stop('SIGKILL')
  await gateway.restart()
  for (const site of scenario.sites) {
    const flows = async (): Promise<boolean> =>
      (await ping(site.host, ADDRESSES.inside, { count: 1 })).received === 1
    await expect.poll(flows, { timeout: 30_000, interval: 300 }).toBe(true)
    await expectFlow(scenario, site)
  }
  await hasStatus(scenario, connection, 'Connected')
})

test('a connection that is deleted ends, and its routes with it', () =>
  meanwhileQuiet(async () => {
    const device = deviceOf(changed)
    const mark = device.daemon.process.mark()
    await scenario.arm.delete(connection)
    await device.daemon.waitFor(/received DELETE for IKE_SA/, 10_000, mark)
    const { received } = await ping(scenario.topology.inside, siteAt(scenario, 0).hostAddress, { count: 2 })
    expect(received).toBe(0)
  }))
