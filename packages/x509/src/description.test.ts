import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeCertificate } from './description.ts'
import { issueClientCertificate, issueRoot, issueServerCertificate } from './issuing.ts'
import { limits } from './limits.ts'
import { codeOf, createPki, named, openssl, type Pki, validity, withOpenssl } from './pki.suite.ts'

let pki: Pki

beforeAll(async () => {
  pki = await createPki()
})

describe('a description', () => {
  test('says what was issued', async () => {
    const names = { dnsNames: ['vpn.example.com'], ipAddresses: ['192.0.2.7', '2001:db8::7'] }
    const options = { ...named('vpn', { organization: 'Contoso' }), ...names, ikeIntermediate: true }
    const { certificate } = await issueServerCertificate(pki.intermediate, options)
    const description = describeCertificate(certificate)
    const parsed = new X509Certificate(certificate)
    expect(description).toEqual({
      subject: 'CN=vpn,O=Contoso',
      issuer: 'CN=Test Intermediate',
      commonName: 'vpn',
      serialNumber: parsed.serialNumber,
      ...validity,
      thumbprint: parsed.fingerprint.replaceAll(':', ''),
      subjectAltNames: [
        { type: 'dns', value: 'vpn.example.com' },
        { type: 'ip', value: '192.0.2.7' },
        { type: 'ip', value: '2001:db8::7' },
      ],
      keyType: 'EC',
      keyBits: 256,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.8.2.2'],
      isCa: false,
    })
  })

  test('of a root', () => {
    const description = describeCertificate(pki.root.certificate)
    expect(description).toMatchObject({ subject: 'CN=Test Root', issuer: 'CN=Test Root', isCa: true })
    expect(description.extendedKeyUsages).toEqual([])
  })

  test('agrees with openssl on subject, serial number and dates', () => {
    const der = pki.client.certificate
    const options = [
      '-noout',
      '-subject',
      '-serial',
      '-startdate',
      '-dateopt',
      'iso_8601',
      '-nameopt',
      'RFC2253',
    ]
    const printed = openssl(['x509', '-inform', 'der', '-in', 'der', ...options], { der })
    const { subject, serialNumber, notBefore } = describeCertificate(der)
    const start = new Date(notBefore * 1000).toISOString().replace('T', ' ').replace('.000', '')
    expect(printed).toBe(`subject=${subject}\nserial=${serialNumber}\nnotBefore=${start}\n`)
  })

  test.each([
    '#hash',
    'a, b',
    'O=Evil',
    'quo"te',
    'back\\slash',
    'Zoë 🔑',
    'DOMAIN\\user',
    'line\nfeed',
    '<x>;+',
  ])('keeps the common name %j as it is', async commonName => {
    const { certificate } = await issueClientCertificate(pki.root, named(commonName))
    const description = describeCertificate(certificate)
    expect(description.commonName).toBe(commonName)
    expect(description.subject).not.toContain('\n')
    const own = description.subject.slice('CN='.length)
    expect(own.replace(/\\0A/g, '\n').replace(/\\(.)/g, '$1')).toBe(commonName)
  })

  test('takes the most specific of several common names, and none when there is none', () => {
    const describeSubject = (subject: string) =>
      withOpenssl({}, (run, read) => {
        const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'k']
        run(['req', '-x509', ...key, '-subj', subject, '-outform', 'der', '-out', 'der'])
        return describeCertificate(read('der'))
      })
    expect(describeSubject('/CN=users/CN=alice').commonName).toBe('alice')
    expect(describeSubject('/O=nameless')).not.toHaveProperty('commonName')
  })

  test('reads dates past 2049', async () => {
    const notAfter = Date.UTC(2061, 1, 3, 4, 5, 6) / 1000
    const { certificate } = await issueRoot(named('long', { notAfter }))
    expect(describeCertificate(certificate).notAfter).toBe(notAfter)
  })
})

describe('what is no certificate', () => {
  test('is an error', () => {
    expect(codeOf(() => describeCertificate(new Uint8Array()))).toBe('ERR_X509_MALFORMED')
    expect(codeOf(() => describeCertificate(pki.root.certificate.subarray(1)))).toBe('ERR_X509_MALFORMED')
    const large = new Uint8Array(limits.certificateBytes + 1)
    expect(codeOf(() => describeCertificate(large))).toBe('ERR_X509_TOO_LARGE')
  })
})
