import { createNodeCrypto } from '@causeway/crypto-node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createTlsCryptV2ClientKey,
  createTlsCryptV2ServerKey,
  formatTlsCryptV2ClientKey,
  MAX_METADATA_BYTES,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
  readClientKeyMetadata,
  writeClientKeyMetadata,
} from './client-key.ts'
import { formatBase64, parseBase64 } from './pem-text.ts'
import { formatStaticKey, keyHalves, mixStaticKeys, parseStaticKey } from './static-key.ts'

const crypto = createNodeCrypto()

describe('base64', () => {
  it('is what Node writes and reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        const text = formatBase64(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64'))
        expect(parseBase64(text)).toEqual(bytes)
      }),
    )
  })

  it.each(['A', 'AA', 'AAA', 'AA=A', '====', 'A===', 'AA!A', '=AAA'])('refuses %s', text => {
    expect(parseBase64(text)).toBeUndefined()
  })
})

describe('static keys', () => {
  const key = crypto.random(256)

  it('are read from their text, whatever stands around it', () => {
    const text = formatStaticKey(key)
    expect(text.split('\n')).toHaveLength(19)
    expect(parseStaticKey(`# comment\n${text.replace(/\n/g, '\r\n')}more`)).toEqual(key)
  })

  it('are refused when cut, too long or not hexadecimal', () => {
    const text = formatStaticKey(key)
    for (let length = 0; length < text.length - 1; length++)
      expect(parseStaticKey(text.slice(0, length))).toBeUndefined()
    expect(parseStaticKey(text.replace('-----END', '00\n-----END'))).toBeUndefined()
    expect(parseStaticKey(text.replace(/\n[0-9a-f]/, '\nx'))).toBeUndefined()
    expect(parseStaticKey(text + ' '.repeat(20_000))).toBeUndefined()
  })

  it('have halves that cross by direction', () => {
    const [zero, one, both] = ([0, 1, 'bidirectional'] as const).map(way => keyHalves(key, way))
    expect(zero?.send).toEqual(one?.receive)
    expect(zero?.receive).toEqual(one?.send)
    expect(both?.send).toEqual(both?.receive)
    expect(zero?.send.hmac).toEqual(key.subarray(64, 128))
    expect(zero?.receive.cipher).toEqual(key.subarray(128, 192))
  })

  it('are mixed bit by bit', () => {
    const other = crypto.random(256)
    expect(mixStaticKeys(mixStaticKeys(key, other), other)).toEqual(key)
    expect(() => mixStaticKeys(key, other.subarray(1))).toThrow(RangeError)
  })
})

describe('tls-crypt-v2 key texts', () => {
  const serverKey = createTlsCryptV2ServerKey(crypto)

  it('hold a client key with the longest metadata, and no longer one', () => {
    const user = (length: number) => ({ type: 'user' as const, data: new Uint8Array(length) })
    const key = createTlsCryptV2ClientKey(crypto, serverKey, user(MAX_METADATA_BYTES - 1))
    expect(parseTlsCryptV2ClientKey(formatTlsCryptV2ClientKey(key))).toEqual(key)
    expect(() => createTlsCryptV2ClientKey(crypto, serverKey, user(MAX_METADATA_BYTES))).toThrow(RangeError)
  })

  it('are refused when cut or of another kind', () => {
    const key = createTlsCryptV2ClientKey(crypto, serverKey, { type: 'timestamp', unixSeconds: 5n })
    const text = formatTlsCryptV2ClientKey(key)
    for (let length = 0; length < text.length - 1; length += 7)
      expect(parseTlsCryptV2ClientKey(text.slice(0, length))).toBeUndefined()
    expect(parseTlsCryptV2ServerKey(text)).toBeUndefined()
  })
})

describe('client key metadata', () => {
  it('is read as it was written', () => {
    for (const metadata of [
      { type: 'user', data: Uint8Array.of(1, 2) },
      { type: 'timestamp', unixSeconds: 2n ** 40n },
      { type: 'other', data: Uint8Array.of(9, 1) },
      { type: 'other', data: new Uint8Array(0) },
    ] as const)
      expect(readClientKeyMetadata(writeClientKeyMetadata(metadata))).toEqual(metadata)
  })

  it('with a timestamp of another length is of no known type', () => {
    for (const length of [1, 8, 10]) {
      const bytes = new Uint8Array(length).fill(1)
      expect(readClientKeyMetadata(bytes)).toEqual({ type: 'other', data: bytes })
    }
  })
})
