import { X509Certificate } from 'node:crypto'
import { readCertificates } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureApiCertificate } from './api-certificate.ts'
import type { PreparedGateway } from './quick-start.ts'
import {
  INTERFACES,
  NOW,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from './scratch-installation.suite.ts'

const DAY = 86_400
const NAMES = {
  hostNames: ['vpn.example.org', '192.0.2.7', '2001:db8:0::7', 'localhost'],
  vaultDomain: 'vault.example.org',
}

let installation: ScratchInstallation
let prepared: PreparedGateway

beforeAll(async () => {
  installation = await scratchInstallation()
  prepared = await preparedGateway(installation, {}, INTERFACES)
})

afterAll(() => installation.remove())

const ensure = (names = NAMES, on = installation) => ensureApiCertificate(on, prepared.authority, names)

describe('the certificate of the management API', () => {
  it('is for all its names and for this machine, signed by the own authority', async () => {
    const { certificateChain, privateKey } = await ensure()
    const [leaf, issuer] = readCertificates(certificateChain).map(der => new X509Certificate(der))
    expect(leaf?.verify((issuer as X509Certificate).publicKey)).toBe(true)
    expect(issuer?.raw).toEqual(Buffer.from(prepared.authority.certificate))
    for (const host of ['vpn.example.org', 'localhost', 'one.vault.example.org'])
      expect(leaf?.checkHost(host)).toBeDefined()
    for (const address of ['192.0.2.7', '2001:db8::7', '127.0.0.1', '::1'])
      expect(leaf?.checkIP(address)).toBeDefined()
    expect(leaf?.checkHost('vpn.example.com')).toBeUndefined()
    expect(privateKey).toMatch(/BEGIN PRIVATE KEY/)
  })

  it('stays as it is while it is good, over restarts', async () => {
    const first = await ensure()
    installation = await installation.reopen()
    expect(await ensure()).toEqual(first)
    expect((await installation.data.documents.read('certificates/api'))?.version).toBe(1)
    expect(await ensure({ ...NAMES, hostNames: ['192.0.2.7'] })).toEqual(first)
  })

  it('is another one, with the same key, for another name and near its end', async () => {
    const first = await ensure()
    const other = await ensure({ ...NAMES, vaultDomain: 'vault.test' })
    expect(other.certificateChain).not.toBe(first.certificateChain)
    expect(other.privateKey).toBe(first.privateKey)
    const later = { ...installation, unixSeconds: () => NOW + 780 * DAY }
    const renewed = await ensure({ ...NAMES, vaultDomain: 'vault.test' }, later)
    const [leaf] = readCertificates(renewed.certificateChain).map(der => new X509Certificate(der))
    expect(Date.parse(leaf?.validTo ?? '') / 1000).toBeGreaterThan(NOW + 1_500 * DAY)
  })
})
