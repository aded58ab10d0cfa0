import type { AeadName } from '@causeway/crypto'
import { formatHex, parseHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { createNodeCrypto } from './node-crypto.ts'

const crypto = createNodeCrypto()
const hex = (text: string) => parseHex(text.replaceAll(/\s/g, '')) as Uint8Array

describe('AES-CBC', () => {
  // NIST SP 800-38A §F.2, first two blocks.
  const iv = hex('000102030405060708090a0b0c0d0e0f')
  const plaintext = hex('6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51')
  test.each([
    [
      'F.2.1, F.2.2',
      '2b7e151628aed2a6abf7158809cf4f3c',
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2',
    ],
    [
      'F.2.3, F.2.4',
      '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
      '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a',
    ],
    [
      'F.2.5, F.2.6',
      '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d',
    ],
  ])('SP 800-38A %s', (_, key, ciphertext) => {
    expect(formatHex(crypto.aesCbcEncrypt(hex(key), iv, plaintext))).toBe(ciphertext)
    expect(crypto.aesCbcDecrypt(hex(key), iv, hex(ciphertext))).toEqual(plaintext)
    expect(crypto.aesCbcEncrypt(hex(key), iv, new Uint8Array(0))).toEqual(new Uint8Array(0))
    expect(crypto.aesCbcDecrypt(hex(key), iv, new Uint8Array(0))).toEqual(new Uint8Array(0))
  })

  test.each([crypto.aesCbcEncrypt, crypto.aesCbcDecrypt])('what does not fit throws', run => {
    expect(() => run(new Uint8Array(15), iv, plaintext)).toThrow(RangeError)
    expect(() => run(new Uint8Array(16), iv.subarray(1), plaintext)).toThrow(RangeError)
    for (const length of [1, 15, 17, 31])
      expect(() => run(new Uint8Array(16), iv, new Uint8Array(length))).toThrow(RangeError)
  })
})

describe('AES-GCM', () => {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", Appendix B, as submitted to NIST.
  const KEY = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'
  const NONCE = 'cafebabefacedbaddecaf888'
  const ASSOCIATED = 'feedfacedeadbeeffeedfacedeadbeefabaddad2'
  const PLAINTEXT = `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`
  const cases: readonly [number, AeadName, string, string, string, string, string][] = [
    [1, 'AES-128-GCM', '00'.repeat(16), '00'.repeat(12), '', '', '58e2fccefa7e3061367f1d57a4e7455a'],
    [
      2,
      'AES-128-GCM',
      '00'.repeat(16),
      '00'.repeat(12),
      '',
      '00'.repeat(16),
      '0388dace60b6a392f328c2b971b2fe78 ab6e47d42cec13bdf53a67b21257bddf',
    ],
    [
      4,
      'AES-128-GCM',
      KEY.slice(0, 32),
      NONCE,
      ASSOCIATED,
      PLAINTEXT,
      `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
       21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
       5bc94fbc3221a5db94fae95ae7121a47`,
    ],
    [
      10,
      'AES-192-GCM',
      KEY.slice(0, 48),
      NONCE,
      ASSOCIATED,
      PLAINTEXT,
      `3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c
       7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710
       2519498e80f1478f37ba55bd6d27618c`,
    ],
    [13, 'AES-256-GCM', '00'.repeat(32), '00'.repeat(12), '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      16,
      'AES-256-GCM',
      KEY,
      NONCE,
      ASSOCIATED,
      PLAINTEXT,
      `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
       8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
       76fc6ece0f4e1768cddf8853bb2d551b`,
    ],
  ]
  test.each(cases)('test case %i, %s', (_, name, key, nonce, associated, plaintext, sealed) => {
    const made = crypto.aeadSeal(name, hex(key), hex(nonce), hex(associated), hex(plaintext))
    expect(made).toEqual(hex(sealed))
    expect(crypto.aeadOpen(name, hex(key), hex(nonce), hex(associated), made)).toEqual(hex(plaintext))
  })

  const key = hex(KEY)
  const nonce = hex(NONCE)
  const associated = hex(ASSOCIATED)
  const sealed = crypto.aeadSeal('AES-256-GCM', key, nonce, associated, hex(PLAINTEXT))
  const open = (bytes: Uint8Array, data = associated) =>
    crypto.aeadOpen('AES-256-GCM', key, nonce, data, bytes)

  test('one changed bit anywhere does not open', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(open(changed)).toBeUndefined()
    }
    expect(open(sealed, associated.subarray(1))).toBeUndefined()
    expect(open(sealed)).toEqual(hex(PLAINTEXT))
  })

  test('no shortened tag opens', () => {
    for (let length = 0; length < sealed.length; length++)
      expect(open(sealed.subarray(0, length))).toBeUndefined()
  })

  test('a wrong key or nonce length throws', () => {
    const empty = new Uint8Array(0)
    for (const run of [crypto.aeadSeal, crypto.aeadOpen]) {
      expect(() => run('AES-128-GCM', key, nonce, empty, sealed)).toThrow(RangeError)
      expect(() => run('AES-256-GCM', key, nonce.subarray(1), empty, sealed)).toThrow(RangeError)
    }
  })
})
