import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FRAGMENT_MS, FRAGMENTED_BYTES, FRAGMENTS } from '../limits.ts'
import { readIkeHeader } from '../wire/header.ts'
import { EXCHANGE, PAYLOAD } from '../wire/numbers.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'
import { deriveIkeKeys } from './ike-keys.ts'
import { type Fragment, MessageProtection } from './message-protection.ts'
import { Reassembly } from './reassembly.ts'

const crypto = createSeededCrypto('reassembly')

const header: IkeHeader = {
  initiatorSpi: crypto.random(8),
  responderSpi: crypto.random(8),
  exchange: EXCHANGE.IKE_AUTH,
  fromInitiator: true,
  response: false,
  messageId: 1,
}

/** A fragment of a message of one Vendor ID, of which every fragment has one byte. */
function piece(number: number, total: number): Fragment {
  const first = number === 1 ? PAYLOAD.V : PAYLOAD.NONE
  const body = [0, 0, total >> 8, total & 0xff]
  return { number, total, first, plaintext: Uint8Array.of(body[number - 1] ?? number & 0xff) }
}

function pieces(total: number): Fragment[] {
  return Array.from({ length: total }, (_, index) => piece(index + 1, total))
}

test('sealed fragments in any order, some twice, are the message', () => {
  const suite = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' } as const
  const nonces = { initiatorNonce: crypto.random(32), responderNonce: crypto.random(32) }
  const keys = deriveIkeKeys(crypto, suite, { ...header, ...nonces, secret: crypto.random(48) })
  const initiator = new MessageProtection(crypto, suite, keys, 'initiator')
  const responder = new MessageProtection(crypto, suite, keys, 'responder')
  const payloads: Payload[] = [
    { type: 'CERT', encoding: 4, data: crypto.random(5000) },
    { type: 'V', data: crypto.random(16) },
  ]
  const datagrams = initiator.seal(header, payloads, { datagramBytes: 576, family: 4, encapsulated: true })
  expect(datagrams.length).toBeGreaterThan(10)
  const order = fc.shuffledSubarray([...datagrams, ...datagrams], { minLength: 2 * datagrams.length })
  fc.assert(
    fc.property(order, shuffled => {
      const parts = new Reassembly()
      const results = shuffled.map(datagram => {
        const read = readIkeHeader(datagram)
        const opened = read instanceof WireFault ? undefined : responder.open(read, datagram)
        if (opened?.type !== 'fragment') throw new Error('not a fragment')
        return parts.add(opened.header, opened.fragment, 0)
      })
      const whole = results.find(result => result !== 'incomplete' && result.type === 'message')
      expect(whole).toMatchObject({ type: 'message', payloads })
    }),
    { numRuns: 20 },
  )
})

test('as many fragments as the limit are put together, one more is not', () => {
  const parts = new Reassembly()
  const results = pieces(FRAGMENTS).map(fragment => parts.add(header, fragment, 0))
  expect(results.at(-1)).toMatchObject({ type: 'message', payloads: [{ type: 'V' }] })
  expect(results.filter(result => result === 'incomplete')).toHaveLength(FRAGMENTS - 1)
  const over = parts.add(header, piece(1, FRAGMENTS + 1), 0)
  expect(over).toEqual({ type: 'rejected', reason: 'too many fragments' })
  expect(parts.nextTimeout()).toBeUndefined()
})

test('the bytes that are held are bounded', () => {
  const parts = new Reassembly()
  const half = new Uint8Array(FRAGMENTED_BYTES / 2)
  expect(parts.add(header, { ...piece(1, 4), plaintext: half }, 0)).toBe('incomplete')
  expect(parts.add(header, { ...piece(2, 4), plaintext: half }, 0)).toBe('incomplete')
  expect(parts.add(header, piece(3, 4), 0)).toEqual({ type: 'rejected', reason: 'fragments too long' })
  expect(parts.nextTimeout()).toBeUndefined()
})

test('the time is bounded, counted from the first fragment', () => {
  const parts = new Reassembly()
  expect(parts.add(header, piece(1, 4), 100)).toBe('incomplete')
  expect(parts.add(header, piece(2, 4), 200)).toBe('incomplete')
  expect(parts.nextTimeout()).toBe(100 + FRAGMENT_MS)
  parts.expire(99 + FRAGMENT_MS)
  expect(parts.nextTimeout()).toBe(100 + FRAGMENT_MS)
  expect(parts.add(header, piece(3, 4), 100 + FRAGMENT_MS)).toBe('incomplete')
  expect(parts.add(header, piece(4, 4), 100 + FRAGMENT_MS)).toBe('incomplete')
  parts.expire(100 + 2 * FRAGMENT_MS)
  expect(parts.nextTimeout()).toBeUndefined()
})

test('a duplicate is dropped and changes nothing', () => {
  const parts = new Reassembly()
  parts.add(header, piece(1, 4), 0)
  const forged = { ...piece(1, 4), first: PAYLOAD.N, plaintext: Uint8Array.of(9) }
  expect(parts.add(header, forged, 0)).toEqual({ type: 'rejected', reason: 'fragment twice' })
  const rest = pieces(4).slice(1)
  expect(rest.map(fragment => parts.add(header, fragment, 0)).at(-1)).toMatchObject({ type: 'message' })
})

test('a larger total begins anew, a smaller one is dropped (RFC 7383 §2.6)', () => {
  const parts = new Reassembly()
  parts.add(header, piece(1, 4), 0)
  parts.add(header, piece(2, 4), 0)
  expect(parts.add(header, piece(2, 6), 0)).toBe('incomplete')
  expect(parts.add(header, piece(3, 4), 0)).toEqual({
    type: 'rejected',
    reason: 'fragment of a smaller total',
  })
  const rest = pieces(6).filter(({ number }) => number !== 2)
  expect(rest.map(fragment => parts.add(header, fragment, 0)).at(-1)).toMatchObject({ type: 'message' })
})

test('one message at a time: a later one replaces, an older one is dropped', () => {
  const parts = new Reassembly()
  const later = { ...header, messageId: 2 }
  parts.add(header, piece(1, 4), 0)
  expect(parts.add(later, piece(1, 4), 0)).toBe('incomplete')
  expect(parts.add(header, piece(2, 4), 0)).toMatchObject({ type: 'rejected' })
  const rest = pieces(4).slice(1)
  expect(rest.map(fragment => parts.add(later, fragment, 0)).at(-1)).toMatchObject({
    type: 'message',
    header: { messageId: 2 },
  })
})

test('a late fragment of a message that was whole is not held', () => {
  const parts = new Reassembly()
  expect(
    pieces(4)
      .map(fragment => parts.add(header, fragment, 0))
      .at(-1),
  ).toMatchObject({ type: 'message' })
  expect(parts.add(header, piece(1, 4), 0)).toMatchObject({ type: 'rejected' })
  expect(parts.add(header, piece(1, 6), 0)).toMatchObject({ type: 'rejected' })
  expect(parts.nextTimeout()).toBeUndefined()
})

test('a fragment of another exchange does not join', () => {
  const parts = new Reassembly()
  parts.add(header, piece(1, 4), 0)
  const other = { ...header, exchange: EXCHANGE.INFORMATIONAL }
  expect(parts.add(other, piece(2, 4), 0)).toMatchObject({ type: 'rejected' })
})

test('an authentic whole that cannot be read is a fault', () => {
  const parts = new Reassembly()
  expect(parts.add(header, { ...piece(1, 2), plaintext: Uint8Array.of(0, 0) }, 0)).toBe('incomplete')
  const last = parts.add(header, { ...piece(2, 2), plaintext: Uint8Array.of(0, 99) }, 0)
  expect(last).toMatchObject({ type: 'faulty', fault: { type: 'invalid-syntax' } })
})
