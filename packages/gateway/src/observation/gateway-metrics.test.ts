import { readFileSync } from 'node:fs'
import { describeCertificate, readCertificates } from '@causeway/x509'
import { afterEach, expect, test } from 'vitest'
import { clientCredentials, root } from '../testing/credentials.suite.ts'
import { innerPacket, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'
import { BoundedLabel, OTHER } from './bounded-label.ts'
import { createGatewayMetrics } from './gateway-metrics.ts'
import { metricValues } from './metric-values.suite.ts'

let site: TestGateway

afterEach(() => site.stop())

const P2S = 'connection="p2s",protocol="OpenVPN"'

test('sessions are counted while they last, and what they carried stays when they have ended', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({}, metrics.observer)
  const client = await site.connectAs('alice')
  client.datapath.tunWrite(innerPacket('10.8.0.2', '10.1.0.1'))
  client.datapath.tunWrite(innerPacket('10.8.0.77', '10.1.0.1'))
  site.datapath.tunWrite(innerPacket('10.1.0.1', '10.8.0.2'))
  site.datapath.tunWrite(innerPacket('10.1.0.1', '10.8.0.99'))
  const during = await metricValues(metrics)
  expect(during).toMatchObject({
    'causeway_p2s_connection_count{protocol="OpenVPN"}': 1,
    'causeway_p2s_connection_count{protocol="SSTP"}': 0,
    'causeway_p2s_bandwidth_bytes_total{protocol="OpenVPN"}': 40,
    [`causeway_tunnel_ingress_bytes_total{${P2S}}`]: 20,
    [`causeway_tunnel_egress_packets_total{${P2S}}`]: 1,
    [`causeway_tunnel_ingress_packet_drop_total{${P2S},reason="source-violation"}`]: 1,
    'causeway_gateway_packet_drop_total{reason="no-route"}': 1,
    'causeway_sessions_begun_total{protocol="OpenVPN"}': 1,
    'causeway_user_vpn_route_count{route_type="dynamic"}': 1,
  })
  await client.stop()
  await site.eventually(() => site.gateway.sessions().length === 0)
  await site.gateway.stop()
  const after = await metricValues(metrics)
  expect(after).toMatchObject({
    'causeway_p2s_connection_count{protocol="OpenVPN"}': 0,
    'causeway_sessions_ended_total{protocol="OpenVPN",reason="user-request"}': 1,
  })
  const counters = Object.entries(during).filter(([name]) => /^causeway_.*_total\{/.test(name))
  expect(counters.length).toBeGreaterThan(10)
  for (const [name, value] of counters) expect(after[name], name).toBeGreaterThanOrEqual(value)
})

test('counters go on over a gateway that is started anew', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({}, metrics.observer)
  await site.connectAs('alice')
  site.datapath.tunWrite(innerPacket('10.1.0.1', '10.8.0.99'))
  await site.stop()
  expect(await metricValues(metrics)).not.toHaveProperty('causeway_gateway_up{gateway="test"}')
  site = await testGateway({}, metrics.observer)
  await site.connectAs('bob')
  site.datapath.tunWrite(innerPacket('10.1.0.1', '10.8.0.99'))
  expect(await metricValues(metrics)).toMatchObject({
    'causeway_gateway_up{gateway="test"}': 1,
    'causeway_gateway_packet_drop_total{reason="no-route"}': 2,
    'causeway_sessions_begun_total{protocol="OpenVPN"}': 2,
    'causeway_p2s_connection_count{protocol="OpenVPN"}': 1,
  })
})

test('sign-ins are told apart by method, and denials by why', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({ sessionLimits: { ikev2OpenVpn: 1, sstp: 0 } }, metrics.observer)
  const stranger = await clientCredentials(await root('Other'), 'mallory')
  await site.connect(site.profile(stranger)).failed
  await site.connectAs('alice')
  const late = site.connect(site.profile(await clientCredentials(site.authority, 'bob')))
  const by = 'protocol="OpenVPN",method="certificate"'
  const full = `causeway_sign_ins_total{${by},result="denied",reason="full"}`
  for (let values = await metricValues(metrics); !values[full]; values = await metricValues(metrics))
    await site.eventually(() => site.messages().some(line => line.includes('limit of 1')))
  expect(await metricValues(metrics)).toMatchObject({
    [`causeway_sign_ins_total{${by},result="allowed",reason=""}`]: 1,
    [`causeway_sign_ins_total{${by},result="denied",reason="credentials"}`]: 1,
    'causeway_clients_refused_total{protocol="OpenVPN"}': 2,
    'causeway_session_limit{sessions="ikev2_openvpn"}': 1,
  })
  await late.stop()
})

test('what is configured shows, and so does the process', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({}, metrics.observer)
  const [leaf] = readCertificates(site.identity.certificateChain)
  const values = await metricValues(metrics)
  expect(values).toMatchObject({
    'causeway_vnet_address_prefix_count{gateway="test"}': 1,
    'causeway_user_vpn_route_count{route_type="static"}': 2,
    'causeway_certificate_expiry_timestamp_seconds{certificate="gateway"}': describeCertificate(
      leaf as Uint8Array,
    ).notAfter,
  })
  const { process_resident_memory_bytes: memory } = values
  expect(memory).toBeGreaterThan(0)
  expect(metrics.contentType).toContain('text/plain')
})

test('a gateway that nobody may connect to is not up', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({}, metrics.observer)
  await site.gateway.apply({ ...site.configuration, tunnels: new Set(), listeners: [], pool: {} })
  expect(await metricValues(metrics)).toMatchObject({
    'causeway_gateway_up{gateway="test"}': 0,
    'causeway_user_vpn_route_count{route_type="static"}': 0,
  })
})

test('drops and RADIUS are counted, and strangers do not make series without end', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({}, metrics.observer)
  const { observer } = metrics
  observer.dropped('IkeV2', 'not IKEv2', 3)
  for (let i = 0; i < 1_000; i++) observer.dropped('OpenVPN', `made up ${i}`, 1)
  observer.radiusAnswered('access', { type: 'failed', reason: 'no-answer', detail: '' })
  observer.radiusAnswered('accounting', { type: 'recorded', server: 'a' })
  const values = await metricValues(metrics)
  expect(values).toMatchObject({
    'causeway_control_packet_drop_total{protocol="IkeV2",reason="not IKEv2"}': 3,
    'causeway_control_packet_drop_total{protocol="OpenVPN",reason="other"}': 801,
    'causeway_radius_requests_total{purpose="access",result="no-answer"}': 1,
    'causeway_radius_requests_total{purpose="accounting",result="recorded"}': 1,
  })
  expect(Object.keys(values).filter(name => name.startsWith('causeway_control')).length).toBe(201)
})

test('a bounded label keeps what it knows', () => {
  const label = new BoundedLabel(1)
  expect(['a', 'b', 'a'].map(value => label.of(value))).toEqual(['a', OTHER, 'a'])
})

test('every metric is in the documentation, and nothing else', async () => {
  const metrics = createGatewayMetrics()
  site = await testGateway({}, metrics.observer)
  const text = readFileSync(new URL('../../../../docs/observation.md', import.meta.url), 'utf8')
  const documented = new Set(text.match(/causeway_[a-z0-9_]+/g))
  const made = (await metrics.text()).match(/(?<=# TYPE )causeway_\w+/g) ?? []
  expect(made.length).toBeGreaterThan(15)
  expect([...documented].sort()).toEqual([...made].sort())
})
