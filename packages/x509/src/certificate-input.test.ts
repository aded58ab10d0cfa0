import { beforeAll, describe, expect, test } from 'vitest'
import { readCertificates } from './certificate-input.ts'
import { limits } from './limits.ts'
import { formatPem } from './pem.ts'
import { codeOf, createPki, openssl, type Pki } from './pki.suite.ts'

let pki: Pki
let root: Uint8Array
let pem: string

beforeAll(async () => {
  pki = await createPki()
  root = pki.root.certificate
  pem = formatPem(root)
})

const text = (value: string) => new TextEncoder().encode(value)
const base64 = (value: string | Uint8Array) => Buffer.from(value).toString('base64')
const codeFor = (input: string | Uint8Array) => codeOf(() => readCertificates(input))

describe('a certificate is read', () => {
  const forms: readonly [string, () => string | Uint8Array][] = [
    ['DER', () => root],
    ['DER in a Buffer', () => Buffer.from(root)],
    ['PEM', () => pem],
    ['the bytes of PEM', () => text(pem)],
    ['PEM with Windows line ends', () => pem.replaceAll('\n', '\r\n')],
    ['PEM on one line', () => pem.replaceAll('\n', ' ')],
    ['PEM with a byte order mark', () => text(`\ufeff${pem}`)],
    ['PEM in UTF-16, as PowerShell writes it', () => Buffer.from(`\ufeff${pem}`, 'utf16le')],
    ['PEM under the label of old tools', () => pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['PEM with text around it', () => `Bag Attributes\n  friendlyName: x\n${pem}trailing text\n`],
    ['base64 of DER on one line, as Azure lists it', () => base64(root)],
    ['base64 of DER in lines', () => base64(root).replace(/.{64}/g, '$&\r\n')],
    ['the bytes of base64 of DER: a .cer file', () => text(base64(root))],
    ['base64 of PEM', () => base64(pem)],
  ]

  test.each(forms)('from %s', (_, input) => {
    const certificates = readCertificates(input())
    expect(certificates.map(der => Buffer.from(der))).toEqual([Buffer.from(root)])
  })

  test('from what openssl prints with -text', () => {
    const printed = openssl(['x509', '-in', 'root.pem', '-text'], { 'root.pem': pem })
    expect(readCertificates(printed)).toEqual([root])
  })

  test('after another, in order', () => {
    const chain = [pki.client, pki.intermediate, pki.root].map(issued => issued.certificate)
    const all = chain.map(der => formatPem(der)).join('\n')
    expect(readCertificates(all)).toEqual(chain)
    expect(readCertificates(base64(all))).toEqual(chain)
  })
})

describe('an input is refused', () => {
  test('when it is empty', () => {
    for (const input of ['', ' \r\n', new Uint8Array()]) expect(codeFor(input)).toBe('ERR_X509_EMPTY')
  })

  test('when it is too large, before anything is decoded', () => {
    expect(codeFor('A'.repeat(limits.inputBytes + 1))).toBe('ERR_X509_TOO_LARGE')
    expect(codeFor(new Uint8Array(limits.inputBytes + 1))).toBe('ERR_X509_TOO_LARGE')
  })

  test('when one certificate is too large', () => {
    const large = new Uint8Array(limits.certificateBytes + 1).fill(0x30)
    expect(codeFor(large)).toBe('ERR_X509_TOO_LARGE')
    expect(codeFor(formatPem(large))).toBe('ERR_X509_TOO_LARGE')
  })

  test('when it holds too many certificates', () => {
    const small = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    expect(codeFor(small.repeat(limits.inputCertificates + 1))).toBe('ERR_X509_TOO_MANY')
  })

  test('when it is neither PEM nor base64', () => {
    for (const input of ['hello, world', 'MIIB*', `${base64(root)}!`]) {
      expect(codeFor(input)).toBe('ERR_X509_ENCODING')
    }
  })

  test('when base64 or PEM is cut off', () => {
    expect(codeFor(base64(root).slice(0, 101))).toBe('ERR_X509_ENCODING')
    expect(codeFor(base64(root).slice(0, 100))).toBe('ERR_X509_MALFORMED')
    expect(codeFor(pem.slice(0, 200))).toBe('ERR_X509_ENCODING')
    expect(codeFor('-----BEGIN CERTIFICATE')).toBe('ERR_X509_ENCODING')
  })

  test('when DER is cut off, or bytes follow it', () => {
    expect(codeFor(root.subarray(0, -1))).toBe('ERR_X509_MALFORMED')
    expect(codeFor(new Uint8Array([...root, 0]))).toBe('ERR_X509_MALFORMED')
    expect(codeFor(formatPem(new Uint8Array([...root, ...root])))).toBe('ERR_X509_MALFORMED')
  })

  test('when base64 holds base64', () => {
    expect(codeFor(base64(base64(root)))).toBe('ERR_X509_MALFORMED')
  })

  test('when a private key is in it, and the message does not repeat it', () => {
    const withKey = pem + pki.root.privateKey
    expect(codeFor(withKey)).toBe('ERR_X509_UNEXPECTED_BLOCK')
    expect(() => readCertificates(withKey)).toThrow(/^the input holds a private key: [a-z ,]+$/)
  })

  test('when a block is of another kind', () => {
    expect(codeFor(pem.replaceAll('CERTIFICATE', 'PKCS7'))).toBe('ERR_X509_UNEXPECTED_BLOCK')
    expect(codeFor(pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'))).toBe('ERR_X509_UNEXPECTED_BLOCK')
  })

  test('in linear time when it is nothing but BEGIN lines', () => {
    const begins = '-----BEGIN CERTIFICATE-----\n'
    const hostile = begins.repeat(Math.floor(limits.inputBytes / begins.length))
    expect(codeFor(hostile)).toBe('ERR_X509_ENCODING')
  })
})

describe('PEM', () => {
  test('is written in lines of 64 with the label asked for', () => {
    const lines = formatPem(new Uint8Array(60), 'X509 CRL').split('\n')
    expect(lines).toEqual([
      '-----BEGIN X509 CRL-----',
      'A'.repeat(64),
      'A'.repeat(16),
      '-----END X509 CRL-----',
      '',
    ])
  })

  test('of nothing has no body', () => {
    expect(formatPem(new Uint8Array())).toBe('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n')
  })

  test('is what openssl writes', () => {
    expect(openssl(['x509', '-inform', 'der', '-in', 'der'], { der: root })).toBe(pem)
  })
})
