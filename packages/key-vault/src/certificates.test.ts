import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  createPkcs12,
  describeCertificate,
  formatPem,
  type IssuedCertificate,
  issueRoot,
  issueServerCertificate,
  parsePkcs12,
} from '@causeway/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { DAY, NOW, scratchVault, URL } from './testing/scratch-vault.suite.ts'

const VALIDITY = { notBefore: NOW - DAY, notAfter: NOW + 300 * DAY }
let root: IssuedCertificate
let leaf: IssuedCertificate

beforeAll(async () => {
  root = await issueRoot({ commonName: 'Root', key: 'ecdsa-p256', ...VALIDITY })
  const names = { dnsNames: ['gw.example.org'], clientAuth: true }
  leaf = await issueServerCertificate(root, { commonName: 'gw', key: 'ecdsa-p256', ...VALIDITY, ...names })
})

const pfx = (password = 'Wombat-7'): string =>
  Buffer.from(createPkcs12({ ...leaf, chain: [root.certificate], password })).toString('base64')
const pem = (): string => `${leaf.privateKey}${formatPem(leaf.certificate)}${formatPem(root.certificate)}`
const versionOf = (id: string): string => id.slice(-32)
const policyFor = (subject: string, more: object = {}) => ({
  issuer: { name: 'Self' },
  key_props: { kty: 'EC' },
  x509_props: { subject },
  ...more,
})

describe('an imported certificate', () => {
  it('is answered with its ids, thumbprint and policy', async () => {
    const { certificates } = await scratchVault()
    const bundle = await certificates.import('Gw', { value: pfx(), pwd: 'Wombat-7', tags: { a: 'b' } })
    const place = `Gw/${versionOf(bundle.id)}`
    const { thumbprint } = describeCertificate(leaf.certificate)
    expect(bundle).toMatchObject({
      id: `${URL}/certificates/${place}`,
      kid: `${URL}/keys/${place}`,
      sid: `${URL}/secrets/${place}`,
      x5t: Buffer.from(thumbprint, 'hex').toString('base64url'),
      cer: Buffer.from(leaf.certificate).toString('base64'),
      contentType: 'application/x-pkcs12',
      attributes: { enabled: true, nbf: VALIDITY.notBefore, exp: VALIDITY.notAfter, recoverableDays: 90 },
      tags: { a: 'b' },
      policy: {
        id: `${URL}/certificates/Gw/policy`,
        key_props: { exportable: true, kty: 'EC', key_size: 256, crv: 'P-256', reuse_key: false },
        secret_props: { contentType: 'application/x-pkcs12' },
        x509_props: { subject: 'CN=gw', sans: { dns_names: ['gw.example.org'] }, validity_months: 10 },
        issuer: { name: 'Unknown' },
      },
    })
    expect(await certificates.get('gw')).toEqual(bundle)
    expect(await certificates.get('gw', versionOf(bundle.id))).toEqual(bundle)
    await expect(certificates.operation('gw')).rejects.toMatchObject({ code: 'PendingCertificateNotFound' })
  })

  it.each([
    ['PKCS#12', () => ({ value: pfx(''), pwd: '' }), 'application/x-pkcs12'],
    ['PEM', () => ({ value: pem() }), 'application/x-pem-file'],
    ['PEM in base64', () => ({ value: Buffer.from(pem()).toString('base64') }), 'application/x-pem-file'],
  ])('given as %s has a secret of the same form, name and version', async (_form, body, contentType) => {
    const { certificates, secrets } = await scratchVault()
    const { id } = await certificates.import('gw', body())
    const secret = await secrets.get('gw', versionOf(id))
    expect(secret).toMatchObject({
      id: `${URL}/secrets/gw/${versionOf(id)}`,
      kid: `${URL}/keys/gw/${versionOf(id)}`,
      managed: true,
      contentType,
    })
    if (contentType === 'application/x-pem-file') return expect(secret.value).toBe(pem())
    expect(parsePkcs12(Buffer.from(secret.value, 'base64'), '')).toEqual({
      ...leaf,
      chain: [root.certificate],
    })
  })

  it('has its secret in the form that the policy asks for', async () => {
    const { certificates, secrets } = await scratchVault()
    const policy = { secret_props: { contentType: 'application/x-pem-file' } }
    await certificates.import('gw', { value: pfx(), pwd: 'Wombat-7', policy })
    expect((await secrets.get('gw')).value).toBe(pem())
  })

  it('whose key is not exportable keeps it in the vault', async () => {
    const { certificates, secrets, store } = await scratchVault()
    const policy = { key_props: { exportable: false } }
    await certificates.import('gw', { value: pem(), policy })
    const { value } = await secrets.get('gw')
    expect(value).not.toContain('PRIVATE KEY')
    expect(value).toBe(formatPem(leaf.certificate) + formatPem(root.certificate))
    expect(JSON.stringify([await store.scan(''), await store.history()])).not.toContain('PRIVATE KEY')
  })

  it('is refused with what cannot be read, without a word of it', async () => {
    const { certificates } = await scratchVault()
    const other = await issueRoot({ commonName: 'Other', key: 'ecdsa-p256', ...VALIDITY })
    const bodies: [object, RegExp][] = [
      [{}, /is missing/],
      [{ value: '!' }, /neither PEM nor base64/],
      [{ value: 'AAAA' }, /not a whole PKCS#12 file/],
      [{ value: pfx(), pwd: 'Koala' }, /password of the PKCS#12 file is wrong/],
      [{ value: formatPem(leaf.certificate) }, /no private key/],
      [{ value: `${leaf.privateKey}${formatPem(other.certificate)}` }, /no certificate of the private key/],
    ]
    for (const [body, message] of bodies) {
      const refused = certificates.import('gw', body)
      await expect(refused).rejects.toMatchObject({ code: 'BadParameter', target: 'value' })
      await expect(refused).rejects.toThrow(message)
      await expect(refused).rejects.not.toThrow(/Wombat|Koala|BEGIN/)
    }
    const policy = { key_props: { kty: 'RSA' } }
    await expect(certificates.import('gw', { value: pem(), policy })).rejects.toMatchObject({
      target: 'policy.key_props.kty',
    })
  })
})

describe('a certificate that the vault makes', () => {
  it('is signed by its own key, as the policy says, and complete at once', async () => {
    const { certificates, secrets } = await scratchVault()
    const x509_props = {
      subject: 'CN=vpn.example.org, O=Contoso',
      sans: { dns_names: ['vpn.example.org'], ipAddresses: ['192.0.2.1'] },
      key_usage: ['digitalSignature'],
      ekus: ['1.3.6.1.5.5.7.3.2'],
      validity_months: 1,
    }
    const policy = policyFor('', { x509_props })
    const operation = await certificates.create('Gw', { policy, tags: { a: 'b' } })
    expect(operation).toMatchObject({
      id: `${URL}/certificates/Gw/pending`,
      status: 'completed',
      issuer: { name: 'Self' },
      target: `${URL}/certificates/Gw`,
    })
    expect(await certificates.operation('gw')).toEqual(operation)
    const { cer, attributes, policy: stored, tags } = await certificates.get('gw')
    expect(tags).toEqual({ a: 'b' })
    expect(stored.x509_props).toMatchObject(x509_props)
    const certificate = new X509Certificate(Buffer.from(cer, 'base64'))
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(describeCertificate(certificate.raw)).toMatchObject({
      subject: 'O=Contoso,CN=vpn.example.org',
      extendedKeyUsages: x509_props.ekus,
      notBefore: NOW - 600,
    })
    // 2026-12-22.
    expect(attributes.exp).toBe(NOW + 30 * DAY)
    const { value } = await secrets.get('gw')
    const { privateKey } = parsePkcs12(Buffer.from(value, 'base64'), '')
    expect(certificate.checkPrivateKey(createPrivateKey(privateKey))).toBe(true)
    expect(await certificates.deleteOperation('gw')).toEqual(operation)
    await expect(certificates.operation('gw')).rejects.toMatchObject({ code: 'PendingCertificateNotFound' })
  })

  it('has Key Vault’s defaults: RSA 2048, 12 months, for servers and clients', async () => {
    const { certificates } = await scratchVault()
    await certificates.create('gw', { policy: { x509_props: { subject: 'CN=a' }, issuer: { name: 'Self' } } })
    expect((await certificates.policy('gw')).key_props).toMatchObject({
      kty: 'RSA',
      key_size: 2048,
      exportable: true,
    })
    expect((await certificates.policy('gw')).x509_props).toMatchObject({
      validity_months: 12,
      ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
    })
  })

  it('has further versions by its policy, of the same key if that says so', async () => {
    const { certificates, secrets } = await scratchVault()
    await certificates.create('gw', {
      policy: policyFor('CN=a', { key_props: { kty: 'EC', reuse_key: true } }),
    })
    const first = await certificates.get('gw')
    await certificates.create('gw', {})
    const second = await certificates.get('gw')
    expect(second.id).not.toBe(first.id)
    const keyOf = (cer: string) =>
      new X509Certificate(Buffer.from(cer, 'base64')).publicKey.export({ type: 'spki', format: 'pem' })
    expect(keyOf(second.cer)).toEqual(keyOf(first.cer))
    await certificates.updatePolicy('gw', { key_props: { reuse_key: false } })
    await certificates.create('gw', {})
    expect(keyOf((await certificates.get('gw')).cer)).not.toEqual(keyOf(first.cer))
    expect((await certificates.listVersions('gw')).value).toHaveLength(3)
    expect((await secrets.get('gw', versionOf(first.id))).id).toBe(first.sid)
  })

  it('keeps a key to itself that was not to leave, though the next version may leave', async () => {
    const { certificates, secrets } = await scratchVault()
    const kept = { kty: 'EC', exportable: false, reuse_key: true }
    await certificates.create('gw', { policy: policyFor('CN=a', { key_props: kept }) })
    const first = await certificates.get('gw')
    await certificates.create('gw', {})
    await certificates.updatePolicy('gw', { key_props: { exportable: true } })
    await certificates.create('gw', {})
    const last = await certificates.get('gw')
    const keyOf = (cer: string) =>
      new X509Certificate(Buffer.from(cer, 'base64')).publicKey.export({ type: 'spki', format: 'pem' })
    expect(keyOf(last.cer)).not.toEqual(keyOf(first.cer))
    expect((await secrets.get('gw', versionOf(first.id))).value).not.toContain('PRIVATE KEY')
  })

  it.each([
    ['no subject', 'policy.x509_props.subject', { issuer: { name: 'Self' } }],
    ['another issuer', 'policy.issuer.name', policyFor('CN=a', { issuer: { name: 'DigiCert' } })],
    ['an issuer that is unknown', 'policy.issuer.name', policyFor('CN=a', { issuer: { name: 'Unknown' } })],
    [
      'an odd size',
      'policy.key_props.key_size',
      policyFor('CN=a', { key_props: { kty: 'RSA', key_size: 1024 } }),
    ],
    [
      'a size of another curve',
      'policy.key_props.key_size',
      policyFor('CN=a', { key_props: { crv: 'P-256', key_size: 384 } }),
    ],
    ['another curve', 'policy.key_props.crv', policyFor('CN=a', { key_props: { crv: 'P-521' } })],
    ['a key that is not there', 'policy.key_props.kty', policyFor('CN=a', { key_props: { kty: 'RSA-HSM' } })],
    [
      'a wrong DNS name',
      'policy.x509_props',
      policyFor('', { x509_props: { subject: 'CN=a', sans: { dns_names: ['a b'] } } }),
    ],
    ['a subject that is none', 'policy.x509_props', policyFor('vpn')],
    [
      'a wrong usage',
      'policy.x509_props.key_usage',
      policyFor('', { x509_props: { subject: 'CN=a', key_usage: ['x'] } }),
    ],
    [
      'an end out of sight',
      'policy.x509_props.validity_months',
      policyFor('', { x509_props: { validity_months: 0 } }),
    ],
    [
      'a trigger that is none',
      'policy.lifetime_actions[0].trigger',
      policyFor('CN=a', { lifetime_actions: [{ trigger: {}, action: { action_type: 'AutoRenew' } }] }),
    ],
  ])('is refused with %s', async (_what, target, policy) => {
    const { certificates, store } = await scratchVault()
    await expect(certificates.create('gw', { policy })).rejects.toMatchObject({
      code: 'BadParameter',
      target,
    })
    expect(await store.scan('')).toEqual([])
  })
})

describe('renewal', () => {
  it('makes a new version when the policy says so, of what the vault signed', async () => {
    const { certificates, renewCertificates, setTime } = await scratchVault()
    await certificates.import('given', { value: pem() })
    await certificates.create('by-percentage', { policy: policyFor('CN=a') })
    const trigger = { days_before_expiry: 10 }
    const lifetime_actions = [{ trigger, action: { action_type: 'AutoRenew' } }]
    await certificates.create('by-days', { policy: policyFor('CN=b', { lifetime_actions }) })
    await certificates.create('deleted', { policy: policyFor('CN=c') })
    await certificates.delete('deleted')
    setTime(NOW + 290 * DAY)
    expect((await renewCertificates()).renewed).toEqual([])
    setTime(NOW + 293 * DAY)
    expect((await renewCertificates()).renewed).toEqual(['by-percentage'])
    expect((await renewCertificates()).renewed).toEqual([])
    setTime(NOW + 356 * DAY)
    expect((await renewCertificates()).renewed).toEqual(['by-days'])
    expect((await certificates.get('by-days')).attributes.created).toBe(NOW + 356 * DAY)
  })
})

describe('a change of a certificate', () => {
  it('sets enabled, tags and policy, and disables its secret with it', async () => {
    const { certificates, secrets } = await scratchVault()
    const { id } = await certificates.import('gw', { value: pem(), tags: { a: 'b' } })
    const body = { attributes: { enabled: false }, policy: { key_props: { reuse_key: true } } }
    const updated = await certificates.update('gw', versionOf(id), body)
    expect(updated).toMatchObject({ tags: { a: 'b' }, attributes: { enabled: false } })
    expect(updated.policy.key_props.reuse_key).toBe(true)
    await expect(secrets.get('gw')).rejects.toMatchObject({ innerCode: 'SecretDisabled' })
    expect(await certificates.get('gw')).toEqual(updated)
    await expect(certificates.update('gw', '', { attributes: { exp: NOW } })).rejects.toMatchObject({
      code: 'BadParameter',
      target: 'attributes',
    })
  })
})

describe('a certificate and its secret', () => {
  it('share a name that neither kind can have twice', async () => {
    const { certificates, secrets } = await scratchVault()
    await certificates.import('gw', { value: pem() })
    await secrets.set('plain', { value: 'x' })
    const managed = { code: 'Forbidden', innerCode: 'SecretManagedByCertificate' }
    for (const change of [
      () => secrets.set('gw', { value: 'x' }),
      () => secrets.update('gw', '', {}),
      () => secrets.delete('gw'),
    ])
      await expect(change()).rejects.toMatchObject(managed)
    const inUse = { code: 'Conflict', innerCode: 'NameInUse' }
    await expect(certificates.import('PLAIN', { value: pem() })).rejects.toMatchObject(inUse)
    await expect(certificates.get('plain')).rejects.toMatchObject({ code: 'CertificateNotFound' })
    const items = (await secrets.list()).value
    expect(items).toMatchObject([{ id: `${URL}/secrets/gw`, managed: true }, { id: `${URL}/secrets/plain` }])
    expect((await certificates.list()).value).toMatchObject([
      { id: `${URL}/certificates/gw`, subject: 'CN=gw' },
    ])
  })

  it('are deleted, recovered and purged together', async () => {
    const { certificates, secrets, store } = await scratchVault()
    const bundle = await certificates.import('gw', { value: pem() })
    expect(await certificates.delete('gw')).toMatchObject({
      ...bundle,
      recoveryId: `${URL}/deletedcertificates/gw`,
      scheduledPurgeDate: NOW + 90 * DAY,
    })
    await expect(certificates.get('gw')).rejects.toMatchObject({ code: 'CertificateNotFound', status: 404 })
    await expect(secrets.get('gw')).rejects.toMatchObject({ code: 'SecretNotFound' })
    await expect(secrets.purge('gw')).rejects.toMatchObject({ code: 'SecretNotFound' })
    const taken = { code: 'Conflict', innerCode: 'ObjectIsDeletedButRecoverable' }
    await expect(certificates.import('gw', { value: pem() })).rejects.toMatchObject(taken)
    await expect(certificates.create('gw', { policy: policyFor('CN=a') })).rejects.toMatchObject(taken)
    expect((await certificates.listDeleted()).value).toMatchObject([{ id: `${URL}/certificates/gw` }])
    expect(await certificates.recover('gw')).toEqual(bundle)
    expect((await secrets.get('gw')).value).toBe(pem())
    await certificates.delete('gw')
    await certificates.purge('gw')
    expect(await store.scan('')).toEqual([])
    await expect(certificates.getDeleted('gw')).rejects.toMatchObject({ code: 'CertificateNotFound' })
  })

  it('goes on when one certificate has a policy by which none can be made', async () => {
    const { certificates, renewCertificates, setTime } = await scratchVault()
    await certificates.create('bad', { policy: policyFor('CN=a') })
    await certificates.create('good', { policy: policyFor('CN=b') })
    await certificates.updatePolicy('bad', { x509_props: { subject: 'no name at all' } })
    setTime(NOW + 300 * DAY)
    expect(await renewCertificates()).toMatchObject({
      renewed: ['good'],
      failed: [{ name: 'bad', error: { code: 'BadParameter' } }],
    })
  })
})

describe('the end of a vault', () => {
  it('leaves nothing of it, whatever protected it', async () => {
    const { as, store } = await scratchVault()
    const vault = as({ softDelete: { retentionDays: 90, purgeProtection: true } })
    for (let i = 0; i < 3; i++) {
      await vault.certificates.create(`gw-${i}`, { policy: policyFor('CN=a') })
      await vault.secrets.set(`psk-${i}`, { value: 'hunter2' })
    }
    await vault.certificates.delete('gw-1')
    await vault.removeContents()
    expect(await store.scan('vaults')).toEqual([])
    expect(await store.secrets.read('vaults/contoso/values/psk-0')).toBeUndefined()
  })
})
