import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchPackage, startOpenVpn } from '../azure-sdk/life-package.ts'
import { AzureCli } from '../harness/az.ts'
import { type Credential, createAuthority, issue, thumbprint } from '../harness/certificates.ts'
import { addPrincipal, type ManagedScenario, openManaged } from '../harness/management.ts'
import type { Namespace } from '../harness/namespace.ts'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'

// Azure's command line, as Debian has it, manages an installation. Each test goes on where the one before it ended: a
// call takes az a second or two, most of it before it asks anything.

/** From us: az is fetched once, perhaps by a slow line. */
const ROOT_LIMIT_MS = 900_000

const GROUP = ['-g', 'rg1']
const GATEWAY = [...GROUP, '-n', 'gw1']
const OF_GATEWAY = [...GROUP, '--gateway-name', 'gw1']
const CONNECTION = [...GROUP, '-n', 'c1']
const OF_CONNECTION = [...GROUP, '--connection-name', 'c1']
const PUBLIC_ADDRESS = 'Microsoft.Network/publicIPAddresses'

const POLICY = {
  dhGroup: 'DHGroup14',
  ikeEncryption: 'AES256',
  ikeIntegrity: 'SHA384',
  ipsecEncryption: 'AES256',
  ipsecIntegrity: 'SHA256',
  pfsGroup: 'PFS14',
} as const
const POLICY_ARGS = ['--dh-group', 'DHGroup14', '--pfs-group', 'PFS14']
  .concat(['--ike-encryption', 'AES256', '--ike-integrity', 'SHA384'])
  .concat(['--ipsec-encryption', 'AES256', '--ipsec-integrity', 'SHA256'])

let scenario: ManagedScenario
let az: AzureCli
let root: Credential
let other: Credential
let alice: Credential
let groupId: string

const gateway = (command: string, ...args: string[]) =>
  az.json('network', 'vnet-gateway', ...command.split(' '), ...args)
const connection = (command: string, ...args: string[]) =>
  az.json('network', 'vpn-connection', ...command.split(' '), ...args)
const client = (index: number): Namespace => scenario.topology.clients[index] as Namespace

beforeAll(async () => {
  scenario = await openManaged(2)
  const { place } = scenario
  az = await AzureCli.open({ namespace: client(0), place, vaults: ['kv1'] })
  root = await createAuthority('Az Root')
  other = await createAuthority('Other Root')
  alice = await issue(root, { commonName: 'alice' })
  groupId = `/subscriptions/${place.subscriptionId}/resourceGroups/rg1`
}, ROOT_LIMIT_MS)

afterAll(async () => {
  await scenario?.close()
})

test('who was told the first secret signs in, and finds the installation', async () => {
  const { place, administrator } = scenario
  const [account, ...more] = await az.signIn(administrator)
  expect([account, more]).toMatchObject([
    { id: place.subscriptionId, tenantId: place.tenantId, state: 'Enabled', cloudName: 'Causeway' },
    [],
  ])
  const [locations, providers, group] = await Promise.all([
    az.json('account', 'list-locations', '--query', '[].name'),
    az.json('provider', 'list', '--query', '[].namespace'),
    az.json('group', 'create', '-n', 'rg1', '-l', 'local'),
  ])
  expect(locations).toEqual(['local'])
  expect(providers).toContain('Microsoft.Network')
  expect(group).toMatchObject({ id: groupId, properties: { provisioningState: 'Succeeded' } })
})

test('a gateway is made with what it needs', async () => {
  const subnet = ['--subnet-name', 'GatewaySubnet', '--subnet-prefixes', '10.1.255.0/27']
  const [{ newVNet }, { publicIp }] = await Promise.all([
    az.json(
      'network',
      'vnet',
      'create',
      ...GROUP,
      '-n',
      'vnet1',
      '--address-prefixes',
      '10.1.0.0/16',
      ...subnet,
    ),
    az.json('network', 'public-ip', 'create', ...GROUP, '-n', 'ip1', '--sku', 'Standard'),
  ])
  expect(newVNet).toMatchObject({ provisioningState: 'Succeeded', subnets: [{ name: 'GatewaySubnet' }] })
  expect(publicIp).toMatchObject({ provisioningState: 'Succeeded', ipAddress: ADDRESSES.gateway })

  const needs = [...GATEWAY, '--vnet', 'vnet1', '--public-ip-addresses', 'ip1', '--gateway-type', 'Vpn']
  const roots = az.file('root.pem', readFileSync(root.certificatePath))
  const clients = [
    '--address-prefixes',
    '172.20.0.0/24',
    '--root-cert-name',
    'one',
    '--root-cert-data',
    roots,
  ]
  const refused = await az.refusal(
    ...['network', 'vnet-gateway', 'create', ...needs, '--sku', 'Basic'],
    ...['--client-protocol', 'OpenVPN', ...clients],
  )
  expect(refused).toMatch(/^ERROR: \(\w+\) .*Basic/m)

  await gateway(
    'create',
    ...needs,
    '--sku',
    'VpnGw2',
    '--client-protocol',
    'OpenVPN',
    ...clients,
    '--no-wait',
  )
  await gateway('wait', ...GATEWAY, '--created', '--interval', '1', '--timeout', '60')
  const [shown, listed] = await Promise.all([
    gateway('show', ...GATEWAY),
    gateway('list', ...GROUP, '--query', '[].name'),
  ])
  expect(listed).toEqual(['gw1'])
  expect(shown).toMatchObject({
    id: `${groupId}/providers/Microsoft.Network/virtualNetworkGateways/gw1`,
    provisioningState: 'Succeeded',
    sku: { name: 'VpnGw2' },
    vpnClientConfiguration: {
      vpnClientAddressPool: { addressPrefixes: ['172.20.0.0/24'] },
      vpnClientProtocols: ['OpenVPN'],
      vpnClientRootCertificates: [{ name: 'one', provisioningState: 'Succeeded' }],
    },
  })
})

test('what is changed of it is in force', async () => {
  const file = az.file('other.pem', readFileSync(other.certificatePath))
  const added = await gateway('root-cert create', ...OF_GATEWAY, '-n', 'two', '--public-cert-data', file)
  expect(added).toMatchObject({ name: 'two', provisioningState: 'Succeeded' })
  await gateway('root-cert delete', ...OF_GATEWAY, '-n', 'two')
  const revoked = ['-n', 'carol', '--thumbprint', await thumbprint(other)]
  const entry = await gateway('revoked-cert create', ...OF_GATEWAY, ...revoked)
  expect(entry).toMatchObject({ name: 'carol', thumbprint: revoked[3] })
  await gateway('revoked-cert delete', ...OF_GATEWAY, '-n', 'carol')

  const mappings = ['--internal-mappings', '10.1.4.0/24', '--external-mappings', '192.168.21.0/24']
  expect(await gateway('nat-rule list', ...OF_GATEWAY)).toEqual([])
  const ruled = await gateway('nat-rule add', ...OF_GATEWAY, '--name', 'n1', '--type', 'Static', ...mappings)
  expect(ruled.natRules).toMatchObject([{ name: 'n1', internalMappings: [{ addressSpace: '10.1.4.0/24' }] }])
  expect((await gateway('nat-rule remove', ...OF_GATEWAY, '--name', 'n1')).natRules).toEqual([])

  const lifetime = ['--sa-lifetime', '86400', '--sa-max-size', '429497']
  await gateway('vpn-client ipsec-policy set', ...GATEWAY, ...POLICY_ARGS, ...lifetime)
  const updated = await gateway('update', ...GATEWAY, '--set', 'tags.team=net')
  expect(updated).toMatchObject({
    tags: { team: 'net' },
    vpnClientConfiguration: {
      vpnClientIpsecPolicies: [POLICY],
      vpnClientRootCertificates: [{ name: 'one' }],
    },
  })
  expect(updated.vpnClientConfiguration.vpnClientRevokedCertificates ?? []).toEqual([])
})

test('it tells of itself', async () => {
  const [policy, learned, advertised] = await Promise.all([
    gateway('vpn-client ipsec-policy show', ...GATEWAY),
    gateway('list-learned-routes', ...GATEWAY, '--query', 'value[].network'),
    gateway('list-advertised-routes', ...GATEWAY, '--peer', '10.1.0.9'),
  ])
  expect(policy).toMatchObject(POLICY)
  expect(learned).toEqual(expect.arrayContaining(['10.1.0.0/16']))
  expect(advertised).toEqual({ value: [] })
  const [peers, absent] = await Promise.all([
    gateway('list-bgp-peer-status', ...GATEWAY),
    az.refusal('network', 'vnet-gateway', 'show', ...GROUP, '-n', 'none'),
  ])
  expect(peers).toEqual({ value: [] })
  expect(absent).toMatch(/\(ResourceNotFound\) .*virtualNetworkGateways\/none/)
  expect(await gateway('packet-capture start', ...GATEWAY)).toMatch(/^capture-/)
})

test('its package makes a tunnel, which az sees, and which ends with the point-to-site configuration', async () => {
  const url = await gateway('vpn-client generate', ...GATEWAY)
  expect(await gateway('vpn-client show-url', ...GATEWAY)).toMatch(/^https:.*\/gw1\.zip\?/)
  const given = await fetchPackage(client(1), url, scenario.place.authority)
  const openvpn = startOpenVpn(given, alice, client(1))
  await openvpn.connected()
  await expectInside(openvpn)
  const health = await gateway('vpn-client show-health', ...GATEWAY)
  expect(health.value ?? health).toMatchObject([{ vpnUserName: 'alice' }])

  await gateway('update', ...GATEWAY, '--remove', 'vpnClientConfiguration')
  await openvpn.waitFor(/SIGTERM|SIGUSR1|Connection reset/, 10_000)
  const { vpnClientConfiguration = null } = await gateway('show', ...GATEWAY)
  expect(vpnClientConfiguration).toBeNull()
  expect(await gateway('reset', ...GATEWAY)).toMatchObject({ name: 'gw1', provisioningState: 'Succeeded' })
})

test('a connection to another site is made by a template, and changed', async () => {
  const site = [...GROUP, '-n', 'site']
  const prefixes = ['--local-address-prefixes', '10.50.0.0/16']
  await az.json(
    'network',
    'local-gateway',
    'create',
    ...site,
    '--gateway-ip-address',
    '203.0.113.5',
    ...prefixes,
  )
  const widened = await az.json('network', 'local-gateway', 'update', ...site, ...prefixes, '10.51.0.0/16')
  expect(widened.localNetworkAddressSpace.addressPrefixes).toEqual(['10.50.0.0/16', '10.51.0.0/16'])
  const between = ['--vnet-gateway1', 'gw1', '--local-gateway2', 'site', '--shared-key']
  const refused = await az.refusal(
    'network',
    'vpn-connection',
    'create',
    ...CONNECTION,
    ...between,
    'Wombat-7',
  )
  expect(refused).toMatch(/"DeploymentFailed".*"InvalidParameter".*properties\.sharedKey: holds a character/)
  const { resource } = await connection('create', ...CONNECTION, ...between, 'Wombat7')
  expect(resource).toMatchObject({ provisioningState: 'Succeeded', connectionType: 'IPsec' })

  expect((await connection('shared-key show', ...OF_CONNECTION)).value).toBe('Wombat7')
  await connection('shared-key update', ...OF_CONNECTION, '--value', 'Koala8')
  expect((await connection('shared-key show', ...OF_CONNECTION)).value).toBe('Koala8')
  await connection('shared-key reset', ...OF_CONNECTION, '--key-length', '32')
  expect((await connection('shared-key show', ...OF_CONNECTION)).value).toHaveLength(32)

  const lifetime = ['--sa-lifetime', '27000', '--sa-max-size', '102400']
  expect(await connection('ipsec-policy add', ...OF_CONNECTION, ...POLICY_ARGS, ...lifetime)).toMatchObject(
    POLICY,
  )
  const [policies, shown] = await Promise.all([
    connection('ipsec-policy list', ...OF_CONNECTION),
    connection('show', ...CONNECTION),
  ])
  expect([policies, shown.sharedKey ?? null]).toMatchObject([[POLICY], null])
  await connection('ipsec-policy clear', ...OF_CONNECTION)
  expect(await connection('update', ...CONNECTION, '--routing-weight', '7')).toMatchObject({
    routingWeight: 7,
    ipsecPolicies: [],
  })
  expect(await connection('list', ...GROUP, '--query', '[].name')).toEqual(['c1'])
  const standing = await connection('show', ...CONNECTION, '--query', 'connectionStatus')
  expect(standing).toMatch(/^(Connecting|NotConnected)$/)
  expect(JSON.parse(await connection('list-ike-sas', ...CONNECTION))).toEqual([])
  const held = await az.refusal('network', 'local-gateway', 'delete', ...site)
  expect(held).toMatch(/\(\w*InUse\w*\) .*c1/)
  await connection('delete', ...CONNECTION)
  await az.json('network', 'local-gateway', 'delete', ...site)
  expect(await az.json('network', 'local-gateway', 'list', ...GROUP)).toEqual([])
})

test('rights are given and taken, and what is not allowed is refused', async () => {
  const { principalId } = await az.json('identity', 'create', ...GROUP, '-n', 'id1')
  const who = ['--assignee-object-id', principalId]
  const at = ['--role', 'Reader', '--scope', groupId]
  const principal = ['--assignee-principal-type', 'ServicePrincipal']
  const made = await az.json('role', 'assignment', 'create', ...who, ...principal, ...at)
  expect(made).toMatchObject({ principalId, scope: groupId })
  const [held, definitions, identities] = await Promise.all([
    az.json('role', 'assignment', 'list', ...who, '--scope', groupId, '--query', '[].roleDefinitionName'),
    az.json('role', 'definition', 'list', '--name', 'Reader', '--query', '[].permissions[0].actions'),
    az.json('identity', 'list', ...GROUP, '--query', '[].name'),
  ])
  expect([held, definitions, identities]).toEqual([['Reader'], [['*/read']], ['id1']])
  await az.json('role', 'assignment', 'delete', ...who, ...at)
  expect(await az.json('role', 'assignment', 'list', ...who, '--scope', groupId)).toEqual([])
  await az.json('identity', 'delete', ...GROUP, '-n', 'id1')

  const reader = await AzureCli.open({ namespace: client(0), place: scenario.place })
  await reader.signIn(await addPrincipal(scenario.gateway, 'watcher', 'Reader'))
  const [seen, refused] = await Promise.all([
    reader.json('network', 'vnet-gateway', 'show', ...GATEWAY, '--query', 'name'),
    reader.refusal('network', 'public-ip', 'delete', ...GROUP, '-n', 'ip1'),
  ])
  expect(seen).toBe('gw1')
  expect(refused).toMatch(/\(AuthorizationFailed\) .*Microsoft\.Network\/publicIPAddresses\/delete/)
})

test('a vault keeps secrets and certificates', async () => {
  const vault = ['--vault-name', 'kv1']
  const made = await az.json('keyvault', 'create', ...GROUP, '-n', 'kv1', '-l', 'local')
  expect(made.properties.vaultUri).toBe('https://kv1.vault.causeway.internal:8443/')
  const secret = ['keyvault', 'secret']
  const forbidden = await az.refusal(...secret, 'set', ...vault, '-n', 's1', '--value', 'hunter')
  expect(forbidden).toMatch(/\(Forbidden\) .*setSecret/)
  const [{ principalId }] = await az.json('role', 'assignment', 'list', '--scope', '/', ...NO_NAMES)
  const who = ['--assignee-object-id', principalId, '--assignee-principal-type', 'ServicePrincipal']
  await az.json(
    ...['role', 'assignment', 'create', ...who],
    ...['--role', 'Key Vault Administrator', '--scope', made.id],
  )
  await az.json(...secret, 'set', ...vault, '-n', 's1', '--value', 'hunter')
  expect(await az.json(...secret, 'show', ...vault, '-n', 's1')).toMatchObject({ value: 'hunter' })
  expect(await az.json(...secret, 'delete', ...vault, '-n', 's1')).toMatchObject({ name: 's1' })
  expect(await az.json(...secret, 'list', ...vault)).toEqual([])

  const certificate = ['keyvault', 'certificate']
  const pem = az.file(
    'pem',
    readFileSync(alice.keyPath, 'utf8') + readFileSync(alice.certificatePath, 'utf8'),
  )
  const imported = await az.json(...certificate, 'import', ...vault, '-n', 'given', '-f', pem)
  expect(imported.x509ThumbprintHex).toBe(await thumbprint(alice))
  const policy = az.file('policy.json', JSON.stringify(CERTIFICATE_POLICY))
  await az.json(...certificate, 'create', ...vault, '-n', 'made', '-p', `@${policy}`)
  const [shown, listed] = await Promise.all([
    az.json(...certificate, 'show', ...vault, '-n', 'made'),
    az.json(...certificate, 'list', ...vault, '--query', '[].name'),
  ])
  expect(shown.policy.x509CertificateProperties.subject).toBe('CN=from-az')
  expect(listed.sort()).toEqual(['given', 'made'])

  expect(await az.json('keyvault', 'list', ...GROUP, '--query', '[].name')).toEqual(['kv1'])
  await az.json('keyvault', 'delete', '-n', 'kv1')
  await az.json('keyvault', 'purge', '-n', 'kv1', '-l', 'local')
  expect(await az.json('keyvault', 'list-deleted', '--resource-type', 'vault')).toEqual([])
})

const NO_NAMES = ['--fill-principal-name', 'false']

const CERTIFICATE_POLICY = {
  issuerParameters: { name: 'Self' },
  keyProperties: { exportable: true, keySize: 2048, keyType: 'RSA', reuseKey: false },
  secretProperties: { contentType: 'application/x-pem-file' },
  x509CertificateProperties: { subject: 'CN=from-az', validityInMonths: 12 },
}

test('templates are deployed, comments and all', async () => {
  const named = [...GROUP, '-n', 'd1']
  const file = az.file('template.json', TEMPLATE)
  const given = ['--template-file', file, '--parameters', 'name=ip7']
  const validated = await az.json('deployment', 'group', 'validate', ...named, ...given)
  expect(validated.properties).toMatchObject({ provisioningState: 'Succeeded' })
  const deployed = await az.json('deployment', 'group', 'create', ...named, ...given)
  const id = `${groupId}/providers/${PUBLIC_ADDRESS}/ip7`
  expect(deployed.properties).toMatchObject({
    provisioningState: 'Succeeded',
    outputs: { id: { value: id } },
  })
  const [shown, listed, steps] = await Promise.all([
    az.json('deployment', 'group', 'show', ...named, '--query', 'properties.outputs.id.value'),
    az.json('deployment', 'group', 'list', ...GROUP, '--query', '[].name'),
    az.json(
      'deployment',
      'operation',
      'group',
      'list',
      ...named,
      '--query',
      '[].properties.targetResource.id',
    ),
  ])
  expect([shown, listed, steps]).toEqual([id, expect.arrayContaining(['d1']), [id]])
})

test('resources of any type are shown, tagged and removed, and requests are sent as they are', async () => {
  const address = [...GROUP, '-n', 'ip7', '--resource-type', PUBLIC_ADDRESS]
  const url = `${groupId}/providers/${PUBLIC_ADDRESS}/ip7?api-version=2024-05-01`
  const [listed, shown, rest] = await Promise.all([
    az.json('resource', 'list', ...GROUP, '--query', '[].type'),
    az.json('resource', 'show', ...address),
    az.json('rest', '--method', 'get', '--url', url),
  ])
  expect(listed.filter((type: string) => type === PUBLIC_ADDRESS)).toHaveLength(2)
  expect([shown.name, rest.name]).toEqual(['ip7', 'ip7'])
  expect(await az.json('resource', 'tag', ...address, '--tags', 'team=net')).toMatchObject({
    tags: { team: 'net' },
  })
  await az.json('resource', 'delete', ...address)
})

test('a gateway is deleted, and its group with what is left', async () => {
  await gateway('delete', ...GATEWAY)
  expect(await gateway('list', ...GROUP)).toEqual([])
  await az.json('group', 'delete', '-n', 'rg1', '--yes')
  expect(await az.json('group', 'exists', '-n', 'rg1')).toBe(false)
})

/** In the JSON of templates, which az sends as it is. */
const TEMPLATE = `{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "name": { "type": "string" } }, // of the address
  "resources": [
    {
      "type": "${PUBLIC_ADDRESS}",
      "apiVersion": "2024-05-01",
      "name": "[parameters('name')]",
      "location": "[resourceGroup().location]",
      "sku": { "name": "Standard" },
      "properties": { "publicIPAllocationMethod": "Static" }
    }
  ],
  "outputs": { "id": { "type": "string", "value": "[resourceId('${PUBLIC_ADDRESS}', parameters('name'))]" } }
}
`
