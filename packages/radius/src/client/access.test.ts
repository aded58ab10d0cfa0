import { asciiBytes, formatIpAddress, formatIpPrefix, type IpAddress, parseIpAddress } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import { Bench, udpServer } from '../testing/bench.suite.ts'
import { hex } from '../testing/hex.suite.ts'
import { hideMppeKey, revealUserPassword } from '../testing/hiding.suite.ts'
import { answerTo, crypto, readRequest, SECRET } from '../testing/server.suite.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { attributeValue, attributeValues } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import type { ReceivedPacket } from '../wire/packet.ts'
import { planAccess } from './access-plan.ts'
import type { AccessCredential } from './client-command.ts'

const bytes = (length: number, of: number) => new Uint8Array(length).fill(of)

/** One request, and what the server made of it. */
function ask(answer: (request: ReceivedPacket) => Uint8Array, credential?: AccessCredential) {
  const requests: ReceivedPacket[] = []
  const bench = new Bench({
    servers: [udpServer('a')],
    respond: request => {
      requests.push(request)
      return answer(request)
    },
  })
  bench.access(7, credential ? { credential } : {})
  bench.advance(100)
  return { bench, request: requests[0] as ReceivedPacket, answer: bench.answers.get(7) }
}

const accepting = (...attributes: NamedAttribute[]) => ask(request => answerTo(request, { attributes }))

describe('an Access-Request', () => {
  it('carries who asks, for whom, and the password hidden', () => {
    const { request } = accepting()
    expect(request.code).toBe(CODES.ACCESS_REQUEST)
    expect(attributeValue(request.attributes, 'User-Name')).toBe('alice')
    expect(attributeValue(request.attributes, 'NAS-Identifier')).toBe('gateway')
    expect(attributeValue(request.attributes, 'NAS-IP-Address')).toEqual(parseIpAddress('198.51.100.1'))
    const hidden = attributeValue(request.attributes, 'User-Password') as Uint8Array
    expect(revealUserPassword(crypto, SECRET, request.authenticator, hidden)).toEqual(asciiBytes('hello'))
  })

  it('carries MS-CHAPv2 as RFC 2548 §2.3.2 lays it out', () => {
    const { request } = ask(one => answerTo(one), {
      type: 'mschapv2',
      identifier: 9,
      challenge: bytes(16, 1),
      peerChallenge: bytes(16, 2),
      ntResponse: bytes(24, 3),
    })
    expect(attributeValue(request.attributes, 'MS-CHAP-Challenge')).toEqual(bytes(16, 1))
    const response = attributeValue(request.attributes, 'MS-CHAP2-Response')
    expect(response).toEqual(Uint8Array.from([9, 0, ...bytes(16, 2), ...bytes(8, 0), ...bytes(24, 3)]))
    expect(attributeValues(request.attributes, 'User-Password')).toEqual([])
  })

  it('carries EAP of any length', () => {
    const packet = Uint8Array.from({ length: 1400 }, (_, i) => i & 0xff)
    const { request } = ask(one => answerTo(one), { type: 'eap', packet })
    expect(attributeValue(request.attributes, 'EAP-Message')).toEqual(packet)
    expect(request.attributes.filter(({ type }) => type === 79)).toHaveLength(6)
  })

  it('never repeats an authenticator or foretells an identifier', () => {
    const bench = new Bench({ servers: [udpServer('a')] })
    for (let id = 0; id < 300; id++) {
      bench.access(id)
      bench.advance(20)
    }
    const requests = bench.sent.map(({ bytes: sent }) => readRequest(sent))
    expect(new Set(requests.map(({ authenticator }) => authenticator.join())).size).toBe(300)
    const identifiers = requests.map(({ identifier }) => identifier)
    expect(new Set(identifiers.slice(0, 256)).size).toBe(256)
    expect(identifiers[0]).not.toBe(0)
  })

  test.each([
    ['a name', { userName: 'a'.repeat(254) }, 'User-Name is too long'],
    [
      'a password',
      { credential: { type: 'password', password: bytes(129, 1) } },
      'a password longer than 128 bytes',
    ],
    ['a packet', { credential: { type: 'eap', packet: bytes(4000, 1) } }, 'more than a packet holds'],
  ] as const)('of %s that does not fit is not sent', (_, more, detail) => {
    const bench = new Bench({ servers: [udpServer('a')] })
    bench.access(1, more)
    expect(bench.answers.get(1)).toEqual({ type: 'failed', reason: 'unsendable', detail })
    expect(bench.sent).toEqual([])
  })
})

describe('an accept', () => {
  it('is read with all that it grants', () => {
    const v4 = (text: string) => parseIpAddress(text) as IpAddress
    const { answer } = accepting(
      { name: 'User-Name', value: 'alice@example.com' },
      { name: 'Class', value: bytes(3, 1) },
      { name: 'Class', value: bytes(4, 2) },
      { name: 'Framed-IP-Address', value: v4('10.0.0.7') },
      { name: 'Framed-IPv6-Prefix', value: { address: v4('2001:db8::'), length: 64 } },
      { name: 'Framed-Route', value: '10.1.0.0/16 0.0.0.0 1' },
      { name: 'Session-Timeout', value: 3600 },
      { name: 'Idle-Timeout', value: 300 },
      { name: 'Acct-Interim-Interval', value: 60 },
      { name: 'Filter-Id', value: 'staff' },
      { name: 'MS-Azure-Policy-ID', value: hex('6ad1bd08') },
      { name: 'MS-Primary-DNS-Server', value: v4('10.0.0.53') },
      { name: 'Reply-Message', value: 'Grüße' },
    )
    if (answer?.type !== 'accept') throw new Error('no accept')
    expect(answer).toMatchObject({
      server: 'a',
      userName: 'alice@example.com',
      classes: [bytes(3, 1), bytes(4, 2)],
      framedRoutes: ['10.1.0.0/16 0.0.0.0 1'],
      sessionTimeoutSeconds: 3600,
      idleTimeoutSeconds: 300,
      interimSeconds: 60,
      filterIds: ['staff'],
      policyIds: [hex('6ad1bd08')],
      replyMessages: ['Grüße'],
      keys: undefined,
    })
    expect(answer.framedAddress && formatIpAddress(answer.framedAddress)).toBe('10.0.0.7')
    expect(answer.framedIpv6Prefixes.map(formatIpPrefix)).toEqual(['2001:db8::/64'])
    expect(answer.dnsServers.map(formatIpAddress)).toEqual(['10.0.0.53'])
  })

  test.each(['255.255.255.254', '255.255.255.255'])('with address %s leaves the address to us', text => {
    const { answer } = accepting({ name: 'Framed-IP-Address', value: parseIpAddress(text) as IpAddress })
    expect(answer).toMatchObject({ type: 'accept', framedAddress: undefined })
  })

  it('brings the keys of MS-CHAPv2, opened, and its success', () => {
    const message = `S=${'0A'.repeat(20)}`
    const { answer } = ask(request => {
      const terms = { secret: SECRET, authenticator: request.authenticator }
      const hide = (salt: number, key: Uint8Array) =>
        hideMppeKey(crypto, { ...terms, salt: Uint8Array.of(0x80, salt) }, key)
      return answerTo(request, {
        attributes: [
          { name: 'MS-MPPE-Send-Key', value: hide(1, bytes(16, 0x11)) },
          { name: 'MS-MPPE-Recv-Key', value: hide(2, bytes(16, 0x22)) },
          { name: 'MS-CHAP2-Success', value: Uint8Array.from([9, ...asciiBytes(message)]) },
        ],
      })
    })
    expect(answer).toMatchObject({
      type: 'accept',
      keys: { send: bytes(16, 0x11), receive: bytes(16, 0x22) },
      mschapv2Success: { identifier: 9, message },
    })
  })

  it('that cannot be read is a failure and not an accept', () => {
    const malformed = (...raw: { type: number; value: Uint8Array }[]) =>
      ask(request => answerTo(request, { raw })).answer
    expect(malformed({ type: 27, value: bytes(3, 0) })).toMatchObject({ reason: 'malformed-answer' })
    expect(malformed({ type: 26, value: hex('00000137 1000') })).toMatchObject({ reason: 'malformed-answer' })
    const key = { type: 26, value: hex('00000137 10148001 000102030405060708090a0b0c0d0e0f') }
    expect(malformed(key)).toMatchObject({ type: 'failed', reason: 'malformed-answer' })
  })

  it('may hold what is not known here, and what servers on its way left', () => {
    const raw = [
      { type: 33, value: bytes(4, 1) },
      { type: 33, value: bytes(4, 2) },
      { type: 241, value: bytes(9, 1) },
      { type: 26, value: hex('00000009 0102') },
    ]
    expect(ask(request => answerTo(request, { raw })).answer).toMatchObject({ type: 'accept' })
  })
})

test('a reject gives its words and the error of MS-CHAP', () => {
  const text = `E=648 R=0 C=${'00'.repeat(16)} V=3 M=Password expired`
  const { answer } = ask(request =>
    answerTo(request, {
      code: CODES.ACCESS_REJECT,
      attributes: [
        { name: 'MS-CHAP-Error', value: Uint8Array.from([9, ...asciiBytes(text)]) },
        { name: 'Reply-Message', value: 'Change your password' },
      ],
    }),
  )
  expect(answer).toEqual({
    type: 'reject',
    server: 'a',
    eapPacket: undefined,
    mschapError: { identifier: 9, message: text, error: 648, isRetryAllowed: false },
    replyMessages: ['Change your password'],
  })
})

/*
 * user   gateway                          server
 *          |-- Access-Request (password) -->|
 *          |<- Access-Challenge, State -----|
 *  code -->|-- Access-Request, State ------>|  the same server, whatever its score
 *          |<- Access-Accept ---------------|
 */
test('a challenge goes on at its own server', () => {
  const bench = new Bench({
    servers: [udpServer('a'), udpServer('b')],
    respond: request => {
      if (attributeValue(request.attributes, 'State')) return answerTo(request)
      const attributes: NamedAttribute[] = [
        { name: 'State', value: bytes(5, 5) },
        { name: 'Reply-Message', value: 'The code, please' },
        { name: 'Session-Timeout', value: 45 },
      ]
      return answerTo(request, { code: CODES.ACCESS_CHALLENGE, attributes })
    },
  })
  bench.access(1)
  bench.advance(100)
  const challenge = bench.answers.get(1)
  if (challenge?.type !== 'challenge') throw new Error('no challenge')
  expect(challenge).toMatchObject({ replyMessages: ['The code, please'], sessionTimeoutSeconds: 45 })
  expect(challenge.continuation).toEqual({ server: 'a', state: bytes(5, 5) })

  bench.command({ type: 'servers', servers: [udpServer('a'), udpServer('b', { score: 99 })] })
  bench.access(2, { continuation: challenge.continuation })
  bench.advance(100)
  expect(bench.answers.get(2)).toMatchObject({ type: 'accept', server: 'a' })

  bench.command({ type: 'servers', servers: [udpServer('b')] })
  bench.access(3, { continuation: challenge.continuation })
  expect(bench.answers.get(3)).toEqual({ type: 'failed', reason: 'no-server', detail: 'a is gone' })
})

test('a password leaves the engine hidden or not at all', () => {
  const bench = new Bench({ servers: [udpServer('a')], respond: () => undefined })
  const password = asciiBytes('correct horse battery')
  bench.access(1, { credential: { type: 'password', password } })
  bench.access(2, { userName: 'x'.repeat(300), credential: { type: 'password', password } })
  bench.advance(60_000)
  const told = JSON.stringify(bench.outputs, (_, value: unknown) =>
    value instanceof Uint8Array ? String.fromCharCode(...value) : value,
  )
  expect(told).toMatch('no answer within 30 s')
  for (const secret of ['correct horse', 'a secret of both']) expect(told).not.toMatch(secret)
})

test('a password is overwritten once its request is over', () => {
  const credential = { type: 'password', password: asciiBytes('hello') } as const
  const command = { type: 'access', id: 1, userName: 'alice', credential, attributes: [] } as const
  const plan = planAccess(crypto, command)
  if (typeof plan === 'string') throw new Error(plan)
  const password = () => {
    const { attributes, authenticator } = readRequest(plan.write({ secret: SECRET, own: [] }, 1, 0).bytes)
    const hidden = attributeValue(attributes, 'User-Password') as Uint8Array
    return revealUserPassword(crypto, SECRET, authenticator, hidden)
  }
  expect(password()).toEqual(asciiBytes('hello'))
  plan.discard()
  expect(password()).toEqual(new Uint8Array(0))
  expect(credential.password).toEqual(asciiBytes('hello'))
})
