import { createHmac } from 'node:crypto'
import { createNodeCrypto } from '@causeway/crypto-node'
import { concatBytes } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlPacket } from '../wire/control-packet.suite.ts'
import { type ControlPacket, MAX_CONTROL_PACKET_BYTES } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { createTlsCryptV2ClientKey, createTlsCryptV2ServerKey, openClientKey } from './client-key.ts'
import { type ControlWrap, NO_WRAP, type PacketStamp } from './control-wrap.ts'
import { createDynamicTlsCrypt } from './dynamic-tls-crypt.ts'
import { createTlsAuth, type TlsAuthDigest } from './tls-auth.ts'
import { createTlsCrypt } from './tls-crypt.ts'
import { createTlsCryptV2Client, createTlsCryptV2Session } from './tls-crypt-v2.ts'

const crypto = createNodeCrypto()
const staticKey = crypto.random(256)
const exported = crypto.random(256)
const clientKey = createTlsCryptV2ClientKey(crypto, createTlsCryptV2ServerKey(crypto), {
  type: 'timestamp',
  unixSeconds: 1_700_000_000n,
})

/** The two ends of one wrap. */
type Pair = readonly [client: ControlWrap, server: ControlWrap]

const tlsAuth = (digest: TlsAuthDigest, directed: boolean): Pair => [
  createTlsAuth({ crypto, staticKey, digest, direction: directed ? 1 : 'bidirectional' }),
  createTlsAuth({ crypto, staticKey, digest, direction: directed ? 0 : 'bidirectional' }),
]
const tlsCrypt: Pair = [
  createTlsCrypt({ crypto, staticKey, role: 'client' }),
  createTlsCrypt({ crypto, staticKey, role: 'server' }),
]
const tlsCryptV2: Pair = [
  createTlsCryptV2Client(crypto, clientKey),
  createTlsCryptV2Session(crypto, clientKey.staticKey),
]
const dynamic = ([client, server]: Pair): Pair => [
  createDynamicTlsCrypt({ crypto, exported, role: 'client', wrap: client }),
  createDynamicTlsCrypt({ crypto, exported, role: 'server', wrap: server }),
]

const KEYED: Readonly<Record<string, Pair>> = {
  'tls-auth SHA1 bidirectional': tlsAuth('SHA1', false),
  'tls-auth SHA1': tlsAuth('SHA1', true),
  'tls-auth SHA256': tlsAuth('SHA256', true),
  'tls-auth SHA512': tlsAuth('SHA512', true),
  'tls-crypt': tlsCrypt,
  'tls-crypt-v2': tlsCryptV2,
  'dynamic tls-crypt over none': dynamic([NO_WRAP, NO_WRAP]),
  'dynamic tls-crypt over tls-auth': dynamic(tlsAuth('SHA256', true)),
  'dynamic tls-crypt over tls-crypt-v2': dynamic(tlsCryptV2),
}

const number32 = fc.integer({ min: 0, max: 0xffffffff })
const anyStamp: fc.Arbitrary<PacketStamp> = fc.record({ packetId: number32, netTime: number32 })
const stamp: PacketStamp = { packetId: 3, netTime: 1_700_000_001 }
const hello: ControlPacket = {
  opcode: OPCODES.CONTROL_V1,
  keyId: 0,
  sessionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  acks: [0],
  remoteSessionId: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
  packetId: 1,
  payload: Uint8Array.from({ length: 40 }, (_, i) => i),
}

describe.each(Object.entries(KEYED))('%s', (_, [client, server]) => {
  it('unwraps what the other side wrapped', () => {
    fc.assert(
      fc.property(controlPacket, anyStamp, (packet, stamp) => {
        for (const [from, to] of [
          [client, server],
          [server, client],
        ] as const) {
          if (from === server && packet.opcode > 9) continue
          expect(to.unwrap(from.wrap(packet, stamp))).toEqual({ type: 'packet', packet, stamp })
        }
      }),
      { numRuns: 40 },
    )
  })

  it('adds as many bytes as it says', () => {
    const plain = NO_WRAP.wrap(hello, stamp).length
    for (const opcode of [OPCODES.CONTROL_V1, OPCODES.CONTROL_WKC_V1] as const)
      expect(client.wrap({ ...hello, opcode }, stamp).length - plain).toBe(client.overheadBytes(opcode))
  })

  it('refuses a packet with any bit flipped', () => {
    const bytes = client.wrap(hello, stamp)
    expect(server.unwrap(bytes).type).toBe('packet')
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const forged = bytes.slice()
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(server.unwrap(forged)).toMatchObject({ type: 'fault' })
    }
  })

  it('refuses every truncation, what trails, giants and the clear packet', () => {
    const bytes = client.wrap(hello, stamp)
    for (let length = 0; length < bytes.length; length++)
      expect(server.unwrap(bytes.subarray(0, length)).type).toBe('fault')
    expect(server.unwrap(concatBytes([bytes, Uint8Array.of(0)])).type).toBe('fault')
    expect(server.unwrap(concatBytes([bytes, new Uint8Array(MAX_CONTROL_PACKET_BYTES)])).type).toBe('fault')
    expect(server.unwrap(NO_WRAP.wrap(hello, stamp)).type).toBe('fault')
  })
})

describe('wraps of one key', () => {
  it('with a direction do not take their own packets for the peer’s', () => {
    for (const [name, [client]] of Object.entries(KEYED))
      expect([name, client.unwrap(client.wrap(hello, stamp)).type]).toEqual([
        name,
        name.includes('bidirectional') ? 'packet' : 'fault',
      ])
  })

  it('do not take each other’s packets', () => {
    const pairs = Object.entries(KEYED)
    for (const [from, [client]] of pairs)
      for (const [to, [, server]] of pairs)
        if (from !== to) expect([from, to, server.unwrap(client.wrap(hello, stamp)).type]).toContain('fault')
  })
})

describe('tls-auth', () => {
  it('puts the HMAC before the stamp, and computes it with the stamp before the header', () => {
    const bytes = tlsAuth('SHA256', true)[0].wrap(hello, stamp)
    const [header, tag, stampBytes, body] = [
      bytes.subarray(0, 9),
      bytes.subarray(9, 41),
      bytes.subarray(41, 49),
      bytes.subarray(49),
    ]
    expect(stampBytes).toEqual(Uint8Array.of(0, 0, 0, 3, 0x65, 0x53, 0xf1, 0x01))
    expect(concatBytes([header, body])).toEqual(NO_WRAP.wrap(hello, stamp))
    // The client of `key-direction 1` sends with the second half's HMAC part.
    const key = staticKey.subarray(192, 224)
    const expected = createHmac('sha256', key).update(stampBytes).update(header).update(body).digest()
    expect(tag).toEqual(Uint8Array.from(expected))
  })
})

describe('the wrapped client key', () => {
  const serverKey = createTlsCryptV2ServerKey(crypto)
  const made = createTlsCryptV2ClientKey(crypto, serverKey, { type: 'user', data: Uint8Array.of(1, 2, 3) })

  it('is opened by its server only', () => {
    expect(openClientKey(crypto, serverKey, made.wrappedKey)).toEqual({
      staticKey: made.staticKey,
      metadata: Uint8Array.of(0, 1, 2, 3),
    })
    expect(openClientKey(crypto, createTlsCryptV2ServerKey(crypto), made.wrappedKey)).toBeUndefined()
  })

  it('is refused with any bit flipped and at every length', () => {
    const { wrappedKey } = made
    for (let bit = 0; bit < 8 * wrappedKey.length; bit++) {
      const forged = wrappedKey.slice()
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(openClientKey(crypto, serverKey, forged)).toBeUndefined()
    }
    for (let length = 0; length < wrappedKey.length; length++)
      expect(openClientKey(crypto, serverKey, wrappedKey.subarray(0, length))).toBeUndefined()
  })
})
