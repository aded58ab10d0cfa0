import { describe, expect, it } from 'vitest'
import { describeCertificate } from './description.ts'
import { issueSite } from './site-certificate/site-pki.suite.ts'
import { subjectBytes } from './subject-bytes.ts'

describe('the subject in bytes', () => {
  it('is a DER name that holds all parts', async () => {
    const { certificate } = await issueSite(`CN=site-1, O=${'x'.repeat(300)}, C=DE`)
    const bytes = subjectBytes(certificate)
    expect(describeCertificate(certificate).subject).toContain('CN=site-1')
    expect(bytes[0]).toBe(0x30)
    // Long form of the length, as it is longer than 127 bytes.
    expect(bytes[1]).toBe(0x82)
    expect(bytes.length).toBe(4 + (bytes[2] as number) * 256 + (bytes[3] as number))
    expect(new TextDecoder('latin1').decode(bytes)).toContain('site-1')
  })

  it('is refused where the bytes are cut', async () => {
    const { certificate } = await issueSite('CN=site-1')
    for (const length of [0, 1, 5, 40, 100])
      expect(() => subjectBytes(certificate.subarray(0, length))).toThrow(/not one X.509 certificate/)
  })
})
