import { CommandError } from '@causeway/gateway'
import {
  createPkcs12,
  formatPem,
  type IssuedCertificate,
  issueClientCertificate,
  issueRoot,
  issueServerCertificate,
} from '@causeway/x509'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NOW } from '../management-api.suite.ts'
import { VAULTS, type VaultTest, vaultBody, vaultTest } from '../vault/vault.suite.ts'
import { type CertificateCommands, createCertificateCommands } from './certificate-commands.ts'

const DAY = 86_400
const VALIDITY = { notBefore: NOW - DAY, notAfter: NOW + 400 * DAY }

let authority: IssuedCertificate
let outbound: IssuedCertificate
let test: VaultTest
let commands: CertificateCommands

beforeAll(async () => {
  authority = await issueRoot({ commonName: 'Own Root', key: 'ecdsa-p256', ...VALIDITY })
  const names = { commonName: 'azure-s2s', dnsNames: ['azure-s2s'], clientAuth: true }
  outbound = await issueServerCertificate(authority, { key: 'ecdsa-p256', ...names, ...VALIDITY })
})

beforeEach(async () => {
  test = await vaultTest()
  const { resources, vaults } = test.api.services
  if (!vaults) throw new Error('the test has vaults')
  commands = createCertificateCommands({
    resources,
    vaults,
    authority,
    makeVault: async name => {
      const body = vaultBody({ enableRbacAuthorization: true })
      const told = await test.ask('PUT', `${VAULTS}/${name}`, { body, version: '2023-07-01' })
      if (told.status !== 201) throw new CommandError('Conflict', told.body.error.message)
    },
    now: () => NOW,
  })
})

const pem = (...issued: IssuedCertificate[]): string =>
  [issued[0]?.privateKey, ...issued.map(({ certificate }) => formatPem(certificate))].join('\n')
const imported = (more: object = {}) =>
  commands.importCertificate({ vault: 'contoso', name: 'out', content: pem(outbound, authority), ...more })
const history = async () =>
  (await test.store.history()).filter(({ target }) => target.startsWith('vaults/contoso/'))

describe('importing a certificate', () => {
  it('stores it, and says what a connection makes of it', async () => {
    const stored = await imported()
    expect(stored).toMatchObject({
      vault: 'contoso',
      name: 'out',
      subject: 'CN=azure-s2s',
      isCurrent: true,
      isEnabled: true,
      usedBy: [],
      hasMadeVault: false,
      outbound: { accepted: true, notes: ['the root is not sent: the device must have it'] },
    })
    expect(stored.id).toBe(`https://contoso.vault.example:8443/certificates/out/${stored.version}`)
  })

  it('is in the history as done by the installation, without the key', async () => {
    await imported()
    const entries = await history()
    expect(entries.map(({ who, action }) => [who, action])).toEqual([
      ['installation', 'Microsoft.KeyVault/vaults/certificates/import/action'],
    ])
    expect(JSON.stringify(entries)).not.toContain('PRIVATE')
  })

  it('opens a .pfx by its password alone', async () => {
    const { certificate, privateKey } = outbound
    const chain = [authority.certificate]
    const pfx = createPkcs12({ certificate, privateKey, chain, password: 'open sesame' })
    const content = Buffer.from(pfx).toString('base64')
    expect(await imported({ content, password: 'open sesame' })).toMatchObject({
      outbound: { accepted: true },
    })
    const wrong = 'the password of the PKCS#12 file is wrong'
    await expect(imported({ content, password: 'no' })).rejects.toThrow(`${wrong}; check --password-file`)
    await expect(imported({ content })).rejects.toThrow(`${wrong}; give it with --password-file`)
  })

  it('stores what a connection does not take, and says so', async () => {
    const client = await issueClientCertificate(authority, {
      commonName: 'c',
      key: 'ecdsa-p256',
      ...VALIDITY,
    })
    expect((await imported({ content: pem(client, authority) })).outbound).toMatchObject({
      accepted: false,
      code: 'missing-server-auth',
    })
  })

  it('refuses a certificate without its key', async () => {
    const content = formatPem(outbound.certificate)
    await expect(imported({ content })).rejects.toThrow(
      'there is no private key in the PEM text; put the key into the file, beside its certificate and the issuers',
    )
  })

  it('makes a vault only where it is told to, and none for what cannot be stored', async () => {
    const there = 'there is no vault'
    await expect(imported({ vault: 'fabrikam' })).rejects.toThrow(
      `${there} 'fabrikam': there are contoso; give another, or make it with --create-vault`,
    )
    await expect(imported({ vault: 'fabrikam', content: 'AAAA', createVault: true })).rejects.toThrow(
      CommandError,
    )
    await expect(commands.listCertificates({ vault: 'fabrikam' })).rejects.toThrow(there)
    expect(await imported({ vault: 'fabrikam', createVault: true })).toMatchObject({ hasMadeVault: true })
    expect(await imported({ vault: 'Fabrikam', createVault: true })).toMatchObject({ hasMadeVault: false })
    await expect(imported({ vault: 'a b', createVault: true })).rejects.toThrow(
      /'a b' is not a name of this type/,
    )
  })

  it('says of a deleted vault that it can be recovered', async () => {
    await test.ask('DELETE', `${VAULTS}/contoso`, { version: '2023-07-01' })
    await expect(imported({ createVault: false })).rejects.toThrow(/the vault contoso is deleted; recover it/)
  })
})

describe('issuing a certificate', () => {
  const issued = (more: object = {}) =>
    commands.issueCertificate({ vault: 'contoso', name: 'out', commonName: 'azure-s2s', ...more })

  it('gives what a connection takes, of the own authority', async () => {
    const stored = await issued({
      names: ['vpn.example.org', '203.0.113.7'],
      keyType: 'ecdsa-p256',
      validDays: 10,
    })
    expect(stored).toMatchObject({
      subject: 'CN=azure-s2s',
      expiresAt: NOW + 10 * DAY,
      outbound: { accepted: true },
    })
    expect(await commands.showCertificate({ vault: 'contoso', name: 'out' })).toMatchObject({
      issuer: 'CN=Own Root',
      names: ['vpn.example.org', '203.0.113.7'],
      key: 'EC 256',
      trust: [{ subject: 'CN=Own Root', isRoot: true, pem: formatPem(authority.certificate) }],
    })
  })

  it.each([
    [{ commonName: 'Site One' }, '"Site One" is not a DNS name; give its names or addresses with --san'],
    [{ names: ['a b'] }, '"a b" is not a DNS name'],
    [{ validDays: 3_650 }, /would outlive its issuer/],
  ])('refuses %j', async (more, message) => {
    await expect(issued({ keyType: 'ecdsa-p256', ...more })).rejects.toThrow(message)
    await expect(issued({ keyType: 'ecdsa-p256', ...more })).rejects.toMatchObject({
      code: 'InvalidParameter',
    })
  })
})

describe('certificates that are there', () => {
  it('are listed with the newest version, and with those that a connection names', async () => {
    const first = await imported()
    const second = await imported()
    expect(await commands.listCertificates({})).toMatchObject([{ version: second.version, usedBy: [] }])
    await connection('pinned', first.id)
    await connection('following', second.id.replace(/\/[0-9a-f]{32}$/, ''))
    await connection('elsewhere', 'https://contoso.vault.azure.net/certificates/out')
    const shown = (await commands.listCertificates({ vault: 'CONTOSO' })).map(
      ({ version, isCurrent, usedBy }) => ({ version, isCurrent, usedBy }),
    )
    expect(shown).toEqual([
      { version: second.version, isCurrent: true, usedBy: ['following'] },
      { version: first.version, isCurrent: false, usedBy: ['pinned'] },
    ])
  })

  it('are shown by version, and as closed when they are disabled', async () => {
    const first = await imported()
    await imported()
    const place = { vault: 'contoso', name: 'out', version: first.version }
    const body = { attributes: { enabled: false } }
    await test.tell('PATCH', `/certificates/out/${first.version}`, { body })
    expect(await commands.showCertificate(place)).toMatchObject({
      version: first.version,
      isCurrent: false,
      isEnabled: false,
      outbound: { accepted: false, code: 'disabled' },
      missingIssuer: 'CN=Own Root',
    })
  })

  it('say which issuer is not beside them', async () => {
    await imported({ content: pem(outbound) })
    expect(await commands.showCertificate({ vault: 'contoso', name: 'out' })).toMatchObject({
      trust: [],
      missingIssuer: 'CN=Own Root',
    })
  })

  it.each([
    [{ vault: 'contoso', name: 'none' }, 'ResourceNotFound'],
    [{ vault: 'contoso', name: 'out', version: 'x' }, 'InvalidParameter'],
    [{ vault: 'none', name: 'out' }, 'ResourceNotFound'],
  ])('are told from what is not there: %j', async (wanted, code) => {
    await expect(commands.showCertificate(wanted)).rejects.toMatchObject({ name: 'CommandError', code })
  })
})

/** A connection as it is stored: no rule of connections is of interest here. */
async function connection(name: string, outboundAuthCertificate: string): Promise<void> {
  const id = `${VAULTS.replace(/Microsoft.KeyVault\/vaults$/, 'Microsoft.Network/connections')}/${name}`
  const properties = {
    authenticationType: 'Certificate',
    certificateAuthentication: { outboundAuthCertificate },
  }
  const document = { id, type: 'Microsoft.Network/connections', body: { properties }, state: 'Succeeded' }
  await test.store.write(`resources${id.toLowerCase()}`, document, 0)
}
