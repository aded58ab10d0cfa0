import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { AccessCredential, RadiusAnswer, RadiusServer } from '@causeway/radius'
import { formatHex, utf8Bytes } from '@causeway/wire'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { AccessQuestion } from '../../packages/gateway/src/radius/radius-service.ts'
import { issue } from '../harness/certificates.ts'
import type { Freeradius } from '../harness/freeradius.ts'
import { RADIUS_PORTS } from '../harness/freeradius-config.ts'
import { attributeOf } from '../harness/freeradius-records.ts'
import { radclient } from '../harness/radclient.ts'
import { type Certificates, createCertificates, loopback, serverAt, startServer } from './loopback.ts'
import { respond } from './mschapv2.ts'
import { createOwnClient, endpoint, ipAddress, type OwnClient } from './own-client.ts'
import { ALICE, ALICE_PASSWORD, BOB_CODE, BOB_PASSWORD, BOB_PROMPT, SALES_GROUP, SECRET } from './people.ts'

// Causeway's RADIUS client, by itself on the loopback network, against Debian's FreeRADIUS.

let certificates: Certificates
let server: Freeradius
let client: OwnClient

beforeAll(async () => {
  certificates = await createCertificates()
  server = await startServer(certificates, 1, { radsec: true })
  client = openClient([serverAt(1)])
})

afterAll(async () => {
  client?.service.close()
  await server?.stop()
})

function openClient(servers: readonly RadiusServer[], tls: ConnectionOptions = {}): OwnClient {
  return createOwnClient({ servers, tls })
}

/** A client for the length of a test. */
function testClient(servers: readonly RadiusServer[], tls: ConnectionOptions = {}): OwnClient {
  const opened = openClient(servers, tls)
  onTestFinished(() => opened.service.close())
  return opened
}

function pap(userName: string, password: string): AccessQuestion {
  return { userName, credential: { type: 'password', password: utf8Bytes(password) }, attributes: [] }
}

function mschapv2(user: string, password: string): { credential: AccessCredential; proof: string } {
  const challenge = utf8Bytes('0123456789abcdef')
  const { peerChallenge, ntResponse, authenticatorResponse } = respond(user, password, challenge)
  const credential = { type: 'mschapv2', identifier: 7, challenge, peerChallenge, ntResponse } as const
  return { credential, proof: authenticatorResponse }
}

describe('a password', () => {
  test('that is right brings what the server has for the user', async () => {
    expect(await client.service.ask(pap('alice', ALICE_PASSWORD))).toMatchObject({
      type: 'accept',
      userName: ALICE,
      classes: [utf8Bytes('class-1'), Uint8Array.of(0, 255)],
      sessionTimeoutSeconds: 3_600,
      idleTimeoutSeconds: 900,
      interimSeconds: 60,
      filterIds: ['staff'],
    })
  })

  test("names the user's policy groups", async () => {
    const answer = await client.service.ask(pap('alice', ALICE_PASSWORD))
    const groups = answer.type === 'accept' ? answer.policyIds : []
    expect(groups.map(formatHex)).toEqual([SALES_GROUP.slice(2)])
  })

  test.each(['alice@corp.example', 'CORP\\alice'])('of a user of the realm: %s', async name => {
    const answer = await client.service.ask(pap(name, ALICE_PASSWORD))
    expect(answer).toMatchObject({ type: 'accept', userName: ALICE })
  })

  test.each([
    ['alice', 'wrong'],
    ['nobody', ALICE_PASSWORD],
    ['carol', ''],
  ])('is refused: %s, %j', async (name, password) => {
    expect(await client.service.ask(pap(name, password))).toMatchObject({ type: 'reject' })
  })
})

describe('a second factor', () => {
  const first = (): Promise<RadiusAnswer> => client.service.ask(pap('bob', BOB_PASSWORD))

  async function second(code: string, challenge: RadiusAnswer): Promise<RadiusAnswer> {
    if (challenge.type !== 'challenge') throw new Error(`no challenge but ${challenge.type}`)
    return client.service.ask({ ...pap('bob', code), continuation: challenge.continuation })
  }

  test('is asked for when the password is right', async () => {
    expect(await first()).toMatchObject({ type: 'challenge', replyMessages: [BOB_PROMPT] })
    expect(await client.service.ask(pap('bob', 'wrong'))).toMatchObject({ type: 'reject' })
  })

  test('that is right lets in', async () => {
    const answer = await second(BOB_CODE, await first())
    expect(answer).toMatchObject({ type: 'accept', framedAddress: ipAddress('172.16.1.77') })
  })

  test('that is wrong does not', async () => {
    const answer = await second('000000', await first())
    expect(answer).toMatchObject({ type: 'reject', replyMessages: ['wrong code'] })
  })

  test('counts once', async () => {
    const challenge = await first()
    await second(BOB_CODE, challenge)
    expect(await second(BOB_CODE, challenge)).toMatchObject({ type: 'reject' })
  })
})

describe('MS-CHAPv2', () => {
  test.each(['alice', 'alice@corp.example'])('brings proof and keys to %s', async userName => {
    const { credential, proof } = mschapv2(userName, ALICE_PASSWORD)
    const answer = await client.service.ask({ userName, credential, attributes: [] })
    expect(answer).toMatchObject({ type: 'accept', mschapv2Success: { identifier: 7, message: proof } })
    const keys = answer.type === 'accept' ? answer.keys : undefined
    expect([keys?.send.length, keys?.receive.length]).toEqual([16, 16])
  })

  test('by a wrong password is refused in its own words', async () => {
    const { credential } = mschapv2('alice', 'wrong')
    const answer = await client.service.ask({ userName: 'alice', credential, attributes: [] })
    expect(answer).toMatchObject({ type: 'reject', mschapError: { identifier: 7, error: 691 } })
  })
})

test('accounting is recorded as it was told', async () => {
  const session = { sessionId: 'session-1', userName: ALICE, classes: [utf8Bytes('class-1')] }
  const counters = {
    inputOctets: 5_000_000_001n,
    outputOctets: 70n,
    inputPackets: 4_000_000n,
    outputPackets: 1n,
  }
  const addresses = [ipAddress('172.16.0.2')]
  const stop = {
    ...session,
    addresses,
    counters,
    sessionSeconds: 90,
    terminateCause: 'idle-timeout',
  } as const
  await client.service.record({ record: { ...session, addresses, status: 'start' }, attributes: [] })
  const answer = await client.service.record({ record: { ...stop, status: 'stop' }, attributes: [] })
  expect(answer).toMatchObject({ type: 'recorded', server: 'server-1' })

  expect(attributeOf(await server.recorded('Start', { 'User-Name': ALICE }), 'Framed-IP-Address')).toBe(
    '172.16.0.2',
  )
  const record = await server.recorded('Stop', { 'User-Name': ALICE })
  const values = {
    'Acct-Session-Id': 'session-1',
    Class: '0x636c6173732d31',
    'Acct-Input-Gigawords': '1',
    'Acct-Input-Octets': '705032705',
    'Acct-Output-Octets': '70',
    'Acct-Input-Packets': '4000000',
    'Acct-Session-Time': '90',
    'Acct-Terminate-Cause': 'Idle-Timeout',
  }
  expect(Object.fromEntries(Object.keys(values).map(name => [name, attributeOf(record, name)]))).toEqual(
    values,
  )
})

test('when the first server dies the second answers, and the first again when it is back', async () => {
  const primary = await startServer(certificates, 2)
  onTestFinished(() => primary.stop())
  const both = testClient([serverAt(2), serverAt(1, { score: 1 })])
  const askedWhom = async (): Promise<string> => {
    const answer = await both.service.ask(pap('alice', ALICE_PASSWORD))
    return answer.type === 'accept' ? answer.server : answer.type
  }
  expect(await askedWhom()).toBe('server-2')
  await primary.kill()
  expect(await askedWhom()).toBe('server-1')
  await primary.restart()
  await expect.poll(askedWhom, { timeout: 20_000, interval: 500 }).toBe('server-2')
})

test('a server with another secret says nothing, and that is what the log says', async () => {
  const stranger = testClient([serverAt(1, { secret: utf8Bytes('another') })])
  const answer = await stranger.service.ask(pap('alice', ALICE_PASSWORD))
  expect(answer).toMatchObject({ type: 'failed', reason: 'no-answer' })
  await server.process.waitFor(/invalid Message-Authenticator/i)
})

describe('of a server whose answers have no Message-Authenticator', () => {
  let old: Freeradius

  beforeAll(async () => {
    old = await startServer(certificates, 3, { answersWithMessageAuthenticator: false })
  })

  afterAll(() => old?.stop())

  test('none is believed', async () => {
    const strict = testClient([serverAt(3)])
    const answer = await strict.service.ask(pap('alice', ALICE_PASSWORD))
    expect(answer).toMatchObject({ type: 'failed', reason: 'no-answer' })
    expect(strict.lines.join('')).toContain('message-authenticator-missing')
  })

  test('they are, where the settings say so, with a warning', async () => {
    const lenient = testClient([serverAt(3, { requireMessageAuthenticator: false })])
    expect(await lenient.service.ask(pap('alice', ALICE_PASSWORD))).toMatchObject({ type: 'accept' })
    expect(lenient.lines.join('')).toContain('sends no Message-Authenticator')
  })
})

describe('RadSec', () => {
  const radsec = (): RadiusServer => {
    const place = endpoint(loopback(1), RADIUS_PORTS.radsec)
    return serverAt(1, { transport: 'tls', authentication: place, accounting: place })
  }

  async function tls(commonName: string): Promise<ConnectionOptions> {
    const gateway = await issue(certificates.authority, { commonName, key: 'ecp-256' })
    const read = (path: string): string => readFileSync(path, 'utf8')
    return {
      ca: read(certificates.authority.certificatePath),
      cert: read(gateway.certificatePath),
      key: read(gateway.keyPath),
      servername: 'radius.corp.example',
    }
  }

  test('carries questions and records on one connection', async () => {
    const secure = testClient([radsec()], await tls('gateway'))
    expect(await secure.service.ask(pap('alice', ALICE_PASSWORD))).toMatchObject({ userName: ALICE })
    expect(await secure.service.ask(pap('alice', 'wrong'))).toMatchObject({ type: 'reject' })
    const record = { status: 'start', sessionId: 'tls', userName: 'radsec-user' } as const
    expect(await secure.service.record({ record, attributes: [] })).toMatchObject({ type: 'recorded' })
    await server.recorded('Start', { 'User-Name': 'radsec-user' })
  })

  test('ends when the server is not whom it must be', async () => {
    const secure = testClient([radsec()], { ...(await tls('gateway')), servername: 'other.example' })
    expect(await secure.service.ask(pap('alice', ALICE_PASSWORD))).toMatchObject({ type: 'failed' })
  })
})

test('`radclient` is told what is accepted and what is not', async () => {
  const ask = (password: string) =>
    radclient({
      server: `${loopback(1)}:${RADIUS_PORTS.authentication}`,
      type: 'auth',
      secret: SECRET,
      attributes: { 'User-Name': 'alice', 'User-Password': password, 'Message-Authenticator': '0x00' },
    })
  const accepted = await ask(ALICE_PASSWORD)
  expect([accepted.code, accepted.attributes['User-Name']]).toEqual(['Access-Accept', ALICE])
  expect((await ask('wrong')).code).toBe('Access-Reject')
})
