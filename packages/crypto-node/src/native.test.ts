import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadAddon, native } from './native.ts'
import { createNodeCrypto } from './node-crypto.ts'

const { area } = native
const isClean = () => area.every(byte => byte === 0)

test('a missing addon is one line that says what to run', () => {
  expect(() => loadAddon('../build/Release/absent.node')).toThrowError(
    expect.objectContaining({
      code: 'ERR_CRYPTO_ADDON',
      message: 'native addon not built: run `npm run build:native`',
    }),
  )
})

test('an addon that does not load says why', () => {
  expect(() => loadAddon('../package.json/x.node')).toThrowError(
    expect.objectContaining({ code: 'ERR_CRYPTO_ADDON', message: expect.stringMatching(/native addon/) }),
  )
})

describe('the addon checks', () => {
  const calls = ['random', 'hash', 'hmac', 'seal', 'open', 'ecpPublicValue', 'ecpAgree'] as const
  test.each(calls)('%s: that its arguments are numbers', name => {
    expect(() => Reflect.apply(native[name], native, [])).toThrow(TypeError)
    expect(() => Reflect.apply(native[name], native, ['1', {}, null])).toThrow(TypeError)
  })

  const size = area.length
  test.each([
    ['random', [size + 1]],
    ['random', [-1]],
    ['hash', [2, size + 1]],
    ['hash', [5, 0]],
    ['hash', [-1, 0]],
    ['hmac', [2, size, 1]],
    ['hmac', [2, 1, size]],
    ['hmac', [2, 2 ** 32 - 1, 1]],
    ['hmac', [5, 0, 0]],
    ['seal', [32, 0, size - 32 - 12 - 15]],
    ['seal', [17, 0, 0]],
    ['open', [32, size, 0]],
    ['open', [0, 0, 0]],
    ['ecpPublicValue', [2]],
    ['ecpAgree', [2]],
  ] as const)('%s%j: that it is within the area, and known', (name, input) => {
    expect(() => Reflect.apply(native[name], native, [...input])).toThrow(RangeError)
  })
})

describe('no call leaves anything in the area', () => {
  const crypto = createNodeCrypto()
  const bytes = (length: number) => new Uint8Array(length).fill(0xa5)
  const [key, nonce, text] = [bytes(32), bytes(12), bytes(100)] as const
  const sealed = crypto.aeadSeal('AES-256-GCM', key, nonce, text, text)

  beforeEach(() => void area.fill(0))
  afterEach(() => void area.fill(0))

  test.each([
    ['random', () => crypto.random(100)],
    ['hash', () => crypto.hash('SHA256', [text])],
    ['hmac', () => crypto.hmac('SHA384', key, [text])],
    [
      'ECP-256',
      () => crypto.createKeyAgreement('ECP-256').agree(crypto.createKeyAgreement('ECP-256').publicValue),
    ],
    ['ECP-384, refused', () => crypto.createKeyAgreement('ECP-384').agree(bytes(96))],
    ['X25519', () => crypto.createKeyAgreement('X25519').agree(text.subarray(0, 32))],
    ['X25519, refused', () => crypto.createKeyAgreement('X25519').agree(new Uint8Array(32))],
    ['what does not open', () => crypto.aeadOpen('AES-256-GCM', key, nonce, key, sealed)],
  ])('%s', (_, run) => {
    run()
    expect(isClean()).toBe(true)
  })

  test.each([
    ['seal', () => crypto.aeadSeal('AES-256-GCM', key, nonce, text, text)],
    ['open', () => crypto.aeadOpen('AES-256-GCM', key, nonce, text, sealed)],
  ])('%s: but nonce, associated data and tag, which are public', (_, run) => {
    run()
    area.fill(0, key.length, key.length + nonce.length + text.length)
    area.fill(
      0,
      key.length + nonce.length + 2 * text.length,
      key.length + nonce.length + 2 * text.length + 16,
    )
    expect(isClean()).toBe(true)
  })
})
