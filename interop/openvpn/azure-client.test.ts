import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectAsAzure } from '../harness/azure-client.ts'
import { createAuthority, issue } from '../harness/certificates.ts'
import {
  createStaticKey,
  type OpenVpnServerOptions,
  openVpnServerProfile,
  startOpenVpnServer,
} from '../harness/openvpn-server.ts'
import { reaches } from '../harness/ping.ts'
import { combine, editProfile, reaching } from '../harness/profile.ts'
import { openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES, createTopology, type Topology } from '../harness/topology.ts'

// Azure's VPN Client says no more than IV_PROTO=1: its keys come from the PRF of TLS 1.0, its packets are P_DATA_V1.
// Causeway's client role speaks so here: first to OpenVPN, which proves the client, and then to Causeway.

describe("against Debian's openvpn server, over TCP with tls-auth SHA256", () => {
  let topology: Topology
  let options: OpenVpnServerOptions

  beforeAll(async () => {
    topology = await createTopology()
    const authority = await createAuthority('Azure Client Root')
    const server = await issue(authority, { commonName: 'server.example', usage: 'serverAuth' })
    const staticKeyPath = await createStaticKey()
    // At this verbosity the server prints every packet's opcode.
    const lines = ['verb 6']
    const namespace = topology.gateway
    options = { namespace, protocol: 'tcp', port: 443, authority, server, staticKeyPath, lines }
  })

  afterAll(() => topology?.close())

  test('keys of the old derivation and P_DATA_V1 carry traffic', async () => {
    const server = await startOpenVpnServer(options)
    const credential = await issue(options.authority, { commonName: 'azure' })
    const namespace = topology.clients[0]!
    const client = await connectAsAzure(
      namespace,
      openVpnServerProfile(options, ADDRESSES.gateway, credential),
    )
    expect(await reaches(namespace, ADDRESSES.inside)).toBe(true)
    expect(client.pushed).not.toMatch(/peerId|tls-ekm/)
    expect(server.log()).toMatch(/IV_PROTO=1.IV_PLAT_VER=/)
    expect(server.log()).toMatch(/READ \[\d+\].*P_DATA_V1/)
    expect(server.log()).not.toMatch(/P_DATA_V2|tls-ekm/)
    await client.process.stop('SIGTERM')
    // By the notice inside the data channel: EXIT over the control channel is not agreed with this client.
    await server.waitFor(/SIG\w+\[soft,remote-exit\]/)
    await server.stop('SIGTERM')
  })
})

describe("against Causeway's server", () => {
  let scenario: Scenario
  let profile: string

  beforeAll(async () => {
    scenario = await openScenario()
    const { azure } = await scenario.gateway.addClient('azure')
    profile = editProfile(azure, reaching(ADDRESSES.gateway, 'tcp'))
  })

  afterAll(() => scenario?.close())

  test("Azure's form of the profile carries traffic; no cipher and no peer-id is pushed", async () => {
    const namespace = scenario.topology.clients[0]!
    const client = await connectAsAzure(namespace, profile)
    expect(await reaches(namespace, ADDRESSES.inside)).toBe(true)
    expect(client.pushed).not.toMatch(/peerId|cipher|tls-ekm/)
    await client.process.stop('SIGTERM')
  })

  test('a password of the size of an access token comes through key method 2', async () => {
    const namespace = scenario.topology.clients[0]!
    const token = 'eyJ0eXAiOiJKV1Qi.'.repeat(482).slice(0, 8192)
    const edit = combine({ blocks: { 'auth-user-pass': `azure@example.com\n${token}` } })
    const client = await connectAsAzure(namespace, editProfile(profile, edit))
    expect(await reaches(namespace, ADDRESSES.inside)).toBe(true)
    await client.process.stop('SIGTERM')
  })
})
