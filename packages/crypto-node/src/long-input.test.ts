import { createCipheriv, createHash, createHmac } from 'node:crypto'
import { type AeadName, HASH_BYTES, type HashName } from '@causeway/crypto'
import { concatBytes, sameBytes } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { OPENSSL_HASH } from './hash-names.ts'
import { native } from './native.ts'
import { createNodeCrypto } from './node-crypto.ts'
import { createSeededCrypto } from './seeded-crypto.ts'

// Every length gives what node:crypto gives: those that go through the addon, those around the size of its area, and
// those that are too long for it.

const crypto = createNodeCrypto()
const { random } = createSeededCrypto('long input')
const SIZE = native.area.length
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 129, 1400, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE]
const names = Object.keys(HASH_BYTES) as HashName[]

describe.each(names)('%s', name => {
  test.each(LENGTHS)('hash of %i bytes, in one part and in three', length => {
    const data = random(length)
    const expected = new Uint8Array(createHash(OPENSSL_HASH[name]).update(data).digest())
    expectSame(crypto.hash(name, [data]), expected)
    expectSame(crypto.hash(name, thirds(data)), expected)
  })

  test.each(LENGTHS)('HMAC of %i bytes with keys of all lengths', length => {
    const data = random(length)
    for (const keyBytes of [0, 1, 20, 32, 64, 65, 128, 129, 200, SIZE + 1]) {
      const key = random(keyBytes)
      const expected = new Uint8Array(createHmac(OPENSSL_HASH[name], key).update(data).digest())
      expectSame(crypto.hmac(name, key, thirds(data)), expected)
    }
  })
})

describe.each([
  ['AES-128-GCM', 16],
  ['AES-192-GCM', 24],
  ['AES-256-GCM', 32],
] as const)('%s', (name: AeadName, keyBytes) => {
  test.each(LENGTHS.flatMap(length => [0, 32, 1000].map(associated => [length, associated] as const)))(
    'text of %i bytes with %i associated ones',
    (length, associatedBytes) => {
      const [key, nonce, associated, text] = [
        random(keyBytes),
        random(12),
        random(associatedBytes),
        random(length),
      ]
      const sealing = createCipheriv(`aes-${keyBytes * 8}-gcm` as 'aes-256-gcm', key, nonce).setAAD(
        associated,
      )
      const ciphertext = concatBytes([sealing.update(text), sealing.final()])
      const sealed = crypto.aeadSeal(name, key, nonce, associated, text)
      expectSame(sealed, concatBytes([ciphertext, sealing.getAuthTag()]))
      expectSame(crypto.aeadOpen(name, key, nonce, associated, sealed), text)
      const last = sealed.length - 1
      sealed[last] = (sealed[last] as number) ^ 1
      expect(crypto.aeadOpen(name, key, nonce, associated, sealed)).toBeUndefined()
    },
  )
})

test('random bytes of any length', () => {
  for (const length of LENGTHS) {
    const bytes = crypto.random(length)
    expect(bytes).toHaveLength(length)
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    if (length >= 15) expect(crypto.random(length)).not.toEqual(bytes)
  }
})

test('what was given in is left alone, and what is given back belongs to the caller', () => {
  const key = random(32)
  const data = random(64)
  const [keyBefore, dataBefore] = [key.slice(), data.slice()]
  const first = crypto.hmac('SHA256', key, [data])
  const copy = first.slice()
  expect(crypto.hmac('SHA256', random(32), [data])).not.toEqual(first)
  expect(first).toEqual(copy)
  expect([key, data]).toEqual([keyBefore, dataBefore])
})

/** `toEqual` takes milliseconds for so many bytes. */
function expectSame(actual: Uint8Array | undefined, expected: Uint8Array): void {
  expect(actual?.constructor).toBe(Uint8Array)
  expect(actual && sameBytes(actual, expected)).toBe(true)
}

function thirds(data: Uint8Array): Uint8Array[] {
  const third = Math.ceil(data.length / 3)
  return [data.subarray(0, third), data.subarray(third, 2 * third), data.subarray(2 * third)]
}
