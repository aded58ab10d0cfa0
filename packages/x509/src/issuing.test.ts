import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeCertificate } from './description.ts'
import { issueClientCertificate, issueIntermediate, issueRoot, issueServerCertificate } from './issuing.ts'
import { generatePrivateKey, type KeyAlgorithm } from './key-pair.ts'
import { createPki, day, named, now, openssl, type Pki, validity } from './pki.suite.ts'
import { createTrustStore } from './trust-store.ts'

let pki: Pki

beforeAll(async () => {
  pki = await createPki()
})

const printed = (der: Uint8Array) =>
  openssl(['x509', '-inform', 'der', '-in', 'der', '-noout', '-text'], { der }).replace(/\s+/g, ' ')

describe('keys', () => {
  const sizes: readonly [KeyAlgorithm, string, number][] = [
    ['rsa-2048', 'RSA', 2048],
    ['rsa-3072', 'RSA', 3072],
    ['rsa-4096', 'RSA', 4096],
    ['ecdsa-p256', 'EC', 256],
    ['ecdsa-p384', 'EC', 384],
  ]

  test.each(sizes)(
    'of %s sign a root and are certified',
    { timeout: 60_000 },
    async (key, keyType, keyBits) => {
      const root = await issueRoot(named('Root', { key }))
      expect(root.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
      expect(describeCertificate(root.certificate)).toMatchObject({ keyType, keyBits })
      const certificate = new X509Certificate(root.certificate)
      expect(certificate.verify(certificate.publicKey)).toBe(true)
    },
  )

  test('that exist are certified as they are', async () => {
    const privateKey = await generatePrivateKey('ecdsa-p256')
    const issued = await issueClientCertificate(pki.root, named('again', { key: { privateKey } }))
    expect(issued.privateKey).toBe(privateKey)
  })

  test('that cannot be read are an error', async () => {
    const issuing = issueRoot(named('x', { key: { privateKey: 'no key' } }))
    await expect(issuing).rejects.toMatchObject({ code: 'ERR_X509_KEY' })
  })
})

describe('what is issued', () => {
  test('a root may sign certificates and CRLs, and nothing else', () => {
    const text = printed(pki.root.certificate)
    expect(text).toContain(
      'X509v3 Basic Constraints: critical CA:TRUE X509v3 Key Usage: critical Certificate Sign, CRL Sign X509v3',
    )
    expect(text).toContain('X509v3 Subject Key Identifier')
    expect(text).not.toContain('Extended Key Usage')
  })

  test('an intermediate may issue no authority, unless it is said', async () => {
    expect(printed(pki.intermediate.certificate)).toContain('critical CA:TRUE, pathlen:0 ')
    const wide = await issueIntermediate(pki.root, { ...named('Wide'), pathLength: 3 })
    expect(printed(wide.certificate)).toContain('critical CA:TRUE, pathlen:3 ')
  })

  test('a server has its names, and an address as a DNS name when Windows is to be served', async () => {
    const names = { dnsNames: ['*.example.com'], ipAddresses: ['192.0.2.1'] }
    const plain = await issueServerCertificate(pki.root, { ...named('gw'), ...names })
    expect(printed(plain.certificate)).toContain('DNS:*.example.com, IP Address:192.0.2.1 X509v3')
    const windows = await issueServerCertificate(pki.root, { ...named('gw'), ...names, ipAsDnsName: true })
    expect(printed(windows.certificate)).toContain('DNS:*.example.com, DNS:192.0.2.1, IP Address:192.0.2.1')
  })

  test('a server has the usages asked for', async () => {
    const options = { ...named('gw'), dnsNames: ['gw.example.com'], ikeIntermediate: true, clientAuth: true }
    const text = printed((await issueServerCertificate(pki.root, options)).certificate)
    expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication, 1.3.6.1.5.5.8.2.2')
    expect(text).toContain(
      'X509v3 Basic Constraints: critical CA:FALSE X509v3 Key Usage: critical Digital Signature X509v3',
    )
  })

  test('an RSA server may decrypt as well', async () => {
    const options = { ...named('gw', { key: 'rsa-2048' }), dnsNames: ['gw.example.com'] }
    const { certificate } = await issueServerCertificate(pki.root, options)
    expect(printed(certificate)).toContain('Key Usage: critical Digital Signature, Key Encipherment X509v3')
  })

  test('a client has clientAuth alone and no alternative name', () => {
    const text = printed(pki.client.certificate)
    expect(text).toContain('X509v3 Extended Key Usage: TLS Web Client Authentication X509v3')
    expect(text).not.toContain('Alternative Name')
  })

  test('points at its issuer’s key', () => {
    const keyOf = (der: Uint8Array, name: string) =>
      printed(der).match(new RegExp(`${name}: ([0-9A-F:]+)`))?.[1]
    const issuer = keyOf(pki.intermediate.certificate, 'X509v3 Subject Key Identifier')
    expect(issuer).toMatch(/^[0-9A-F:]{59}$/)
    expect(keyOf(pki.client.certificate, 'X509v3 Authority Key Identifier')).toBe(issuer)
  })

  test('has a positive serial number of 16 bytes, never the same', async () => {
    const key = { privateKey: pki.client.privateKey }
    const serials = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const { certificate } = await issueClientCertificate(pki.root, named('s', { key }))
      serials.add(describeCertificate(certificate).serialNumber)
    }
    expect(serials.size).toBe(20)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/)
  })

  test('takes its window as Date or as seconds', async () => {
    const window = { notBefore: new Date(validity.notBefore * 1000), notAfter: now + day }
    const { certificate } = await issueClientCertificate(pki.root, named('w', window))
    expect(describeCertificate(certificate)).toMatchObject({ notBefore: now - day, notAfter: now + day })
  })

  test('below an issuer with an unusual name still chains', async () => {
    const root = await issueRoot(named('Rööt, "quoted" + more', { organization: '#1; <Contoso>' }))
    const { certificate } = await issueClientCertificate(root, named('c'))
    const store = createTrustStore({ roots: [root.certificate] })
    expect(store.verify({ leaf: certificate, time: now, purpose: 'client' }).valid).toBe(true)
  })
})

describe('issuing is refused', () => {
  test.each([
    ['an empty name', { commonName: '' }],
    ['a name of 65 characters', { commonName: 'x'.repeat(65) }],
    ['a name with a NUL', { commonName: 'a\0b' }],
    ['an empty organization', { organization: '' }],
    ['a window that ends before it starts', { notAfter: validity.notBefore }],
    ['a time that is none', { notBefore: Number.NaN }],
    ['a path length below zero', { pathLength: -1 }],
  ])('for %s', async (_, overrides) => {
    await expect(issueRoot({ ...named('x'), ...overrides })).rejects.toMatchObject({
      code: 'ERR_X509_ARGUMENT',
    })
  })

  test.each([
    ['no name at all', {}],
    ['an underscored blank', { dnsNames: ['a b'] }],
    ['an empty label', { dnsNames: ['a..b'] }],
    ['a star alone', { dnsNames: ['*'] }],
    ['a star inside', { dnsNames: ['a.*.b'] }],
    ['a long label', { dnsNames: [`${'a'.repeat(64)}.example.com`] }],
    ['an address that is none', { ipAddresses: ['192.0.2.256'] }],
    ['an address with a zone', { ipAddresses: ['fe80::1%eth0'] }],
  ])('for a server with %s', async (_, names) => {
    const issuing = issueServerCertificate(pki.root, { ...named('x'), ...names })
    await expect(issuing).rejects.toMatchObject({ code: 'ERR_X509_ARGUMENT' })
  })

  test('below what is no authority', async () => {
    const issuing = issueClientCertificate(pki.client, named('x'))
    await expect(issuing).rejects.toMatchObject({ code: 'ERR_X509_ISSUER' })
  })

  test('beyond the end of the issuer', async () => {
    const issuing = issueClientCertificate(pki.root, named('x', { notAfter: validity.notAfter + 1 }))
    await expect(issuing).rejects.toThrow(/outlive its issuer/)
  })
})
