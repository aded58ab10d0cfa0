import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readCertificates } from './certificate-input.ts'
import { describeCertificate, thumbprintsOf } from './description.ts'
import { parsePkcs12 } from './pkcs12.ts'
import { codeOf, createPki, now, type Pki } from './pki.suite.ts'
import { createTrustStore, type TrustStore } from './trust-store.ts'

let pki: Pki
let store: TrustStore
let der: Uint8Array

beforeAll(async () => {
  pki = await createPki()
  store = createTrustStore({ roots: [pki.root.certificate] })
  der = pki.directClient.certificate
})

const verify = (leaf: Uint8Array, intermediates: readonly Uint8Array[] = []) =>
  store.verify({ leaf, intermediates, time: now, purpose: 'client' })

test('a certificate cut off at any length is malformed, as leaf and behind it', () => {
  for (let length = 0; length < der.length; length++) {
    const cut = der.subarray(0, length)
    expect(verify(cut)).toMatchObject({ valid: false, reason: 'malformed', depth: 0 })
    expect(verify(der, [cut])).toMatchObject({ valid: false, reason: 'malformed', depth: 1 })
    expect(codeOf(() => describeCertificate(cut))).toBe('ERR_X509_MALFORMED')
    expect(codeOf(() => thumbprintsOf(cut))).toBe('ERR_X509_MALFORMED')
  }
})

test('a certificate with any byte changed is refused', () => {
  expect(verify(der).valid).toBe(true)
  for (let at = 0; at < der.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const changed = Uint8Array.from(der)
      changed[at]! ^= flip
      expect(verify(changed).valid, `byte ${at} ^ ${flip}`).toBe(false)
    }
  }
})

test('bytes after a certificate make it malformed', () => {
  expect(verify(new Uint8Array([...der, 0]))).toMatchObject({ reason: 'malformed' })
  expect(verify(new Uint8Array([...der, ...der]))).toMatchObject({ reason: 'malformed' })
})

test('a second encoding of the same certificate, with its own thumbprint, is malformed', () => {
  // 30 82 LL LL → 30 83 00 LL LL: BER allows the longer length, DER does not (X.690 §10.1).
  expect([...der.subarray(0, 2)]).toEqual([0x30, 0x82])
  const longer = new Uint8Array([0x30, 0x83, 0x00, ...der.subarray(2)])
  expect(verify(longer)).toMatchObject({ reason: 'malformed' })
  expect(codeOf(() => describeCertificate(longer))).toBe('ERR_X509_MALFORMED')
})

const declared = /^(none|ERR_X509_[A-Z0-9_]+)$/

test('no bytes make a reader throw anything but a declared error', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map(tail => new Uint8Array([0x30, 0x82, 0x01, ...tail])),
    mutationsOf(() => der),
  )
  fc.assert(
    fc.property(bytes, input => {
      // Two changes of one byte can cancel each other.
      expect(verify(input).valid).toBe(Buffer.from(input).equals(der))
      for (const read of [readCertificates, describeCertificate, thumbprintsOf]) {
        expect(codeOf(() => read(input))).toMatch(declared)
      }
      expect(codeOf(() => parsePkcs12(input, 'x'))).toMatch(declared)
    }),
    { numRuns: 500 },
  )
})

test('no text makes a reader throw anything but a declared error', () => {
  const part = fc.constantFrom(
    '-----BEGIN ',
    'CERTIFICATE',
    '-----',
    '-----END ',
    '\n',
    'MIIB',
    '=',
    '\u0000',
    'é',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part, { maxLength: 20 }).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(text, input => {
      expect(codeOf(() => readCertificates(input))).toMatch(declared)
    }),
  )
})

/** Real DER with one to four bytes replaced, and at times a stretch taken out. */
function mutationsOf(source: () => Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
  const changes = fc.array(change, { minLength: 1, maxLength: 4 })
  return fc.tuple(changes, fc.nat(), fc.nat({ max: 8 })).map(([list, at, gone]) => {
    const bytes = [...source()]
    for (const [position, flip] of list) bytes[position % bytes.length]! ^= flip
    bytes.splice(at % bytes.length, gone)
    return new Uint8Array(bytes)
  })
}
