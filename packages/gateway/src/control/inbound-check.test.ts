import {
  formatPem,
  type IssuedCertificate,
  issueIntermediate,
  issueRoot,
  issueServerCertificate,
} from '@causeway/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkInbound } from './inbound-check.ts'

const NOW = 1_800_000_000
const VALIDITY = { notBefore: NOW - 86_400, notAfter: NOW + 86_400 }

let root: IssuedCertificate
let intermediate: IssuedCertificate
let device: IssuedCertificate

beforeAll(async () => {
  root = await issueRoot({ commonName: 'Root', key: 'ecdsa-p256', ...VALIDITY })
  intermediate = await issueIntermediate(root, { commonName: 'Middle', key: 'ecdsa-p256', ...VALIDITY })
  const names = { commonName: 'onprem-1', dnsNames: ['onprem-1'] }
  device = await issueServerCertificate(intermediate, { key: 'ecdsa-p256', ...names, ...VALIDITY })
})

const base64 = ({ certificate }: IssuedCertificate): string => Buffer.from(certificate).toString('base64')
const pem = (...all: IssuedCertificate[]): string => all.map(each => formatPem(each.certificate)).join('')

describe('a check of an inbound chain', () => {
  it('has the chain in order, and takes its device', () => {
    const chain = [pem(intermediate, root)]
    const check = checkInbound({ subject: 'CN=onprem-1', chain, peer: pem(device) }, NOW)
    expect(check).toMatchObject({
      trust: { accepted: true },
      subject: 'onprem-1',
      certificates: [
        { subject: 'CN=Root', isRoot: true, base64: base64(root), pem: pem(root) },
        { subject: 'CN=Middle', isRoot: false },
      ],
      peer: { accepted: true, subject: 'CN=onprem-1', expiresAt: VALIDITY.notAfter },
    })
  })

  it('names the file at fault', () => {
    const check = checkInbound({ subject: 'onprem-1', chain: [base64(root), 'no base64!'] }, NOW)
    expect(check).toMatchObject({ trust: { accepted: false, code: 'not-base64', file: 1 }, certificates: [] })
    expect(checkInbound({ subject: '', chain: [base64(root)] }, NOW).trust).not.toHaveProperty('file')
  })

  it('refuses a device as a connection does', () => {
    const check = (subject: string, chain: string[]) =>
      checkInbound({ subject, chain, peer: base64(device) }, NOW).peer
    expect(check('onprem-2', [base64(root), base64(intermediate)])).toMatchObject({ code: 'wrong-subject' })
    expect(check('onprem-1', [base64(root)])).toMatchObject({ code: 'intermediate-missing' })
  })

  it('says what is wrong with a file of the device', () => {
    const request = { subject: 'onprem-1', chain: [base64(root)], peer: device.privateKey }
    expect(() => checkInbound(request, NOW)).toThrow(/^the peer's file: the input holds a private key/)
  })
})
