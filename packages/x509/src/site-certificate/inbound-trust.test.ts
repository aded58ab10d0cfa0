import { beforeAll, describe, expect, test } from 'vitest'
import type { IssuedCertificate } from '../issuing.ts'
import { formatPem } from '../pem.ts'
import { day, now } from '../pki.suite.ts'
import { type InboundTrustOptions, readInboundTrust } from './inbound-trust.ts'
import { authority, base64, issueSite, opensslDsa, opensslSelfSigned } from './site-pki.suite.ts'

let root: IssuedCertificate
let intermediate: IssuedCertificate
let lower: IssuedCertificate
let device: IssuedCertificate

beforeAll(async () => {
  root = await issueSite('CN=Root', { extensions: authority })
  intermediate = await issueSite('CN=Middle', { issuer: root, extensions: authority })
  lower = await issueSite('CN=Lower', { issuer: intermediate, extensions: authority })
  device = await issueSite('CN=site-1', { issuer: lower })
})

function read(chain: readonly (string | IssuedCertificate)[], changes: Partial<InboundTrustOptions> = {}) {
  const texts = chain.map(entry => (typeof entry === 'string' ? entry : base64(entry.certificate)))
  return readInboundTrust({ subjectName: 'site-1', chain: texts, unixSeconds: now, ...changes })
}

describe('an inbound chain is read', () => {
  test('root first, then intermediates', () => {
    expect(read([root, intermediate, lower])).toMatchObject({
      type: 'trust',
      subject: 'site-1',
      roots: [root.certificate],
      intermediates: [intermediate.certificate, lower.certificate],
      notes: [],
    })
  })

  test('of the root alone', () => {
    expect(read([root])).toMatchObject({ roots: [root.certificate], intermediates: [], notes: [] })
  })

  test('in one line, in many, in PEM armour, all in one entry, from a Windows editor', () => {
    const one = base64(root.certificate)
    const pem = formatPem(root.certificate)
    const lines = one.match(/.{1,76}/g)?.join('\r\n') ?? ''
    const forms = [
      one,
      ` ${lines}\r\n`,
      pem,
      pem.replaceAll('\n', '\r\n'),
      base64(new TextEncoder().encode(pem)),
    ]
    for (const form of forms) expect(read([form])).toMatchObject({ roots: [root.certificate], notes: [] })
    const all = pem + formatPem(intermediate.certificate)
    expect(read([all])).toMatchObject({ intermediates: [intermediate.certificate], notes: [] })
  })

  test('in the wrong order, which is noted', () => {
    expect(read([lower, intermediate, root])).toMatchObject({
      roots: [root.certificate],
      intermediates: [intermediate.certificate, lower.certificate],
      notes: ['the inbound chain was not in order, the root first: it is taken in order'],
    })
  })

  test('with repetitions, which are noted', () => {
    expect(read([root, root, formatPem(root.certificate)])).toMatchObject({
      roots: [root.certificate],
      notes: ['certificates were given more than once: each counts once'],
    })
  })

  test("without the peer's own certificate, which gives no trust", () => {
    expect(read([root, intermediate, lower, device])).toMatchObject({
      intermediates: [intermediate.certificate, lower.certificate],
      notes: [
        '"CN=site-1" is the peer\'s own certificate: it is not needed here, gives no trust, and is left out',
      ],
    })
  })

  test('with a self-signed device, which is trusted for itself', async () => {
    const own = await issueSite('CN=site-1')
    expect(read([own])).toMatchObject({
      roots: [own.certificate],
      notes: ['"CN=site-1" is self-signed and no authority: it is trusted for itself alone'],
    })
  })

  test('with two roots, an expired one, and an intermediate of nobody', async () => {
    const old = await issueSite('CN=Old', { extensions: authority, notAfter: now - 60 })
    const elsewhere = await issueSite('CN=Elsewhere', { extensions: authority })
    const orphan = await issueSite('CN=Orphan', { issuer: elsewhere, extensions: authority })
    expect(read([root, old, orphan])).toMatchObject({
      roots: [root.certificate, old.certificate],
      intermediates: [orphan.certificate],
      notes: [
        '"CN=Old" expired on 2027-01-15T07:59:00Z: no chain through it is accepted',
        'the issuer "CN=Elsewhere" of "CN=Orphan" is not in the inbound chain: it completes no chain by itself',
        'the inbound chain has 2 roots: each is trusted',
      ],
    })
  })

  test.each([
    ['site-1', 'site-1'],
    [' CN=site-1 ', 'site-1'],
    ['cn = site-1', 'site-1'],
    ['CN=site-1, O=Contoso', 'CN=site-1, O=Contoso'],
  ])('with the subject "%s"', (subjectName, subject) => {
    expect(read([root], { subjectName })).toMatchObject({ subject })
  })
})

describe('an inbound chain is refused', () => {
  const pkcs8 = () => root.privateKey.replace(/-----[^-]+-----|\s/g, '')
  const cases: readonly (readonly [() => Promise<object> | object, string, number?])[] = [
    [
      () => read([root], { subjectName: ' CN= ' }),
      "empty-subject: the inbound subject name is empty: give the common name of the peer's certificate",
    ],
    [
      () => read([]),
      'empty-chain: the inbound chain is empty: give the root certificate in base64, then intermediates',
    ],
    [
      () => read(Array.from({ length: 21 }, () => root)),
      'too-many-certificates: the inbound chain has 21 certificates, 20 are allowed: give the root and the intermediates of this one peer',
    ],
    [
      () => read([formatPem(root.certificate).repeat(21)]),
      'too-many-certificates: the inbound chain has 21 certificates, 20 are allowed: give the root and the intermediates of this one peer',
    ],
    [
      () => read([root, formatPem(root.certificate).repeat(101)]),
      'too-many-certificates: entry 2 of the inbound chain holds too many certificates: give each one its own entry',
      1,
    ],
    [
      () => read(['A'.repeat(400_000)]),
      'too-large: entry 1 of the inbound chain is larger than a certificate may be: 16384 bytes',
      0,
    ],
    [
      () => read([root, ' ']),
      'not-base64: entry 2 of the inbound chain is empty: paste the text of the .cer file there, or remove the entry',
      1,
    ],
    [
      () => read([root, '<certificate>']),
      'not-base64: entry 2 of the inbound chain is not base64, or cut off: paste the text of the .cer file again, whole',
      1,
    ],
    [
      () => read([base64(root.certificate).slice(0, -5)]),
      'not-base64: entry 1 of the inbound chain is not base64, or cut off: paste the text of the .cer file again, whole',
      0,
    ],
    [
      () => read([root, base64(root.certificate.subarray(0, 300))]),
      'not-certificate: entry 2 of the inbound chain is base64, but of no X.509 certificate: export it as base64 (.cer)',
      1,
    ],
    [
      () => read([root, root.privateKey]),
      'private-key: entry 2 of the inbound chain is a private key: give certificates alone, and replace that key, for it has left its place',
      1,
    ],
    [
      () => read([formatPem(root.certificate) + root.privateKey]),
      'private-key: entry 1 of the inbound chain is a private key: give certificates alone, and replace that key, for it has left its place',
      0,
    ],
    [
      () => read([root, pkcs8()]),
      'private-key: entry 2 of the inbound chain is a private key: give certificates alone, and replace that key, for it has left its place',
      1,
    ],
    [
      async () => read([root, await issueSite('CN=site-2', { issuer: root })]),
      'not-authority: entry 2 of the inbound chain ("CN=site-2") is no authority, and not the peer "site-1" either: give the certificates of its root and intermediates',
      1,
    ],
    [
      () => read([lower, intermediate]),
      'root-missing: the inbound chain has no root: put the self-signed certificate of "CN=Root" first, then intermediates',
    ],
    [
      () => read([device]),
      'root-missing: the inbound chain has no root: put the self-signed certificate of "CN=Lower" first, then intermediates',
    ],
    [
      () => read([intermediate, root], { unixSeconds: now + 366 * day }),
      'expired: entry 2 of the inbound chain ("CN=Root") expired on 2028-01-15T08:00:00Z: give the new root',
      1,
    ],
    [
      () => read([opensslSelfSigned('-newkey', 'rsa:1024', '-subj', '/CN=Small')]),
      'key-too-small: entry 1 of the inbound chain ("CN=Small") has a RSA key of 1024 bits, 2048 are required: issue it anew with a larger key',
      0,
    ],
    [
      () => read([opensslDsa()]),
      'unsupported-key: entry 1 of the inbound chain ("CN=dsa") has a key of type DSA: use RSA or ECDSA',
      0,
    ],
  ]

  test.each(cases.map(([make, message, index]) => ({ make, message, index })))(
    '$message',
    async ({ make, message, index }) => {
      const result = await make()
      expect(result).toMatchObject({ type: 'refused' })
      expect('code' in result && 'message' in result && `${result.code}: ${result.message}`).toBe(message)
      expect('index' in result ? result.index : undefined).toBe(index)
    },
  )

  test('and never echoes a key', () => {
    const body = pkcs8()
    for (const text of [root.privateKey, body, formatPem(root.certificate) + root.privateKey]) {
      expect(JSON.stringify(read([text]))).not.toContain(body.slice(60, 80))
    }
  })

  test('or read, whatever bit of a certificate is another', () => {
    for (let at = 0; at < root.certificate.length * 8; at += 13) {
      const damaged = root.certificate.slice()
      damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (1 << (at & 7))
      const result = read([base64(damaged)])
      if (result.type === 'refused') continue
      expect.fail(`a root with bit ${at} changed is a root`)
    }
  })
})
