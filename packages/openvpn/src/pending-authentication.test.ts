import { utf8Bytes } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { OpenVpnReply, PendingReply } from './command.ts'
import {
  AUTH_PENDING_MOST_MS,
  AUTHENTICATION_MS,
  CHALLENGE_RESPONSE_BYTES,
  PENDING_MESSAGES_MOST,
} from './limits.ts'
import type { PendingMessage } from './options/pending-message.ts'
import type { OpenVpnRequest, TlsId } from './output.ts'
import { connect, createDuo, type Duo, type DuoOptions, letIn, PUSHED } from './testing/duo.suite.ts'
import type { FakeTls } from './testing/fake-tls.ts'
import { dataPasses } from './testing/surroundings.ts'
import { formatBase64 } from './wrap/pem-text.ts'

const WEB: PendingMessage = { type: 'web-auth', url: 'https://vpn.example/s/1', flags: ['external'] }
const QUESTION: PendingMessage = {
  type: 'challenge-text',
  text: 'Code?',
  echo: false,
  responseRequired: true,
}
const ALLOW: OpenVpnReply = { type: 'allow', options: PUSHED }

const pending = (timeoutSeconds: number, message?: PendingMessage): PendingReply => ({
  type: 'pending',
  timeoutSeconds,
  ...(message && { message }),
})

/** A client that the outside is asked about. */
function asking(options: DuoOptions = {}): Duo {
  const decide = (request: OpenVpnRequest) => (request.type === 'authenticate' ? undefined : letIn(request))
  const duo = createDuo({ decide, ...options })
  duo.clientSide.recordsPlaintext = true
  duo.serverSide.recordsPlaintext = true
  duo.pair.a.command({ type: 'connect', path: duo.clientPath })
  duo.pair.run(() => duo.serverSide.requests.length === 1, 10_000)
  duo.pair.advance(200)
  duo.clientSide.plaintext.length = 0
  return duo
}

function reply(duo: Duo, what: OpenVpnReply, id = 1): void {
  duo.pair.b.command({ type: 'reply', id, reply: what })
  duo.pair.advance(200)
}

/** A text that the client sends inside TLS whatever its engine thinks of it. */
function say({ pair, clientSide }: Duo, text: string): void {
  const [[tls, connection]] = [...clientSide.tls] as [[TlsId, FakeTls]]
  pair.a.command({ type: 'tls-output', tls, bytes: connection.write(utf8Bytes(`${text}\0`)) })
  pair.advance(200)
}

function dropReasons({ serverSide, pair }: Duo): string[] {
  pair.advance(1500)
  return serverSide.eventsOf('dropped').map(({ reason }) => reason)
}

describe('a decision that waits for the user', () => {
  // client                               server
  // key method 2             ─────────▶  authenticate?
  //                          ◀─────────  AUTH_PENDING,timeout 300      (pending)
  //                          ◀─────────  INFO_PRE,WEB_AUTH:external:…
  // PUSH_REQUEST             ─────────▶  (nothing)
  //                          ◀─────────  PUSH_REPLY                    (allow, minutes later)
  it('is told with what to do, and may come when the usual time is long over', () => {
    const duo = asking()
    reply(duo, pending(300, WEB))
    expect(duo.clientSide.plaintext).toEqual([
      'AUTH_PENDING,timeout 300\0',
      'INFO_PRE,WEB_AUTH:external:https://vpn.example/s/1\0',
    ])
    expect(duo.clientSide.eventsOf('pending')).toEqual([{ type: 'pending', timeoutSeconds: 300 }])
    expect(duo.clientSide.eventsOf('pending-message')).toEqual([{ type: 'pending-message', message: WEB }])
    duo.pair.advance(290_000)
    expect(duo.clientSide.plaintext).toHaveLength(2)
    expect([duo.client.sessionCount, duo.server.halfOpenCount]).toEqual([1, 1])
    reply(duo, ALLOW)
    expect(duo.server.sessionCount).toBe(1)
    expect(dataPasses(duo.clientSide.flow, duo.serverSide.flow)).toBe(true)
  })

  it('comes without keywords to a client that knows none', () => {
    const duo = asking({ client: { peerInfo: new Map([['IV_PROTO', '2']]) } })
    reply(duo, pending(300))
    expect(duo.clientSide.plaintext).toEqual(['AUTH_PENDING\0'])
    expect(duo.clientSide.eventsOf('pending')).toEqual([{ type: 'pending', timeoutSeconds: undefined }])
  })

  it('may be a refusal', () => {
    const duo = asking()
    reply(duo, pending(300, WEB))
    reply(duo, { type: 'deny', reason: 'not you', temporary: false })
    expect(duo.clientSide.eventsOf('refused')).toMatchObject([{ reason: 'authentication failed: not you' }])
  })

  // The client must not come back by itself: it would ask its user again and again.
  it('that never falls is a refusal for good, at the end of the time that was told', () => {
    const duo = asking()
    reply(duo, pending(100, WEB))
    duo.pair.advance(99_000)
    expect(duo.serverSide.eventsOf('refused')).toEqual([])
    duo.pair.advance(2000)
    expect(duo.serverSide.eventsOf('refused')).toMatchObject([{ reason: 'Signing in took too long' }])
    expect(duo.clientSide.plaintext.at(-1)).toBe('AUTH_FAILED,Signing in took too long\0')
    duo.pair.advance(5000)
    expect([duo.server.halfOpenCount, duo.server.tlsCount, duo.client.sessionCount]).toEqual([0, 0, 0])
    reply(duo, ALLOW)
    expect(duo.server.sessionCount).toBe(0)
  })

  it('is put off for ten minutes in all, however often and long it is asked for', () => {
    const duo = asking({ client: { connectMs: 2 * AUTH_PENDING_MOST_MS } })
    reply(duo, pending(86_400))
    expect(duo.clientSide.plaintext).toEqual(['AUTH_PENDING,timeout 600\0'])
    duo.pair.advance(500_000)
    reply(duo, pending(400))
    expect(duo.clientSide.plaintext.at(-1)).toBe('AUTH_PENDING,timeout 99\0')
    duo.pair.advance(98_000)
    expect(duo.server.halfOpenCount).toBe(1)
    duo.pair.advance(5000)
    expect(duo.serverSide.eventsOf('refused')).toHaveLength(1)
  })

  it('that the client waits for too long ends at the client, too', () => {
    const duo = asking()
    reply(duo, pending(120))
    duo.pair.b.link.options = { ...duo.pair.b.link.options, loss: 1 }
    duo.pair.advance(125_000)
    expect(duo.client.sessionCount).toBe(0)
  })

  it('is known of while the client asks for its options, which it gets at once then', () => {
    const duo = asking({ client: { peerInfo: new Map([['IV_PROTO', '18']]) } })
    reply(duo, pending(60))
    duo.pair.advance(10_000)
    expect(duo.serverSide.plaintext.filter(text => text === 'PUSH_REQUEST\0').length).toBeGreaterThan(1)
    expect(duo.clientSide.plaintext).toEqual(['AUTH_PENDING,timeout 60\0'])
    reply(duo, ALLOW)
    expect(duo.clientSide.flows.size).toBe(1)
  })
})

describe('a pending reply', () => {
  const send = (duo: Duo, what: OpenVpnReply, id = 1): void =>
    duo.server.handleCommand({ type: 'reply', id, reply: what }, duo.pair.clock.now)

  it.each([
    [pending(0)],
    [pending(Number.NaN)],
    [pending(Number.POSITIVE_INFINITY)],
    [pending(60, { ...WEB, url: 'ftp://x' })],
    [pending(60, { ...WEB, url: `https://x/${'x'.repeat(1024)}` })],
  ])('that cannot be told is a defect, and changes nothing: %j', what => {
    const duo = asking()
    expect(() => send(duo, what)).toThrow(expect.objectContaining({ code: 'ERR_OPENVPN_PENDING' }))
    expect(duo.server.poll()).toBeUndefined()
    reply(duo, ALLOW)
    expect(duo.server.sessionCount).toBe(1)
  })

  it('may come so often, and no more', () => {
    const duo = asking()
    for (let i = 0; i < PENDING_MESSAGES_MOST; i++) reply(duo, pending(60, WEB))
    expect(() => send(duo, pending(60))).toThrow(expect.objectContaining({ code: 'ERR_OPENVPN_PENDING' }))
    expect(duo.clientSide.eventsOf('pending-message')).toHaveLength(PENDING_MESSAGES_MOST)
    reply(duo, ALLOW)
    expect(duo.server.sessionCount).toBe(1)
  })

  it('to a request that is closed or never was does nothing', () => {
    const duo = asking()
    reply(duo, ALLOW)
    for (const id of [1, 99]) reply(duo, pending(60, WEB), id)
    expect(duo.clientSide.eventsOf('pending')).toEqual([])
    expect(duo.server.sessionCount).toBe(1)
  })

  it('at a renegotiation gives time, but asks nobody anything', () => {
    let times = 0
    const decide = (request: OpenVpnRequest): OpenVpnReply | undefined =>
      request.type === 'authenticate' && times++ > 0 ? undefined : letIn(request)
    const duo = createDuo({ decide })
    expect(connect(duo)).toBe(true)
    duo.clientSide.recordsPlaintext = true
    duo.pair.advance(5000)
    duo.pair.a.command({ type: 'renegotiate', session: 1 })
    duo.pair.advance(1000)
    expect(() => send(duo, pending(300, WEB), 2)).toThrow(
      expect.objectContaining({ code: 'ERR_OPENVPN_PENDING' }),
    )
    duo.clientSide.plaintext.length = 0
    reply(duo, pending(300), 2)
    duo.pair.advance(2 * AUTHENTICATION_MS)
    expect(duo.clientSide.plaintext).toEqual([])
    reply(duo, ALLOW, 2)
    duo.pair.advance(5000)
    expect(duo.serverSide.flow.selected).toBe(1)
  })
})

describe('a question', () => {
  // client                               server
  //                          ◀─────────  AUTH_PENDING; INFO_PRE,CR_TEXT:R:Code?
  // CR_RESPONSE,MTIzNDU2     ─────────▶  challenge-response 123456
  //                          ◀─────────  AUTH_PENDING; INFO_PRE,CR_TEXT:R:Code?    (once more)
  // CR_RESPONSE,NjU0MzIx     ─────────▶  challenge-response 654321
  //                          ◀─────────  PUSH_REPLY
  it('is answered by the user, and may be followed by another', () => {
    const duo = asking()
    for (const text of ['123456', 'geheim ü']) {
      reply(duo, pending(60, QUESTION))
      duo.pair.a.command({ type: 'answer-challenge', session: 1, text })
      duo.pair.advance(200)
    }
    expect(duo.serverSide.challengeResponses).toEqual([
      { id: 1, text: '123456' },
      { id: 1, text: 'geheim ü' },
    ])
    reply(duo, ALLOW)
    expect(dataPasses(duo.clientSide.flow, duo.serverSide.flow)).toBe(true)
    expect(JSON.stringify(duo.serverSide.events)).not.toContain('123456')
  })

  it('is answered once, and only when it was asked', () => {
    const duo = asking()
    const answer = (text: string): void => {
      duo.pair.a.command({ type: 'answer-challenge', session: 1, text })
      duo.pair.advance(200)
    }
    answer('early')
    reply(duo, pending(60, WEB))
    answer('to a web page')
    reply(duo, pending(60, { ...QUESTION, responseRequired: false }))
    answer('to a notice')
    reply(duo, pending(60, QUESTION))
    answer('1')
    answer('2')
    expect(duo.serverSide.challengeResponses).toEqual([{ id: 1, text: '1' }])
  })

  it('has answers that nobody asked for dropped and counted', () => {
    const duo = asking()
    say(duo, 'CR_RESPONSE,MQ==')
    reply(duo, pending(60, QUESTION))
    say(duo, 'CR_RESPONSE,MQ==')
    for (let i = 0; i < 20; i++) say(duo, 'CR_RESPONSE,Mg==')
    expect(duo.serverSide.challengeResponses).toEqual([{ id: 1, text: '1' }])
    expect(dropReasons(duo)).toContain('control message: challenge-response')
  })

  it.each([
    ['???', 'control message: challenge response: no base64'],
    ['', undefined],
    [formatBase64(utf8Bytes('a\nb')), 'control message: challenge response: control characters'],
    [formatBase64(new Uint8Array(CHALLENGE_RESPONSE_BYTES).fill(97)), undefined],
    [
      formatBase64(new Uint8Array(CHALLENGE_RESPONSE_BYTES + 1).fill(97)),
      'control message: challenge response: too long',
    ],
  ])('has the answer %j taken or dropped', (base64, dropped) => {
    const duo = asking()
    reply(duo, pending(60, QUESTION))
    say(duo, `CR_RESPONSE,${base64}`)
    expect(duo.serverSide.challengeResponses).toHaveLength(dropped ? 0 : 1)
    expect(dropReasons(duo)).toEqual(dropped ? [dropped] : [])
    say(duo, 'CR_RESPONSE,MQ==')
    expect(duo.serverSide.challengeResponses).toHaveLength(1)
  })

  it('has no answer that is too long for a message', () => {
    const duo = asking()
    reply(duo, pending(60, QUESTION))
    const answer = (length: number) =>
      ({ type: 'answer-challenge', session: 1, text: 'x'.repeat(length) }) as const
    expect(() => duo.client.handleCommand(answer(CHALLENGE_RESPONSE_BYTES + 1), duo.pair.clock.now)).toThrow(
      expect.objectContaining({ code: 'ERR_OPENVPN_CHALLENGE_RESPONSE' }),
    )
    duo.pair.a.command(answer(CHALLENGE_RESPONSE_BYTES))
    duo.pair.advance(500)
    expect(duo.serverSide.challengeResponses.map(({ text }) => text.length)).toEqual([
      CHALLENGE_RESPONSE_BYTES,
    ])
  })
})

describe('a server that asks for patience without end', () => {
  it('is not listened to', () => {
    const duo = asking({ client: { connectMs: 5000 } })
    const [[tls, connection]] = [...duo.serverSide.tls] as [[TlsId, FakeTls]]
    const tell = (text: string): void => {
      duo.pair.b.command({ type: 'tls-output', tls, bytes: connection.write(utf8Bytes(`${text}\0`)) })
      duo.pair.advance(200)
    }
    for (let i = 0; i <= PENDING_MESSAGES_MOST; i++) tell('AUTH_PENDING,timeout 999999')
    for (let i = 0; i <= PENDING_MESSAGES_MOST; i++) tell('INFO_PRE,CR_TEXT:R:again')
    tell('INFO_PRE,UNHEARD:of')
    expect(duo.clientSide.eventsOf('pending')).toHaveLength(PENDING_MESSAGES_MOST)
    expect(duo.clientSide.eventsOf('pending-message')).toHaveLength(PENDING_MESSAGES_MOST)
    reply(duo, pending(1))
    duo.pair.b.link.options = { ...duo.pair.b.link.options, loss: 1 }
    duo.pair.advance(AUTH_PENDING_MOST_MS)
    expect(duo.client.sessionCount).toBe(0)
  })
})
