import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicCertData } from '../harness/certificates.ts'
import { iperf } from '../harness/iperf.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { importSigned, sign } from '../s2s/credentials.ts'
import type { DeviceProof } from '../s2s/device.ts'
import {
  byKey,
  connectSite,
  disconnectSite,
  hasStatus,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from '../s2s/scenario.ts'
import { StrongswanDevice } from '../s2s/strongswan-device.ts'
import { type Api, openApi, scrape } from './api.ts'

// What is told of connections to sites, in metrics and in the log.

let scenario: SitesScenario
let api: Api

beforeAll(async () => {
  scenario = await openSites({ sites: [{}], hasVault: true })
  api = await openApi(scenario.gateway)
})

afterAll(() => scenario?.close())

const CONNECTION = 'connection="site0"'
const IPSEC = `{${CONNECTION},protocol="IPsec"}`
const INGRESS = `causeway_tunnel_ingress_bytes_total${IPSEC}`
const EGRESS = `causeway_tunnel_egress_bytes_total${IPSEC}`
const ALL_BYTES = 'causeway_s2s_bandwidth_bytes_total'
const COLUMNS = { category: 'TunnelDiagnosticLog', resource: 'site0', resourceGroup: 'sites' }

/** The status of the connection's only tunnel. */
async function tunnelStatus(): Promise<number | undefined> {
  const values = [...(await scrape(api))]
  return values.find(([name]) => name.startsWith('causeway_s2s_connection_status'))?.[1]
}

/** The first line from a mark on that the pattern fits. */
async function line(pattern: RegExp, from: number): Promise<{ readonly tunnel?: string }> {
  return JSON.parse(await scenario.gateway.logged(pattern, 20_000, from)) as { readonly tunnel?: string }
}

function startDevice(proof: DeviceProof): Promise<StrongswanDevice> {
  return StrongswanDevice.start({ site: siteAt(scenario, 0), gateway: ADDRESSES.gateway, proof })
}

test('a tunnel is told when it comes up and goes down, and what it carries is counted', async () => {
  const site = siteAt(scenario, 0)
  const from = scenario.gateway.process.mark()
  const device = await startDevice(byKey())
  const id = await connectSite(scenario, site, { sharedKey: SECRET, connectionMode: 'ResponderOnly' })
  expect(await tunnelStatus()).toBe(0)
  await device.initiate()
  await hasStatus(scenario, id, 'Connected')
  const up = await line(/"TunnelConnected"/, from)
  expect(up).toMatchObject({ ...COLUMNS, status: 'Connected', remoteIP: site.publicAddress })
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  const { bytes } = await iperf(site.host, inside, { seconds: 1 })
  const busy = await scrape(api)
  expect(await tunnelStatus()).toBe(1)
  expect(busy.get(INGRESS)).toBeGreaterThan(bytes)
  expect(busy.get(INGRESS)).toBeLessThan(bytes * 1.2)
  expect(busy.get(EGRESS)).toBeGreaterThan(0)
  expect(busy.get(ALL_BYTES)).toBe((busy.get(INGRESS) ?? 0) + (busy.get(EGRESS) ?? 0))
  expect(busy.get(`causeway_tunnel_mmsa_count{protocol="IPsec",${CONNECTION}}`)).toBe(1)
  expect(busy.get(`causeway_tunnel_qmsa_count{protocol="IPsec",${CONNECTION}}`)).toBe(1)
  await device.stop()
  const down = await line(/"TunnelDisconnected"/, from)
  expect(down).toMatchObject({ ...COLUMNS, status: 'Disconnected', tunnel: up.tunnel })
  expect(await tunnelStatus()).toBe(0)
  expect((await scrape(api)).get(INGRESS)).toBeGreaterThanOrEqual(busy.get(INGRESS) ?? 0)
  await disconnectSite(scenario, site)
  const gone = await scrape(api)
  expect([...gone.keys()].filter(name => name.includes(CONNECTION))).toEqual([])
  expect(gone.get(ALL_BYTES)).toBeGreaterThanOrEqual(busy.get(ALL_BYTES) ?? 0)
})

test('a certificate that lives 30 days is warned of, in the log and in metrics', async () => {
  const site = siteAt(scenario, 0)
  const own = await sign('gateway.test')
  const theirs = await sign('site.test')
  const from = scenario.gateway.process.mark()
  await connectSite(scenario, site, {
    connectionMode: 'ResponderOnly',
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: await importSigned(scenario, 'own', own),
      inboundAuthCertificateSubjectName: 'site.test',
      inboundAuthCertificateChain: [publicCertData(theirs.root)],
    },
  })
  const warning = await line(/certificate-expiring/, from)
  expect(warning).toMatchObject({ ...COLUMNS, msg: expect.stringContaining('less than 30 days') })
  const values = await scrape(api)
  const warned = (days: number): number | undefined =>
    values.get(`causeway_s2s_expiry_warning{days="${days}",${CONNECTION}}`)
  expect([30, 7, 1].map(warned)).toEqual([1, 0, 0])
  const inDays =
    (values.get(`causeway_s2s_certificate_expiry_seconds{${CONNECTION}}`) ?? 0) - Date.now() / 1000
  expect(inDays / 86_400).toBeCloseTo(30, 1)
  await disconnectSite(scenario, site)
})
