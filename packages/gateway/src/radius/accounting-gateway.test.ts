import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GatewayConfiguration, RadiusConfiguration, SessionRecord } from '../configuration.ts'
import { clientCredentials } from '../testing/credentials.suite.ts'
import { connectIkev2, ikeListeners } from '../testing/ikev2-client.suite.ts'
import { connectSstp } from '../testing/sstp-client.suite.ts'
import { address, innerPacket, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'
import { AccountingServer, type ServerRecord } from './accounting-server.suite.ts'
import { DynamicClient } from './dynamic-client.suite.ts'

const START = 1
const STOP = 2
const ON = 7
const OFF = 8
const CAUSES = { userRequest: 1, sessionTimeout: 5, adminReset: 6, adminReboot: 7 }

let server: AccountingServer
let site: TestGateway

/** A client of any protocol that is connected. */
interface Client {
  readonly datapath: { tunWrite(packet: Uint8Array): void }
  stop(): Promise<unknown>
}

const CONNECT: Readonly<Record<'OpenVPN' | 'IkeV2' | 'SSTP', (name: string) => Promise<Client>>> = {
  OpenVPN: name => site.connectAs(name),
  IkeV2: async name => clientOf(await connectIkev2(site, name)),
  SSTP: async name => clientOf(await connectSstp(site, name)),
}

function clientOf({
  datapath,
  vpn,
}: {
  readonly datapath: Client['datapath']
  readonly vpn: { stop(): Promise<unknown> }
}): Client {
  return { datapath, stop: () => vpn.stop() }
}

beforeEach(async () => {
  server = await AccountingServer.open([
    { name: 'User-Name', value: 'alice@corp.test' },
    { name: 'Session-Timeout', value: 3_600 },
  ])
})

afterEach(async () => {
  await site.stop()
  server.close()
})

async function begin(
  radius: RadiusConfiguration,
  changes: Partial<GatewayConfiguration> = {},
): Promise<void> {
  const own = await testGateway({ radius, ...changes })
  site = own
}

const everyTunnel = (): Partial<GatewayConfiguration> => ({
  tunnels: new Set(['OpenVPN', 'IkeV2', 'SSTP']),
  listeners: [
    { transport: 'udp', service: 'openvpn', local: { address: address('127.0.0.1'), port: 1194 } },
    { transport: 'tcp', service: 'shared', local: { address: address('127.0.0.1'), port: 0 } },
    ...ikeListeners(),
  ],
})

async function record(status: number, milliseconds?: number): Promise<ServerRecord> {
  await site.eventually(() => server.records.some(one => one.status === status), milliseconds)
  return server.records.find(one => one.status === status) as ServerRecord
}

function session(): SessionRecord {
  return site.gateway.sessions()[0] as SessionRecord
}

describe.each(['OpenVPN', 'IkeV2', 'SSTP'] as const)('an %s session', protocol => {
  beforeEach(() => begin(server.configuration({ everySession: true }), everyTunnel()))

  async function exchange(client: Client): Promise<void> {
    const { innerAddresses, packetsReceived, packetsSent } = session()
    const inner = innerAddresses[0] ?? ''
    for (let i = 0; i < 3; i++) client.datapath.tunWrite(innerPacket(inner, '10.1.0.1'))
    site.datapath.tunWrite(innerPacket('10.1.0.1', inner))
    await site.eventually(() => session().packetsReceived >= packetsReceived + 3)
    await site.eventually(() => session().packetsSent >= packetsSent + 1)
  }

  test.each([
    ['the operator ends', CAUSES.adminReset, () => void site.gateway.disconnect(session().id)],
    ['the client ends', CAUSES.userRequest, (client: Client) => client.stop()],
    ['the gateway’s stop ends', CAUSES.adminReboot, () => site.gateway.stop()],
  ] as const)('that %s is reported with what it has carried', async (_, cause, end) => {
    const client = await CONNECT[protocol]('alice')
    await exchange(client)
    const { bytesReceived, bytesSent, packetsReceived, packetsSent, innerAddresses, id } = session()
    await end(client)
    const stop = await record(STOP)
    expect(stop).toMatchObject({
      user: 'alice',
      station: '127.0.0.1',
      address: innerAddresses[0],
      cause,
      input: [bytesReceived, packetsReceived],
      output: [bytesSent, packetsSent],
    })
    expect(stop.sessionId?.endsWith(id)).toBe(true)
    expect(await record(START)).toMatchObject({ sessionId: stop.sessionId, input: [undefined, undefined] })
    await client.stop()
    expect(server.records.filter(({ status }) => status === STOP)).toHaveLength(1)
  })
})

describe('a session that RADIUS let in', () => {
  let dynamic: DynamicClient

  beforeEach(async () => {
    const authentication = new Map([['OpenVPN', new Set(['Radius'] as const)] as const])
    await begin({ ...server.configuration(), dynamicAuthorization: { port: PORT } }, { authentication })
    dynamic = new DynamicClient(PORT)
    const credentials = await clientCredentials(site.authority, 'nobody')
    const { certificate: _, privateKey: __, ...profile } = site.profile(credentials)
    const client = site.connect({ ...profile, authUserPass: { username: 'alice', password: 'Wombat-7' } })
    await client.connected
    await site.eventually(() => site.gateway.sessions().length === 1)
  })

  afterEach(() => dynamic.close())

  test('is ended by its server within a second, known by the id of its records', async () => {
    const { sessionId = '', user } = await record(START)
    expect(user).toBe('alice@corp.test')
    const begun = Date.now()
    expect(await dynamic.disconnect({ name: 'Acct-Session-Id', value: sessionId })).toBe('ack')
    await site.eventually(() => site.gateway.sessions().length === 0)
    expect(Date.now() - begun).toBeLessThan(1_000)
    expect(await record(STOP)).toMatchObject({ sessionId, cause: CAUSES.adminReset })
    expect(await dynamic.disconnect({ name: 'User-Name', value: user ?? '' })).toBe(
      'session-context-not-found',
    )
  })

  test('has the time that its server gives it anew', async () => {
    const user = { name: 'User-Name', value: 'alice@corp.test' } as const
    expect(await dynamic.change(user, { name: 'Session-Timeout', value: 1 })).toBe('ack')
    expect(await record(STOP, 15_000)).toMatchObject({ cause: CAUSES.sessionTimeout })
  }, 20_000)

  test('is no more reported when that is switched off', async () => {
    await record(START)
    const { radius: _, ...without } = site.configuration
    await site.gateway.apply({ ...without, authentication: new Map() })
    expect(server.records.map(({ status }) => status)).toEqual([ON, START, OFF])
  })
})

test('a change to a port in use changes nothing', async () => {
  await begin({ ...server.configuration(), dynamicAuthorization: { port: PORT } })
  const before = site.gateway.listeners()
  const taken = site.remote('tcp').port
  const other = new DynamicClient(0)
  await other.bind(taken)
  const further = {
    transport: 'udp',
    service: 'openvpn',
    local: { address: address('127.0.0.1'), port: 1195 },
  } as const
  const change = site.gateway.apply({
    ...site.configuration,
    listeners: [...site.configuration.listeners, further],
    radius: { ...server.configuration(), dynamicAuthorization: { port: taken } },
  })
  await expect(change).rejects.toThrow('the port is in use by another program')
  other.close()
  expect(site.gateway.listeners()).toEqual(before)
})

/** Of loopback, of no service. */
const PORT = 47_799

test('a gateway whose port for its servers is in use does not start', async () => {
  const radius = { ...server.configuration(), dynamicAuthorization: { port: PORT } }
  await begin(radius)
  await expect(testGateway({ radius })).rejects.toThrow(
    `cannot listen on UDP 0.0.0.0:${PORT}: the port is in use by another program`,
  )
  await site.stop()
  expect(server.records.map(({ status }) => status)).toEqual([ON, OFF])
})
