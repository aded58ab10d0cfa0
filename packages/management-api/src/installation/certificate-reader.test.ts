import type { GatewayResource } from '@causeway/gateway'
import type {
  VaultCertificate,
  VaultClientOptions,
  VaultRefusal,
  VaultRefusalReason,
} from '@causeway/vault-client'
import { expect, it } from 'vitest'
import { GROUP, NETWORK } from '../management-api.suite.ts'
import { createGatewayCertificateReader } from './certificate-reader.ts'

const DOMAIN = 'vault.example.org'
const OWN = `https://contoso.${DOMAIN}:8443/certificates/gateway`
const AZURE = 'https://contoso.vault.azure.net/certificates/gateway'
const IDENTITIES = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`
const HEADER = 'the-header-secret'
const ENDPOINT = 'http://127.0.0.1:1/msi/token'

const held: VaultCertificate = {
  type: 'certificate',
  vaultUrl: `https://contoso.${DOMAIN}:8443`,
  name: 'gateway',
  version: 'a'.repeat(32),
  chain: [new Uint8Array([48])],
  privateKey: 'a key',
  notBefore: 0,
  notAfter: 1,
}

const no = (reason: VaultRefusalReason, isTemporary = false): VaultRefusal => ({
  type: 'refused',
  reason,
  message: `It is ${reason}.`,
  isTemporary,
})

/** A gateway with identities of these names, and clients that answer by the name of who asks, in order. */
function reading(names: readonly string[], answers: Record<string, (VaultCertificate | VaultRefusal)[]>) {
  let assigned = names
  const opened: VaultClientOptions[] = []
  let closed = 0
  const present = (): GatewayResource => ({
    resource: {
      name: 'gw',
      id: `${NETWORK}/virtualNetworkGateways/gw`,
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: Object.fromEntries(assigned.map(name => [`${IDENTITIES}/${name}`, {}])),
      },
      properties: {},
    },
  })
  const reader = createGatewayCertificateReader({
    gateway: { present },
    vaultDomain: DOMAIN,
    vaultAddress: { address: '127.0.0.1', port: 8_443 },
    authority: 'PEM',
    identities: { endpoint: ENDPOINT, header: HEADER },
    azureClientId: 'machine-client',
    createClient: options => {
      opened.push(options)
      const { identity } = options
      const who =
        identity.type === 'appService' ? (identity.resourceId?.split('/').at(-1) ?? '') : identity.type
      return {
        readCertificate: async () => answers[who]?.shift() ?? no('unreachable', true),
        close: () => closed++,
      }
    },
  })
  const assign = (...next: string[]): void => {
    assigned = next
  }
  return { reader, opened, assign, closed: () => closed }
}

it('reads vaults of its own as the assigned identity, at the place where their plane is', async () => {
  const { reader, opened } = reading(['reads'], { reads: [held] })
  expect(await reader.readCertificate(OWN)).toEqual({
    type: 'certificate',
    version: held.version,
    chain: held.chain,
    privateKey: 'a key',
  })
  expect(opened).toMatchObject([
    {
      identity: {
        type: 'appService',
        endpoint: ENDPOINT,
        header: HEADER,
        resourceId: `${IDENTITIES}/reads`,
      },
      domains: [DOMAIN],
      ca: 'PEM',
    },
  ])
  expect(opened[0]?.lookup?.(`contoso.${DOMAIN}`)).toEqual({ address: '127.0.0.1', port: 8_443 })
})

it("reads Azure's vaults as the machine", async () => {
  const { reader, opened } = reading(['reads'], { azure: [held] })
  expect((await reader.readCertificate(AZURE)).type).toBe('certificate')
  expect(opened).toEqual([{ identity: { type: 'azure', clientId: 'machine-client' } }])
})

it('asks as each identity in order, and names all that was tried', async () => {
  const { reader } = reading(['one', 'two'], {
    one: [no('forbidden'), no('forbidden'), no('unauthorized', true), no('not-found')],
    two: [held, no('forbidden'), no('forbidden')],
  })
  expect((await reader.readCertificate(OWN)).type).toBe('certificate')
  expect(await reader.readCertificate(OWN)).toEqual({
    type: 'refused',
    reason: 'forbidden',
    message: 'As the identity one: It is forbidden. As the identity two: It is forbidden.',
    isTemporary: false,
  })
  // Nobody has taken a right away where one of them could not be asked.
  expect(await reader.readCertificate(OWN)).toMatchObject({ reason: 'unauthorized', isTemporary: true })
  // What is not there is there for nobody.
  expect(await reader.readCertificate(OWN)).toMatchObject({
    reason: 'not-found',
    message: 'As the identity one: It is not-found.',
  })
})

it('says what to do where no identity is assigned, and reads once there is one', async () => {
  const { reader, opened, assign, closed } = reading([], { reads: [held, held] })
  const refused = {
    type: 'refused',
    reason: 'no-identity',
    message: `The gateway gw has no user-assigned identity to read ${OWN} with: assign one to it, which has the roles Key Vault Certificate User and Key Vault Secrets User at the vault.`,
    isTemporary: false,
  }
  expect(await reader.readCertificate(OWN)).toEqual(refused)
  expect(await reader.readCertificate(AZURE)).toMatchObject({ reason: 'no-identity' })
  expect(opened).toEqual([])
  assign('reads')
  expect((await reader.readCertificate(OWN)).type).toBe('certificate')
  assign()
  expect(await reader.readCertificate(OWN)).toEqual(refused)
  expect(closed()).toBe(1)
})

it('asks for another token where the one that it had is not taken', async () => {
  const { reader, opened } = reading(['reads'], {
    reads: [held, no('unauthorized'), held, no('unauthorized'), no('unauthorized')],
  })
  await reader.readCertificate(OWN)
  expect((await reader.readCertificate(OWN)).type).toBe('certificate')
  expect(opened).toHaveLength(2)
  expect(await reader.readCertificate(OWN)).toMatchObject({ reason: 'unauthorized' })
  expect(opened).toHaveLength(3)
})

it.each([
  ['http://contoso.vault.example.org/certificates/gateway'],
  ['https://contoso.evil.example/certificates/gateway'],
  ['https://vault.example.org/certificates/gateway'],
])('asks nobody for %s', async id => {
  const { reader, opened } = reading(['reads'], {})
  expect(await reader.readCertificate(id)).toMatchObject({ reason: 'not-a-vault-url', isTemporary: false })
  expect(opened).toEqual([])
})

it('lets go of its connections', async () => {
  const { reader, closed } = reading(['one', 'two'], { one: [no('forbidden')], two: [held] })
  await reader.readCertificate(OWN)
  reader.close()
  expect(closed()).toBe(2)
})
