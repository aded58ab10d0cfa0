import { utf8Bytes } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import { createEapAuthenticator } from './authenticator/authenticator.ts'
import type { EapAuthenticatorMethodName } from './authenticator/authenticator-output.ts'
import { createEapPeer } from './peer/peer.ts'
import type { EapPeerReply } from './peer/peer-output.ts'
import { authenticator, crypto, type DrivenAuthenticator, peer, respond } from './testing/two-roles.suite.ts'
import { parseEapPacket, writeEapPacket } from './wire/eap-packet.ts'
import { EAP_TYPES } from './wire/eap-type.ts'

const { IDENTITY, NOTIFICATION, NAK, GTC, MD5_CHALLENGE, TLS, MSCHAPV2 } = EAP_TYPES

const packet = (bytes: Uint8Array | undefined) => parseEapPacket(bytes ?? new Uint8Array(0))
const failure = (server: DrivenAuthenticator) => server.of('failure').map(({ reason }) => reason)

/** An authenticator that has heard who the peer is. */
function identified(methods: readonly EapAuthenticatorMethodName[]): DrivenAuthenticator {
  const server = authenticator({ methods })
  server.receive(respond(server, IDENTITY, utf8Bytes('alice')))
  return server
}

describe('the identity round', () => {
  it('asks, then offers the first method under the next identifier', () => {
    const server = authenticator({ methods: ['tls', 'mschapv2'] })
    const first = packet(server.sent[0])
    expect(first).toMatchObject({ code: 'request', type: IDENTITY, data: new Uint8Array(0) })
    server.receive(respond(server, IDENTITY, utf8Bytes('alice')))
    const identifier = (((first as { identifier: number }).identifier ?? 0) + 1) & 0xff
    expect(packet(server.sent[0])).toEqual({
      code: 'request',
      identifier,
      type: TLS,
      data: Uint8Array.of(0x20),
    })
  })

  it('is left out when the lower layer knows who it is', () => {
    const server = authenticator({ methods: ['mschapv2'], identity: 'alice' })
    expect(packet(server.sent[0])).toMatchObject({ type: MSCHAPV2 })
  })

  it.each([
    ['anything else', respondWith(TLS, Uint8Array.of(0)), 'EAP-TLS instead of an identity'],
    ['a Nak', respondWith(NAK, Uint8Array.of(13)), 'Nak instead of an identity'],
    ['a novel', respondWith(IDENTITY, new Uint8Array(257)), 'an identity of more than 256 bytes'],
  ])('refuses %s', (_, answer, reason) => {
    const server = authenticator()
    answer(server)
    expect(failure(server)).toEqual([reason])
    expect(packet(server.sent.at(-1))).toMatchObject({ code: 'failure' })
  })

  it('shows a hostile identity without what it hides', () => {
    const server = authenticator({ methods: ['pass-through'] })
    server.receive(respond(server, IDENTITY, utf8Bytes('alice\n\u001b[31m\u202eroot')))
    expect(server.requests[0]?.request).toMatchObject({ identity: 'alice??[31m?root' })
  })
})

function respondWith(type: number, data: Uint8Array) {
  return (server: DrivenAuthenticator) => server.receive(respond(server, type, data))
}

describe('a Nak', () => {
  it('moves on to the first of our methods that the peer wants', () => {
    const server = identified(['tls', 'mschapv2'])
    server.receive(respond(server, NAK, Uint8Array.of(GTC, MSCHAPV2)))
    expect(packet(server.sent[0])).toMatchObject({ code: 'request', type: MSCHAPV2 })
  })

  it('of everything but GTC is refused, and the log shows both sides', () => {
    const server = identified(['tls', 'mschapv2'])
    server.receive(respond(server, NAK, Uint8Array.of(GTC, 200)))
    expect(failure(server)).toEqual([
      'no common EAP method: we offer tls, mschapv2; the peer wants EAP-GTC, EAP type 200',
    ])
  })

  it.each([[[0]], [[]]])('that proposes nothing (%j) is refused', types => {
    const server = identified(['tls', 'pass-through'])
    server.receive(respond(server, NAK, Uint8Array.from(types)))
    expect(failure(server)).toEqual([
      'no common EAP method: we offer tls, pass-through; the peer wants nothing else',
    ])
  })

  it('never comes back to a method that was refused', () => {
    const server = identified(['tls', 'mschapv2'])
    server.receive(respond(server, NAK, Uint8Array.of(MSCHAPV2)))
    server.receive(respond(server, NAK, Uint8Array.of(TLS)))
    expect(failure(server)[0]).toMatch(/no common EAP method/)
  })

  it('is out of turn once the method has begun', () => {
    const server = identified(['mschapv2', 'tls'])
    const client = peer({ methods: ['mschapv2'], decide: () => RESPONSE })
    client.receive(server.take() as Uint8Array)
    server.receive(client.take() as Uint8Array)
    server.reply({ type: 'deny', reason: 'wrong password' })
    server.receive(respond(server, NAK, Uint8Array.of(TLS)))
    expect(failure(server)).toEqual(['Nak out of turn'])
  })

  it('goes to an authenticator behind us with the identity under the last identifier', () => {
    const server = identified(['tls', 'pass-through'])
    const offered = server.sent[0]?.[1]
    server.receive(respond(server, NAK, Uint8Array.of(GTC)))
    const request = server.requests[0]?.request
    expect(request?.type).toBe('forward')
    if (request?.type !== 'forward') return
    expect(packet(request.packet)).toEqual({
      code: 'response',
      identifier: offered,
      type: IDENTITY,
      data: utf8Bytes('alice'),
    })
  })
})

describe('an authenticator', () => {
  it('ends at a type that nobody asked for', () => {
    const server = identified(['tls'])
    server.receive(respond(server, MD5_CHALLENGE, new Uint8Array(17)))
    expect(failure(server)).toEqual(['EAP-MD5 out of turn'])
  })

  it('drops what answers nothing, and goes on', () => {
    const server = authenticator()
    const good = respond(server, IDENTITY, utf8Bytes('alice'))
    const wrong = good.slice()
    wrong[1] = ((wrong[1] as number) + 1) & 0xff
    const request = writeEapPacket({ code: 'request', identifier: 0, type: IDENTITY, data: utf8Bytes('x') })
    const success = writeEapPacket({ code: 'success', identifier: good[1] as number })
    for (const bytes of [wrong, request, success, good.subarray(0, 4), new Uint8Array(0)])
      server.receive(bytes)
    expect(server.of('dropped')).toHaveLength(5)
    expect(server.sent).toEqual([])
    server.receive(good)
    expect(packet(server.sent[0])).toMatchObject({ type: TLS })
  })

  it('says the same again to a response that is repeated', () => {
    const server = authenticator()
    const response = respond(server, IDENTITY, utf8Bytes('alice'))
    server.receive(response)
    server.receive(response)
    expect(server.sent).toHaveLength(2)
    expect(server.sent[1]).toEqual(server.sent[0])
  })

  it('repeats its last word after the end, but not without end', () => {
    const server = identified(['tls'])
    const last = respond(server, MD5_CHALLENGE, new Uint8Array(17))
    for (let i = 0; i < 500; i++) server.receive(last)
    expect(server.sent.length).toBeGreaterThan(2)
    expect(server.sent.length).toBeLessThanOrEqual(128)
    expect(server.of('failure')).toHaveLength(1)
    expect(new Set(server.sent.map(String)).size).toBe(1)
  })

  it('starts once, and does nothing before', () => {
    const server = authenticator()
    server.role.start()
    server.drain()
    expect(server.sent).toHaveLength(1)
  })

  it('ignores replies to questions that are gone, and answers after the end', () => {
    const server = authenticator({ methods: ['pass-through'], identity: 'alice' })
    server.reply({ type: 'accept', msk: new Uint8Array(64) }, 99)
    expect(server.of('success')).toEqual([])
    server.reply({ type: 'deny', reason: 'no' })
    server.reply({ type: 'accept', msk: new Uint8Array(64) })
    expect([server.of('success'), failure(server)]).toEqual([[], ['no']])
  })
})

describe('a peer', () => {
  const request = (type: number, data: Uint8Array, identifier = 1) =>
    writeEapPacket({ code: 'request', identifier, type, data })

  it('says who it is, and answers a notification', () => {
    const client = peer()
    client.receive(request(IDENTITY, utf8Bytes('who?'), 1))
    client.receive(request(NOTIFICATION, utf8Bytes('maintenance\u0007 at 9'), 2))
    expect(client.sent.map(packet)).toEqual([
      { code: 'response', identifier: 1, type: IDENTITY, data: utf8Bytes('alice@example.test') },
      { code: 'response', identifier: 2, type: NOTIFICATION, data: new Uint8Array(0) },
    ])
    expect(client.of('notification')).toEqual([{ type: 'notification', text: 'maintenance? at 9' }])
  })

  it.each([GTC, MD5_CHALLENGE, EAP_TYPES.EXPANDED])('proposes its own methods instead of type %i', type => {
    const client = peer({ methods: ['mschapv2', 'tls'] })
    client.receive(request(type, Uint8Array.of(1)))
    expect(packet(client.take())).toMatchObject({ type: NAK, data: Uint8Array.of(MSCHAPV2, TLS) })
    client.receive(request(MSCHAPV2, challenge(2), 2))
    expect(client.requests[0]?.request).toMatchObject({ type: 'mschapv2-response', serverName: 'gw' })
  })

  it('answers a repeated request by the same response, and drops another under its identifier', () => {
    const client = peer()
    client.receive(request(IDENTITY, new Uint8Array(0)))
    client.receive(request(IDENTITY, new Uint8Array(0)))
    client.receive(request(GTC, new Uint8Array(0)))
    expect(client.sent).toHaveLength(2)
    expect(client.sent[0]).toEqual(client.sent[1])
    expect(client.of('dropped').map(({ reason }) => reason)).toEqual([
      'another EAP request under the last identifier',
    ])
  })

  it.each([
    [IDENTITY, 'Identity out of turn'],
    [TLS, 'EAP-TLS out of turn'],
    [NAK, 'Nak out of turn'],
  ])('ends at type %i once its method has begun', (type, reason) => {
    const client = peer({ methods: ['mschapv2', 'tls'], decide: () => RESPONSE })
    client.receive(request(MSCHAPV2, challenge(1), 1))
    client.receive(request(type, Uint8Array.of(0x20), 2))
    expect(client.of('failure')).toEqual([{ type: 'failure', reason }])
  })

  it('drops a request that comes before the last one is answered', () => {
    const client = peer({ methods: ['mschapv2'] })
    client.receive(request(MSCHAPV2, challenge(1), 1))
    client.receive(request(MSCHAPV2, challenge(2), 2))
    expect(client.of('dropped')).toEqual([
      { type: 'dropped', reason: 'an EAP request before the last is answered' },
    ])
  })

  it('takes a failure at its word, but none that answers another request', () => {
    const client = peer()
    client.receive(request(IDENTITY, new Uint8Array(0), 7))
    client.receive(writeEapPacket({ code: 'failure', identifier: 8 }))
    expect(client.of('failure')).toEqual([])
    client.receive(writeEapPacket({ code: 'failure', identifier: 7 }))
    expect(client.of('failure')).toEqual([{ type: 'failure', reason: 'the server refuses' }])
  })

  it('ends after so many rounds', () => {
    const client = peer({ limits: { rounds: 10 } })
    for (let i = 0; i < 20; i++) client.receive(request(NOTIFICATION, utf8Bytes(`${i}`), i))
    expect(client.of('failure')).toEqual([
      { type: 'failure', reason: 'too many rounds for one EAP conversation' },
    ])
    expect(client.sent).toHaveLength(10)
  })

  it('ends after so many bytes', () => {
    const client = peer()
    for (let i = 0; i < 20; i++) client.receive(request(NOTIFICATION, new Uint8Array(60_000), i))
    expect(client.of('failure')).toEqual([
      { type: 'failure', reason: 'too many bytes for one EAP conversation' },
    ])
    expect(client.of('notification')[0]?.text).toHaveLength(1024)
  })
})

/** Nobody checks it here. */
const RESPONSE: EapPeerReply = {
  type: 'mschapv2-response',
  username: 'alice',
  peerChallenge: new Uint8Array(16),
  ntResponse: new Uint8Array(24),
  authenticatorResponse: `S=${'0'.repeat(40)}`,
  keys: { serverReceive: new Uint8Array(16), serverSend: new Uint8Array(16) },
}

/** A challenge of zeros, from `gw`. */
function challenge(id: number): Uint8Array {
  return Uint8Array.from([1, id, 0, 23, 16, ...new Uint8Array(16), 0x67, 0x77])
}

test('options that make no conversation are an error with a code', () => {
  const misuse = expect.objectContaining({ code: 'ERR_EAP_OPTIONS' })
  expect(() => createEapAuthenticator({ crypto, methods: [] })).toThrowError(misuse)
  expect(() =>
    createEapAuthenticator({ crypto, methods: ['tls'], limits: { fragmentBytes: 0 } }),
  ).toThrowError(misuse)
  expect(() => createEapPeer({ crypto, methods: [], identity: 'a' })).toThrowError(misuse)
  expect(() => createEapPeer({ crypto, methods: ['tls'], identity: 'a'.repeat(300) })).toThrowError(misuse)
})

test('commands that fit nothing are an error with a code', () => {
  const server = authenticator({ methods: ['pass-through'], identity: 'alice' })
  expect(() => server.reply({ type: 'allow' })).toThrowError(
    expect.objectContaining({ code: 'ERR_EAP_REPLY' }),
  )
  const report = { type: 'tls-report', report: {} } as const
  expect(() => server.role.handleCommand(report)).toThrowError(
    expect.objectContaining({ code: 'ERR_EAP_TLS_REPORT' }),
  )
})
