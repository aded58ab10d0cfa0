import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  asciiBytes,
  concatBytes,
  formatHex,
  internetChecksum,
  parseHex,
  sameBytes,
  utf8Bytes,
  utf8Text,
} from './index.ts'

describe('text', () => {
  it('is encoded as the platform encodes UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect([...utf8Bytes(text)]).toEqual([...new TextEncoder().encode(text)])
      }),
    )
  })

  it('is decoded as written, and malformed bytes never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (text, noise) => {
        expect(utf8Text(utf8Bytes(text))).toBe(text)
        expect(typeof utf8Text(noise)).toBe('string')
      }),
    )
  })

  it.each(['c080', 'e08080', 'eda080', 'f4908080', 'ff', 'c3'])('marks %s as malformed', hex => {
    expect(utf8Text(parseHex(hex)!)).toMatch(/^\ufffd+$/)
  })

  it('survives hexadecimal', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(formatHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(parseHex(formatHex(bytes).toUpperCase())).toEqual(bytes)
      }),
    )
    expect([parseHex('0'), parseHex('zz')]).toEqual([undefined, undefined])
  })

  it('keeps labels ASCII', () => {
    expect([...asciiBytes('aé')]).toEqual([0x61, 0x3f])
  })
})

describe('bytes', () => {
  it('are joined and compared', () => {
    expect([...concatBytes([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)])]).toEqual([1, 2, 3])
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(sameBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false)
  })

  it('sum to the checksum of RFC 1071 §3', () => {
    expect(internetChecksum(parseHex('0001f203f4f5f6f7')!)).toBe(~0xddf2 & 0xffff)
    // An IPv4 header whose checksum is in place sums to zero.
    expect(internetChecksum(parseHex('45000073000040004011b861c0a80001c0a800c7')!)).toBe(0)
    expect(internetChecksum(Uint8Array.of(0xff))).toBe(0x00ff)
  })
})
