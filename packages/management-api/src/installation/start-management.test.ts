import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { type GatewayResource, type ManagementPort, openInstallation } from '@causeway/gateway'
import { describeCertificate, issueRoot } from '@causeway/x509'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { MemoryGateway } from '../network/running-gateway.suite.ts'
import { startManagement } from './start-management.ts'

const VAULT_DOMAIN = 'vault.test.internal'

/** The management plane on a port of the loopback, with a gateway in memory, and the operator's commands. */
async function started() {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-management-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const installation = await openInstallation(directory)
  onTestFinished(() => installation.data.close())
  const now = installation.unixSeconds()
  const validity = { notBefore: now - 3_600, notAfter: now + 3_650 * 86_400 }
  const authority = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const managed = new MemoryGateway({ hostNames: ['127.0.0.1'], insidePrefixes: ['10.1.0.0/16'] })
  const ports: ManagementPort[] = []
  const logged: string[] = []
  const port = await freePort()
  const management = await startManagement({
    process: {
      managed,
      installation,
      authority,
      metrics: { text: async () => '', contentType: 'text/plain' },
      capture: { start: async () => '', stop: async () => '', close: async () => undefined },
      attach: attached => {
        ports.push(attached)
        return () => undefined
      },
    },
    start: { port, host: '127.0.0.1', vaultDomain: VAULT_DOMAIN },
    version: '0.1.0',
    log: pino({ level: 'debug' }, { write: line => void logged.push(line) }),
  })
  const [commands] = ports
  if (!management || !commands) throw new Error('the management plane did not start')
  onTestFinished(() => management.stop())
  return { managed, management, commands, port, logged }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

it('lets the gateway read its certificate from a vault, by its identity and its roles', async () => {
  const { managed, management, commands, port, logged } = await started()
  const { subscriptionId: subscription } = management
  const group = `/subscriptions/${subscription}/resourceGroups/causeway`
  const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reads`
  const deploy = async (...resources: object[]): Promise<void> => {
    const document = { contentVersion: '1.0.0.0', resources }
    expect(await commands.applyTemplate({ document }, () => undefined)).toMatchObject({ state: 'Succeeded' })
  }
  const role = (name: string, definition: string) => ({
    type: 'Microsoft.KeyVault/vaults/providers/roleAssignments',
    apiVersion: '2022-04-01',
    name: `contoso/Microsoft.Authorization/${name}`,
    properties: {
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${definition}`,
      principalId: `[reference('${identity}', '2023-01-31').principalId]`,
      principalType: 'ServicePrincipal',
    },
  })
  await commands.issueCertificate({
    vault: 'contoso',
    name: 'gateway',
    commonName: 'gateway.example.org',
    createVault: true,
  })
  await deploy({
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    apiVersion: '2023-01-31',
    name: 'reads',
    location: 'local',
  })
  const path = `https://contoso.${VAULT_DOMAIN}:${port}/certificates/gateway`
  const read = async () => managed.reader?.readCertificate(path)

  expect(await read()).toMatchObject({ reason: 'no-identity' })
  const present: GatewayResource = {
    resource: {
      id: `${group}/providers/Microsoft.Network/virtualNetworkGateways/gw`,
      name: 'gw',
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
      properties: {},
    },
  }
  managed.inForce = present
  expect(await read()).toMatchObject({
    reason: 'forbidden',
    message: expect.stringContaining('As the identity reads: '),
  })
  const before = managed.hints
  await deploy(
    role('aaaaaaaa-0000-4000-8000-000000000001', BUILT_IN_ROLE_IDS.keyVaultCertificateUser),
    role('aaaaaaaa-0000-4000-8000-000000000002', BUILT_IN_ROLE_IDS.keyVaultSecretsUser),
  )
  expect(managed.hints).toBeGreaterThan(before)
  const held = await read()
  if (held?.type !== 'certificate') throw new Error(JSON.stringify(held))
  const [leaf = new Uint8Array()] = held.chain
  expect(describeCertificate(leaf).subject).toContain('CN=gateway.example.org')
  expect(held.privateKey).toContain('PRIVATE KEY')

  const changed = managed.hints
  await commands.issueCertificate({ vault: 'contoso', name: 'gateway', commonName: 'gateway.example.org' })
  expect(managed.hints).toBeGreaterThan(changed)
  const newer = await read()
  expect(newer).toMatchObject({ type: 'certificate' })
  expect(newer?.type === 'certificate' && newer.version).not.toBe(held.version)
  const told = logged.join('\n')
  expect(told).not.toContain('PRIVATE KEY')

  await management.stop()
  expect(managed.reader).toBeUndefined()
})
