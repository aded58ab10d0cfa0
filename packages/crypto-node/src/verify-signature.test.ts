import { constants, createHash, privateEncrypt, sign } from 'node:crypto'
import type { SignatureScheme } from '@causeway/crypto'
import { asciiBytes, concatBytes, parseHex } from '@causeway/wire'
import { afterAll, describe, expect, test } from 'vitest'
import { createNodeCrypto } from './node-crypto.ts'
import { type IdentityName, OpensslIdentities } from './openssl-identities.suite.ts'

const crypto = createNodeCrypto()
const openssl = new OpensslIdentities()
afterAll(() => openssl.remove())

const data = asciiBytes('the octets of an initiator')
const parts = [data.subarray(0, 5), data.subarray(5, 5), data.subarray(5)]
const hex = (text: string) => parseHex(text.replaceAll(/\s/g, '')) as Uint8Array
const PKCS1 = { family: 'RSA-PKCS1', hash: 'SHA256' } as const
const PSS = { family: 'RSA-PSS', hash: 'SHA256' } as const
const ECDSA = { family: 'ECDSA', hash: 'SHA256', encoding: 'DER' } as const
const PLAIN_ECDSA = { family: 'ECDSA', hash: 'SHA256', encoding: 'IEEE-P1363' } as const

function verify(scheme: SignatureScheme, name: IdentityName, signature: Uint8Array, signed = parts): boolean {
  return crypto.verifySignature(scheme, openssl.of(name).certificate, signed, signature)
}

const pss = (saltBytes: number | string) => [
  ...['-sha256', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', `rsa_pss_saltlen:${saltBytes}`],
]

describe('what the openssl command line signs', () => {
  const cases: readonly [IdentityName, SignatureScheme, readonly string[]][] = [
    ['rsa2048', PKCS1, ['-sha256']],
    ['rsa2048', { family: 'RSA-PKCS1', hash: 'SHA1' }, ['-sha1']],
    ['rsa2048', { family: 'RSA-PKCS1', hash: 'SHA512' }, ['-sha512']],
    ['rsa2048', PSS, pss('digest')],
    ['rsaPss', PSS, pss('digest')],
    ['p256', ECDSA, ['-sha256']],
    ['p256', { ...ECDSA, hash: 'SHA512' }, ['-sha512']],
    ['p384', { ...ECDSA, hash: 'SHA384' }, ['-sha384']],
    ['p521', { ...ECDSA, hash: 'SHA512' }, ['-sha512']],
  ]
  test.each(cases)('%s, %o', (name, scheme, options) => {
    const signature = openssl.sign(name, data, options)
    expect(verify(scheme, name, signature)).toBe(true)
    // From the second time on, the key comes from memory.
    expect(verify(scheme, name, signature)).toBe(true)
    expect(verify(scheme, name, signature, [data.subarray(1)])).toBe(false)
    expect(verify(scheme, name, signature, [data, data])).toBe(false)
    expect(verify({ ...scheme, hash: scheme.hash === 'SHA384' ? 'SHA256' : 'SHA384' }, name, signature)).toBe(
      false,
    )
    for (const at of [0, 1, 5, signature.length >> 1, signature.length - 1]) {
      const changed = signature.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect(verify(scheme, name, changed)).toBe(false)
    }
    for (const bad of [signature.subarray(1), signature.subarray(0, -1), concatBytes([signature, data])])
      expect(verify(scheme, name, bad)).toBe(false)
  })
})

describe('signatures that nobody made', () => {
  test.each([PKCS1, PSS])('RSA: %o', scheme => {
    const modulusBytes = 256
    for (const length of [0, 1, modulusBytes - 1, modulusBytes, modulusBytes + 1])
      for (const fill of [0, 1, 0xff])
        expect(verify(scheme, 'rsa2048', new Uint8Array(length).fill(fill))).toBe(false)
  })

  test('ECDSA: r and s of zero, of the order, negative, and none', () => {
    const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
    const plain = (r: string, s: string) => hex(r.padStart(64, '0') + s.padStart(64, '0'))
    for (const [r, s] of [
      ['', ''],
      ['', '1'],
      ['1', ''],
      [order, '1'],
      ['1', order],
      [order, order],
    ] as const)
      expect(verify(PLAIN_ECDSA, 'p256', plain(r, s))).toBe(false)
    for (const der of [
      '',
      '3000',
      '3006020100020100',
      '3006020100020101',
      '3006020101020100',
      '30060201ff0201ff',
      `3026022100${order}020101`,
    ])
      expect(verify(ECDSA, 'p256', hex(der))).toBe(false)
  })
})

describe('RSA PKCS #1 v1.5', () => {
  const SHA256_INFO = hex('3031300d060960864801650304020105000420')
  const digest = createHash('sha256').update(data).digest()
  const encrypt = (padding: number, block: Uint8Array) =>
    new Uint8Array(privateEncrypt({ key: openssl.of('rsa2048').privateKeyPem, padding }, block))
  const encryptInfo = (info: Uint8Array) => encrypt(constants.RSA_PKCS1_PADDING, info)

  test('the whole DigestInfo counts', () => {
    const info = concatBytes([SHA256_INFO, digest])
    expect(verify(PKCS1, 'rsa2048', encryptInfo(info))).toBe(true)
    const bad = [
      digest,
      info.subarray(0, -1),
      info.subarray(1),
      concatBytes([info, Uint8Array.of(0)]),
      concatBytes([SHA256_INFO.subarray(0, -2), digest]),
      // The name of SHA-384 before a digest of SHA-256.
      concatBytes([hex('3031300d060960864801650304020205000420'), digest]),
      // Other bytes where the parameters are NULL (RFC 8017 §9.2, note 1).
      concatBytes([hex('3031300d060960864801650304020104000420'), digest]),
    ]
    for (const wrong of bad) expect(verify(PKCS1, 'rsa2048', encryptInfo(wrong))).toBe(false)
  })

  test('nothing may follow the DigestInfo, nor stand in the padding', () => {
    const info = concatBytes([SHA256_INFO, digest])
    const block = (padding: Uint8Array, rest: Uint8Array) =>
      encrypt(constants.RSA_NO_PADDING, concatBytes([hex('0001'), padding, hex('00'), info, rest]))
    const padding = (length: number) => new Uint8Array(length).fill(0xff)
    const full = 256 - 3 - info.length
    expect(verify(PKCS1, 'rsa2048', block(padding(full), new Uint8Array(0)))).toBe(true)
    expect(verify(PKCS1, 'rsa2048', block(padding(8), new Uint8Array(full - 8)))).toBe(false)
    const marred = padding(full)
    marred[20] = 0xfe
    expect(verify(PKCS1, 'rsa2048', block(marred, new Uint8Array(0)))).toBe(false)
  })

  test('is not taken for PSS, nor the other way round', () => {
    expect(verify(PSS, 'rsa2048', openssl.sign('rsa2048', data, ['-sha256']))).toBe(false)
    expect(verify(PKCS1, 'rsa2048', openssl.sign('rsa2048', data, pss('digest')))).toBe(false)
  })
})

describe('RSA-PSS', () => {
  test.each([0, 20, 31, 33, 222])('a salt of %i bytes is not one of the length of SHA-256', saltBytes => {
    const signature = openssl.sign('rsa2048', data, pss(saltBytes))
    expect(verify(PSS, 'rsa2048', signature)).toBe(false)
  })

  test('MGF1 is of the same hash', () => {
    const options = [...pss('digest'), '-sigopt', 'rsa_mgf1_md:sha1']
    expect(verify(PSS, 'rsa2048', openssl.sign('rsa2048', data, options))).toBe(false)
  })

  test('what a key for RSA-PSS forbids is not accepted', () => {
    const options = ['-sha512', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']
    const signature = openssl.sign('rsaPssSha512', data, options)
    expect(verify({ family: 'RSA-PSS', hash: 'SHA512' }, 'rsaPssSha512', signature)).toBe(true)
    expect(verify(PSS, 'rsaPssSha512', signature)).toBe(false)
    expect(verify({ family: 'RSA-PKCS1', hash: 'SHA512' }, 'rsaPssSha512', signature)).toBe(false)
  })
})

describe('ECDSA', () => {
  const sized = (name: IdentityName, hash: string) =>
    new Uint8Array(sign(hash, data, { key: openssl.of(name).privateKeyPem, dsaEncoding: 'ieee-p1363' }))

  test.each([
    ['p256', 'SHA256', 64],
    ['p384', 'SHA384', 96],
    ['p521', 'SHA512', 132],
  ] as const)('r‖s of %s with %s has %i bytes (RFC 4754 §7)', (name, hash, length) => {
    const scheme = { family: 'ECDSA', hash, encoding: 'IEEE-P1363' } as const
    const signature = sized(name, hash)
    expect(signature).toHaveLength(length)
    expect(verify(scheme, name, signature)).toBe(true)
    expect(verify({ ...scheme, encoding: 'DER' }, name, signature)).toBe(false)
    const half = length / 2
    const [r, s] = [signature.subarray(0, half), signature.subarray(half)]
    const zero = Uint8Array.of(0)
    for (const bad of [
      concatBytes([zero, r, zero, s]),
      concatBytes([zero, signature]),
      signature.subarray(1),
      concatBytes([s, r]),
    ])
      expect(verify(scheme, name, bad)).toBe(false)
  })

  test('DER is not taken for r‖s, and only its one form is taken', () => {
    const signature = openssl.sign('p256', data, ['-sha256'])
    expect(verify(PLAIN_ECDSA, 'p256', signature)).toBe(false)
    const length = signature[1] as number
    const longForm = concatBytes([Uint8Array.of(0x30, 0x81, length), signature.subarray(2)])
    expect(verify(ECDSA, 'p256', longForm)).toBe(false)
    const trailing = concatBytes([Uint8Array.of(0x30, length + 2), signature.subarray(2), hex('0500')])
    expect(verify(ECDSA, 'p256', trailing)).toBe(false)
  })

  test('of another key, and on another curve', () => {
    const signature = openssl.sign('p256', data, ['-sha256'])
    expect(verify(ECDSA, 'otherP256', signature)).toBe(false)
    expect(verify(ECDSA, 'p384', signature)).toBe(false)
  })
})

describe('certificates', () => {
  const bad: readonly [IdentityName, SignatureScheme, readonly string[]][] = [
    ['rsa1024', PKCS1, ['-sha256']],
    ['rsaExponent3', PKCS1, ['-sha256']],
    ['secp256k1', ECDSA, ['-sha256']],
  ]
  test.each(bad)('a key of %s is not accepted', (name, scheme, options) => {
    expect(verify(scheme, name, openssl.sign(name, data, options))).toBe(false)
  })

  test('a key of another kind than the scheme', () => {
    const rsa = openssl.sign('rsa2048', data, ['-sha256'])
    const ecdsa = openssl.sign('p256', data, ['-sha256'])
    for (const scheme of [PKCS1, PSS, ECDSA, PLAIN_ECDSA]) {
      expect(verify(scheme, 'ed25519', rsa)).toBe(false)
      expect(verify(scheme, 'ed25519', ecdsa)).toBe(false)
    }
    expect(verify(ECDSA, 'rsa2048', rsa)).toBe(false)
    expect(verify(PKCS1, 'p256', ecdsa)).toBe(false)
  })

  test('are refused with the reason, which other signatures do not have', () => {
    const refusals = (['rsa1024', 'rsaExponent3', 'secp256k1', 'ed25519', 'rsa2048', 'p256'] as const).map(
      name => crypto.keyRefusal(openssl.of(name).certificate),
    )
    expect(refusals).toEqual([
      "the certificate's RSA key has 1024 bits; 2048 to 8192 are accepted",
      "the certificate's RSA key has an exponent that is not accepted",
      "the certificate's key is on the curve secp256k1; P-256, P-384 and P-521 are accepted",
      "the certificate's key is of type ed25519; RSA and ECDSA are accepted",
      undefined,
      undefined,
    ])
    expect(crypto.keyRefusal(Uint8Array.of(0x30))).toBe('the certificate cannot be read')
  })

  test('bytes that are no certificate, or not only one', () => {
    const { certificate } = openssl.of('p256')
    const signature = openssl.sign('p256', data, ['-sha256'])
    const check = (bytes: Uint8Array) => crypto.verifySignature(ECDSA, bytes, parts, signature)
    expect(check(certificate)).toBe(true)
    expect(check(concatBytes([certificate, Uint8Array.of(0)]))).toBe(false)
    expect(check(new Uint8Array(0))).toBe(false)
    expect(check(new Uint8Array(70_000).fill(0x30))).toBe(false)
    for (let length = 0; length < certificate.length; length += 7)
      expect(check(certificate.subarray(0, length))).toBe(false)
    const body = Buffer.from(certificate).toString('base64').replaceAll(/.{64}/g, '$&\n')
    const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
    expect(check(asciiBytes(pem))).toBe(false)
    expect(check(concatBytes([hex('3003020100'), asciiBytes(`\n${pem}`)]))).toBe(false)
  })

  test.each(['p256', 'rsaPssSha512'] as const)('of %s with any byte changed: an answer, no error', name => {
    const { certificate } = openssl.of(name)
    const scheme = name === 'p256' ? ECDSA : ({ family: 'RSA-PSS', hash: 'SHA512' } as const)
    const signature = new Uint8Array(256).fill(1)
    for (let at = 0; at < certificate.length; at++) {
      const changed = certificate.slice()
      changed[at] = (changed[at] as number) ^ (1 << (at & 7))
      expect(crypto.verifySignature(scheme, changed, parts, signature)).toBe(false)
    }
  })

  test('more of them than are remembered', () => {
    const { certificate } = openssl.of('p256')
    const signature = openssl.sign('p256', data, ['-sha256'])
    const check = (bytes: Uint8Array) => crypto.verifySignature(ECDSA, bytes, parts, signature)
    for (let i = 0; i < 600; i++) {
      // Changes the certificate's own signature, which is not for us to check.
      const other = certificate.slice()
      other.set([i >> 8, i & 255], other.length - 3)
      expect(check(other)).toBe(true)
    }
    expect(check(certificate)).toBe(true)
  })
})
