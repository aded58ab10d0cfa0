import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { issueRoot } from './issuing.ts'
import { readKeyBundle } from './key-bundle.ts'
import { formatPem } from './pem.ts'
import { createPkcs12 } from './pkcs12.ts'

const validity = { notBefore: 1_700_000_000, notAfter: 1_900_000_000 }
const [own, other] = await Promise.all(
  ['own', 'other'].map(commonName => issueRoot({ commonName, key: 'ecdsa-p256', ...validity })),
)
if (!own || !other) throw new Error('no certificates')
const bundle = { privateKey: own.privateKey, certificate: own.certificate, chain: [] }

describe('a key with its certificates', () => {
  it('is read from PKCS#12 in base64', () => {
    const file = Buffer.from(createPkcs12({ ...bundle, password: 'hunter2', iterations: 1 })).toString(
      'base64',
    )
    const read = readKeyBundle(file, 'hunter2')
    expect(read.form).toBe('pkcs12')
    expect(Buffer.from(read.bundle.certificate)).toEqual(Buffer.from(own.certificate))
    expect(() => readKeyBundle(file, 'hunter3')).toThrow('password')
  })

  it.each([
    ['key first', [own.privateKey, formatPem(own.certificate), formatPem(other.certificate)]],
    ['key last', [formatPem(other.certificate), formatPem(own.certificate), own.privateKey]],
  ])('is read from PEM, %s, its own certificate apart from the others', (_name, parts) => {
    const read = readKeyBundle(parts.join('\n'), undefined)
    expect(read.form).toBe('pem')
    expect(Buffer.from(read.bundle.certificate)).toEqual(Buffer.from(own.certificate))
    expect(read.bundle.chain.map(der => Buffer.from(der))).toEqual([Buffer.from(other.certificate)])
  })

  it('is read from PEM under a password', () => {
    const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' } as const
    const key = createPrivateKey(own.privateKey).export(options).toString()
    const text = key + formatPem(own.certificate)
    expect(readKeyBundle(text, 'hunter2').bundle.privateKey).toContain('BEGIN PRIVATE KEY')
    expect(() => readKeyBundle(text, 'hunter3')).toThrow('does not open it')
    expect(() => readKeyBundle(text, undefined)).toThrow('does not open it')
  })

  it.each([
    ['no key', formatPem(own.certificate), 'ERR_X509_NO_KEY'],
    ['two keys', own.privateKey + other.privateKey + formatPem(own.certificate), 'ERR_X509_KEY'],
    ["another's certificate", own.privateKey + formatPem(other.certificate), 'ERR_X509_PKCS12_CONTENTS'],
    ['no certificate', own.privateKey, 'ERR_X509_EMPTY'],
    ['neither PEM nor base64', 'hello, world', 'ERR_X509_ENCODING'],
    ['too much', 'A'.repeat(300_000), 'ERR_X509_TOO_LARGE'],
  ])('is not read from %s', (_name, text, code) => {
    expect(() => readKeyBundle(text, undefined)).toThrow(expect.objectContaining({ code }))
  })
})
