import { randomUUID } from 'node:crypto'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LifeBodies } from '../azure-sdk/life-bodies.ts'
import { SdkProgram } from '../azure-sdk/life-sdk.ts'
import { SDK_VERSIONS } from '../azure-sdk/network-plan.ts'
import { publicCertData } from '../harness/certificates.ts'
import { addPrincipal, type ManagedScenario, openManaged, type Principal } from '../harness/management.ts'
import { createSite, type Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { type Signed, sign } from './credentials.ts'
import { expectFlow } from './scenario.ts'
import { pfxOf } from './site-bodies.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// "Site-to-site with certificate authentication", from the first step to the last, by Azure's own clients alone: what
// an administrator of Azure does, and a device on the premises.

const GROUP = 'seed'
const VAULT = 'contoso'
const NAME = 'outbound'
const PASSWORD = 'pfx-password'

let scenario: ManagedScenario
let site: Site
let sdks: SdkProgram
let bodies: LifeBodies
let officer: Principal
let [own, theirs]: Signed[] = []
let identity: { readonly id: string; readonly principalId: string }
let vault: { readonly id: string; readonly properties: { readonly vaultUri: string } }
let certificateId: string
let device: StrongswanDevice

beforeAll(async () => {
  scenario = await openManaged(1)
  site = await createSite(scenario.topology, 0)
  sdks = await SdkProgram.start(scenario)
  bodies = new LifeBodies(scenario.place, GROUP)
  officer = await addPrincipal(scenario.gateway, 'officer')
  // The two do not share a root, and each is signed by an intermediate.
  own = await sign('gateway-s2s-1', { byIntermediate: true })
  theirs = await sign('onprem-s2s-1', { byIntermediate: true })
  await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
})

afterAll(async () => {
  await device?.stop()
  await sdks?.stop()
  site?.close()
  await scenario?.close()
})

function signed(which: Signed | undefined): Signed {
  if (!which) throw new Error('there is no certificate')
  return which
}

async function grant(principalId: string, role: keyof typeof BUILT_IN_ROLE_IDS): Promise<void> {
  const { subscriptionId } = scenario.place
  const roles = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`
  const roleDefinitionId = `${roles}/${BUILT_IN_ROLE_IDS[role]}`
  const body = { principalId, principalType: 'ServicePrincipal', roleDefinitionId }
  await sdks.call('authorization', 'roleAssignments.create', [vault.id, randomUUID(), body])
}

it('1. a network', async () => {
  const space = ['10.1.0.0/16', ADDRESSES.insideNetwork6]
  const network = bodies.network({ addressSpace: { addressPrefixes: space } })
  await sdks.call('network39', 'virtualNetworks.createOrUpdate', [GROUP, 'net', network])
  await sdks.call('network39', 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
})

it('2. a user-assigned managed identity', async () => {
  const path = 'userAssignedIdentities.createOrUpdate'
  identity = await sdks.call('msi', path, [GROUP, 'gateway-identity', { location: 'local' }])
  expect(identity.principalId).toMatch(/^[0-9a-f-]{36}$/)
})

it('3. a gateway that has it', async () => {
  const changes = {
    sku: { name: 'VpnGw1AZ', tier: 'VpnGw1AZ' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity.id]: {} } },
  }
  const path = 'virtualNetworkGateways.createOrUpdate'
  const made = await sdks.call('network39', path, [GROUP, 'gw', bodies.gateway(changes)])
  expect(made).toMatchObject({ provisioningState: 'Succeeded' })
})

it('4. a key vault, and the outbound certificate in it', async () => {
  const { tenantId } = scenario.place
  const sku = { family: 'A', name: 'standard' }
  const properties = { tenantId, sku, enableRbacAuthorization: true }
  vault = await sdks.call('keyvault', 'vaults.createOrUpdate', [
    GROUP,
    VAULT,
    { location: 'local', properties },
  ])
  await grant(officer.objectId ?? '', 'keyVaultCertificatesOfficer')
  const { credential, intermediates } = signed(own)
  const pfx = await pfxOf(
    credential,
    intermediates.map(({ certificatePath }) => certificatePath),
    PASSWORD,
  )
  const parameters = [NAME, { $bytes: pfx }, { password: PASSWORD }]
  const imported = await sdks.call('certificates', `${VAULT}.importCertificate`, parameters, { as: officer })
  certificateId = imported.properties.id
  expect(certificateId).toContain(`${vault.properties.vaultUri}certificates/${NAME}/`)
})

it('5. what the identity may do there', async () => {
  await grant(identity.principalId, 'keyVaultSecretsUser')
  await grant(identity.principalId, 'keyVaultCertificateUser')
})

it('6. a local network gateway', async () => {
  const localGateway = bodies.localGateway({
    gatewayIpAddress: site.publicAddress,
    localNetworkAddressSpace: { addressPrefixes: [site.network, site.network6] },
  })
  await sdks.call('network39', 'localNetworkGateways.createOrUpdate', [GROUP, 'lng', localGateway])
})

it('7. a device that is told of the connection', async () => {
  const { credential, intermediates } = signed(theirs)
  device = await StrongswanDevice.start({
    site,
    gateway: ADDRESSES.gateway,
    proof: {
      type: 'certificate',
      credential,
      intermediates: intermediates.map(({ certificatePath }) => certificatePath),
      trusts: [signed(own).root.certificatePath],
      gatewayIdentity: 'CN=gateway-s2s-1',
    },
  })
})

it('8. a connection with certificate authentication, and traffic from hosts behind each side', async () => {
  const { root, intermediates } = signed(theirs)
  const connection = bodies.connection({
    authenticationType: 'Certificate',
    certificateAuthentication: {
      outboundAuthCertificate: certificateId,
      inboundAuthCertificateSubjectName: 'onprem-s2s-1',
      inboundAuthCertificateChain: [root, ...intermediates].map(publicCertData),
    },
    connectionProtocol: 'IKEv2',
    dpdTimeoutSeconds: 45,
  })
  const path = 'virtualNetworkGatewayConnections.createOrUpdate'
  const made = await sdks.call('network39', path, [GROUP, 's2s', connection])
  expect(made).toMatchObject({ provisioningState: 'Succeeded', authenticationType: 'Certificate' })
  await device.up()
  await expectFlow(scenario, site)
})

it.each(SDK_VERSIONS)('9. it is told to be connected, by @azure/arm-network %s', async version => {
  const read = () => sdks.call(`network${version}`, 'virtualNetworkGatewayConnections.get', [GROUP, 's2s'])
  await expect.poll(async () => (await read()).connectionStatus, { timeout: 10_000 }).toBe('Connected')
  const { ingressBytesTransferred, egressBytesTransferred, tunnelConnectionStatus } = await read()
  expect(ingressBytesTransferred).toBeGreaterThan(0)
  expect(egressBytesTransferred).toBeGreaterThan(0)
  expect(tunnelConnectionStatus).toMatchObject([{ connectionStatus: 'Connected' }])
})
