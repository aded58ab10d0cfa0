import {
  describeCertificate,
  formatPem,
  judgeInboundChain,
  judgeOutboundCertificate,
  parsePkcs12,
  readCertificates,
  readInboundTrust,
} from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addClient } from '../profile/index.ts'
import type { PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  NOW,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { issueDeviceCertificate, issueSiteCertificate } from './site-certificate.ts'

let installation: ScratchInstallation
let prepared: PreparedGateway

beforeAll(async () => {
  installation = await scratchInstallation()
  prepared = await preparedGateway(installation, { hostNames: ['vpn.example.org'] }, INTERFACES)
})

afterAll(() => installation.remove())

const key = { keyType: 'ecdsa-p256' } as const

describe('a certificate for an end of a connection', () => {
  it('is taken as an outbound one', async () => {
    const { authority } = prepared
    const { certificate, privateKey } = await issueSiteCertificate(
      authority,
      { ...key, commonName: 's2s' },
      NOW,
    )
    const chain = [certificate, authority.certificate]
    expect(judgeOutboundCertificate({ chain, privateKey, unixSeconds: NOW })).toMatchObject({
      type: 'accepted',
    })
    expect(describeCertificate(certificate).subjectAltNames).toEqual([{ type: 'dns', value: 's2s' }])
  })

  it('has the names and addresses that were asked for', async () => {
    const request = { ...key, commonName: 'Site One', names: ['site.example.org', '2001:db8::7'] }
    const { certificate } = await issueSiteCertificate(prepared.authority, request, NOW)
    expect(describeCertificate(certificate).subjectAltNames).toEqual([
      { type: 'dns', value: 'site.example.org' },
      { type: 'ip', value: '2001:db8::7' },
    ])
  })

  it.each([
    [{ commonName: 'Site One' }, /is not a DNS name; give its names or addresses with --san$/],
    [{ commonName: 'Site One', names: ['x y'] }, /"x y" is not a DNS name$/],
    [{ commonName: 's2s', validDays: 4_000 }, /would outlive its issuer/],
  ])('is refused for %j', async (request, message) => {
    const attempt = issueSiteCertificate(prepared.authority, { ...key, ...request }, NOW)
    await expect(attempt).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringMatching(message),
    })
  })
})

describe("a device's certificate", () => {
  const password = 'open sesame'

  it('is taken by a connection that has its chain, and is the same in every form', async () => {
    const request = { ...key, commonName: 'onprem-1', password }
    const issued = await issueDeviceCertificate(installation, prepared.authority, request)
    const trust = readInboundTrust({ subjectName: 'onprem-1', chain: issued.inboundChain, unixSeconds: NOW })
    if (trust.type === 'refused') throw new Error(trust.message)
    const peerChain = readCertificates(issued.certificate)
    expect(judgeInboundChain({ trust, peerChain, unixSeconds: NOW })).toMatchObject({ type: 'accepted' })
    const bundle = parsePkcs12(Buffer.from(issued.pkcs12, 'base64'), password)
    expect(bundle.privateKey).toBe(issued.key)
    const issuers = bundle.chain.map(der => formatPem(der)).join('')
    expect([formatPem(bundle.certificate), issuers]).toEqual([issued.certificate, issued.issuers])
  })

  it('is in the history, without its key', async () => {
    const request = { ...key, commonName: 'onprem-2', password }
    const { thumbprint } = await issueDeviceCertificate(installation, prepared.authority, request)
    const [entry] = await installation.data.documents.history({
      target: `certificates/${thumbprint.toLowerCase()}`,
    })
    expect(entry).toMatchObject({ who: 'installation', after: { subject: 'CN=onprem-2', thumbprint } })
    expect(JSON.stringify(entry)).not.toMatch(/PRIVATE|sesame/)
  })

  it('is refused the name of a client, whose certificate would pass for it', async () => {
    await addClient(installation, prepared, { name: 'ann', keyType: 'ecdsa-p256' })
    const attempt = issueDeviceCertificate(installation, prepared.authority, {
      ...key,
      commonName: 'Ann',
      password,
    })
    await expect(attempt).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining("'Ann'"),
    })
  })
})
