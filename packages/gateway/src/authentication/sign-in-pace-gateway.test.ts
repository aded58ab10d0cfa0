import { createNodeCrypto } from '@causeway/crypto-node'
import { type DynamicChallenge, formatChallengeAnswer } from '@causeway/openvpn'
import { createSstpEngine, type SstpEngine } from '@causeway/sstp'
import { asciiBytes } from '@causeway/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attributeValue } from '../../../radius/src/wire/attribute-values.ts'
import { type AccessAttempt, type ServerAnswer, TestRadiusServer } from '../radius/radius-server.suite.ts'
import { clientCredentials, root, type TlsCredentials } from '../testing/credentials.suite.ts'
import { refusedByEap } from '../testing/eap-identity-client.suite.ts'
import { ikeListeners, ikev2Client } from '../testing/ikev2-client.suite.ts'
import { sstpClient } from '../testing/sstp-client.suite.ts'
import { address, type LogLine, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

// Whatever the protocol: who has failed too often waits, and no server is asked.

const LOOPBACK = address('127.0.0.1')
const PASSWORD = 'Wombat-7'
/** Of one name from one source, before it has to wait. */
const FREE = 6
const WAIT = /^client refused: too many failed sign-ins of user "alice" from 127\.0\.0\.1: wait \d s$/

let server: TestRadiusServer
let site: TestGateway
let judge: (attempt: AccessAttempt) => ServerAnswer

beforeEach(async () => {
  judge = ({ password }) => ({ code: password === PASSWORD ? 'ACCESS_ACCEPT' : 'ACCESS_REJECT' })
  server = await TestRadiusServer.open(attempt => judge(attempt))
})

afterEach(async () => {
  await site.stop()
  server.close()
})

async function openSite(by: 'Radius' | 'Certificate'): Promise<void> {
  const shared = { transport: 'tcp', service: 'shared', local: { address: LOOPBACK, port: 0 } } as const
  const tunnels = ['OpenVPN', 'IkeV2', 'SSTP'] as const
  const own = await testGateway({
    tunnels: new Set(tunnels),
    authentication: new Map(tunnels.map(tunnel => [tunnel, new Set([by])] as const)),
    listeners: [
      { transport: 'udp', service: 'openvpn', local: { address: LOOPBACK, port: 1194 } },
      ...ikeListeners(),
      shared,
    ],
    ...(by === 'Radius' && { radius: server.configuration() }),
  })
  site = own
}

function refusals(): string[] {
  return site.messages().filter(line => line.startsWith('client refused'))
}

/** Signs in again and again, one after the other; the lines about it in the log. */
async function again(times: number, signIn: () => Promise<unknown>): Promise<string[]> {
  const before = refusals().length
  for (let i = 1; i <= times; i++) {
    await signIn()
    await site.eventually(() => refusals().length === before + i)
  }
  return refusals().slice(before)
}

describe('OpenVPN', () => {
  const leaving: Promise<void>[] = []

  beforeEach(() => openSite('Radius'))

  afterEach(async () => void (await Promise.all(leaving.splice(0))))

  /** What it is told: `connected`, why not, or by what the question is known that it is asked. */
  async function signIn(password: string, username = 'alice'): Promise<string> {
    const {
      certificate: _,
      privateKey: __,
      ...profile
    } = site.profile(await clientCredentials(site.authority, 'nobody'))
    const client = site.connect({ ...profile, authUserPass: { username, password } })
    client.recorded.log.level = 'debug'
    const connected = client.connected.then(
      () => 'connected',
      (error: Error) => error.message,
    )
    const told = () => client.recorded.lines.find(({ msg }) => msg.startsWith('connection ended'))?.msg
    const ended = site.eventually(() => told() !== undefined).then(told)
    const first = (await Promise.race([connected, ended])) ?? ''
    leaving.push(client.stop())
    const asked = client.recorded.lines.find(({ type }) => type === 'challenge')
    const { challenge }: Partial<LogLine> = asked ?? {}
    return (challenge as DynamicChallenge | undefined)?.stateId ?? first
  }

  test('a password that is wrong too often waits, and the user is told; another user does not', async () => {
    const lines = await again(FREE + 2, () => signIn('wrong'))
    expect(lines.at(FREE)).toMatch(WAIT)
    expect(server.attempts).toHaveLength(FREE)
    expect(await signIn(PASSWORD)).toMatch(/too many failed sign-ins, try again later/)
    expect(server.attempts).toHaveLength(FREE)
    expect(await signIn(PASSWORD, 'bob')).toBe('connected')
  })

  test('a question for a second factor is no failure, a wrong answer to it is', async () => {
    judge = ({ state }) => {
      if (state !== undefined) return { code: 'ACCESS_REJECT' }
      return { code: 'ACCESS_CHALLENGE', attributes: [{ name: 'State', value: asciiBytes('s-1') }] }
    }
    const lines = await again(FREE + 4, () => signIn(PASSWORD))
    expect(lines.at(-1)).toMatch(/asks user alice .*for more$/)
    expect(server.attempts).toHaveLength(FREE + 4)
    for (let i = 0; i < FREE; i++) {
      await signIn(formatChallengeAnswer(await signIn(PASSWORD), '1'))
    }
    expect(server.attempts).toHaveLength(FREE + 4 + 2 * FREE)
    expect((await again(1, () => signIn(PASSWORD)))[0]).toMatch(WAIT)
  })

  test('a server that does not answer is no failure', async () => {
    judge = () => undefined
    await site.stop()
    server.close()
    server = await TestRadiusServer.open(() => undefined)
    site = await testGateway({
      authentication: new Map([['OpenVPN', new Set(['Radius'] as const)] as const]),
      radius: server.configuration({ timeoutSeconds: 0.05 }),
    })
    const lines = await again(FREE + 2, () => signIn('whatever'))
    expect(lines.at(-1)).toMatch(/RADIUS gave no answer for user alice/)
  })
})

describe('IKEv2', () => {
  test('by EAP: the name is asked about before its first packet goes to the server', async () => {
    await openSite('Radius')
    const credentials = await clientCredentials(site.authority, 'nobody')
    const lines = await again(FREE + 2, () => refusedByEap(site, credentials, 'alice'))
    expect(lines.at(FREE)).toMatch(WAIT)
    expect(server.attempts.map(({ user }) => user)).toEqual(Array(FREE).fill('alice'))
    expect(
      attributeValue((server.attempts[0] as AccessAttempt).packet.attributes, 'Calling-Station-Id'),
    ).toBe('127.0.0.1')
    await refusedByEap(site, credentials, 'bob')
    expect(server.attempts).toHaveLength(FREE + 1)
  })

  test('by EAP: who leaves before the verdict has failed', async () => {
    await openSite('Radius')
    judge = () => ({
      code: 'ACCESS_CHALLENGE',
      attributes: [
        { name: 'State', value: asciiBytes('s-1') },
        // An MD5 challenge: any method will do.
        { name: 'EAP-Message', value: Uint8Array.of(1, 7, 0, 6, 4, 0) },
      ],
    })
    const credentials = await clientCredentials(site.authority, 'nobody')
    for (let i = 0; i < FREE; i++) await refusedByEap(site, credentials, 'alice', true)
    expect(server.attempts).toHaveLength(FREE)
    const [line] = await again(1, () => refusedByEap(site, credentials, 'alice', true))
    expect(line).toMatch(WAIT)
    expect(server.attempts).toHaveLength(FREE)
  })

  test('by certificate: the same wrong one is looked at a few times', async () => {
    await openSite('Certificate')
    const wrong = await clientCredentials(await root(), 'alice')
    const lines = await again(FREE + 1, async () => {
      const { vpn } = ikev2Client(site, wrong)
      await vpn.connected.catch(() => undefined)
      await vpn.stop()
    })
    expect(lines.at(-2)).toMatch(/client certificate refused/)
    expect(lines.at(-1)).toMatch(/with one certificate from 127\.0\.0\.1: wait/)
    const { vpn } = ikev2Client(site, await clientCredentials(site.authority, 'bob'))
    await vpn.connected
    await vpn.stop()
  })
})

// A refused call takes a second to say goodbye: all come at a time.
describe('SSTP', () => {
  async function crowd(
    credentials: TlsCredentials,
    alterEngine?: (engine: SstpEngine) => SstpEngine,
  ): Promise<string[]> {
    const clients = Array.from({ length: FREE + 2 }, () => sstpClient(site, credentials, {}, alterEngine))
    for (const { vpn } of clients) vpn.connected.catch(() => undefined)
    await Promise.all(clients.map(({ vpn }) => vpn.ended))
    await Promise.all(clients.map(({ vpn }) => vpn.stop()))
    return refusals()
  }

  test('by MS-CHAPv2', async () => {
    await openSite('Radius')
    const lines = await crowd(await clientCredentials(site.authority, 'nobody'), guesser('alice'))
    expect(lines.filter(line => WAIT.test(line)).length).toBeGreaterThan(0)
    expect(server.attempts.length).toBeLessThan(lines.length)
  })

  test('by EAP', async () => {
    await openSite('Radius')
    const lines = await crowd(await clientCredentials(site.authority, 'alice'))
    expect(lines.filter(line => WAIT.test(line)).length).toBeGreaterThan(0)
    expect(server.attempts.length).toBeLessThan(lines.length)
  })

  test('by EAP-TLS: the same wrong certificate is looked at a few times', async () => {
    await openSite('Certificate')
    const lines = await crowd(await clientCredentials(await root(), 'alice'))
    const waiting = lines.filter(line => /with one certificate from 127\.0\.0\.1: wait/.test(line))
    expect(waiting.length).toBeGreaterThan(0)
    expect(lines).toHaveLength(FREE + 2)
  })
})

/** In place of the client's engine: one that answers MS-CHAPv2's challenge with anything. */
function guesser(username: string): () => SstpEngine {
  const settings = {
    authentication: ['chap-mschapv2'],
    tunnelMtu: 1_400,
    helloMilliseconds: 60_000,
    negotiationMilliseconds: 60_000,
    ipv4: true,
    ipv6: false,
    name: '',
  } as const
  const crypto = createNodeCrypto()
  return () => {
    const engine = createSstpEngine({ role: 'client', crypto, settings: () => settings })
    const reply = {
      type: 'mschapv2-response',
      username: asciiBytes(username),
      peerChallenge: new Uint8Array(16),
      ntResponse: new Uint8Array(24),
    } as const
    let now = 0
    const poll: SstpEngine['poll'] = () => {
      const output = engine.poll()
      if (output?.type !== 'request') return output
      engine.handleCommand({ type: 'reply', id: output.id, reply }, now)
      return poll()
    }
    return {
      handleDatagram(datagram, at) {
        now = at
        engine.handleDatagram(datagram, at)
      },
      handleCommand(command, at) {
        now = at
        engine.handleCommand(command, at)
      },
      handleTimeout(at) {
        now = at
        engine.handleTimeout(at)
      },
      nextTimeout: () => engine.nextTimeout(),
      poll,
    }
  }
}
