import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { describeCertificate } from './description.ts'
import { issueSelfSigned } from './self-signed.ts'

const options = {
  subject: 'CN=vpn.example.org, O=Contoso\\, Ltd, C=DE',
  key: 'ecdsa-p256',
  notBefore: 1_700_000_000,
  notAfter: 1_800_000_000,
} as const

it('says of itself what was asked, and is signed by its own key', async () => {
  const { certificate, privateKey } = await issueSelfSigned({
    ...options,
    dnsNames: ['vpn.example.org', '*.example.org'],
    ipAddresses: ['192.0.2.1'],
    emails: ['ann@example.org'],
    uris: ['urn:a:b'],
    upns: ['ann@corp.example'],
    keyUsages: ['digitalSignature', 'keyAgreement'],
    extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
  })
  const parsed = new X509Certificate(certificate)
  expect(parsed.verify(parsed.publicKey)).toBe(true)
  expect(parsed.checkPrivateKey(createPrivateKey(privateKey))).toBe(true)
  expect(parsed.subject).toBe('CN=vpn.example.org\nO=Contoso\\, Ltd\nC=DE')
  const { subjectAltNames, extendedKeyUsages, isCa, notAfter } = describeCertificate(certificate)
  expect(subjectAltNames.map(({ value }) => value)).toEqual([
    'vpn.example.org',
    '*.example.org',
    '192.0.2.1',
    'ann@example.org',
    'urn:a:b',
  ])
  expect([extendedKeyUsages, isCa, notAfter]).toEqual([['1.3.6.1.5.5.7.3.2'], false, 1_800_000_000])
})

it('can be an authority', async () => {
  const { certificate } = await issueSelfSigned({
    ...options,
    isCa: true,
    keyUsages: ['keyCertSign', 'cRLSign'],
  })
  expect(describeCertificate(certificate).isCa).toBe(true)
})

it.each(['', 'vpn.example.org', '=x', 'CN', 'XX=y', `CN=${'x'.repeat(2_000)}`])(
  'refuses the subject %j',
  async subject => {
    await expect(issueSelfSigned({ ...options, subject })).rejects.toMatchObject({
      code: 'ERR_X509_ARGUMENT',
    })
  },
)

it('refuses a usage that is no OID', async () => {
  const bad = issueSelfSigned({ ...options, extendedKeyUsages: ['serverAuth'] })
  await expect(bad).rejects.toMatchObject({ code: 'ERR_X509_ARGUMENT' })
})

it.each([{ dnsNames: ['a b'] }, { ipAddresses: ['192.0.2.300'] }, { emails: ['ä@example.org'] }])(
  'refuses the names %j',
  async names => {
    const bad = issueSelfSigned({ ...options, ...names })
    await expect(bad).rejects.toMatchObject({ code: 'ERR_X509_ARGUMENT' })
  },
)
