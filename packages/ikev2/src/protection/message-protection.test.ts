import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { WireFault } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { IkeSuite } from '../proposal/suite.ts'
import { HEADER_BYTES, readIkeHeader } from '../wire/header.ts'
import { EXCHANGE, NOTIFY, PAYLOAD } from '../wire/numbers.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'
import { deriveIkeKeys } from './ike-keys.ts'
import { type Fragmentation, MessageProtection, type Opened } from './message-protection.ts'
import { createSealing } from './sealing.ts'

const crypto = createSeededCrypto('message protection')

const SUITES: readonly IkeSuite[] = [
  { encryption: 'AES-GCM-16-128', prf: 'HMAC-SHA256', group: 'ECP-256' },
  { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' },
  { encryption: 'AES-CBC-128', integrity: 'HMAC-SHA1-96', prf: 'HMAC-SHA1', group: 'MODP-1024' },
  { encryption: 'AES-CBC-192', integrity: 'HMAC-SHA384-192', prf: 'HMAC-SHA384', group: 'MODP-2048' },
  { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA512-256', prf: 'HMAC-SHA512', group: 'X25519' },
]

const header: IkeHeader = {
  initiatorSpi: crypto.random(8),
  responderSpi: crypto.random(8),
  exchange: EXCHANGE.INFORMATIONAL,
  fromInitiator: true,
  response: false,
  messageId: 7,
}

const payloads: readonly Payload[] = [
  { type: 'N', protocol: 0, spi: new Uint8Array(0), notify: NOTIFY.COOKIE2, data: crypto.random(33) },
  { type: 'V', data: crypto.random(1) },
]

function keysOf(suite: IkeSuite) {
  const [initiatorNonce, responderNonce, secret] = [1, 2, 3].map(() => crypto.random(32))
  const inputs = { initiatorNonce, responderNonce, secret } as Record<string, Uint8Array>
  return deriveIkeKeys(crypto, suite, { ...header, ...inputs } as never)
}

function pair(suite: IkeSuite): [MessageProtection, MessageProtection] {
  const keys = keysOf(suite)
  return [
    new MessageProtection(crypto, suite, keys, 'initiator'),
    new MessageProtection(crypto, suite, keys, 'responder'),
  ]
}

function open(protection: MessageProtection, bytes: Uint8Array): Opened {
  const read = readIkeHeader(bytes)
  if (read instanceof WireFault) throw new Error(read.toString())
  return protection.open(read, bytes)
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ 0x01
  return copy
}

describe.each(SUITES)('$encryption $integrity', suite => {
  test('what one end seals the other opens, both ways', () => {
    const [initiator, responder] = pair(suite)
    for (const [from, to] of [
      [initiator, responder],
      [responder, initiator],
    ] as const) {
      const [datagram] = from.seal(header, payloads) as [Uint8Array]
      expect(open(to, datagram)).toMatchObject({ type: 'message', payloads })
      const [empty] = from.seal(header, []) as [Uint8Array]
      expect(open(to, empty)).toMatchObject({ type: 'message', payloads: [] })
    }
  })

  test('a change of any byte is refused', () => {
    const [initiator, responder] = pair(suite)
    const [datagram] = initiator.seal(header, payloads) as [Uint8Array]
    // The length field (24 to 27) is refused before by the header's reader.
    for (let at = 0; at < datagram.length; at++) {
      if (at >= 24 && at < 28) continue
      expect(open(responder, changed(datagram, at)), `byte ${at}`).toMatchObject({ type: 'rejected' })
    }
  })

  test('our own message sent back is refused', () => {
    const [initiator] = pair(suite)
    const [datagram] = initiator.seal(header, payloads) as [Uint8Array]
    expect(open(initiator, datagram)).toEqual({ type: 'rejected', reason: 'a message of our own role' })
    const turned = changed(datagram, 19)
    turned[19] = 0
    expect(open(initiator, turned)).toMatchObject({ type: 'rejected', reason: 'integrity check failed' })
  })

  test('whatever its length, a message is cut so that no datagram is larger than it may be', () => {
    const [initiator] = pair(suite)
    for (let length = 200; length < 4000; length += 61) {
      const message: Payload[] = [{ type: 'V', data: crypto.random(length) }]
      for (const fragmentation of FRAGMENTATIONS) {
        const datagrams = initiator.seal(header, message, fragmentation)
        const overhead = overheadBytes(fragmentation)
        const sizes = datagrams.map(datagram => datagram.length + overhead)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(fragmentation.datagramBytes)
        if (sizes.length > 1) expect(sizes[0]).toBeGreaterThan(fragmentation.datagramBytes - 16)
      }
    }
  })
})

const FRAGMENTATIONS: readonly Fragmentation[] = [
  { datagramBytes: 576, family: 4, encapsulated: false },
  { datagramBytes: 1280, family: 6, encapsulated: true },
]

function overheadBytes({ family, encapsulated }: Fragmentation): number {
  return (family === 4 ? 28 : 48) + (encapsulated ? 4 : 0)
}

const GCM = SUITES[1] as IkeSuite
const CBC = SUITES[2] as IkeSuite

test('a message that just fits is not cut', () => {
  const [initiator] = pair(GCM)
  const fragmentation: Fragmentation = { datagramBytes: 576, family: 4, encapsulated: true }
  // 28 IP and UDP, 4 marker, 28 header, 4 SK, 8 IV, 4 of the payload, 1 pad length, 16 tag
  const fitting: Payload[] = [{ type: 'V', data: new Uint8Array(576 - 93) }]
  const larger: Payload[] = [{ type: 'V', data: new Uint8Array(576 - 92) }]
  expect(initiator.seal(header, fitting, fragmentation)).toHaveLength(1)
  expect(initiator.seal(header, larger, fragmentation)).toHaveLength(2)
})

test('every GCM message and fragment has an IV of its own', () => {
  const [initiator] = pair(GCM)
  const long: Payload[] = [{ type: 'V', data: new Uint8Array(3000) }]
  const fragmentation: Fragmentation = { datagramBytes: 576, family: 4, encapsulated: false }
  const sealed = [...initiator.seal(header, payloads), ...initiator.seal(header, long, fragmentation)]
  const ivs = sealed.map(datagram => {
    const at = HEADER_BYTES + (datagram[16] === PAYLOAD.SKF ? 8 : 4)
    return datagram.subarray(at, at + 8).join()
  })
  expect(ivs).toHaveLength(8)
  expect(new Set(ivs).size).toBe(ivs.length)
})

test('the same message sealed twice differs in CBC too', () => {
  const [initiator] = pair(CBC)
  expect(initiator.seal(header, payloads)).not.toEqual(initiator.seal(header, payloads))
})

test('a fragment says its place, and its first payload only in number 1', () => {
  const [initiator, responder] = pair(CBC)
  const long: Payload[] = [{ type: 'V', data: crypto.random(2000) }]
  const datagrams = initiator.seal(header, long, { datagramBytes: 576, family: 4, encapsulated: false })
  const fragments = datagrams.map(datagram => open(responder, datagram))
  expect(fragments).toMatchObject(
    datagrams.map((_, index) => ({
      type: 'fragment',
      fragment: {
        number: index + 1,
        total: datagrams.length,
        first: index === 0 ? PAYLOAD.V : PAYLOAD.NONE,
      },
    })),
  )
})

/** How a message of the initiator may be wrong although it is authentic: only an owner of the keys can. */
interface Forgery {
  readonly first: number
  readonly plaintext: Uint8Array
  /** Fragment Number and Total Fragments: an SKF payload. */
  readonly place?: readonly [number, number]
  /** Added to the length field of the SK payload. */
  readonly lengthError?: number
}

function forged(suite: IkeSuite, { first, plaintext, place, lengthError = 0 }: Forgery): Opened {
  const keys = keysOf(suite)
  const sealing = createSealing(crypto, suite, { encryption: keys.skEi, integrity: keys.skAi })
  const head = place ? 8 : 4
  const length = sealing.sealedBytes(plaintext.length) + sealing.overheadBytes + head
  const total = HEADER_BYTES + length
  const said = length + lengthError
  const associated = Uint8Array.of(
    ...header.initiatorSpi,
    ...header.responderSpi,
    ...[place ? PAYLOAD.SKF : PAYLOAD.SK, 0x20, EXCHANGE.INFORMATIONAL, 0x08],
    ...[0, 0, 0, 7, 0, 0, total >> 8, total & 0xff],
    ...[first, 0, said >> 8, said & 0xff],
    ...(place ?? []).flatMap(number => [number >> 8, number & 0xff]),
  )
  const responder = new MessageProtection(crypto, suite, keys, 'responder')
  return open(responder, Uint8Array.of(...associated, ...sealing.seal(associated, plaintext)))
}

test.each([GCM, CBC])('an authentic message that cannot be read is a fault, not a drop: %o', suite => {
  expect(forged(suite, { first: PAYLOAD.V, plaintext: Uint8Array.of(0, 0, 0, 99) })).toMatchObject({
    type: 'faulty',
    fault: { type: 'invalid-syntax' },
  })
  expect(forged(suite, { first: 200, plaintext: Uint8Array.of(0, 0x80, 0, 4) })).toMatchObject({
    type: 'faulty',
    fault: { type: 'unsupported-critical-payload', payload: 200 },
  })
  const empty = { first: PAYLOAD.NONE, plaintext: new Uint8Array(0) }
  expect(forged(suite, empty)).toMatchObject({ type: 'message', payloads: [] })
})

test.each([GCM, CBC])('an SK payload ends where the message ends: %o', suite => {
  for (const lengthError of [-1, 1]) {
    const forgery = { first: PAYLOAD.NONE, plaintext: new Uint8Array(0), lengthError }
    expect(forged(suite, forgery)).toEqual({ type: 'rejected', reason: 'SK payload length' })
  }
})

test.each([GCM, CBC])('a fragment has a number from 1 to its total (RFC 7383 §2.6): %o', suite => {
  const place = (number: number, total: number) =>
    forged(suite, { first: PAYLOAD.V, plaintext: Uint8Array.of(1), place: [number, total] }).type
  expect([place(1, 1), place(2, 2), place(65535, 65535)]).toEqual(['fragment', 'fragment', 'fragment'])
  expect([place(0, 0), place(0, 2), place(3, 2), place(1, 0)]).toEqual(Array(4).fill('rejected'))
})

test('a message without SK, or with a payload before it, is refused', () => {
  const [initiator, responder] = pair(GCM)
  const [datagram] = initiator.seal(header, payloads) as [Uint8Array]
  const before = datagram.slice()
  before[16] = PAYLOAD.N
  expect(open(responder, before)).toEqual({ type: 'rejected', reason: 'no SK payload' })
})

test('what is too short for IV, block and ICV is refused whatever its bytes', () => {
  for (const suite of SUITES) {
    const [initiator, responder] = pair(suite)
    const [datagram] = initiator.seal(header, []) as [Uint8Array]
    for (let length = HEADER_BYTES + 1; length < datagram.length; length++) {
      const short = datagram.slice(0, length)
      short[27] = length
      if (length >= HEADER_BYTES + 4) short[HEADER_BYTES + 3] = length - HEADER_BYTES
      expect(open(responder, short)).toMatchObject({ type: 'rejected' })
    }
  }
})
