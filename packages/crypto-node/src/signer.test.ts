import { generateKeyPairSync } from 'node:crypto'
import type { SignatureScheme } from '@causeway/crypto'
import { asciiBytes } from '@causeway/wire'
import { afterAll, describe, expect, test } from 'vitest'
import { createNodeCrypto } from './node-crypto.ts'
import { OpensslIdentities } from './openssl-identities.suite.ts'
import { createSigner } from './signer.ts'

const crypto = createNodeCrypto()
const openssl = new OpensslIdentities()
afterAll(() => openssl.remove())
const parts = [asciiBytes('one'), asciiBytes('two')]

describe.each([
  ['rsa2048', { type: 'RSA', bits: 2048 }],
  ['p256', { type: 'ECDSA', curve: 'P-256', bits: 256 }],
  ['p384', { type: 'ECDSA', curve: 'P-384', bits: 384 }],
  ['p521', { type: 'ECDSA', curve: 'P-521', bits: 521 }],
] as const)('%s', (name, key) => {
  const { privateKeyPem, certificate } = openssl.of(name)
  const signer = createSigner(privateKeyPem)

  test('signs by all its schemes what the port verifies', () => {
    expect(signer.key).toEqual(key)
    expect(signer.schemes).toHaveLength(key.type === 'RSA' ? 8 : 5)
    for (const scheme of signer.schemes) {
      expect(signer.supports(scheme)).toBe(true)
      const signature = signer.sign(scheme, parts)
      expect(Object.getPrototypeOf(signature)).toBe(Uint8Array.prototype)
      expect(crypto.verifySignature(scheme, certificate, [asciiBytes('onetwo')], signature)).toBe(true)
    }
  })

  test('refuses the schemes of the other kind', () => {
    const scheme: SignatureScheme =
      key.type === 'RSA'
        ? { family: 'ECDSA', hash: 'SHA256', encoding: 'DER' }
        : { family: 'RSA-PSS', hash: 'SHA256' }
    expect(signer.supports(scheme)).toBe(false)
    expect(() => signer.sign(scheme, parts)).toThrow(
      expect.objectContaining({ code: 'ERR_SIGNATURE_SCHEME' }),
    )
  })
})

test.each([
  ['p256', 'SHA256'],
  ['p384', 'SHA384'],
  ['p521', 'SHA512'],
] as const)('r‖s of %s has the hash of its curve alone (RFC 4754)', (name, hash) => {
  const { schemes } = createSigner(openssl.of(name).privateKeyPem)
  const sized = schemes.filter(scheme => 'encoding' in scheme && scheme.encoding !== 'DER')
  expect(sized).toEqual([{ family: 'ECDSA', hash, encoding: 'IEEE-P1363' }])
})

test('reads PKCS #1 and SEC 1, too', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const sec1 = ec.export({ type: 'sec1', format: 'pem' }) as string
  expect(createSigner(rsa.export({ type: 'pkcs1', format: 'pem' }) as string).key.type).toBe('RSA')
  expect(createSigner(sec1).key.type).toBe('ECDSA')
})

test('keys that it does not sign with', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const encrypted = ec.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-128-cbc',
    passphrase: 'x',
  }) as string
  const others = (['rsa1024', 'rsaPss', 'secp256k1', 'ed25519'] as const).map(
    name => openssl.of(name).privateKeyPem,
  )
  for (const pem of ['', 'text', encrypted, ...others])
    expect(() => createSigner(pem)).toThrow(expect.objectContaining({ code: 'ERR_PRIVATE_KEY' }))
})
