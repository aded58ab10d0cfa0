import { createHash, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeCertificate, thumbprintsOf } from './description.ts'
import { issueClientCertificate, issueRoot } from './issuing.ts'
import { limits } from './limits.ts'
import { codeOf, createPki, named, now, type Pki } from './pki.suite.ts'
import { createRevocationList, parseThumbprint } from './revocation-list.ts'
import { createTrustStore } from './trust-store.ts'

let pki: Pki
let chain: readonly Uint8Array[]

beforeAll(async () => {
  pki = await createPki()
  chain = [pki.client, pki.intermediate, pki.root].map(issued => issued.certificate)
})

const thumbprintOf = (der: Uint8Array) => createHash('sha1').update(der).digest('hex').toUpperCase()

describe('a thumbprint', () => {
  const digits = '0123456789ABCDEF0123456789ABCDEF01234567'

  test.each([
    ['as Azure writes it', digits],
    ['in lower case', digits.toLowerCase()],
    ['with spaces', digits.replace(/../g, '$& ')],
    ['with colons', digits.replace(/..(?=.)/g, '$&:')],
    ['with the mark that the Windows dialog puts in front', `\u200e${digits.toLowerCase()}`],
    ['with line ends', `  ${digits}\r\n`],
  ])('is read %s', (_, text) => {
    expect(parseThumbprint(text)).toBe(digits)
  })

  test.each([
    ['empty', ''],
    ['one digit short', digits.slice(1)],
    ['one digit long', `${digits}0`],
    ['not hex', `${digits.slice(1)}G`],
    ['endless', ' '.repeat(1000) + digits],
    ['separated by something else', digits.replace(/../g, '$&-')],
  ])('that is %s is an error', (_, text) => {
    expect(codeOf(() => parseThumbprint(text))).toBe('ERR_X509_THUMBPRINT')
  })

  test('of another digest is pointed out', () => {
    expect(() => parseThumbprint('ab'.repeat(32))).toThrow(/SHA-256/)
  })
})

describe('a revocation list', () => {
  test('finds the leaf and the intermediate, and says which entry it was', () => {
    for (const der of chain.slice(0, 2)) {
      const list = createRevocationList(['00'.repeat(20), thumbprintOf(der).toLowerCase()])
      expect(list.isRevoked(chain)).toBe(true)
      expect(list.revokedIn(chain)).toBe(thumbprintOf(der))
    }
  })

  test('leaves out the root of a chain, but not a certificate that is its own root', () => {
    const list = createRevocationList([thumbprintOf(pki.root.certificate)])
    expect(list.isRevoked(chain)).toBe(false)
    expect(list.isRevoked([pki.root.certificate])).toBe(true)
  })

  test('without a match, or empty, finds nothing', () => {
    expect(createRevocationList(['00'.repeat(20)]).revokedIn(chain)).toBeUndefined()
    expect(createRevocationList([]).isRevoked(chain)).toBe(false)
  })

  test('holds each thumbprint once', () => {
    const list = createRevocationList(['AB'.repeat(20), 'ab '.repeat(20)])
    expect([...list.thumbprints]).toEqual(['AB'.repeat(20)])
  })

  test('refuses too many and broken entries', () => {
    const many = Array.from({ length: limits.thumbprints + 1 }, () => '00'.repeat(20))
    expect(codeOf(() => createRevocationList(many))).toBe('ERR_X509_TOO_MANY')
    expect(codeOf(() => createRevocationList(['12']))).toBe('ERR_X509_THUMBPRINT')
    const list = createRevocationList(['00'.repeat(20)])
    expect(codeOf(() => list.isRevoked([new Uint8Array([1, 2, 3])]))).toBe('ERR_X509_MALFORMED')
  })
})

describe('a mirrored ECDSA signature', () => {
  test.each(['ecdsa-p256', 'ecdsa-p384'] as const)('under %s stays revoked', async key => {
    const root = await issueRoot(named('Mirror Root', { key }))
    const original = (await issueClientCertificate(root, named('mallory'))).certificate
    const mirrored = mirror(original, key === 'ecdsa-p256' ? orderP256 : orderP384)
    const store = createTrustStore({ roots: [root.certificate] })
    const verdict = store.verify({ leaf: mirrored, time: now, purpose: 'client' })
    // The mirror image is a valid certificate with another thumbprint …
    expect(verdict.valid).toBe(true)
    expect(thumbprintOf(mirrored)).not.toBe(thumbprintOf(original))
    // … and is revoked with the original.
    const list = createRevocationList([thumbprintOf(original)])
    expect(list.isRevoked([mirrored, root.certificate])).toBe(true)
  })

  test('adds no thumbprint to an RSA-signed certificate', async () => {
    const root = await issueRoot(named('RSA Root', { key: 'rsa-2048' }))
    expect(thumbprintsOf(root.certificate)).toEqual([thumbprintOf(root.certificate)])
  })

  test('does not hide the certificate’s own thumbprint', () => {
    const der = pki.client.certificate
    expect(thumbprintsOf(der)[0]).toBe(thumbprintOf(der))
    expect(describeCertificate(der).thumbprint).toBe(thumbprintOf(der))
    const fingerprint = new X509Certificate(der).fingerprint
    expect(parseThumbprint(fingerprint)).toBe(thumbprintOf(der))
  })
})

// SEC 2 §2.4.2 and §2.5.1.
const orderP256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const orderP384 =
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n

/** The certificate signed (r, n − s) instead of (r, s): written apart from the native code that it checks. */
function mirror(der: Uint8Array, order: bigint): Uint8Array {
  const outer = elements(der)[0]!
  const [body, algorithm, bits] = elements(outer.content)
  const [r, s] = elements(elements(bits!.content.subarray(1))[0]!.content)
  const value = BigInt(`0x${Buffer.from(s!.content).toString('hex')}`)
  const signature = tlv(0x30, Buffer.concat([r!.whole, integer(order - value)]))
  return tlv(
    0x30,
    Buffer.concat([body!.whole, algorithm!.whole, tlv(0x03, Buffer.concat([Buffer.of(0), signature]))]),
  )
}

interface Element {
  readonly whole: Uint8Array
  readonly content: Uint8Array
}

function elements(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1]!
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    const start = at + 2 + lengthBytes
    const hex = Buffer.from(bytes.subarray(at + 2, start)).toString('hex')
    const end = start + (lengthBytes === 0 ? first : Number.parseInt(hex, 16))
    found.push({ whole: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return found
}

function tlv(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return new Uint8Array([tag, ...size, ...content])
}

function integer(value: bigint): Uint8Array {
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return tlv(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}
