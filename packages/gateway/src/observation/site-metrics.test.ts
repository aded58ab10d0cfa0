import { beforeEach, expect, test } from 'vitest'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import { NO_COUNTERS } from '../session/session.ts'
import type { ConnectionRecord, TunnelRecord } from '../site/connection-record.ts'
import { createGatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts'
import { metricValues } from './metric-values.suite.ts'

const NOW_SECONDS = 1_800_000_000
const DAY_SECONDS = 86_400
const UP = { code: 'up', message: 'a session is up' } as const
const DOWN = { code: 'closed', message: 'silent' } as const

const NO_TOTALS = { noRoute: 0, unknownFlow: 0, malformed: 0, controlOverflow: 0, overThroughput: 0 }

const CONFIGURATION = {
  name: 'gw',
  tunnels: new Set(),
  pool: {},
  groups: [],
  insidePrefixes: [],
  sessionLimits: { ikev2OpenVpn: 0, sstp: 0 },
} as unknown as GatewayConfiguration

let metrics: GatewayMetrics
let records: readonly ConnectionRecord[]

beforeEach(() => {
  records = []
  metrics = createGatewayMetrics({ unixSeconds: () => NOW_SECONDS })
  start()
})

/** A gateway that serves no clients and has the `records`. */
function start(): void {
  metrics.observer.started({
    configuration: () => CONFIGURATION,
    identity: () => ({}) as GatewayIdentity,
    datapathTotals: () => NO_TOTALS,
    connections: () => records,
  })
}

function connection(name: string, changes: Partial<ConnectionRecord> = {}, group = 'rg'): ConnectionRecord {
  const id = `/subscriptions/s/resourcegroups/${group}/providers/microsoft.network/connections/${name}`
  return { id, name, status: 'Connected', reason: UP, tunnels: [tunnel('t0')], notes: [], ...changes }
}

function tunnel(name: string, changes: Partial<TunnelRecord> = {}): TunnelRecord {
  const about = { tunnel: name, status: 'Connected', reason: UP } as const
  return { ...NO_COUNTERS, ...about, lastEstablishedSeconds: NOW_SECONDS, sessions: [], ...changes }
}

function certificate(daysLeft: number): Pick<ConnectionRecord, 'certificate'> {
  const notAfterSeconds = NOW_SECONDS + daysLeft * DAY_SECONDS
  return { certificate: { version: '1', subject: 'CN=gateway', thumbprint: 'AB', notAfterSeconds } }
}

/** Values of the metrics of sites alone. */
async function valuesOf(): Promise<Readonly<Record<string, number>>> {
  const all = await metricValues(metrics)
  return Object.fromEntries(Object.entries(all).filter(([name]) => /^causeway_(s2s|tunnel)_/.test(name)))
}

const BYTES = 'causeway_tunnel_ingress_bytes_total'
const ALL_BYTES = 'causeway_s2s_bandwidth_bytes_total'

test('each connection counts by its name, all its tunnels together', async () => {
  const carried = { bytesReceived: 100, bytesSent: 20, packetsReceived: 3, packetsSent: 1 }
  records = [
    connection('Berlin', { tunnels: [tunnel('t0', carried), tunnel('t1', carried)] }),
    connection('paris', { tunnels: [tunnel('t0', { bytesReceived: 7 })] }),
  ]
  expect(await valuesOf()).toMatchObject({
    [`${BYTES}{connection="Berlin",protocol="IPsec"}`]: 200,
    'causeway_tunnel_egress_bytes_total{connection="Berlin",protocol="IPsec"}': 40,
    'causeway_tunnel_ingress_packets_total{connection="Berlin",protocol="IPsec"}': 6,
    'causeway_tunnel_egress_packets_total{connection="Berlin",protocol="IPsec"}': 2,
    [`${BYTES}{connection="paris",protocol="IPsec"}`]: 7,
    [ALL_BYTES]: 247,
  })
})

test('what selectors do not hold is told apart from what else is dropped', async () => {
  const dropped = {
    sourceViolations: 5,
    selectorMismatchesReceived: 3,
    sendDrops: 9,
    selectorMismatchesSent: 8,
    replays: 1,
    natDrops: 4,
  }
  records = [connection('berlin', { tunnels: [tunnel('t0', dropped)] })]
  const of = (direction: string, reason: string): string =>
    `causeway_tunnel_${direction}_packet_drop_total{connection="berlin",protocol="IPsec",reason="${reason}"}`
  expect(await valuesOf()).toMatchObject({
    [of('ingress', 'source-violation')]: 2,
    [of('ingress', 'selector-mismatch')]: 3,
    [of('ingress', 'replay')]: 1,
    [of('ingress', 'authentication-failure')]: 0,
    'causeway_tunnel_nat_packet_drop_total{connection="berlin",protocol="IPsec"}': 4,
    [of('egress', 'unsent')]: 1,
    [of('egress', 'selector-mismatch')]: 8,
  })
})

test('a tunnel is connected or not, and its SAs are counted', async () => {
  const sa = { children: [{}, {}] } as unknown as TunnelRecord['sessions'][number]
  const silent = tunnel('t1', { status: 'NotConnected', reason: DOWN })
  records = [connection('berlin', { tunnels: [tunnel('t0', { sessions: [sa, sa] }), silent] })]
  expect(await valuesOf()).toMatchObject({
    'causeway_s2s_connection_status{tunnel="t0",connection="berlin"}': 1,
    'causeway_s2s_connection_status{tunnel="t1",connection="berlin"}': 0,
    'causeway_tunnel_mmsa_count{protocol="IPsec",connection="berlin"}': 2,
    'causeway_tunnel_qmsa_count{protocol="IPsec",connection="berlin"}': 4,
  })
})

test.each([
  [31, { 30: 0, 7: 0, 1: 0 }],
  [30, { 30: 1, 7: 0, 1: 0 }],
  [6.9, { 30: 1, 7: 1, 1: 0 }],
  [-1, { 30: 1, 7: 1, 1: 1 }],
])('a certificate that has %d days is warned of', async (days, warned) => {
  records = [connection('berlin', certificate(days)), connection('psk')]
  const values = await valuesOf()
  const expiry = 'causeway_s2s_certificate_expiry_seconds'
  expect(values[`${expiry}{connection="berlin"}`]).toBe(NOW_SECONDS + days * DAY_SECONDS)
  for (const [ahead, is] of Object.entries(warned))
    expect(values[`causeway_s2s_expiry_warning{days="${ahead}",connection="berlin"}`], ahead).toBe(is)
  expect(Object.keys(values).filter(name => /(expiry).*"psk"/.test(name))).toEqual([])
})

test('counters go on over a reset, a tunnel that goes, and a gateway that is started anew', async () => {
  const carried = (...bytes: number[]): ConnectionRecord[] => [
    connection('berlin', {
      tunnels: bytes.map((bytesReceived, i) => tunnel(`t${i}`, { bytesReceived })),
    }),
  ]
  const expectBytes = async (bytes: number): Promise<void> =>
    expect(await valuesOf()).toMatchObject({
      [`${BYTES}{connection="berlin",protocol="IPsec"}`]: bytes,
      [ALL_BYTES]: bytes,
    })
  records = carried(100, 10)
  await expectBytes(110)
  records = carried(5, 12)
  await expectBytes(117)
  records = carried(6)
  await expectBytes(118)
  records = carried(8)
  metrics.observer.stopping()
  records = []
  await expectBytes(120)
  records = carried(50)
  start()
  await expectBytes(170)
})

test('a connection that is removed has no series any more, and its bytes stay in the sum', async () => {
  records = [connection('berlin', { ...certificate(3), tunnels: [tunnel('t0', { bytesSent: 30 })] })]
  await valuesOf()
  records = []
  const values = await valuesOf()
  expect(values[ALL_BYTES]).toBe(30)
  expect(Object.keys(values).filter(name => name.includes('berlin'))).toEqual([])
})

test('connections of one name are told apart by their resource groups', async () => {
  records = [connection('Site', {}, 'a'), connection('site', {}, 'b')]
  const values = await valuesOf()
  expect(values).toHaveProperty('causeway_s2s_connection_status{tunnel="t0",connection="a/Site"}')
  expect(values).toHaveProperty('causeway_s2s_connection_status{tunnel="t0",connection="b/site"}')
})
