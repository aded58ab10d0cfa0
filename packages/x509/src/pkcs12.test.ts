import { createPrivateKey } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { issueClientCertificate } from './issuing.ts'
import { limits } from './limits.ts'
import { formatPem } from './pem.ts'
import { createPkcs12, type KeyBundle, parsePkcs12 } from './pkcs12.ts'
import { codeOf, createPki, named, openssl, type Pki, withOpenssl } from './pki.suite.ts'

let pki: Pki
let bundle: KeyBundle
const password = 'pa"ss wörd'
const fast = { password, iterations: 1000 }

beforeAll(async () => {
  pki = await createPki()
  const chain = [pki.intermediate.certificate, pki.root.certificate]
  bundle = { privateKey: pki.client.privateKey, certificate: pki.client.certificate, chain }
})

/** A file that openssl makes from the client's key and chain. */
function exported(...options: readonly string[]): Uint8Array {
  const chain = bundle.chain.map(der => formatPem(der)).join('')
  const files = { key: bundle.privateKey, leaf: formatPem(bundle.certificate), chain }
  const inputs = ['-inkey', 'key', '-in', 'leaf', '-certfile', 'chain']
  return withOpenssl(files, (run, read) => {
    run(['pkcs12', '-export', ...inputs, '-passout', `pass:${password}`, '-out', 'p12', ...options])
    return read('p12')
  })
}

describe('a PKCS#12 file', () => {
  test('comes back as it was made', () => {
    expect(parsePkcs12(createPkcs12({ ...bundle, ...fast }), password)).toEqual(bundle)
  })

  test('may have an empty password, and no chain', () => {
    const bare = { ...bundle, chain: [] }
    expect(parsePkcs12(createPkcs12({ ...bare, password: '', iterations: 1 }), '')).toEqual(bare)
  })

  test('holds an RSA key as well', async () => {
    const issued = await issueClientCertificate(pki.root, named('rsa', { key: 'rsa-2048' }))
    const rsa = { ...issued, chain: [pki.root.certificate] }
    expect(parsePkcs12(createPkcs12({ ...rsa, ...fast }), password)).toEqual(rsa)
  })

  test('is read by openssl, which names the ciphers', () => {
    const p12 = createPkcs12({ ...bundle, password, friendlyName: 'alice' })
    const pass = ['-passin', `pass:${password}`]
    const printed = openssl(['pkcs12', '-in', 'p12', ...pass, '-nodes'], { p12 })
    expect(printed).toContain('friendlyName: alice')
    expect(printed.match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
    const key = printed.slice(
      printed.indexOf('-----BEGIN PRIVATE KEY'),
      printed.indexOf('-----END PRIVATE KEY'),
    )
    expect(createPrivateKey(`${key}-----END PRIVATE KEY-----`).export({ type: 'pkcs8', format: 'pem' })).toBe(
      bundle.privateKey,
    )
    const structure = openssl(['asn1parse', '-inform', 'der', '-in', 'p12'], { p12 })
    expect(structure).toContain('sha256')
    expect(structure).not.toMatch(/:sha1|RC2|3DES/)
  })

  test('made by openssl is read', () => {
    expect(parsePkcs12(exported(), password)).toEqual(bundle)
  })

  test('made with 3DES is read, since old Windows exports so', () => {
    const ciphers = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']
    expect(parsePkcs12(exported(...ciphers), password)).toEqual(bundle)
  })

  test('made with RC2 is refused, naming the provider that it needs', () => {
    const file = exported('-legacy')
    expect(codeOf(() => parsePkcs12(file, password))).toBe('ERR_X509_PKCS12_LEGACY')
    expect(() => parsePkcs12(file, password)).toThrow(/legacy provider/)
  })
})

describe('reading is refused', () => {
  test('with a wrong password', () => {
    const file = createPkcs12({ ...bundle, ...fast })
    for (const wrong of ['', 'Password', `${password} `]) {
      expect(codeOf(() => parsePkcs12(file, wrong))).toBe('ERR_X509_PKCS12_PASSWORD')
    }
    expect(codeOf(() => parsePkcs12(file, `${password}\0`))).toBe('ERR_X509_ARGUMENT')
  })

  test('without a MAC', () => {
    expect(() => parsePkcs12(exported('-nomac'), password)).toThrow(/no MAC/)
  })

  test('without a key', () => {
    const file = exported('-nokeys')
    expect(codeOf(() => parsePkcs12(file, password))).toBe('ERR_X509_PKCS12_CONTENTS')
  })

  test('when the MAC asks for endless work', () => {
    const file = createPkcs12({ ...bundle, password, iterations: 1000 })
    // The last INTEGER of the file is the MAC's count (RFC 7292 §4): 02 02 03 E8.
    const at = Buffer.from(file).lastIndexOf(Buffer.from('020203e8', 'hex'))
    expect(at).toBe(file.length - 4)
    const raised = withLargeCount(file)
    expect(() => parsePkcs12(raised, password)).toThrow(/rounds of key derivation/)
  })

  test('when it is cut off anywhere, or changed anywhere', () => {
    const file = createPkcs12({ ...bundle, password, iterations: 1 })
    const declared = ['ERR_X509_PKCS12_MALFORMED', 'ERR_X509_PKCS12_PASSWORD', 'ERR_X509_PKCS12_LEGACY']
    for (let length = 0; length < file.length; length += 7) {
      expect(codeOf(() => parsePkcs12(file.subarray(0, length), password))).toBe('ERR_X509_PKCS12_MALFORMED')
    }
    for (let at = 0; at < file.length; at += 11) {
      const changed = Uint8Array.from(file)
      changed[at]! ^= 0x55
      expect(declared).toContain(codeOf(() => parsePkcs12(changed, password)))
    }
  })

  test('when it is too large', () => {
    expect(codeOf(() => parsePkcs12(new Uint8Array(limits.pkcs12Bytes + 1), ''))).toBe('ERR_X509_TOO_LARGE')
  })
})

describe('writing is refused', () => {
  const code = (overrides: object) => codeOf(() => createPkcs12({ ...bundle, ...fast, ...overrides }))

  test.each([
    ['a key that is none', { privateKey: 'x' }, 'ERR_X509_KEY'],
    ['a certificate that is none', { certificate: new Uint8Array(5) }, 'ERR_X509_PKCS12_CONTENTS'],
    ['a chain that is none', { chain: [new Uint8Array(5)] }, 'ERR_X509_PKCS12_CONTENTS'],
    ['a password with a NUL', { password: 'a\0b' }, 'ERR_X509_ARGUMENT'],
    ['a name with a NUL', { friendlyName: 'a\0b' }, 'ERR_X509_ARGUMENT'],
    ['no iterations', { iterations: 0 }, 'ERR_X509_ARGUMENT'],
  ])('of %s', (_, overrides, expected) => {
    expect(code(overrides)).toBe(expected)
  })

  test('of a key that belongs to another certificate', () => {
    expect(code({ privateKey: pki.server.privateKey })).toBe('ERR_X509_PKCS12_CONTENTS')
  })
})

/**
 * The file with the MAC's count raised to 2^31 − 1. That takes two more bytes, so the lengths of the outer
 * SEQUENCE (four-byte header) and of macData grow with it.
 */
function withLargeCount(file: Uint8Array): Uint8Array {
  const count = Buffer.from('02047fffffff', 'hex')
  const grown = Buffer.concat([file.subarray(0, -4), count])
  grown.writeUInt16BE(grown.readUInt16BE(2) + 2, 2)
  // macData of SHA-256: SEQUENCE { digest info of 51 bytes, salt, count }.
  const macData = grown.lastIndexOf(Buffer.from('3031300d', 'hex')) - 2
  grown.writeUInt8(grown.readUInt8(macData + 1) + 2, macData + 1)
  return new Uint8Array(grown)
}
