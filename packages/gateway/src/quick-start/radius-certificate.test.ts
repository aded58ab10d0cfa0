import {
  describeCertificate,
  formatPem,
  generatePrivateKey,
  type Issuer,
  issueServerCertificate,
  readCertificates,
} from '@causeway/x509'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CertifiedKey } from '../configuration.ts'
import { ensureAuthority } from './own-authority.ts'
import { ensureRadiusCertificate } from './radius-certificate.ts'
import { NOW, type ScratchInstallation, scratchInstallation } from './scratch-installation.suite.ts'
import type { ServerCertificate } from './server-certificate.ts'

const DAY = 86_400
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

let installation: ScratchInstallation
let authority: Issuer
let server: ServerCertificate

beforeAll(async () => {
  installation = await scratchInstallation()
  authority = await ensureAuthority(installation)
  server = await serverCertificate('own', 'gateway.test')
})

afterAll(() => installation.remove())

async function serverCertificate(
  source: ServerCertificate['source'],
  name: string,
): Promise<ServerCertificate> {
  const privateKey = await generatePrivateKey('ecdsa-p256')
  const { certificate } = await issueServerCertificate(authority, {
    commonName: name,
    dnsNames: [name],
    key: { privateKey },
    notBefore: NOW - DAY,
    notAfter: NOW + 90 * DAY,
  })
  return { source, chain: [certificate], root: authority.certificate, privateKey, name }
}

const describe = ({ certificateChain }: CertifiedKey) =>
  describeCertificate(readCertificates(certificateChain)[0] as Uint8Array)

it("is for clients, of the gateway's own authority and by its name, and stays", async () => {
  const made = await ensureRadiusCertificate(installation, authority, server)
  expect(describe(made)).toMatchObject({ commonName: 'gateway.test', extendedKeyUsages: [CLIENT_AUTH] })
  expect(await ensureRadiusCertificate(installation, authority, server)).toEqual(made)
})

it('is made anew with the same key before its end, and for another name', async () => {
  const made = await ensureRadiusCertificate(installation, authority, server)
  const { notAfter } = describe(made)
  installation = await installation.reopen(notAfter - 59 * DAY)
  const renewed = await ensureRadiusCertificate(installation, authority, server)
  expect(describe(renewed).notAfter).toBeGreaterThan(notAfter)
  expect(renewed.privateKey).toBe(made.privateKey)
  const other = await ensureRadiusCertificate(installation, authority, { ...server, name: 'other.test' })
  expect(describe(other).commonName).toBe('other.test')
})

it('is not the one that an operator brought for servers alone', async () => {
  const given = await serverCertificate('given', 'vpn.example.org')
  expect(describeCertificate(given.chain[0] as Uint8Array).extendedKeyUsages).toEqual([SERVER_AUTH])
  const made = await ensureRadiusCertificate(installation, authority, given)
  expect(made.privateKey).not.toBe(given.privateKey)
  expect(describe(made)).toMatchObject({
    commonName: 'vpn.example.org',
    extendedKeyUsages: [CLIENT_AUTH],
  })
})

it('is the one that an operator brought for clients too', async () => {
  const brought = await ensureRadiusCertificate(installation, authority, server)
  const chain = readCertificates(brought.certificateChain)
  const given = { ...server, source: 'given', chain, privateKey: 'its key' } as const
  expect(await ensureRadiusCertificate(installation, authority, given)).toEqual({
    certificateChain: chain.map(der => formatPem(der)).join(''),
    privateKey: 'its key',
  })
})
