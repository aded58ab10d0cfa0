import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import type { ConnectionDiagnosis, FindingView } from '@causeway/api-contract'
import type { ConnectionRecord, GatewayResource } from '@causeway/gateway'
import {
  formatPem,
  type IssuedCertificate,
  issueClientCertificate,
  issueRoot,
  issueServerCertificate,
} from '@causeway/x509'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assignment, GROUP, NETWORK, NOW, TENANT } from '../../management-api.suite.ts'
import { MemoryGateway } from '../../network/running-gateway.suite.ts'
import { RoleStore } from '../../rights/role-store.ts'
import { VAULT, type VaultTest, vaultTest } from '../../vault/vault.suite.ts'
import { createConnectionDoctor } from './connection-doctor.ts'

const DAY = 86_400
const VALIDITY = { notBefore: NOW - DAY, notAfter: NOW + 400 * DAY }
const GATEWAY = `${NETWORK}/virtualNetworkGateways/gw`
const CONNECTION = `${NETWORK}/connections/site`
const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`
const OUTBOUND = 'https://contoso.vault.example:8443/certificates/out'

let root: IssuedCertificate
let outbound: IssuedCertificate
let test: VaultTest
let gateway: MemoryGateway
/** Addresses by name. */
let names: Map<string, string[]>
let principalId: string

beforeAll(async () => {
  root = await issueRoot({ commonName: 'Root', key: 'ecdsa-p256', ...VALIDITY })
  outbound = await leaf()
})

/** Everything as it should be: each test breaks one link. */
beforeEach(async () => {
  test = await vaultTest()
  gateway = new MemoryGateway()
  names = new Map([['site.example.org', ['203.0.113.9']]])
  gateway.inForce = gatewayWith({ [IDENTITY]: {} })
  principalId = (await test.principals.ensureManagedIdentity(IDENTITY, 'userAssigned')).principalId
  await stored(IDENTITY, 'Microsoft.ManagedIdentity/userAssignedIdentities', {})
  await give(1, BUILT_IN_ROLE_IDS.keyVaultCertificateUser)
  await give(2, BUILT_IN_ROLE_IDS.keyVaultSecretsUser)
  await keep(outbound)
  await connect()
})

function leaf(validDays = 400): Promise<IssuedCertificate> {
  const names = { commonName: 'azure-s2s', dnsNames: ['azure-s2s'], clientAuth: true }
  const validity = { notBefore: NOW - DAY, notAfter: NOW + validDays * DAY }
  return issueServerCertificate(root, { key: 'ecdsa-p256', ...names, ...validity })
}

function gatewayWith(userAssignedIdentities: object, sku = 'VpnGw1AZ'): GatewayResource {
  const properties = { gatewayType: 'Vpn', sku: { name: sku, tier: sku } }
  const identity = { type: 'UserAssigned', userAssignedIdentities }
  return { resource: { id: GATEWAY, name: 'gw', location: 'local', identity, properties } } as never
}

/** Puts a document where ARM's resources are. */
async function stored(id: string, type: string, body: object, state = 'Succeeded'): Promise<void> {
  const key = `resources${id.toLowerCase()}`
  const former = await test.store.read(key)
  await test.store.write(key, { id, type, body, state, guid: 'g', revision: 1 }, former?.version ?? 0)
}

async function give(number: number, role: string): Promise<void> {
  const roles = await RoleStore.open(test.store)
  await test.store.commit([roles.putAssignment(assignment(200 + number, principalId, role, VAULT))])
  roles.close()
}

async function take(number: number): Promise<void> {
  const roles = await RoleStore.open(test.store)
  await test.store.commit([roles.removeAssignment(assignment(200 + number, '', '', VAULT).id)])
  roles.close()
}

async function keep({ certificate, privateKey }: IssuedCertificate): Promise<void> {
  const value = [privateKey, formatPem(certificate), formatPem(root.certificate)].join('\n')
  const told = await test.tell('POST', '/certificates/out/import', { body: { value } })
  if (told.status !== 200) throw new Error(JSON.stringify(told.body))
}

const record: ConnectionRecord = {
  id: CONNECTION.toLowerCase(),
  name: 'site',
  status: 'Connected',
  reason: { code: 'up', message: 'a tunnel is up' },
  tunnels: [],
  notes: [],
}

/** A connection that is stored and in force. */
async function connect(changes: object = {}, certificates: object = {}): Promise<void> {
  const properties = {
    connectionType: 'IPsec',
    virtualNetworkGateway1: { id: GATEWAY },
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: OUTBOUND,
      inboundAuthCertificateSubjectName: 'onprem-1',
      inboundAuthCertificateChain: [Buffer.from(root.certificate).toString('base64')],
      ...certificates,
    },
    ...changes,
  }
  await stored(CONNECTION, 'Microsoft.Network/connections', { properties })
  const connection = { id: CONNECTION, name: 'site', properties } as never
  const peer = {
    type: 'local-gateway',
    id: `${NETWORK}/localNetworkGateways/site`,
    fqdn: 'site.example.org',
  } as const
  gateway.connected.set(record.id, { connection, peer: { ...peer, addressPrefixes: [] } })
  gateway.records = [record]
}

async function diagnosis(name = 'site'): Promise<ConnectionDiagnosis> {
  const { resources, vaults } = test.api.services
  if (!vaults) throw new Error('the test has vaults')
  const roles = await RoleStore.open(test.store)
  const diagnose = createConnectionDoctor({
    ...{ resources, vaults, roles, gateway },
    principals: test.principals,
    vaultDomains: ['vault.example', 'vault.azure.net'],
    tenantId: TENANT,
    resolve: async host => names.get(host) ?? Promise.reject(new Error('ENOTFOUND')),
    now: () => NOW,
  })
  const told = await diagnose({ name })
  roles.close()
  return told
}

/** What is not good, with the check that comes first of what is broken. */
async function troubles(): Promise<{ broken: string | undefined; found: readonly FindingView[] }> {
  const { findings, firstBroken } = await diagnosis()
  return { broken: firstBroken, found: findings.filter(({ state }) => state !== 'good') }
}

describe('a connection with certificates', () => {
  it('has every link in its order', async () => {
    const { connection, findings, firstBroken } = await diagnosis('SITE')
    expect(connection).toBe(CONNECTION)
    expect(firstBroken).toBeUndefined()
    expect(findings.map(({ check, state }) => `${check}: ${state}`)).toEqual(
      [
        'connection',
        'gateway',
        'in force',
        'SKU',
        'identity',
        'certificate identifier',
        'vault',
        'right to the certificate',
        'right to its key',
        'certificate',
        'fitness',
        'expiry',
        'inbound chain',
        'inbound chain expiry',
        "peer's address",
        'status',
      ].map(check => `${check}: good`),
    )
  })

  it.each<[string, string, RegExp, () => unknown]>([
    ['gateway', 'another gateway', /is of .*gw, and .*other runs here/, () => otherGateway()],
    ['gateway', 'no gateway', /there is no gateway/, () => (gateway.inForce = undefined)],
    ['in force', 'not in force', /does not run with it/, () => gateway.connected.clear()],
    ['SKU', 'Basic', /Basic has no/, () => (gateway.inForce = gatewayWith({ [IDENTITY]: {} }, 'Basic'))],
    ['identity', 'no identity', /no user-assigned identity/, () => (gateway.inForce = gatewayWith({}))],
    ['identity', 'an identity that is gone', /is assigned and is not there/, () => forget(IDENTITY)],
    [
      'certificate identifier',
      'no identifier',
      /is no URL/,
      () => connect({}, { outboundAuthCertificate: 'x' }),
    ],
    [
      'vault',
      'no vault',
      /there is no vault fabrikam/,
      () => connect({}, elsewhere('fabrikam.vault.example:8443')),
    ],
    [
      'vault',
      'a name without address',
      /contoso.vault.azure.net has no address/,
      () => connect({}, elsewhere('contoso.vault.azure.net')),
    ],
    [
      'vault',
      'a deleted vault',
      /contoso is deleted/,
      () => test.ask('DELETE', VAULT, { version: '2023-07-01' }),
    ],
    ['right to the certificate', 'no role', /lacks the role Key Vault Certificate User/, () => take(1)],
    [
      'certificate',
      'a deleted certificate',
      /out is deleted/,
      () => test.tell('DELETE', '/certificates/out'),
    ],
    [
      'certificate',
      'no certificate',
      /there is no none in/,
      () => connect({}, { outboundAuthCertificate: OUTBOUND.replace('out', 'none') }),
    ],
    ['certificate', 'a disabled certificate', /is disabled/, () => disable()],
    ['fitness', 'a certificate without serverAuth', /not for server auth/, () => keepClient()],
    ['fitness', 'an expired certificate', /expired/, async () => keep(await leaf(-0.5))],
    [
      'inbound chain',
      'no root',
      /is no authority/,
      () =>
        connect({}, { inboundAuthCertificateChain: [Buffer.from(outbound.certificate).toString('base64')] }),
    ],
    [
      'inbound chain',
      'no subject',
      /subject name is empty/,
      () => connect({}, { inboundAuthCertificateSubjectName: '' }),
    ],
    ["peer's address", 'a name without address', /site.example.org has no address/, () => names.clear()],
    ['status', 'a refused peer', /the key is wrong/, () => (gateway.records = [refusedRecord()])],
  ])('is broken at %s with %s', async (check, _what, detail, breakLink) => {
    await breakLink()
    const { broken, found } = await troubles()
    expect(broken).toBe(check)
    const first = found.find(({ state }) => state === 'bad')
    expect(first?.detail).toMatch(detail)
    expect(first?.fix).toMatch(/./)
  })

  it('names both roles, and the command that gives each', async () => {
    await take(1)
    await take(2)
    const { found } = await troubles()
    expect(found.map(({ check, fix }) => [check, fix?.match(/--role "([^"]+)"/)?.[1]])).toEqual([
      ['right to the certificate', 'Key Vault Certificate User'],
      ['right to its key', 'Key Vault Secrets User'],
    ])
    expect(found[0]?.fix).toContain(`--assignee-object-id ${principalId}`)
  })

  it('names the access policy that is missing', async () => {
    const body = {
      location: 'local',
      properties: { tenantId: TENANT, sku: SKU, enableRbacAuthorization: false, accessPolicies: [] },
    }
    await test.ask('PUT', VAULT, { body, version: '2023-07-01' })
    const { broken, found } = await troubles()
    expect(broken).toBe('right to the certificate')
    expect(found[1]?.fix).toBe(
      `az keyvault set-policy --name contoso --object-id ${principalId} --secret-permissions get`,
    )
  })

  it('warns of an end that is near, of notes, and of what is under way', async () => {
    await keep(await leaf(7))
    gateway.records = [{ ...record, status: 'Connecting', notes: ['the peer sent no chain'] }]
    const { broken, found } = await troubles()
    expect(broken).toBeUndefined()
    expect(found.map(({ check, detail }) => `${check}: ${detail}`)).toEqual([
      `expiry: ends in 7 days, on ${new Date((NOW + 7 * DAY) * 1_000).toISOString().slice(0, 10)}`,
      'note: the peer sent no chain',
      'status: Connecting: a tunnel is up',
    ])
  })

  it('says of a refusal that is over that the gateway looks again', async () => {
    const reason = { code: 'certificate-refused', message: 'The identity may not read it.' } as const
    gateway.records = [{ ...record, status: 'NotConnected', reason }]
    expect((await troubles()).found).toMatchObject([
      { check: 'status', fix: expect.stringMatching(/looks again/) },
    ])
    await take(1)
    const { found } = await troubles()
    expect(found.find(({ check }) => check === 'status')?.fix).toMatch(/^mend what the reason names/)
  })

  it('tells the version that is in use from the newest one', async () => {
    const certificate = { subject: 'CN=a', thumbprint: 'AB', notAfterSeconds: NOW + 300 * DAY }
    gateway.records = [{ ...record, certificate: { ...certificate, version: 'older' } }]
    expect((await troubles()).found).toMatchObject([
      {
        check: 'version in use',
        detail: expect.stringMatching(/^the gateway uses older, and the vault has [0-9a-f]{32}$/),
      },
    ])
    const newest = (await test.tell('GET', '/certificates/out')).body.id.split('/').at(-1)
    gateway.records = [{ ...record, certificate: { ...certificate, version: newest } }]
    expect((await troubles()).found).toEqual([])
  })

  it("has of another's vault what the gateway has read", async () => {
    names.set('contoso.vault.azure.net', ['198.51.100.1'])
    await connect({}, elsewhere('contoso.vault.azure.net'))
    expect((await troubles()).found).toMatchObject([{ check: 'certificate', state: 'warning' }])
    const certificate = { version: 'v1', subject: 'CN=a', thumbprint: 'AB', notAfterSeconds: NOW + 3 * DAY }
    gateway.records = [{ ...record, certificate }]
    expect((await troubles()).found).toMatchObject([{ check: 'expiry', state: 'warning' }])
    const reason = {
      code: 'certificate-refused',
      message: 'The identity may not read it: give it the role.',
    } as const
    gateway.records = [{ ...record, status: 'NotConnected', reason }]
    expect((await troubles()).found[0]).toMatchObject({
      check: 'certificate',
      state: 'bad',
      fix: 'give it the role',
    })
  })
})

describe('what the gateway notes of a connection', () => {
  const known = 'the root is not sent: the device must have it'
  const peer = 'a peer at 203.0.113.9:4500 was not let in: its certificate is another: give it the right one'

  it('is not told twice, and a refused peer of one that is up is a warning', async () => {
    gateway.records = [{ ...record, notes: [known, peer] }]
    expect((await troubles()).found).toEqual([{ check: 'last refused peer', state: 'warning', detail: peer }])
  })

  it('is the broken link of one that is down, where a peer was refused', async () => {
    gateway.records = [{ ...refusedRecord(), notes: [known, peer] }]
    const { broken, found } = await troubles()
    expect(broken).toBe('last refused peer')
    expect(found[0]).toMatchObject({ fix: 'give it the right one' })
  })
})

describe('a connection with a shared key', () => {
  const psk = { authenticationType: 'PSK', certificateAuthentication: undefined }

  it('has a key, an address, and a status', async () => {
    await connect({ ...psk, sharedKey: 'never tell' })
    const told = await diagnosis()
    expect(told.firstBroken).toBeUndefined()
    expect(told.findings.map(({ check }) => check)).toEqual([
      'connection',
      'gateway',
      'in force',
      'SKU',
      'shared key',
      "peer's address",
      'status',
    ])
    expect(JSON.stringify(told)).not.toContain('never tell')
  })

  it('is broken without a key', async () => {
    await connect(psk)
    expect((await troubles()).broken).toBe('shared key')
  })
})

it('a connection that is not there is no finding', async () => {
  await expect(diagnosis('other')).rejects.toThrow("there is no connection 'other'; there are site")
})

const SKU = { family: 'A', name: 'standard' } as const

function elsewhere(host: string): object {
  return { outboundAuthCertificate: `https://${host}/certificates/out` }
}

function otherGateway(): void {
  const { resource } = gatewayWith({})
  gateway.inForce = { resource: { ...resource, id: GATEWAY.replace(/gw$/, 'other') } }
}

async function forget(id: string): Promise<void> {
  const key = `resources${id.toLowerCase()}`
  await test.store.remove(key, (await test.store.read(key))?.version ?? 0)
}

async function disable(): Promise<void> {
  const { body } = await test.tell('GET', '/certificates/out')
  const version = body.id.split('/').at(-1)
  await test.tell('PATCH', `/certificates/out/${version}`, { body: { attributes: { enabled: false } } })
}

async function keepClient(): Promise<void> {
  await keep(await issueClientCertificate(root, { commonName: 'c', key: 'ecdsa-p256', ...VALIDITY }))
}

function refusedRecord(): ConnectionRecord {
  return { ...record, status: 'NotConnected', reason: { code: 'refused', message: 'the key is wrong' } }
}
