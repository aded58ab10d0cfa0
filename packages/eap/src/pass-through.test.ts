import { describe, expect, it, test } from 'vitest'
import { CLIENT, SERVER, tlsContext } from './testing/credentials.suite.ts'
import {
  authenticator,
  converse,
  type DrivenAuthenticator,
  type DrivenPeer,
  peer,
} from './testing/two-roles.suite.ts'
import { parseEapPacket, writeEapPacket } from './wire/eap-packet.ts'
import { EAP_TYPES } from './wire/eap-type.ts'

const certificate = ({ certificateChain, privateKey }: typeof SERVER) => ({ certificateChain, privateKey })

/** Stands where RADIUS does: carries what `front` asks to the authenticator behind, and its answers back. */
function relayThrough(front: DrivenAuthenticator, back: DrivenAuthenticator, client: DrivenPeer): void {
  let answered = 0
  for (;;) {
    converse(front, client)
    const { id, request } = front.requests.at(-1) ?? {}
    if (request?.type !== 'forward' || id === undefined || id === answered) return
    answered = id
    back.receive(request.packet)
    const packet = back.sent.pop()
    const [success] = back.of('success')
    const [failure] = back.of('failure')
    if (success) front.reply({ type: 'accept', msk: success.msk })
    else if (failure) front.reply({ type: 'deny', reason: failure.reason })
    else if (packet) front.reply({ type: 'forwarded', packet })
  }
}

function behind(allowed: boolean): DrivenAuthenticator {
  const back = authenticator({
    tls: tlsContext('server', certificate(SERVER)),
    decide: () => (allowed ? { type: 'allow' } : { type: 'deny', reason: 'unknown to the directory' }),
    limits: { fragmentBytes: 400 },
  })
  return back
}

/** Its Identity request went nowhere: a RADIUS server begins with the identity that it is given. */
function identifierOf(back: DrivenAuthenticator): number {
  return back.sent.pop()?.[1] ?? 0
}

const user = () => peer({ tls: tlsContext('client', certificate(CLIENT)), decide: () => ({ type: 'trust' }) })

/** In front of `back`, with an Identity round under the identifier that it waits for. */
function before(back: DrivenAuthenticator): DrivenAuthenticator {
  const identifier = identifierOf(back)
  return authenticator({
    crypto: { random: () => Uint8Array.of((identifier - 1) & 0xff) },
    methods: ['pass-through'],
  })
}

test('a whole EAP-TLS conversation goes through, and its key comes out', () => {
  const back = behind(true)
  const [front, client] = [before(back), user()]
  relayThrough(front, back, client)
  expect(front.of('success')).toEqual([
    {
      type: 'success',
      method: 'pass-through',
      identity: 'alice@example.test',
      msk: back.of('success')[0]?.msk,
    },
  ])
  expect(client.of('success')[0]?.msk).toEqual(back.of('success')[0]?.msk)
  expect(front.requests.length).toBeGreaterThan(4)
})

test('a verdict of no is EAP-Failure', () => {
  const back = behind(false)
  const [front, client] = [before(back), user()]
  relayThrough(front, back, client)
  expect(front.of('failure')).toEqual([{ type: 'failure', reason: 'unknown to the directory' }])
  expect(client.of('failure')).toEqual([{ type: 'failure', reason: 'the server refuses' }])
})

describe('of what the authenticator behind sends', () => {
  const front = () => authenticator({ methods: ['pass-through'], identity: 'alice' })

  it.each([
    [
      'success without a verdict',
      writeEapPacket({ code: 'success', identifier: 1 }),
      /an EAP success without/,
    ],
    [
      'failure without a verdict',
      writeEapPacket({ code: 'failure', identifier: 1 }),
      /an EAP failure without/,
    ],
    ['no EAP', Uint8Array.of(1, 2, 3), /malformed EAP from the authenticator behind us/],
  ])('%s does not reach the peer', (_, packet, reason) => {
    const server = front()
    server.reply({ type: 'forwarded', packet })
    expect(server.of('failure')).toEqual([{ type: 'failure', reason: expect.stringMatching(reason) }])
    expect(server.sent.map(sent => sent[0])).toEqual([4])
  })

  it('a request reaches it as it is, and only its identifier is answered', () => {
    const server = front()
    const packet = writeEapPacket({
      code: 'request',
      identifier: 200,
      type: EAP_TYPES.GTC,
      data: Uint8Array.of(1),
    })
    server.reply({ type: 'forwarded', packet })
    expect(server.take()).toEqual(packet)
    const answer = (identifier: number) =>
      writeEapPacket({ code: 'response', identifier, type: EAP_TYPES.NAK, data: Uint8Array.of(13) })
    server.receive(answer(199))
    expect(server.requests).toHaveLength(1)
    server.receive(answer(200))
    expect(server.requests[1]?.request).toMatchObject({ type: 'forward', packet: answer(200) })
  })

  it('success without a key is success without a key', () => {
    const server = front()
    server.reply({ type: 'accept', msk: undefined })
    expect(server.of('success')[0]?.msk).toBeUndefined()
    expect(parseEapPacket(server.sent[0] as Uint8Array)).toMatchObject({ code: 'success' })
  })

  it('a key of another length is misuse', () => {
    expect(() => front().reply({ type: 'accept', msk: new Uint8Array(32) })).toThrowError(
      expect.objectContaining({ code: 'ERR_EAP_REPLY' }),
    )
  })
})
