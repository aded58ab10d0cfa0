import { beforeAll, describe, expect, test } from 'vitest'
import { issueCrl } from './crl.ts'
import { describeCertificate } from './description.ts'
import { issueRoot } from './issuing.ts'
import { formatPem } from './pem.ts'
import { createPki, day, named, now, openssl, type Pki } from './pki.suite.ts'
import { type CrlCheck, createTrustStore } from './trust-store.ts'

let pki: Pki
const current = { thisUpdate: now - 60, nextUpdate: now + day }

beforeAll(async () => {
  pki = await createPki()
})

const serialOf = (issued: { certificate: Uint8Array }) => describeCertificate(issued.certificate).serialNumber

/** What becomes of the client, whose issuer is the intermediate, with these CRLs. */
function verdict(crls: readonly Uint8Array[], crlCheck?: CrlCheck): string {
  const store = createTrustStore({ roots: [pki.root.certificate], crls })
  const leaf = pki.client.certificate
  const request = {
    leaf,
    intermediates: [pki.intermediate.certificate],
    time: now,
    purpose: 'client',
  } as const
  const result = store.verify(crlCheck === undefined ? request : { ...request, crlCheck })
  return result.valid ? 'valid' : `${result.reason} at ${result.depth}`
}

describe('a CRL', () => {
  test('of the issuer refuses what it lists', async () => {
    const crl = await issueCrl(pki.intermediate, { revokedSerials: [serialOf(pki.client)], ...current })
    expect(verdict([crl])).toBe('revoked at 0')
    expect(verdict([crl], 'leaf')).toBe('revoked at 0')
    expect(verdict([crl], 'none')).toBe('valid')
  })

  test('passes what it does not list', async () => {
    const crl = await issueCrl(pki.intermediate, { revokedSerials: [serialOf(pki.server)], ...current })
    expect(verdict([crl], 'leaf')).toBe('valid')
  })

  test('of the root refuses the intermediate', async () => {
    const crl = await issueCrl(pki.root, { revokedSerials: [serialOf(pki.intermediate)], ...current })
    expect(verdict([crl])).toBe('revoked at 1')
  })

  test('of another issuer is not missed, unless one is demanded', async () => {
    const crl = await issueCrl(pki.root, { revokedSerials: [], ...current })
    expect(verdict([crl])).toBe('valid')
    expect(verdict([], 'available')).toBe('valid')
    expect(verdict([crl], 'leaf')).toBe('crl-missing at 0')
    expect(verdict([], 'leaf')).toBe('crl-missing at 0')
  })

  test('is demanded of each issuer by "all"', async () => {
    const ofRoot = await issueCrl(pki.root, { revokedSerials: [], ...current })
    const ofIntermediate = await issueCrl(pki.intermediate, { revokedSerials: [], ...current })
    expect(verdict([ofRoot, ofIntermediate], 'all')).toBe('valid')
    expect(verdict([ofIntermediate], 'all')).toBe('crl-missing at 1')
  })

  test('that is out of date, or not yet current, refuses', async () => {
    const old = { thisUpdate: now - 2 * day, nextUpdate: now - day }
    const coming = { thisUpdate: now + day, nextUpdate: now + 2 * day }
    for (const window of [old, coming]) {
      const crl = await issueCrl(pki.intermediate, { revokedSerials: [], ...window })
      expect(verdict([crl])).toBe('crl-missing at 0')
    }
  })

  test('that another key signed in the issuer’s name refuses', async () => {
    const impostor = await issueRoot(named('Test Intermediate'))
    const forged = { certificate: pki.intermediate.certificate, privateKey: impostor.privateKey }
    const crl = await issueCrl(forged, { revokedSerials: [], ...current })
    expect(verdict([crl])).toBe('crl-missing at 0')
  })
})

describe('issuing a CRL', () => {
  test.each([0, 1, 127, 128, 255, 256, 65_535, 0x7fffffff])('numbers it %d', async crlNumber => {
    const crl = await issueCrl(pki.root, { revokedSerials: [], ...current, crlNumber })
    const printed = openssl(['crl', '-inform', 'der', '-in', 'crl', '-noout', '-crlnumber'], { crl })
    expect(Number.parseInt(printed.split('=0x')[1] ?? printed.split('=')[1] ?? '', 16)).toBe(crlNumber)
  })

  test('is read by openssl, which verifies it', async () => {
    const serial = serialOf(pki.client)
    const crl = await issueCrl(pki.root, { revokedSerials: [serial, serial.toLowerCase()], ...current })
    const files = { crl, 'root.pem': formatPem(pki.root.certificate) }
    const text = openssl(
      ['crl', '-inform', 'der', '-in', 'crl', '-noout', '-text', '-CAfile', 'root.pem'],
      files,
    )
    expect(text.match(/Serial Number: /g)).toHaveLength(1)
    expect(text).toContain(`Serial Number: ${serial}`)
    expect(text).toContain('X509v3 Authority Key Identifier')
  })

  test('refuses what is no serial number or no time', async () => {
    const wrong = [
      { revokedSerials: ['xyz'], ...current },
      { revokedSerials: ['123'], ...current },
      { revokedSerials: [], ...current, nextUpdate: Number.NaN },
      { revokedSerials: [], ...current, nextUpdate: now - day },
      { revokedSerials: [], ...current, crlNumber: -1 },
    ]
    for (const options of wrong) {
      await expect(issueCrl(pki.root, options)).rejects.toMatchObject({ code: 'ERR_X509_ARGUMENT' })
    }
  })
})
