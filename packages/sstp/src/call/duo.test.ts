import type { PppAuthentication } from '@causeway/ppp'
import { formatIpAddress } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { BINDING_HASHES } from '../binding/binding-hash.ts'
import { writeCallConnected } from '../binding/call-connected.ts'
import { higherLayerKey } from '../binding/compound-mac.ts'
import { CALL, CERTIFICATE, crypto } from '../testing/bench.suite.ts'
import { createDuo, type Duo, type DuoOptions, meet } from '../testing/duo.suite.ts'
import { EAP_KEYS } from '../testing/outside.suite.ts'
import { parseSstpPacket } from '../wire/packet.ts'

const AUTHENTICATIONS: readonly PppAuthentication[] = ['eap', 'chap-mschapv2', 'pap']
const CALL_CONNECTED_TYPE = 4

const isCallConnected = (packet: Uint8Array) =>
  packet[1] === 1 && packet[5] === CALL_CONNECTED_TYPE && packet.length === 112

function withBit(packet: Uint8Array, at: number): Uint8Array {
  packet[at] = (packet[at] as number) ^ 1
  return packet
}

/** How both ends were told that it is over. */
const ends = ({ client, server }: Duo) => [client.find('closed'), server.find('closed')]

const expectNothingOpen = ({ client, server }: Duo) => {
  expect([client.flows.size, server.flows.size]).toEqual([0, 0])
  expect([client.conversations.size, server.conversations.size]).toEqual([0, 0])
}

describe('our client and our server', () => {
  it.each(AUTHENTICATIONS.flatMap(method => BINDING_HASHES.map(hash => [method, hash] as const)))(
    'open a flow by %s, bound by %s',
    (method, hash) => {
      const server = { bindingHashes: [hash] }
      const duo = meet(createDuo({ settings: { authentication: [method] }, server }))
      for (const outside of [duo.client, duo.server]) {
        const bound = { type: 'bound', hash, keyed: method !== 'pap', authentication: method }
        expect(outside.find('bound')).toEqual(bound)
        expect(outside.flows.get(CALL)).toMatchObject({ mtu: 1400 })
        const steps = outside.story.filter(step => !/^(eap|request|dropped)/.test(step))
        expect(steps.slice(0, 3)).toEqual(['authenticated', 'bound', 'open-flow'])
        expect(steps.slice(3).sort()).toEqual(['ipv4-opened', 'ipv6-opened'])
      }
      const given = duo.client.find('ipv4-opened')
      expect(given && [given.local, given.peer].map(formatIpAddress)).toEqual(['10.9.0.77', '10.9.0.1'])
      expect(duo.messages).toEqual([
        'client call-connect-request',
        'server call-connect-ack',
        'client call-connected',
      ])
    },
  )

  it('agree on the strongest hash of both', () => {
    expect(meet(createDuo()).server.find('bound')).toMatchObject({ hash: 'SHA256' })
    const duo = meet(createDuo({ client: { bindingHashes: ['SHA1'] } }))
    expect(duo.server.find('bound')).toMatchObject({ hash: 'SHA1' })
  })

  it('do without a flow when they know no hash in common', () => {
    const client = { bindingHashes: ['SHA1'] as const }
    const duo = meet(createDuo({ client, server: { bindingHashes: ['SHA256'] } }))
    expect(duo.messages.at(1)).toBe('server call-connect-ack')
    expect(duo.messages.slice(2)).toEqual([
      'client call-abort 4 VALUE_NOT_SUPPORTED',
      'server call-abort 0 NO_ERROR',
    ])
    expect(ends(duo)[1]).toMatchObject({ byPeer: true, reason: 'aborted by the peer: VALUE_NOT_SUPPORTED' })
    expectNothingOpen(duo)
  })

  it('send what their flow can carry: the smaller of both MTUs', () => {
    const duo = meet(createDuo({ client: { tunnelMtu: 1280 }, server: { tunnelMtu: 4000 } }))
    expect(duo.server.flows.get(CALL)?.mtu).toBe(1280)
    expect(duo.client.flows.get(CALL)?.mtu).toBe(1280)
  })

  it('stay connected for hours, by echoes', () => {
    const duo = meet(createDuo())
    duo.messages.length = 0
    duo.pair.advance(4 * 3_600_000)
    expect(ends(duo)).toEqual([undefined, undefined])
    expect(new Set(duo.messages)).toEqual(
      new Set(['client echo-request', 'server echo-response', 'server echo-request', 'client echo-response']),
    )
    expect(duo.messages.length).toBeGreaterThan(400)
  })
})

describe('leaving', () => {
  const leave = { type: 'disconnect', call: CALL, reason: 'enough' } as const

  it.each(['client', 'server'] as const)('by the %s ends PPP, then the call, at both ends', who => {
    const duo = meet(createDuo())
    duo.messages.length = 0
    const end = who === 'client' ? duo.pair.a : duo.pair.b
    end.command(leave)
    duo.pair.advance(1_000)
    const far = who === 'client' ? 'server' : 'client'
    expect(duo.messages).toEqual([`${who} call-disconnect`, `${far} call-disconnect-ack`])
    expect(duo[who].find('closed')).toEqual({
      type: 'closed',
      reason: 'enough',
      byPeer: false,
      refused: false,
    })
    expect(duo[far].find('closed')).toMatchObject({ reason: 'disconnected by the peer', byPeer: true })
    expectNothingOpen(duo)
    expect(duo.pair.step()).toBe(false)
  })

  it('by both at once (crossed) ends it at both', () => {
    const duo = meet(createDuo())
    duo.pair.a.command(leave)
    duo.pair.b.command(leave)
    duo.pair.advance(10_000)
    expect(ends(duo)).toMatchObject([{ reason: 'enough' }, { reason: 'enough' }])
    expect(duo.server.story.filter(step => step === 'closed')).toHaveLength(1)
    expectNothingOpen(duo)
    expect(duo.pair.step()).toBe(false)
  })

  it.each([0, 5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 115])(
    'is possible at every moment of the beginning: after %i ms, by one or both',
    at => {
      for (const who of [['a'], ['b'], ['a', 'b']] as const) {
        for (const method of AUTHENTICATIONS) {
          const duo = createDuo({ settings: { authentication: [method] } })
          for (const end of who) duo.pair[end].command(leave, at)
          duo.pair.advance(30_000)
          expect(ends(duo).map(end => end?.type)).toEqual(['closed', 'closed'])
          expectNothingOpen(duo)
          expect(duo.pair.step()).toBe(false)
        }
      }
    },
  )
})

describe('refused', () => {
  const fails = (options: DuoOptions) => {
    const duo = meet(createDuo(options))
    duo.pair.advance(20_000)
    expect(duo.server.story).not.toContain('open-flow')
    expectNothingOpen(duo)
    expect(duo.pair.step()).toBe(false)
    return duo
  }
  const refusal = (reason: string) => ({ type: 'closed', reason, byPeer: false, refused: true })

  it.each(AUTHENTICATIONS)('is a stranger by %s', method => {
    const duo = fails({ settings: { authentication: [method] }, clientOutside: { isStranger: true } })
    expect(duo.server.find('closed')).toMatchObject({ refused: true })
    expect(duo.server.find('bound')).toBeUndefined()
  })

  it('is a peer for which no address is left', () => {
    const duo = fails({ serverOutside: { deniesNetwork: true } })
    expect(duo.server.find('closed')).toEqual(refusal('no address is left'))
  })

  it.each(AUTHENTICATIONS)('is a compound MAC that was changed (%s)', method => {
    const settings = { authentication: [method] }
    const tamper = (packet: Uint8Array) => (isCallConnected(packet) ? withBit(packet, 100) : packet)
    const duo = fails({ settings, tamper })
    expect(duo.server.find('closed')).toEqual(refusal('crypto binding: another compound MAC'))
    expect(duo.messages).toContain('server call-abort 3 VALUE_NOT_SUPPORTED')
  })

  it('is a nonce of another call', () => {
    const sent: Uint8Array[] = []
    meet(
      createDuo({
        seed: 2,
        tamper: packet => {
          if (isCallConnected(packet)) sent.push(packet.slice())
          return packet
        },
      }),
    )
    const tamper = (packet: Uint8Array) =>
      isCallConnected(packet) ? (sent[0] as Uint8Array).slice() : packet
    const duo = fails({ seed: 3, tamper })
    expect(duo.server.find('closed')).toEqual(refusal('crypto binding: another nonce'))
  })

  it('is a client that saw the certificate of a middleman', () => {
    const clientCertificate = { sha1: new Uint8Array(20), sha256: new Uint8Array(32) }
    const duo = fails({ clientCertificate })
    expect(duo.server.find('closed')).toEqual(refusal('crypto binding: another certificate'))
  })

  it.each(['eap', 'chap-mschapv2'] as const)('is a middleman who passes on %s without its keys', method => {
    const duo = fails({ settings: { authentication: [method] }, clientOutside: { otherKeys: true } })
    expect(duo.server.find('closed')).toEqual(refusal('crypto binding: another compound MAC'))
  })

  it.each(AUTHENTICATIONS)('is a client that sends no Call Connected after %s', method => {
    const tamper = (packet: Uint8Array) => (isCallConnected(packet) ? undefined : packet)
    const duo = fails({ settings: { authentication: [method] }, tamper })
    expect(duo.server.find('closed')).toMatchObject({ reason: 'no Call Connected in time' })
    expect(duo.messages).toContain('server call-abort 2 NEGOTIATION_TIMEOUT')
  })

  it.each(AUTHENTICATIONS)('is one that does not answer %s', method => {
    const settings = { authentication: [method], negotiationMilliseconds: 20_000 }
    const duo = fails({ settings, clientOutside: { isSilent: true } })
    expect(duo.server.find('closed')).toMatchObject({ refused: false, reason: 'not authenticated in time' })
  })

  it('is one that asks for what we do not speak', () => {
    const settings = { client: { authentication: ['pap'] }, server: { authentication: ['eap'] } } as const
    const duo = fails(settings)
    expect(ends(duo).every(end => end !== undefined)).toBe(true)
  })
})

describe('Call Connected before authentication has ended, as sstp-client sends it', () => {
  /** The client's own is lost, and one by `keys` is there as soon as the server has acknowledged. */
  function early(keys = { send: EAP_KEYS.receive, receive: EAP_KEYS.send }, options: DuoOptions = {}): Duo {
    const duo: Duo = createDuo({
      settings: { authentication: ['eap'] },
      thinkMilliseconds: 1_000,
      ...options,
      tamper: (packet, from) => {
        if (from === 'client') return isCallConnected(packet) ? undefined : packet
        const parsed = parseSstpPacket(packet)
        if (!('message' in parsed) || parsed.message.type !== 'call-connect-ack') return packet
        const { nonce } = parsed.message.request
        const key = higherLayerKey('client', keys)
        const forged = writeCallConnected(crypto, { hash: 'SHA256', nonce, certificate: CERTIFICATE, key })
        duo.pair.a.link.send(forged, duo.pair.clock.now + 100)
        return packet
      },
    })
    return meet(duo)
  }

  it('is held, and holds once the keys are known', () => {
    const duo = early()
    expect(duo.server.story.filter(step => /authenticated|bound|flow/.test(step))).toEqual([
      'authenticated',
      'bound',
      'open-flow',
    ])
    expect(duo.server.find('bound')).toMatchObject({ hash: 'SHA256', keyed: true })
  })

  it('is held, and refused once the keys are known to be others', () => {
    const duo = early({ send: new Uint8Array(32), receive: new Uint8Array(32) })
    expect(duo.server.find('closed')).toMatchObject({
      reason: 'crypto binding: another compound MAC',
      refused: true,
    })
    expect(duo.server.story).not.toContain('open-flow')
  })
})
