import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { publicCertData } from '../harness/certificates.ts'
import { forwardIke, type Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { importSigned, type Signed, sign } from './credentials.ts'
import type { DeviceProof } from './device.ts'
import {
  byKey,
  connectSite,
  disconnectSite,
  expectFlow,
  forTest,
  hasStatus,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from './scenario.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// Devices behind a router that hides them, and devices whose address nobody knows.

let scenario: SitesScenario
let own: Signed
let outbound: string

beforeAll(async () => {
  scenario = await openSites({ sites: [{ isBehindNat: true }, { sharesNatOf: 0 }], hasVault: true })
  own = await sign('gateway.test')
  outbound = await importSigned(scenario, 'gw', own)
})

afterEach(async () => {
  for (const site of scenario.sites) await disconnectSite(scenario, site)
})
afterAll(() => scenario?.close())

function start(site: Site, proof: DeviceProof): Promise<StrongswanDevice> {
  return StrongswanDevice.start({ site, gateway: ADDRESSES.gateway, proof }).then(forTest)
}

function certificates(device: Signed, subject: string): object {
  return {
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: outbound,
      inboundAuthCertificateSubjectName: subject,
      inboundAuthCertificateChain: [publicCertData(device.root)],
    },
  }
}

function proofOf({ credential }: Signed, identity?: string): DeviceProof {
  const trusts = [own.root.certificatePath]
  const proof = { type: 'certificate', credential, trusts, gatewayIdentity: 'CN=gateway.test' } as const
  return identity === undefined ? proof : { ...proof, identity }
}

/** Makes the connection with another local gateway than the site's own. */
async function connectElsewhere(site: Site, changes: object, localGateway: object): Promise<string> {
  const { arm, bodies } = scenario
  const name = `site${site.index}`
  await arm.put(bodies.id('localNetworkGateways', name), bodies.localGateway(site, localGateway))
  const id = bodies.id('connections', name)
  await arm.put(id, bodies.connection(name, { connectionMode: 'ResponderOnly', ...changes }))
  return id
}

test('a device that begins, at the address of its router', async () => {
  const site = siteAt(scenario, 0)
  const id = await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'ResponderOnly' })
  const device = await start(site, byKey())
  await device.initiate()
  expect(await device.log()).toMatch(/local host is behind NAT/)
  await expectFlow(scenario, site)
  await hasStatus(scenario, id, 'Connected')
})

test('rekeys of a device behind it', async () => {
  const site = siteAt(scenario, 0)
  await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'ResponderOnly' })
  const device = await start(site, byKey())
  await device.initiate()
  await device.daemon.rekeyChild('inside0')
  await device.daemon.rekeyIke('gateway')
  await device.daemon.waitFor(/IKE_SA gateway\[\d+\] rekeyed/)
  await expectFlow(scenario, site)
})

test('a device by its name, from an address that nobody has configured', async () => {
  const site = siteAt(scenario, 0)
  const identity = 'branch.example.org'
  const id = await connectElsewhere(
    site,
    { sharedKey: SECRET },
    { gatewayIpAddress: undefined, fqdn: identity },
  )
  const device = await start(site, byKey({ identity }))
  await device.initiate()
  await expectFlow(scenario, site)
  await hasStatus(scenario, id, 'Connected')
})

test('a device by its certificate, from an address that nobody has configured', async () => {
  const site = siteAt(scenario, 0)
  const theirs = await sign('branch.test')
  const id = await connectElsewhere(site, certificates(theirs, 'branch.test'), {
    gatewayIpAddress: '203.0.113.7',
  })
  const device = await start(site, proofOf(theirs, 'somebody@elsewhere.example'))
  await device.initiate()
  await expectFlow(scenario, site)
  await hasStatus(scenario, id, 'Connected')
})

test('two devices behind one address, by their certificates', async () => {
  const devices = await Promise.all(
    scenario.sites.map(async site => {
      const name = `branch${site.index}.test`
      const theirs = await sign(name)
      const mode = { connectionMode: 'ResponderOnly' }
      await connectSite(scenario, site, { ...certificates(theirs, name), ...mode })
      return start(site, proofOf(theirs))
    }),
  )
  for (const device of devices) await device.initiate()
  for (const site of scenario.sites) await expectFlow(scenario, site)
})

test('the gateway begins, through a router that passes IKE on', async () => {
  const site = siteAt(scenario, 0)
  await forwardIke(site)
  const device = await start(site, byKey())
  const id = await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'InitiatorOnly' })
  await device.up()
  await expectFlow(scenario, site)
  await hasStatus(scenario, id, 'Connected')
})
