import { rootCertificates } from 'node:tls'
import {
  describeCertificate,
  formatPem,
  generatePrivateKey,
  type IssuedCertificate,
  issueClientCertificate,
  issueIntermediate,
  issueRoot,
  issueServerCertificate,
  readCertificates,
  type ServerOptions,
} from '@causeway/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkGivenCertificate, uncoveredHosts } from './given-certificate.ts'
import {
  readGivenCertificate,
  removeGivenCertificate,
  storeGivenCertificate,
} from './given-certificate-store.ts'
import { NOW, scratchInstallation } from './scratch-installation.suite.ts'

const HOST = 'vpn.example.org'
const VALIDITY = { notBefore: NOW - 86_400, notAfter: NOW + 86_400_000 }

let root: IssuedCertificate
let issuer: IssuedCertificate
let key: string
let server: IssuedCertificate

beforeAll(async () => {
  root = await issueRoot({ commonName: 'Root', key: 'ecdsa-p256', ...VALIDITY })
  issuer = await issueIntermediate(root, { commonName: 'Issuer', key: 'ecdsa-p256', ...VALIDITY })
  key = await generatePrivateKey('rsa-2048')
  server = await issued({})
})

function issued(options: Partial<ServerOptions>): Promise<IssuedCertificate> {
  const dnsNames = [HOST, 'other.example.org']
  return issueServerCertificate(issuer, {
    commonName: HOST,
    key: { privateKey: key },
    dnsNames,
    ...VALIDITY,
    ...options,
  })
}

const pem = (...certificates: readonly Uint8Array[]): string =>
  certificates.map(certificate => formatPem(certificate)).join('')

function chainOf(certificate: IssuedCertificate): string {
  return pem(certificate.certificate, issuer.certificate, root.certificate)
}

function check(chain: string, privateKey = key, hostNames: readonly string[] = [HOST], now = NOW) {
  return checkGivenCertificate({ chain, key: privateKey }, hostNames, now)
}

describe('a certificate that is good', () => {
  it('is told apart from its root, and known by its common name', () => {
    expect(check(chainOf(server))).toEqual({
      chain: [server.certificate, issuer.certificate],
      root: root.certificate,
      privateKey: key,
      name: HOST,
    })
  })

  it('need only be for the first of the host names', () => {
    expect(check(chainOf(server), key, [HOST, '192.0.2.1']).name).toBe(HOST)
    expect(uncoveredHosts(server.certificate, [HOST, 'other.example.org', '192.0.2.1', 'x.example'])).toEqual(
      ['192.0.2.1', 'x.example'],
    )
  })

  it('may be for an address', async () => {
    const certificate = await issued({ ipAddresses: ['192.0.2.1', '2001:db8::1'] })
    expect(uncoveredHosts(certificate.certificate, ['192.0.2.1', '2001:db8:0::1'])).toEqual([])
  })

  it('is stored with its key apart, and both are gone when it is removed', async () => {
    const installation = await scratchInstallation()
    try {
      const given = check(chainOf(server))
      await storeGivenCertificate(installation, given)
      expect(await readGivenCertificate(installation)).toEqual(given)
      const document = await installation.data.documents.read('certificates/given')
      expect(JSON.stringify(document)).not.toContain('PRIVATE KEY')
      expect(await removeGivenCertificate(installation)).toBe(true)
      expect(await removeGivenCertificate(installation)).toBe(false)
      expect(await readGivenCertificate(installation)).toBeUndefined()
      const { thumbprint } = describeCertificate(server.certificate)
      expect(await installation.data.secrets.read(`given-key-${thumbprint.toLowerCase()}`)).toBeUndefined()
    } finally {
      await installation.remove()
    }
  })
})

describe('a certificate that is not taken', () => {
  const refusal = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      expect(error).toMatchObject({ code: 'InvalidParameter' })
      return (error as Error).message
    }
    return 'taken'
  }

  it.each([
    ['no certificate', () => check('x', key), '--chain cannot be read: '],
    ['no key', () => check(chainOf(server), 'x'), '--key is no private key, or has a passphrase'],
    [
      'the certificates from the root down',
      () => check(pem(root.certificate, issuer.certificate, server.certificate)),
      "the key is that of certificate 3 of the chain; put the gateway's own first",
    ],
    [
      'a certificate of the chain missing',
      () => check(pem(server.certificate, root.certificate)),
      'certificate 1 of the chain is not issued by the one after it',
    ],
    [
      'no root, and none that is public',
      () => check(pem(server.certificate, issuer.certificate)),
      'its root is missing, and is no public one that is known here; append the root to --chain',
    ],
    [
      'another host name',
      () => check(chainOf(server), key, ['vpn.example.com']),
      "it does not cover 'vpn.example.com', to which clients connect; put a name of the certificate, as vpn.example.org, first",
    ],
    [
      'time gone by',
      () => check(chainOf(server), key, [HOST], VALIDITY.notAfter + 1),
      'clients would refuse it: ',
    ],
    [
      'too early',
      () => check(chainOf(server), key, [HOST], VALIDITY.notBefore - 1),
      'clients would refuse it: ',
    ],
  ])('for %s', (_, run, reason) => {
    const message = refusal(run)
    expect(message).toContain(`the certificate was not taken: ${reason}`)
    expect(message).not.toContain('\n')
  })

  it('for the key of another', async () => {
    const other = await generatePrivateKey('rsa-2048')
    expect(refusal(() => check(chainOf(server), other))).toContain('the key is not that of the certificate')
  })

  it('for a key that is not RSA', async () => {
    const ecKey = await generatePrivateKey('ecdsa-p256')
    const ec = await issued({ key: { privateKey: ecKey } })
    expect(refusal(() => check(chainOf(ec), ecKey))).toContain(
      'its key is ec, and the TLS policy has RSA alone',
    )
  })

  it('for being for clients', async () => {
    const options = { commonName: HOST, key: { privateKey: key }, ...VALIDITY }
    const client = await issueClientCertificate(issuer, options)
    expect(refusal(() => check(chainOf(client)))).toContain('clients would refuse it: ')
  })

  it('for being self-signed', async () => {
    const own = await issueRoot({ commonName: HOST, key: { privateKey: key }, ...VALIDITY })
    expect(refusal(() => check(pem(own.certificate)))).toContain('it is self-signed; ')
  })

  it.each([
    [{ commonName: '*.example.org', dnsNames: ['*.example.org'] }, "'*.example.org' is no DNS name"],
    [{ commonName: 'The VPN', dnsNames: [HOST] }, "'The VPN' is no DNS name"],
    [{ dnsNames: ['other.example.org'] }, "'vpn.example.org' is not among its alternative names"],
  ])('for the names %j', async (options, reason) => {
    const certificate = await issued(options)
    expect(refusal(() => check(chainOf(certificate), key, []))).toContain(reason)
  })
})

it('reads every public root that it may have to look at', () => {
  for (const text of rootCertificates) expect(readCertificates(text)).toHaveLength(1)
})
