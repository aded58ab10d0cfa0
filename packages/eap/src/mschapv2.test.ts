import { formatHex, parseHex, utf8Bytes } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import type { EapAuthenticatorReply } from './authenticator/authenticator-reply.ts'
import type { EapPeerReply } from './peer/peer-output.ts'
import { authenticator, converse, converseUntil, crypto, peer, respond } from './testing/two-roles.suite.ts'
import { parseEapPacket, writeEapPacket } from './wire/eap-packet.ts'
import { EAP_TYPES } from './wire/eap-type.ts'
import { parseMschapv2Packet } from './wire/mschapv2-packet.ts'

const hex = (text: string) => parseHex(text.replaceAll(' ', '')) as Uint8Array

/** RFC 2759 §9.2: user `User`, password `clientPass`. */
const VECTOR = {
  username: 'User',
  authenticatorChallenge: hex('5B5D7C7D7B3F2F3E3C2C602132262628'),
  peerChallenge: hex('21402324255E262A28295F2B3A337C7E'),
  ntResponse: hex('82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF'),
  authenticatorResponse: 'S=407A5589115FD0D6209F510FE9C04566932CDA56',
}
/** RFC 3079 §3.5.3 has the server's send key of the same password; the other is made up. */
const KEYS = {
  serverSend: hex('8B7CDC149B993A1BA118CB153F56DCCB'),
  serverReceive: hex('000102030405060708090A0B0C0D0E0F'),
}

const ALLOW: EapAuthenticatorReply = {
  type: 'allow-mschapv2',
  authenticatorResponse: VECTOR.authenticatorResponse,
  keys: KEYS,
}
const RESPONSE: EapPeerReply = { type: 'mschapv2-response', keys: KEYS, ...VECTOR }

/** Random bytes are the challenge of the vector. */
const fixed = { random: (length: number) => VECTOR.authenticatorChallenge.slice(0, length) }

const relay = (reply?: EapAuthenticatorReply) =>
  authenticator({ crypto: fixed, methods: ['mschapv2'], serverName: 'gw', decide: () => reply })
const user = (reply: EapPeerReply = RESPONSE) => peer({ methods: ['mschapv2'], decide: () => reply })

/*
 *  peer                              authenticator
 *    |   <- Challenge                     |
 *    |  Response ->                       |  mschapv2 -> allow
 *    |   <- Success-Request S=…           |
 *    |  Success-Response ->               |
 *    |   <- EAP-Success                   |
 */
test('the vector of RFC 2759 goes through, and both ends have one key', () => {
  const [server, client] = [relay(ALLOW), user()]
  converse(server, client)
  expect(server.requests[0]?.request).toEqual({
    type: 'mschapv2',
    username: 'User',
    identifier: expect.any(Number),
    authenticatorChallenge: VECTOR.authenticatorChallenge,
    peerChallenge: VECTOR.peerChallenge,
    ntResponse: VECTOR.ntResponse,
    identity: 'alice@example.test',
  })
  expect(client.requests[0]?.request).toEqual({
    type: 'mschapv2-response',
    serverName: 'gw',
    authenticatorChallenge: VECTOR.authenticatorChallenge,
  })
  const [success] = server.of('success')
  expect(success).toMatchObject({ method: 'mschapv2', identity: 'alice@example.test' })
  expect(formatHex(success?.msk ?? new Uint8Array(0))).toBe(
    `000102030405060708090a0b0c0d0e0f8b7cdc149b993a1ba118cb153f56dccb${'00'.repeat(32)}`,
  )
  expect(client.of('success')[0]?.msk).toEqual(success?.msk)
})

test('the MS-CHAPv2-ID is the identifier of the challenge, in every packet', () => {
  const [server, client] = [relay(ALLOW), user()]
  const packets = converse(server, client).map(parseEapPacket)
  const inner = packets.flatMap(packet => ('type' in packet && packet.type === 26 ? [packet] : []))
  const ids = inner.flatMap(({ data }) => {
    const read = parseMschapv2Packet(data)
    return 'id' in read ? [read.id] : []
  })
  expect(ids).toHaveLength(3)
  expect(new Set(ids)).toEqual(new Set([inner[0]?.identifier]))
})

describe('a denial', () => {
  const deny: EapAuthenticatorReply = { type: 'deny', reason: 'no such user' }

  it('is told by E=691 without retry, and ends when the peer acknowledges', () => {
    const [server, client] = [relay(deny), user()]
    const packets = converse(server, client)
    const requests = packets
      .map(parseEapPacket)
      .filter(packet => 'code' in packet && packet.code === 'request')
    const last = requests.at(-1)
    const text = last && 'data' in last ? String.fromCharCode(...last.data.subarray(4)) : ''
    expect(text).toBe('E=691 R=0 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 M=Authentication failed')
    expect(server.of('failure')).toEqual([{ type: 'failure', reason: 'no such user' }])
    expect(client.of('failure')[0]?.reason).toMatch(/^the server refuses the password: E=691 R=0/)
  })

  it('is known at once, since Windows does not acknowledge it', () => {
    const [server, client] = [relay(deny), user()]
    converseUntil(server, client, () => server.of('denied').length > 0)
    expect(server.of('denied')).toEqual([{ type: 'denied', reason: 'no such user' }])
    expect(server.of('failure')).toEqual([])
  })

  it('may carry another error', () => {
    const server = relay({ ...deny, mschapv2Error: 648 })
    converse(server, user())
    expect(server.of('failure')).toHaveLength(1)
  })

  it('stays one, whatever the peer says to it', () => {
    for (const data of [Uint8Array.of(3), Uint8Array.of(4)]) {
      const server = relay(deny)
      server.receive(respond(server, EAP_TYPES.IDENTITY, utf8Bytes('a')))
      server.receive(respond(server, EAP_TYPES.MSCHAPV2, response(server.sent.at(-1)?.[1] ?? 0)))
      server.receive(respond(server, EAP_TYPES.MSCHAPV2, data))
      expect(server.of('failure')).toEqual([{ type: 'failure', reason: 'no such user' }])
      expect(server.of('success')).toEqual([])
    }
  })
})

/** A Response packet with this MS-CHAPv2-ID and name. */
function response(id: number, name: Uint8Array = utf8Bytes('User')): Uint8Array {
  const length = 54 + name.length
  const value = [...VECTOR.peerChallenge, ...new Uint8Array(8), ...VECTOR.ntResponse, 0]
  return Uint8Array.from([2, id, length >> 8, length & 0xff, 49, ...value, ...name])
}

describe('the authenticator ends at', () => {
  it.each<[string, (id: number) => Uint8Array, RegExp]>([
    ['success before the response', () => Uint8Array.of(3), /'success-answer' out of turn/],
    [
      'a challenge',
      id => Uint8Array.from([1, id, 0, 21, 16, ...new Uint8Array(16)]),
      /'challenge' out of turn/,
    ],
    ['another MS-CHAPv2-ID', id => response((id + 1) & 0xff), /another MS-CHAPv2-ID/],
    ['no name', id => response(id, new Uint8Array(0)), /no user name/],
    ['a name with a line feed', id => response(id, utf8Bytes('a\nb')), /no user name/],
    ['a name that is no UTF-8', id => response(id, Uint8Array.of(0xff)), /no user name/],
    ['a name of a kilobyte', id => response(id, new Uint8Array(1000).fill(0x61)), /no user name/],
    ['nothing', () => new Uint8Array(0), /malformed EAP-MSCHAPv2/],
    ['half a response', id => response(id).subarray(0, 30), /malformed EAP-MSCHAPv2/],
  ])('%s', (_, data, reason) => {
    const server = relay(ALLOW)
    server.receive(respond(server, EAP_TYPES.IDENTITY, utf8Bytes('a')))
    server.receive(respond(server, EAP_TYPES.MSCHAPV2, data(server.sent.at(-1)?.[1] ?? 0)))
    expect(server.of('failure')).toEqual([{ type: 'failure', reason: expect.stringMatching(reason) }])
    expect(server.requests).toEqual([])
  })

  it('a peer that does not believe our proof', () => {
    const server = relay(ALLOW)
    server.receive(respond(server, EAP_TYPES.IDENTITY, utf8Bytes('a')))
    server.receive(respond(server, EAP_TYPES.MSCHAPV2, response(server.sent.at(-1)?.[1] ?? 0)))
    server.receive(respond(server, EAP_TYPES.MSCHAPV2, Uint8Array.of(4)))
    expect(server.of('failure')[0]?.reason).toBe('the peer does not accept our proof of the password')
  })
})

test('the user name keeps its domain', () => {
  const server = relay()
  server.receive(respond(server, EAP_TYPES.IDENTITY, utf8Bytes('a')))
  const name = utf8Bytes('CORP\\älice')
  server.receive(respond(server, EAP_TYPES.MSCHAPV2, response(server.sent.at(-1)?.[1] ?? 0, name)))
  expect(server.requests[0]?.request).toMatchObject({ username: 'CORP\\älice' })
})

describe('the peer', () => {
  it('does not believe a server that does not know the password', () => {
    const wrong = `S=${'0'.repeat(40)}`
    const [server, client] = [
      relay({ ...ALLOW, authenticatorResponse: wrong } as EapAuthenticatorReply),
      user(),
    ]
    converse(server, client)
    expect(client.of('failure')[0]?.reason).toBe('the server does not know the password')
    expect(server.of('success')).toEqual([])
  })

  it('compares the proof in constant time', () => {
    const compared: Uint8Array[][] = []
    const equal = (a: Uint8Array, b: Uint8Array) => compared.push([a, b]) > 0 && crypto.equal(a, b)
    const client = peer({ crypto: { equal }, methods: ['mschapv2'], decide: () => RESPONSE })
    converse(relay(ALLOW), client)
    expect(compared).toHaveLength(1)
    expect(client.of('success')).toHaveLength(1)
  })

  it('ends at EAP-Success before the proof (CVE-2015-8023, CVE-2021-45079)', () => {
    const [server, client] = [relay(), user()]
    converse(server, client)
    const { id = 0 } = server.requests[0] ?? {}
    expect(id).toBe(1)
    const identifier =
      server.requests[0]?.request.type === 'mschapv2' ? server.requests[0].request.identifier : 0
    client.receive(writeEapPacket({ code: 'success', identifier }))
    expect(client.of('failure')[0]?.reason).toBe('EAP-Success before the method had ended')
  })

  it('ends at success before its response, and at a challenge after it', () => {
    for (const data of [Uint8Array.of(3), Uint8Array.of(4), response(1)]) {
      const client = user()
      client.receive(writeEapPacket({ code: 'request', identifier: 1, type: 26, data }))
      expect(client.of('failure')[0]?.reason).toMatch(/out of turn/)
    }
  })
})

test('replies that do not fit are misuse, and not taken', () => {
  const misuse = expect.objectContaining({ code: 'ERR_EAP_REPLY' })
  for (const reply of [
    { type: 'allow' },
    { ...ALLOW, authenticatorResponse: 'S=12' },
    { ...ALLOW, keys: { ...KEYS, serverSend: new Uint8Array(15) } },
  ]) {
    const server = relay()
    server.receive(respond(server, EAP_TYPES.IDENTITY, utf8Bytes('a')))
    server.receive(respond(server, EAP_TYPES.MSCHAPV2, response(server.sent.at(-1)?.[1] ?? 0)))
    expect(() => server.reply(reply as EapAuthenticatorReply)).toThrowError(misuse)
    // The question stands, so that the outside can still say no.
    server.reply({ type: 'deny', reason: 'a broken answer' })
    expect(server.of('denied')).toEqual([{ type: 'denied', reason: 'a broken answer' }])
  }
})
