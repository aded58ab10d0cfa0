import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { iperf, longestStall } from '../harness/iperf.ts'
import { OpenVpnClient } from '../harness/openvpn-client.ts'
import {
  createStaticKey,
  type OpenVpnServerOptions,
  openVpnServerProfile,
  startOpenVpnServer,
} from '../harness/openvpn-server.ts'
import { reaches } from '../harness/ping.ts'
import { ADDRESSES, createTopology, type Topology } from '../harness/topology.ts'

// The harness against a known-good pair: when this fails, look at the machine before looking at Causeway.

let topology: Topology
let options: OpenVpnServerOptions
let client: Credential

beforeAll(async () => {
  topology = await createTopology()
  const authority = await createAuthority('Harness Root')
  const server = await issue(authority, { commonName: 'server.example', usage: 'serverAuth' })
  client = await issue(authority, { commonName: 'alice' })
  const staticKeyPath = await createStaticKey()
  options = { namespace: topology.gateway, protocol: 'udp', port: 443, authority, server, staticKeyPath }
})

afterAll(() => topology?.close())

test('openvpn carries traffic to the inside host of the topology', async () => {
  await startOpenVpnServer(options)
  const namespace = topology.clients[0]!
  const profile = openVpnServerProfile(options, ADDRESSES.gateway, client)
  const tunnel = new OpenVpnClient({ namespace, profile })
  const lease = await tunnel.connected()
  expect(lease.cipher).toBe('AES-256-GCM')
  expect(await reaches(namespace, ADDRESSES.inside)).toBe(true)

  const inside = { namespace: topology.inside, address: ADDRESSES.inside }
  const result = await iperf(namespace, inside, { seconds: 2 })
  expect(result.bitsPerSecond).toBeGreaterThan(10e6)
  expect(longestStall(result.intervals)).toBeLessThan(1)
  await tunnel.stop()
})
