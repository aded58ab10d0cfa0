import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GatewaySettings } from '@causeway/api-contract'
import { createNodeCrypto } from '@causeway/crypto-node'
import { CODES } from '@causeway/radius'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sealDigestRequest } from '../../packages/radius/src/protection/seal.ts'
import { encodeAttribute } from '../../packages/radius/src/wire/attribute-values.ts'
import type { AccountingEntry } from '../harness/freeradius-records.ts'
import { attributeOf } from '../harness/freeradius-records.ts'
import { runInOk } from '../harness/namespace.ts'
import type { Lease, OpenVpnClient } from '../harness/openvpn-client.ts'
import { ping } from '../harness/ping.ts'
import { type RadclientAnswer, radclient } from '../harness/radclient.ts'
import type { InsideClient } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'
import { ikeUser } from './ike-user.ts'
import { dialAs } from './login.ts'
import { ALICE, ALICE_PASSWORD, DORA_PASSWORD, EMIL_PASSWORD, SECRET, SECRET_BYTES } from './people.ts'
import { type ListedSession, openRadius, type RadiusScenario, sessionsOf } from './scenario.ts'

// What FreeRADIUS is told of sessions that it has let in, and what its `radclient` may do to them.

const DYNAMIC_PORT = 3_799
const SETTINGS: GatewaySettings = {
  radius: { timeoutSeconds: 2, accounting: true, dynamicAuthorization: {} },
}

let scenario: RadiusScenario

beforeAll(async () => {
  scenario = await openRadius({ protocols: ['OpenVPN', 'IkeV2'], settings: SETTINGS })
})

afterAll(() => scenario?.close())

interface Reported {
  readonly client: OpenVpnClient
  readonly lease: Lease
  /** Acct-Session-Id. */
  readonly id: string
  readonly start: AccountingEntry
}

/** Connects, and waits until the server knows. */
async function connect(name: string, password: string): Promise<Reported> {
  const before = scenario.primary.records().length
  const client = dialAs(scenario, name, password)
  const lease = await client.connected()
  const start = await scenario.primary.recorded('Start', { 'Framed-IP-Address': lease.address }, before)
  return { client, lease, id: attributeOf(start, 'Acct-Session-Id') ?? '', start }
}

function stopOf({ id }: Reported): Promise<AccountingEntry> {
  return scenario.primary.recorded('Stop', { 'Acct-Session-Id': id })
}

/** As a record has what the session list says. */
function countersOf(session: ListedSession): Readonly<Record<string, readonly string[]>> {
  return {
    'Acct-Input-Octets': [String(session.bytesReceived)],
    'Acct-Output-Octets': [String(session.bytesSent)],
    'Acct-Input-Packets': [String(session.packetsReceived)],
    'Acct-Output-Packets': [String(session.packetsSent)],
  }
}

/** Sends alice's packets through her client's tunnel and ends the session; it is as it was listed before that. */
async function disconnectedAfterEchoes({ namespace, device }: InsideClient): Promise<ListedSession> {
  await ping(namespace, ADDRESSES.inside, { device, count: 20, intervalSeconds: 0.02, bytes: 900 })
  const session = await listed(ALICE)
  expect(session.packetsReceived).toBeGreaterThanOrEqual(20)
  await scenario.gateway.cliOk('disconnect', session.id)
  return session
}

async function listed(user: string): Promise<ListedSession> {
  const [session] = await sessionsOf(scenario, user)
  if (!session) throw new Error(`no session of ${user}`)
  return session
}

describe('a session is reported', () => {
  test('from its start: who, where, and by whose word', async () => {
    const { lease, start } = await connect('alice', ALICE_PASSWORD)
    expect(Object.fromEntries(start)).toMatchObject({
      'User-Name': [ALICE],
      'NAS-Identifier': ['interop'],
      'NAS-Port-Type': ['Virtual'],
      'Calling-Station-Id': [clientAddress(0)],
      'Framed-IP-Address': [lease.address],
      'Acct-Authentic': ['RADIUS'],
      Class: ['0x636c6173732d31', '0x00ff'],
    })
  })

  test('to its end, with what the datapath has counted', async () => {
    const reported = await connect('alice', ALICE_PASSWORD)
    const { client } = reported
    const session = await disconnectedAfterEchoes(client)
    const stop = await stopOf(reported)
    expect(Object.fromEntries(stop)).toMatchObject({
      ...countersOf(session),
      'Acct-Terminate-Cause': ['Admin-Reset'],
      Class: ['0x636c6173732d31', '0x00ff'],
    })
  })

  test('of IKEv2 as well', async () => {
    const user = { auth: 'eap-mschapv2', identity: 'alice', password: ALICE_PASSWORD } as const
    const client = await ikeUser(scenario, user)
    const before = scenario.primary.records().length
    await client.initiate('inside')
    const session = await disconnectedAfterEchoes(client)
    const stop = await scenario.primary.recorded('Stop', { 'NAS-Port-Id': session.id }, before)
    expect(Object.fromEntries(stop)).toMatchObject({
      ...countersOf(session),
      'Framed-IP-Address': [session.innerAddresses[0]],
      'Tunnel-Type:0': ['ESP'],
      'Acct-Terminate-Cause': ['Admin-Reset'],
    })
  })

  test('that the user has left', async () => {
    const reported = await connect('alice', ALICE_PASSWORD)
    await reported.client.stop()
    expect(attributeOf(await stopOf(reported), 'Acct-Terminate-Cause')).toBe('User-Request')
  })
})

describe('a session ends as the server has said', () => {
  test.each([
    { name: 'dora', password: DORA_PASSWORD, cause: 'Session-Timeout' },
    { name: 'emil', password: EMIL_PASSWORD, cause: 'Idle-Timeout' },
  ])('by $cause', async ({ name, password, cause }) => {
    const reported = await connect(name, password)
    const stop = await stopOf(reported)
    expect(attributeOf(stop, 'Acct-Terminate-Cause')).toBe(cause)
    expect(Number(attributeOf(stop, 'Acct-Session-Time'))).toBeLessThanOrEqual(4)
    // The client may have come back by then, in another session.
    const sessions = await sessionsOf(scenario, name)
    expect(sessions.filter(({ id }) => reported.id.endsWith(id))).toEqual([])
  })
})

describe('`radclient`', () => {
  function ask(
    type: 'disconnect' | 'coa',
    attributes: Readonly<Record<string, string>>,
    secret: string = SECRET,
  ): Promise<RadclientAnswer> {
    const server = `${ADDRESSES.insideGateway}:${DYNAMIC_PORT}`
    return radclient({ namespace: scenario.topology.inside, server, type, secret, attributes })
  }

  test('disconnects a session by its id, and the client is told', async () => {
    const reported = await connect('alice', ALICE_PASSWORD)
    expect((await ask('disconnect', { 'Acct-Session-Id': reported.id })).code).toBe('Disconnect-ACK')
    await reported.client.waitFor(/disconnected by the RADIUS server/)
    expect(await sessionsOf(scenario, ALICE)).toEqual([])
    expect(attributeOf(await stopOf(reported), 'Acct-Terminate-Cause')).toBe('Admin-Reset')
  })

  test('ends a session later by its name and address', async () => {
    const reported = await connect('alice', ALICE_PASSWORD)
    const session = { 'User-Name': ALICE, 'Framed-IP-Address': reported.lease.address }
    expect((await ask('coa', { ...session, 'Session-Timeout': '1' })).code).toBe('CoA-ACK')
    expect(attributeOf(await stopOf(reported), 'Acct-Terminate-Cause')).toBe('Session-Timeout')
  })

  test('disconnects all sessions of a user, whatever the tunnel', async () => {
    const { client: openvpn } = await connect('alice', ALICE_PASSWORD)
    const user = { auth: 'eap-mschapv2', identity: 'alice', password: ALICE_PASSWORD } as const
    const strongswan = await ikeUser(scenario, user)
    const before = scenario.primary.records().length
    await strongswan.initiate('inside')
    const [address = ''] = (await strongswan.sa()).virtualAddresses
    await scenario.primary.recorded('Start', { 'User-Name': ALICE, 'Framed-IP-Address': address }, before)
    expect((await ask('disconnect', { 'User-Name': ALICE })).code).toBe('Disconnect-ACK')
    await strongswan.waitFor(/received DELETE for IKE_SA/)
    await openvpn.waitFor(/disconnected by the RADIUS server/)
    expect(await sessionsOf(scenario, ALICE)).toEqual([])
  })

  test('is obeyed once: a request that is sent again ends no other session', async () => {
    const { inside } = scenario.topology
    const replay = join(scratchDirectory('y'), 'request')
    writeFileSync(replay, disconnectRequest(ALICE))
    const target = `/dev/udp/${ADDRESSES.insideGateway}/${DYNAMIC_PORT}`
    const send = (): Promise<string> => runInOk(inside, 'bash', ['-c', `cat ${replay} >${target}`])
    const { client } = await connect('alice', ALICE_PASSWORD)
    await send()
    await client.waitFor(/disconnected by the RADIUS server/)

    await connect('alice', ALICE_PASSWORD)
    await send()
    // What comes after it is answered after it.
    expect((await ask('disconnect', { 'Acct-Session-Id': 'another' })).code).toBe('Disconnect-NAK')
    expect(await sessionsOf(scenario, ALICE)).toHaveLength(1)
  })

  test('is refused what the gateway cannot do, and no session ends', async () => {
    const { id } = await connect('alice', ALICE_PASSWORD)
    const filtered = await ask('coa', { 'Acct-Session-Id': id, 'Filter-Id': 'other' })
    expect([filtered.code, filtered.attributes['Error-Cause']]).toEqual(['CoA-NAK', 'Unsupported-Attribute'])
    const unknown = await ask('disconnect', { 'Acct-Session-Id': 'another' })
    expect([unknown.code, unknown.attributes['Error-Cause']]).toEqual([
      'Disconnect-NAK',
      'Session-Context-Not-Found',
    ])
    expect(await sessionsOf(scenario, ALICE)).toHaveLength(1)
  })

  test('of somebody who does not know the secret is not answered', async () => {
    const { id } = await connect('alice', ALICE_PASSWORD)
    const mark = scenario.gateway.process.mark()
    expect((await ask('disconnect', { 'Acct-Session-Id': id }, 'guessed')).code).toBeUndefined()
    await scenario.gateway.logged(/dynamic RADIUS requests dropped: forged/, 2_000, mark)
    expect(await sessionsOf(scenario, ALICE)).toHaveLength(1)
  })
})

/** A Disconnect-Request for all sessions of a user. */
function disconnectRequest(userName: string): Uint8Array {
  const attributes = encodeAttribute({ name: 'User-Name', value: userName })
  const body = { code: CODES.DISCONNECT_REQUEST, identifier: 7, attributes }
  return sealDigestRequest(createNodeCrypto(), SECRET_BYTES, body)
}

test('when the first server is gone, the second is told of an end', async () => {
  const { id, client } = await connect('alice', ALICE_PASSWORD)
  await scenario.primary.kill()
  onTestFinished(() => scenario.primary.restart())
  await client.stop()
  await scenario.secondary.recorded('Stop', { 'Acct-Session-Id': id })
})
