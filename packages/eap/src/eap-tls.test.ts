import { sameBytes } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import type { EapAuthenticatorReply } from './authenticator/authenticator-reply.ts'
import type { EapPeerReply } from './peer/peer-output.ts'
import {
  CLIENT,
  type Credentials,
  clientChainOf,
  SERVER,
  tlsContext,
  type Version,
} from './testing/credentials.suite.ts'
import {
  authenticator,
  converse,
  converseUntil,
  type DrivenAuthenticator,
  type DrivenPeer,
  peer,
  respond,
} from './testing/two-roles.suite.ts'
import { parseEapPacket, writeEapPacket } from './wire/eap-packet.ts'
import { EAP_TYPES } from './wire/eap-type.ts'

/*
 *  peer                                authenticator
 *    |        <- Request/Identity            |
 *    |  Response/Identity ->                 |
 *    |        <- Request/TLS start           |
 *    |  ClientHello ->                       |
 *    |        <- ServerHello ... (fragments) |
 *    |  Certificate ... Finished ->          |  authenticate -> allow
 *    |        <- TLS 1.2: Finished; 1.3: 00  |
 *    |  Response/TLS, empty ->               |
 *    |        <- Success                     |
 */

interface Setting {
  readonly version?: Version
  readonly client?: Credentials
  readonly verdict?: EapAuthenticatorReply
  readonly trust?: EapPeerReply
  readonly serverFragment?: number
  readonly clientFragment?: number
}

interface Pair {
  readonly server: DrivenAuthenticator
  readonly client: DrivenPeer
}

function pair(setting: Setting = {}): Pair {
  const { version = 'TLSv1.3', client = CLIENT, serverFragment = 1000, clientFragment = 1000 } = setting
  const verdict: EapAuthenticatorReply = setting.verdict ?? { type: 'allow' }
  const trust: EapPeerReply = setting.trust ?? { type: 'trust' }
  return {
    server: authenticator({
      tls: tlsContext('server', { ...certificate(SERVER), version }),
      decide: () => verdict,
      limits: { fragmentBytes: serverFragment },
    }),
    client: peer({
      tls: tlsContext('client', { ...certificate(client), version }),
      decide: () => trust,
      limits: { fragmentBytes: clientFragment },
    }),
  }
}

function certificate({ certificateChain, privateKey }: Credentials) {
  return { certificateChain, privateKey }
}

const reasons = ({ outputs }: DrivenAuthenticator | DrivenPeer) =>
  outputs.flatMap(output => (output.type === 'failure' ? [output.reason] : []))

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', version => {
  test('both ends succeed with the same keys, once the outside has allowed it', () => {
    const { server, client } = pair({ version })
    const packets = converse(server, client)
    const [a] = server.of('success')
    const [b] = client.of('success')
    expect(a).toMatchObject({ method: 'tls', identity: 'alice@example.test', peerChain: CLIENT.chain })
    expect(b).toMatchObject({ method: 'tls', peerChain: SERVER.chain, msk: a?.msk, emsk: a?.emsk })
    expect([a?.msk?.length, a?.emsk?.length]).toEqual([64, 64])
    expect(sameBytes(a?.msk as Uint8Array, a?.emsk as Uint8Array)).toBe(false)
    expect(parseEapPacket(packets.at(-1) as Uint8Array)).toMatchObject({ code: 'success' })
    expect(server.requests.map(({ request }) => request)).toEqual([
      {
        type: 'authenticate',
        method: 'tls',
        peerChain: CLIENT.chain,
        identity: 'alice@example.test',
        tlsVersion: version,
        tlsCipher:
          version === 'TLSv1.3' ? 'TLS_AES_256_GCM_SHA384' : 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      },
    ])
    expect([server.hasTls, client.hasTls]).toEqual([false, false])
    expect([...server.of('failure'), ...client.of('failure'), ...server.of('dropped')]).toEqual([])
  })

  test('the keys are known before EAP-Success is sent', () => {
    const { server, client } = pair({ version })
    converse(server, client)
    expect(server.outputs.slice(-3).map(({ type }) => type)).toEqual(['tls-close', 'success', 'send'])
  })

  test.each([100, 256, 1000, 4000])('a chain of 5 KB in fragments of %i bytes', fragment => {
    const chain = clientChainOf(5000)
    const { server, client } = pair({
      version,
      client: chain,
      serverFragment: fragment,
      clientFragment: fragment,
    })
    const packets = converse(server, client)
    const success = server.of('success')[0]
    expect(success?.peerChain).toEqual(chain.chain)
    expect(client.of('success')[0]?.msk).toEqual(success?.msk)
    // Code, Identifier, Length, Type, Flags, TLS Message Length.
    expect(Math.max(...packets.map(({ length }) => length))).toBeLessThanOrEqual(fragment + 10)
  })

  test('the two ends may have other fragment sizes', () => {
    const { server, client } = pair({
      version,
      client: clientChainOf(5000),
      serverFragment: 64,
      clientFragment: 3000,
    })
    converse(server, client)
    expect(client.of('success')[0]?.msk).toEqual(server.of('success')[0]?.msk)
  })

  test('each conversation has its own keys', () => {
    const [first, second] = [1, 2].map(() => {
      const { server, client } = pair({ version })
      converse(server, client)
      return server.of('success')[0]?.msk
    })
    expect(first).toBeDefined()
    expect(first).not.toEqual(second)
  })

  test('a denial ends both, and says why to the log alone', () => {
    const { server, client } = pair({
      version,
      verdict: { type: 'deny', reason: 'revoked', alert: 'certificate-revoked' },
    })
    const packets = converse(server, client)
    expect(server.of('failure')).toEqual([{ type: 'failure', reason: 'revoked' }])
    expect(parseEapPacket(packets.at(-1) as Uint8Array)).toMatchObject({ code: 'failure' })
    expect(client.of('failure')[0]?.reason).toBe(
      version === 'TLSv1.2' ? 'the peer finds our certificate revoked' : 'the server refuses',
    )
    expect([...server.of('success'), ...client.of('success')]).toEqual([])
    expect([server.hasTls, client.hasTls]).toEqual([false, false])
  })

  test('a client without a certificate is refused, and nobody is asked', () => {
    const server = authenticator({ tls: tlsContext('server', { ...certificate(SERVER), version }) })
    const client = peer({ tls: tlsContext('client', { version }), decide: () => ({ type: 'trust' }) })
    converse(server, client)
    expect(server.of('failure')).toEqual([{ type: 'failure', reason: 'the peer has no certificate' }])
    expect(server.requests).toEqual([])
  })

  test('a peer that distrusts the server ends without a word', () => {
    const { server, client } = pair({ version, trust: { type: 'distrust', reason: 'another name' } })
    converse(server, client)
    expect(client.of('failure')).toEqual([{ type: 'failure', reason: 'another name' }])
    expect(server.of('success')).toEqual([])
  })

  test('while the outside decides, what the peer sends is dropped', () => {
    const server = authenticator({ tls: tlsContext('server', { ...certificate(SERVER), version }) })
    const client = peer({
      tls: tlsContext('client', { ...certificate(CLIENT), version }),
      decide: () => ({ type: 'trust' }),
    })
    const packets = converse(server, client)
    server.receive(packets.at(-1) as Uint8Array)
    expect(server.sent).toEqual([])
    expect(server.of('dropped').at(-1)?.reason).toBe('a repeated EAP response')
    server.reply({ type: 'allow' })
    converse(server, client)
    expect(client.of('success')).toHaveLength(1)
  })

  test('each packet twice, as a lower layer that retransmits sends it: the same end', () => {
    const { server, client } = pair({ version, client: clientChainOf(2000) })
    while (server.sent.length + client.sent.length > 0) {
      for (const [from, to] of [
        [server, client],
        [client, server],
      ] as const) {
        const packet = from.take()
        if (!packet) continue
        to.receive(packet)
        const answers = to.sent.length
        to.receive(packet)
        // What was answered is answered again by the same bytes, which are lost here.
        if (to.sent.length > answers) expect(to.sent.pop()).toEqual(to.sent.at(-1))
      }
    }
    expect(client.of('success')[0]?.msk).toEqual(server.of('success')[0]?.msk)
    expect(server.of('success')[0]?.msk).toHaveLength(64)
  })

  test('a packet that was changed on its way never makes a client succeed alone or with other keys', () => {
    for (let victim = 0; victim < 14; victim++) {
      const { server, client } = pair({ version })
      let count = 0
      while (server.sent.length + client.sent.length > 0) {
        for (const [from, to] of [
          [server, client],
          [client, server],
        ] as const) {
          const packet = from.take()
          if (!packet) continue
          const at = packet.length - 1
          if (count++ === victim) packet[at] = (packet[at] as number) ^ 0x55
          to.receive(packet)
        }
      }
      const [success] = client.of('success')
      if (success) expect(success.msk).toEqual(server.of('success')[0]?.msk)
    }
  })
})

describe('TLS that fails', () => {
  it('tells the peer by an alert, and then by EAP-Failure', () => {
    const server = authenticator({
      tls: tlsContext('server', { ...certificate(SERVER), version: 'TLSv1.3' }),
    })
    const client = peer({ tls: tlsContext('client', { ...certificate(CLIENT), version: 'TLSv1.2' }) })
    const packets = converse(server, client)
    expect(server.of('failure')[0]?.reason).toMatch(/^wrong version/)
    expect(server.of('denied')[0]?.reason).toMatch(/^wrong version/)
    expect(client.of('failure')[0]?.reason).toMatch(/^wrong version/)
    expect(packets.some(packet => packet[0] === 1 && packet[6] === 21)).toBe(true)
  })

  it.each([
    ['bytes that are no TLS', Uint8Array.of(0, 0x47, 0x45, 0x54, 0x20, 0x2f, 0x20), /./],
    ['half a record', Uint8Array.of(0, 0x16, 3, 1, 0, 200, 1), /not whole/],
    ['nothing', Uint8Array.of(0), /says nothing/],
    ['a start', Uint8Array.of(0x20), /start out of turn/],
    ['half a length', Uint8Array.of(0x80, 0), /malformed EAP-TLS/],
  ])('%s', (_, data, why) => {
    const server = authenticator({ identity: '', tls: tlsContext('server', certificate(SERVER)) })
    server.receive(respond(server, EAP_TYPES.TLS, data))
    if (server.of('denied').length > 0) server.receive(respond(server, EAP_TYPES.TLS, Uint8Array.of(0)))
    expect(server.of('failure')).toEqual([{ type: 'failure', reason: expect.stringMatching(why) }])
    expect(server.hasTls).toBe(false)
    expect(parseEapPacket(server.sent.at(-1) as Uint8Array)).toMatchObject({ code: 'failure' })
  })

  it('an endless chain of fragments ends at the limit of a message', () => {
    const server = authenticator({ identity: '', tls: tlsContext('server', certificate(SERVER)) })
    const data = new Uint8Array(1001)
    data[0] = 0x40
    for (let i = 0; i < 200 && server.of('failure').length === 0; i++) {
      server.receive(respond(server, EAP_TYPES.TLS, data))
    }
    expect(reasons(server)).toEqual(['a TLS message of more than 65536 bytes'])
  })
})

describe('a peer believes no success that it has not seen coming', () => {
  const success = (identifier: number) => writeEapPacket({ code: 'success', identifier })

  it('before anything', () => {
    const client = peer()
    client.receive(success(0))
    expect(reasons(client)).toEqual(['EAP-Success before the method had ended'])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('at any point of %s before the last', version => {
    const whole = pair({ version })
    const count = converse(whole.server, whole.client).filter(packet => packet[0] === 1).length
    for (let early = 1; early < count; early++) {
      const { server, client } = pair({ version })
      let identifier = 0
      for (let taken = 0; taken < early; taken++) {
        const request = server.take() as Uint8Array
        identifier = request[1] as number
        client.receive(request)
        if (taken < early - 1) server.receive(client.take() as Uint8Array)
      }
      client.receive(success(identifier))
      expect(reasons(client)).toEqual(['EAP-Success before the method had ended'])
      expect(client.of('success')).toEqual([])
    }
  })

  it('nor a failure after the protected success indication of TLS 1.3', () => {
    const { server, client } = pair({ version: 'TLSv1.3' })
    converseUntil(server, client, () => server.of('success').length > 0)
    const genuine = server.take() as Uint8Array
    client.receive(writeEapPacket({ code: 'failure', identifier: genuine[1] as number }))
    expect(client.of('failure')).toEqual([])
    client.receive(genuine)
    expect(client.of('success')).toHaveLength(1)
  })
})

test('giving up lets go of TLS, and says nothing to the peer', () => {
  const { server, client } = pair()
  for (let i = 0; i < 3; i++) {
    client.receive(server.take() as Uint8Array)
    server.receive(client.take() as Uint8Array)
  }
  server.sent = []
  expect([server.hasTls, client.hasTls]).toEqual([true, true])
  for (const end of [server, client]) {
    end.role.handleCommand({ type: 'abandon', reason: 'the deadline has passed' })
    end.drain()
    expect(reasons(end)).toEqual(['the deadline has passed'])
    expect([end.hasTls, end.sent]).toEqual([false, []])
  }
})
