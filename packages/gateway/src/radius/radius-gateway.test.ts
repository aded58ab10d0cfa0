import { type DynamicChallenge, formatChallengeAnswer } from '@causeway/openvpn'
import { asciiBytes, formatHex } from '@causeway/wire'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ClientCredentials } from '../../../openvpn/src/client/client-credentials.ts'
import type { AttributeName } from '../../../radius/src/wire/attribute-names.ts'
import { attributeValue } from '../../../radius/src/wire/attribute-values.ts'
import type { GatewayConfiguration, SessionRecord } from '../configuration.ts'
import { clientCredentials } from '../testing/credentials.suite.ts'
import {
  address,
  type LogLine,
  type TestClient,
  type TestGateway,
  testGateway,
} from '../testing/test-gateway.suite.ts'
import { respondMschapv2 } from './mschapv2-response.ts'
import { type AccessAttempt, type ServerAnswer, TestRadiusServer } from './radius-server.suite.ts'

const PASSWORD = 'Wombat-7'
const CODE = '246810'

let server: TestRadiusServer
let site: TestGateway

beforeEach(async () => {
  server = await TestRadiusServer.open(judge)
  site = await gatewayOf({ radius: server.configuration() })
})

afterEach(async () => {
  vi.restoreAllMocks()
  await site.stop()
  server.close()
})

/** Users of the server, by the name that they claim. */
function judge({ user, password, state }: AccessAttempt): ServerAnswer {
  const accept = (userName: string, sessionTimeout?: number): ServerAnswer => ({
    code: 'ACCESS_ACCEPT',
    attributes: [
      { name: 'User-Name', value: userName },
      ...(sessionTimeout ? [{ name: 'Session-Timeout', value: sessionTimeout } as const] : []),
    ],
  })
  const reject = (message: string): ServerAnswer => ({
    code: 'ACCESS_REJECT',
    attributes: [{ name: 'Reply-Message', value: message }],
  })
  if (user === 'mute') return undefined
  if (user === 'router') {
    return { code: 'ACCESS_ACCEPT', attributes: [{ name: 'Framed-Route', value: '10.9.0.0/16 0.0.0.0 1' }] }
  }
  if (state !== undefined) return password === CODE ? accept('bob') : reject('wrong code')
  if (password !== PASSWORD) return reject('the password has expired')
  if (user !== 'bob') return user === 'guest' ? accept('guest', 1) : accept('alice@corp.test')
  const question = { name: 'Reply-Message', value: 'Code of your token?' } as const
  return { code: 'ACCESS_CHALLENGE', attributes: [question, { name: 'State', value: asciiBytes('s-1') }] }
}

function gatewayOf(changes: Partial<GatewayConfiguration>): Promise<TestGateway> {
  const authentication = new Map([['OpenVPN', new Set(['Radius'] as const)] as const])
  return testGateway({ authentication, ...changes })
}

interface SignIn {
  readonly password?: string
  readonly renegotiateSeconds?: number
}

/** Our client with a user's name and password, and no certificate. */
async function signIn(
  username: string,
  { password = PASSWORD, ...changes }: SignIn = {},
): Promise<TestClient> {
  const credentials = await clientCredentials(site.authority, 'nobody')
  const { certificate: _, privateKey: __, ...profile } = site.profile(credentials, changes)
  return site.connect({ ...profile, authUserPass: { username, password } })
}

async function signedIn(username: string, changes: SignIn = {}): Promise<TestClient> {
  const client = await signIn(username, changes)
  await client.connected
  await site.eventually(() => site.gateway.sessions().length === 1)
  return client
}

describe('a password that the RADIUS server takes', () => {
  test('lets its user in, by the name that the server returns', async () => {
    await signedIn('CORP\\alice')
    expect(site.gateway.sessions()).toMatchObject([
      {
        user: 'alice@corp.test',
        identity: 'alice@corp.test (RADIUS server 127.0.0.1)',
        innerAddresses: ['10.8.0.2', 'fd00:8::2'],
      },
    ])
    expect(site.messages()).toContain('alice@corp.test connected')
  })

  test('reaches the server once, with who asks and from where', async () => {
    await signedIn('alice')
    expect(server.attempts).toHaveLength(1)
    const [{ user, password, packet }] = server.attempts as [AccessAttempt]
    expect([user, password]).toEqual(['alice', PASSWORD])
    const told = (name: AttributeName) => attributeValue(packet.attributes, name)
    expect([told('NAS-Identifier'), told('NAS-IP-Address')]).toEqual(['edge', address('127.0.0.1')])
    expect([told('Calling-Station-Id'), told('Called-Station-Id')]).toEqual(['127.0.0.1', '127.0.0.1'])
    expect([told('NAS-Port-Type'), told('Connect-Info')]).toEqual([5, 'OpenVPN'])
    const { id } = site.gateway.sessions()[0] as SessionRecord
    expect([told('NAS-Port-Id'), told('NAS-Port')]).toEqual([id, Number.parseInt(id.slice(0, 8), 16)])
  })

  test('is in no line of any log, nor is the secret of the servers', async () => {
    const client = await signedIn('alice')
    const refused = await signIn('alice', { password: 'Koala-8' })
    await refused.failed
    const text = JSON.stringify([site, client, refused].map(each => each.recorded.lines))
    expect(text).toContain('alice@corp.test connected')
    expect(text).not.toMatch(/Wombat-7|Koala-8|a secret of both/)
  })

  test('is good for as long as the server says', async () => {
    const begun = Date.now()
    const client = await signedIn('guest')
    expect(await client.failed).toBe('authentication failed: the time of the session is over')
    expect(Date.now() - begun).toBeGreaterThan(900)
    expect(site.gateway.sessions()).toEqual([])
  })
})

describe('a password that it does not take', () => {
  test('is refused in its words, to the user and in the log', async () => {
    const client = await signIn('alice', { password: 'wrong' })
    expect(await client.failed).toBe('authentication failed: the password has expired')
    const reason = 'RADIUS server 127.0.0.1 refuses user alice (claimed): the password has expired'
    expect(site.messages()).toContain(`client refused: ${reason}`)
    expect(site.gateway.sessions()).toEqual([])
  })

  test('is not tried by another method: a certificate counts for nothing', async () => {
    const credentials = await clientCredentials(site.authority, 'alice')
    const client = site.connect(site.profile(credentials))
    expect(await client.failed).toMatch(/^authentication failed/)
    const both = site.connect({
      ...site.profile(credentials),
      authUserPass: { username: 'alice', password: 'wrong' },
    })
    expect(await both.failed).toBe('authentication failed: the password has expired')
    expect(server.attempts.map(({ password }) => password)).toEqual(['wrong'])
  })
})

describe('a server that asks for more', () => {
  /** What a refused client was asked. */
  async function asked(username: string): Promise<DynamicChallenge> {
    const client = await signIn(username)
    client.recorded.log.level = 'debug'
    expect(await client.failed).toMatch(/^authentication failed/)
    const line = client.recorded.lines.find(({ type }) => type === 'challenge')
    const { challenge }: Partial<LogLine> = line ?? {}
    return challenge as DynamicChallenge
  }

  test('has its question put to the user, whose answer lets in, once', async () => {
    const challenge = await asked('bob')
    expect(challenge).toMatchObject({ username: 'bob', text: 'Code of your token?', responseRequired: true })
    const answer = formatChallengeAnswer(challenge.stateId, CODE)
    await signedIn('bob', { password: answer })
    expect(site.gateway.sessions()).toMatchObject([{ user: 'bob' }])
    expect(server.attempts.map(({ password, state }) => [password, state])).toEqual([
      [PASSWORD, undefined],
      [CODE, 's-1'],
    ])
    const again = await signIn('bob', { password: answer })
    expect(await again.failed).toBe('authentication failed: the challenge has expired, sign in again')
    expect(server.attempts).toHaveLength(2)
  })

  test('is answered though the configuration has changed meanwhile, under the new name of the gateway', async () => {
    const { stateId } = await asked('bob')
    const radius = server.configuration({ nasIdentifier: 'renamed' })
    await site.gateway.apply({ ...site.configuration, radius })
    await signedIn('bob', { password: formatChallengeAnswer(stateId, CODE) })
    const names = server.attempts.map(({ packet }) => attributeValue(packet.attributes, 'NAS-Identifier'))
    expect(names).toEqual(['edge', 'renamed'])
  })

  test('asks in vain when RADIUS was switched off meanwhile', async () => {
    const { stateId } = await asked('bob')
    const { radius: _, ...without } = site.configuration
    await site.gateway.apply({ ...without, authentication: new Map([['OpenVPN', new Set(['Certificate'])]]) })
    await site.gateway.apply(site.configuration)
    const late = await signIn('bob', { password: formatChallengeAnswer(stateId, CODE) })
    expect(await late.failed).toBe('authentication failed: the challenge has expired, sign in again')
  })

  test('refuses a wrong answer, and takes none from another user', async () => {
    const [first, second] = [await asked('bob'), await asked('bob')]
    const wrong = await signIn('bob', { password: formatChallengeAnswer(first.stateId, '1') })
    expect(await wrong.failed).toBe('authentication failed: wrong code')
    const other = await signIn('alice', { password: formatChallengeAnswer(second.stateId, CODE) })
    expect(await other.failed).toBe('authentication failed: the challenge has expired, sign in again')
    expect(server.attempts).toHaveLength(3)
  })
})

describe('by MS-CHAPv2', () => {
  /** Whether the server proves that it knows the password too. */
  let proves: boolean

  beforeEach(async () => {
    proves = true
    await site.gateway.apply({
      ...site.configuration,
      radius: server.configuration({ passwordProtocol: 'mschapv2' }),
    })
    server.judge = attempt => (attempt.state === undefined ? judgeResponse(attempt) : judge(attempt))
  })

  function judgeResponse({ user, password, packet: { attributes } }: AccessAttempt): ServerAnswer {
    expect(password).toBe('')
    const challenge = attributeValue(attributes, 'MS-CHAP-Challenge') ?? new Uint8Array()
    const response = attributeValue(attributes, 'MS-CHAP2-Response') ?? new Uint8Array()
    const challenges = { challenge, peerChallenge: response.subarray(2, 18) }
    const { credential, proof } = respondMschapv2(user, PASSWORD, challenges)
    if (formatHex(credential.ntResponse) !== formatHex(response.subarray(26)))
      return { code: 'ACCESS_REJECT' }
    if (user === 'bob') return judge({ user, password: PASSWORD } as AccessAttempt)
    const success = asciiBytes(`\u0001${proves ? proof : proof.replace(/.$/, 'x')} M=OK`)
    return { code: 'ACCESS_ACCEPT', attributes: [{ name: 'MS-CHAP2-Success', value: success }] }
  }

  test('a password lets in, and no server sees it', async () => {
    await signedIn('CORP\\alice')
    expect(site.gateway.sessions()).toMatchObject([{ user: 'CORP\\alice' }])
  })

  test('a wrong one does not', async () => {
    const client = await signIn('alice', { password: 'wrong' })
    expect(await client.failed).toMatch(/^authentication failed/)
  })

  test('a server that does not know the password lets nobody in', async () => {
    proves = false
    await signIn('alice')
    const reason = 'RADIUS server 127.0.0.1 has not proven that it knows the password'
    await site.eventually(() => site.messages().includes(`client refused: ${reason}`))
  })

  test('the answer to a question goes as it is: a code is no password', async () => {
    const client = await signIn('bob')
    client.recorded.log.level = 'debug'
    await client.failed
    const line = client.recorded.lines.find(({ type }) => type === 'challenge') as Partial<LogLine>
    const { challenge }: Partial<LogLine> = line
    const { stateId } = challenge as DynamicChallenge
    await signedIn('bob', { password: formatChallengeAnswer(stateId, CODE) })
  })
})

describe('a renegotiation', () => {
  test('needs only the token: RADIUS is asked nothing', async () => {
    site.recorded.log.level = 'debug'
    await signedIn('alice', { renegotiateSeconds: 1 })
    await site.eventually(() => site.messages().includes('rekeyed'), 10_000)
    expect(site.gateway.sessions()).toHaveLength(1)
    expect(server.attempts).toHaveLength(1)
  })

  test('is all that its token is good for: RADIUS is not asked about it as a password', async () => {
    const presented = vi.spyOn(ClientCredentials.prototype, 'present', 'get')
    await signedIn('alice', { renegotiateSeconds: 1 })
    const brought = (): string => presented.mock.results.at(-1)?.value?.password ?? PASSWORD
    await site.eventually(() => brought() !== PASSWORD, 10_000)
    const password = brought()
    presented.mockRestore()
    const client = await signIn('alice', { password })
    expect(await client.failed).toBe('authentication failed: sign in again')
    expect(server.attempts).toHaveLength(1)
  }, 15_000)

  test('with another password ends the session, whatever RADIUS would say of it', async () => {
    const client = await signedIn('alice', { renegotiateSeconds: 1 })
    const other = { username: 'carol', password: PASSWORD }
    vi.spyOn(ClientCredentials.prototype, 'present', 'get').mockReturnValue(other)
    expect(await client.failed).toBe('authentication failed: sign in again')
    const reason = 'what the client brought is not what it signed in with'
    expect(site.messages()).toContain(`renegotiation refused: ${reason}`)
    expect(site.gateway.sessions()).toEqual([])
    expect(server.attempts).toHaveLength(1)
  })

  test('of a certificate is judged by the certificate, whatever name and password come with it', async () => {
    const radius = server.configuration()
    const both = new Set(['Certificate', 'Radius'] as const)
    await site.gateway.apply({ ...site.configuration, radius, authentication: new Map([['OpenVPN', both]]) })
    const now = Math.floor(Date.now() / 1000)
    const short = { notBefore: now - 60, notAfter: now + 2 }
    const credentials = await clientCredentials(site.authority, 'alice', [], short)
    const client = site.connect(site.profile(credentials, { renegotiateSeconds: 3 }))
    await client.connected
    const garbage = { username: 'x', password: 'x' }
    vi.spyOn(ClientCredentials.prototype, 'present', 'get').mockReturnValue(garbage)
    expect(await client.failed).toBe('authentication failed: certificate not accepted')
    expect(site.messages()).toContainEqual(expect.stringMatching(/^renegotiation refused: .*expired/))
  }, 15_000)
})

test('what an accept asks for in vain is in the log, once', async () => {
  await signedIn('router')
  for (const client of site.clients) await client.vpn.stop()
  await site.eventually(() => site.gateway.sessions().length === 0)
  await signedIn('router')
  const remarks = site.messages().filter(line => line.startsWith('RADIUS server 127.0.0.1 sends '))
  expect(remarks).toEqual([expect.stringMatching(/sends Framed-Route: /)])
})

test('a server that does not answer is no refusal: the user may try again', async () => {
  // A change of how long it is waited for holds at once.
  await site.gateway.apply({ ...site.configuration, radius: server.configuration({ timeoutSeconds: 1 }) })
  const client = await signIn('mute')
  const refusal = () => site.messages().find(line => line.startsWith('client refused'))
  await site.eventually(() => refusal() !== undefined)
  expect(refusal()).toMatch(/^client refused: RADIUS gave no answer for user mute \(claimed\): /)
  const told = () => client.recorded.lines.find(({ msg }) => msg.startsWith('connection ended'))
  await site.eventually(() => told() !== undefined)
  expect(told()?.msg).toMatch(/sign-in cannot be checked now, try again later/)
  expect(site.gateway.sessions()).toEqual([])
})
