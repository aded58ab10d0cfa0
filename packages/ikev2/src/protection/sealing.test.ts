import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { concatBytes } from '@causeway/wire'
import { expect, test } from 'vitest'
import { createSealing } from './sealing.ts'

const crypto = createSeededCrypto('sealing')
const associated = Uint8Array.of(1, 2, 3)

/** What the peer's GCM gives for these bytes, whatever stands at their end. */
function gcm(padded: Uint8Array): Uint8Array | undefined | 'padding' {
  const keyAndSalt = crypto.random(36)
  const iv = crypto.random(8)
  const nonce = concatBytes([keyAndSalt.subarray(32), iv])
  const body = crypto.aeadSeal('AES-256-GCM', keyAndSalt.subarray(0, 32), nonce, associated, padded)
  const suite = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA256', group: 'ECP-256' } as const
  const sealing = createSealing(crypto, suite, { encryption: keyAndSalt, integrity: new Uint8Array(0) })
  return sealing.open(associated, concatBytes([iv, body]))
}

/** The same of AES-CBC; `encrypt: false` leaves the bytes as they are, which need be no whole blocks. */
function cbc(padded: Uint8Array, encrypt = true): Uint8Array | undefined | 'padding' {
  const keys = { encryption: crypto.random(32), integrity: crypto.random(32) }
  const iv = crypto.random(16)
  const body = encrypt ? crypto.aesCbcEncrypt(keys.encryption, iv, padded) : padded
  const icv = crypto.hmac('SHA256', keys.integrity, [associated, iv, body]).subarray(0, 16)
  const suite = {
    encryption: 'AES-CBC-256',
    integrity: 'HMAC-SHA256-128',
    prf: 'HMAC-SHA256',
    group: 'ECP-256',
  } as const
  return createSealing(crypto, suite, keys).open(associated, concatBytes([iv, body, icv]))
}

/** `count` bytes, the last of which is Pad Length. */
function padded(count: number, padLength: number): Uint8Array {
  const bytes = new Uint8Array(count).fill(7)
  bytes[count - 1] = padLength
  return bytes
}

test('any padding that fits is taken off, whatever its bytes (RFC 7296 §3.14)', () => {
  expect(gcm(padded(1, 0))).toEqual(new Uint8Array(0))
  expect(gcm(padded(4, 3))).toEqual(new Uint8Array(0))
  expect(gcm(padded(4, 1))).toEqual(Uint8Array.of(7, 7))
  expect(gcm(padded(300, 255))).toHaveLength(44)
  expect(cbc(padded(16, 15))).toEqual(new Uint8Array(0))
  expect(cbc(padded(64, 30))).toHaveLength(33)
})

test('padding longer than what is there is told, never cut elsewhere', () => {
  expect(gcm(new Uint8Array(0))).toBe('padding')
  expect(gcm(padded(1, 1))).toBe('padding')
  expect(gcm(padded(4, 4))).toBe('padding')
  expect(gcm(padded(4, 255))).toBe('padding')
  expect(cbc(padded(16, 16))).toBe('padding')
})

test('an authentic CBC message that is not whole blocks is told, and not deciphered', () => {
  expect(cbc(new Uint8Array(17), false)).toBe('padding')
  expect(cbc(new Uint8Array(31), false)).toBe('padding')
})

test('AES-CBC without integrity is a defect of ours', () => {
  const suite = { encryption: 'AES-CBC-256', prf: 'HMAC-SHA256', group: 'ECP-256' } as const
  const keys = { encryption: crypto.random(32), integrity: crypto.random(32) }
  expect(() => createSealing(crypto, suite, keys)).toThrow(RangeError)
})
