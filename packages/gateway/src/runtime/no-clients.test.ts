import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import { root } from '../testing/credentials.suite.ts'
import { connectIkev2, type Ikev2TestClient, ikeListeners } from '../testing/ikev2-client.suite.ts'
import { connectSstp, type SstpTestClient } from '../testing/sstp-client.suite.ts'
import { defaultConfiguration, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

const NONE: Partial<GatewayConfiguration> = {
  tunnels: new Set(),
  authentication: new Map(),
  listeners: [],
  pool: {},
  groups: [],
}

let site: TestGateway
let others: (Ikev2TestClient | SstpTestClient)[]

beforeEach(async () => {
  const { listeners } = defaultConfiguration(await root())
  site = await testGateway({
    tunnels: new Set(['OpenVPN', 'IkeV2', 'SSTP']),
    listeners: [...listeners, ...ikeListeners()],
  })
  others = []
})

afterEach(async () => {
  await Promise.all(others.map(({ vpn }) => vpn.stop()))
  await site.stop()
})

/** One client a tunnel type, and OpenVPN over TCP too. */
async function connectAll() {
  const udp = await site.connectAs('ursula')
  const tcp = await site.connectAs('tom', { remotes: [site.remote('tcp')] })
  const ike = await connectIkev2(site, 'ida')
  const sstp = await connectSstp(site, 'sam')
  others.push(ike, sstp)
  expect(site.gateway.sessions()).toHaveLength(4)
  return { udp, tcp, ike, sstp }
}

const without = () => site.gateway.apply({ ...site.configuration, ...NONE })

describe('a gateway whose point-to-site part is taken away', () => {
  test('ends the sessions of all tunnel types within a second, and tells the clients', async () => {
    const { udp, tcp, ike, sstp } = await connectAll()
    const begun = Date.now()
    await without()
    const farewell = /the gateway serves no clients any more/
    expect(await udp.failed).toMatch(farewell)
    expect(await tcp.failed).toMatch(farewell)
    expect(await ike.vpn.ended).toMatch(/deleted/)
    expect(await sstp.vpn.ended).toBeDefined()
    expect(Date.now() - begun).toBeLessThan(1_000)
    expect(site.gateway.sessions()).toEqual([])
    expect(site.gateway.listeners()).toEqual([])
  })

  test('leaves no client address on the machine, and takes no connection', async () => {
    await connectAll()
    const remote = site.remote('tcp')
    await without()
    await site.eventually(() => site.host.state?.pools.length === 0)
    expect(site.host.state).toMatchObject({ addresses: [], pools: [], services: [], mtu: 1_500 })
    const refused = new Promise<string>(resolve => {
      const socket = connect(remote.port, remote.host)
      socket.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? ''))
      socket.once('connect', () => resolve('connected'))
    })
    expect(await refused).toBe('ECONNREFUSED')
  })

  test('serves all of them again when it comes back', async () => {
    await connectAll()
    await without()
    await without()
    await site.gateway.apply(site.configuration)
    expect(site.gateway.listeners()).toHaveLength(4)
    await connectAll()
  })
})

describe('a reset', () => {
  test('ends all sessions, and the clients come in again by the same ports', async () => {
    const { udp, tcp, ike, sstp } = await connectAll()
    const ports = () => site.gateway.listeners().map(({ transport, service }) => `${transport} ${service}`)
    const before = ports()
    await site.gateway.reset()
    expect(await udp.disconnected).toMatch(/the server asks to connect again/)
    expect(await tcp.disconnected).toMatch(/the server asks to connect again/)
    expect(await ike.vpn.ended).toMatch(/deleted/)
    expect(await sstp.vpn.ended).toBeDefined()
    expect(site.messages()).toContain('ursula disconnected: the gateway is reset')
    expect(ports()).toEqual(before)
    await udp.stop()
    await tcp.stop()
    await site.eventually(() => site.gateway.sessions().length === 0)
    await connectAll()
  })

  test('of a gateway without clients opens nothing', async () => {
    await without()
    await site.gateway.reset()
    expect(site.gateway.listeners()).toEqual([])
  })
})
