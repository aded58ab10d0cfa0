import type { HashName } from '@causeway/crypto'
import { HASH_BYTES } from '@causeway/crypto'
import { asciiBytes, formatHex, parseHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { createNodeCrypto } from './node-crypto.ts'

const crypto = createNodeCrypto()
const hex = (text: string) => parseHex(text.replaceAll(/\s/g, '')) as Uint8Array
const repeat = (byte: number, count: number) => new Uint8Array(count).fill(byte)

describe('hash', () => {
  // RFC 1321 §A.5, FIPS 180-4 examples.
  test.each([
    ['MD5', '900150983cd24fb0d6963f7d28e17f72'],
    ['SHA1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['SHA256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'SHA384',
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ],
    [
      'SHA512',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
  ] as const)('%s of "abc"', (name, digest) => {
    expect(formatHex(crypto.hash(name, [asciiBytes('abc')]))).toBe(digest)
    expect(formatHex(crypto.hash(name, [asciiBytes('a'), asciiBytes(''), asciiBytes('bc')]))).toBe(digest)
    expect(HASH_BYTES[name]).toBe(digest.length / 2)
  })
})

describe('hmac', () => {
  const LARGE_KEY = asciiBytes('Test Using Larger Than Block-Size Key - Hash Key First')
  const cases: readonly [string, HashName, Uint8Array, Uint8Array, string][] = [
    [
      'RFC 2202 §2 case 1',
      'MD5',
      repeat(0x0b, 16),
      asciiBytes('Hi There'),
      '9294727a3638bb1c13f48ef8158bfc9d',
    ],
    ['RFC 2202 §2 case 6', 'MD5', repeat(0xaa, 80), LARGE_KEY, '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd'],
    [
      'RFC 2202 §3 case 1',
      'SHA1',
      repeat(0x0b, 20),
      asciiBytes('Hi There'),
      'b617318655057264e28bc0b6fb378c8ef146be00',
    ],
    ['RFC 2202 §3 case 6', 'SHA1', repeat(0xaa, 80), LARGE_KEY, 'aa4ae5e15272d00e95705637ce8a3b55ed402112'],
    [
      'RFC 4231 §4.2',
      'SHA256',
      repeat(0x0b, 20),
      asciiBytes('Hi There'),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      'RFC 4231 §4.3',
      'SHA256',
      asciiBytes('Jefe'),
      asciiBytes('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      'RFC 4231 §4.7',
      'SHA256',
      repeat(0xaa, 131),
      LARGE_KEY,
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      'RFC 4231 §4.2',
      'SHA384',
      repeat(0x0b, 20),
      asciiBytes('Hi There'),
      'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
    ],
    [
      'RFC 4231 §4.2',
      'SHA512',
      repeat(0x0b, 20),
      asciiBytes('Hi There'),
      '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    ],
    [
      'RFC 4231 §4.7',
      'SHA512',
      repeat(0xaa, 131),
      LARGE_KEY,
      '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598',
    ],
  ]
  test.each(cases)('%s, %s', (_, name, key, data, mac) => {
    expect(formatHex(crypto.hmac(name, key, [data]))).toBe(mac)
    expect(formatHex(crypto.hmac(name, key, [data.subarray(0, 3), data.subarray(3)]))).toBe(mac)
  })
})

describe('aesCtr', () => {
  // NIST SP 800-38A §F.5, first two blocks.
  const counter = hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
  const plaintext = hex('6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51')
  test.each([
    [
      'F.5.1',
      '2b7e151628aed2a6abf7158809cf4f3c',
      '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff',
    ],
    [
      'F.5.3',
      '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
      '1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94',
    ],
    [
      'F.5.5',
      '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5',
    ],
  ])('%s', (_, key, ciphertext) => {
    expect(formatHex(crypto.aesCtr(hex(key), counter, plaintext))).toBe(ciphertext)
    expect(crypto.aesCtr(hex(key), counter, hex(ciphertext))).toEqual(plaintext)
    // Lengths that are no multiple of the block.
    expect(formatHex(crypto.aesCtr(hex(key), counter, plaintext.subarray(0, 21)))).toBe(
      ciphertext.slice(0, 42),
    )
    expect(crypto.aesCtr(hex(key), counter, new Uint8Array(0))).toEqual(new Uint8Array(0))
  })

  test('the counter carries over all its 128 bits', () => {
    const key = hex('2b7e151628aed2a6abf7158809cf4f3c')
    const twoBlocks = crypto.aesCtr(key, repeat(0xff, 16), new Uint8Array(32))
    expect(twoBlocks.subarray(16)).toEqual(crypto.aesCtr(key, new Uint8Array(16), new Uint8Array(16)))
  })

  test('a wrong key or counter length throws', () => {
    expect(() => crypto.aesCtr(new Uint8Array(20), counter, plaintext)).toThrow(RangeError)
    expect(() => crypto.aesCtr(new Uint8Array(16), counter.subarray(1), plaintext)).toThrow(RangeError)
  })
})

describe('tls1Prf', () => {
  test('the test vector of the IETF TLS list', () => {
    const out = crypto.tls1Prf(repeat(0xab, 48), 'PRF Testvector', repeat(0xcd, 64), 104)
    expect(formatHex(out)).toBe(
      'd3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754' +
        '443bcf9a296519bc289abcbc1187e4ebd31e602353776c408aafb74cbc85eff6' +
        '9255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f' +
        '1afbc655a8c9a013',
    )
  })

  test('a secret of odd length, as `openssl kdf TLS1-PRF` has it', () => {
    const secret = Uint8Array.from({ length: 47 }, (_, i) => i + 1)
    const seed = Uint8Array.from({ length: 17 }, (_, i) => i + 100)
    expect(formatHex(crypto.tls1Prf(secret, 'odd secret', seed, 50))).toBe(
      '738a4b8faf0d8ef875e943dd25ac131917cabca3e7cdfe4d6124519dc50c4a9fc88b984aa0972d3930d0cb78e2787be1a2e0',
    )
  })
})

describe('equal', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i)

  test('holds for the same bytes only', () => {
    expect(crypto.equal(secret, secret.slice())).toBe(true)
    expect(crypto.equal(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  })

  test('fails for one changed bit at any place', () => {
    for (let at = 0; at < secret.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = secret.slice()
        changed[at] = (changed[at] as number) ^ (1 << bit)
        expect(crypto.equal(secret, changed)).toBe(false)
      }
    }
  })

  test('fails for another length without throwing', () => {
    expect(crypto.equal(secret, secret.subarray(1))).toBe(false)
    expect(crypto.equal(secret, new Uint8Array(0))).toBe(false)
    expect(crypto.equal(secret.subarray(0, 31), secret)).toBe(false)
  })
})

describe('random', () => {
  test('has the length asked for and does not repeat', () => {
    for (const length of [0, 1, 16, 255, 4096]) expect(crypto.random(length)).toHaveLength(length)
    expect(crypto.random(32)).not.toEqual(crypto.random(32))
  })
})

test('what is given back is a plain array of its own', () => {
  const given = [
    crypto.random(8),
    crypto.hash('SHA256', []),
    crypto.hmac('SHA256', new Uint8Array(0), []),
    crypto.aesCtr(new Uint8Array(16), new Uint8Array(16), new Uint8Array(8)),
    crypto.tls1Prf(new Uint8Array(2), '', new Uint8Array(0), 8),
  ]
  for (const bytes of given) {
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    expect(bytes.buffer.byteLength).toBe(bytes.length)
  }
})
