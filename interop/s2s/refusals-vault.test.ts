import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { issue } from '../harness/certificates.ts'
import {
  type CertificateScenario,
  certificateConnection,
  certificateProof,
  GATEWAY,
  OWN_NAME,
  OWN_SUBJECT,
  openCertificates,
} from './certificate-scenario.ts'
import { importSigned } from './credentials.ts'
import { meanwhileWhole } from './pinging.ts'
import { connectSite, disconnectSite, expectFlow, grant, hasStatus, siteAt, VAULT } from './scenario.ts'
import { expectRefused, standingOf } from './standing.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// The way to the gateway's certificate: its identity, what that may do, the vault, and what is in it.

let scenario: CertificateScenario
let device: StrongswanDevice
let connection: string
/** Of the gateway's identity. */
let principalId: string

beforeAll(async () => {
  scenario = await openCertificates()
  const { arm, bodies } = scenario
  connection = bodies.id('connections', 'site0')
  principalId = (await arm.get(bodies.identityId())).properties.principalId
  const proof = certificateProof(scenario)
  device = await StrongswanDevice.start({ site: siteAt(scenario, 0), gateway: GATEWAY, proof })
})

afterEach(async () => {
  await disconnectSite(scenario, siteAt(scenario, 0))
  await giveRoles()
})

afterAll(async () => {
  await device?.stop()
  await scenario?.close()
})

const ROLES = ['keyVaultSecretsUser', 'keyVaultCertificateUser'] as const

async function giveRoles(): Promise<void> {
  const vault = scenario.bodies.vaultId(VAULT)
  for (const role of ROLES) await grant(scenario, vault, principalId, role)
}

async function takeRoles(): Promise<void> {
  const { arm, bodies } = scenario
  for (const role of ROLES) await arm.delete(bodies.assignmentId(bodies.vaultId(VAULT), principalId, role))
}

/** Makes the connection; returns a mark of the log before. */
async function connect(outbound = scenario.outbound): Promise<number> {
  const from = scenario.gateway.process.mark()
  await connectSite(scenario, siteAt(scenario, 0), certificateConnection(scenario, { outbound }))
  return from
}

async function expectConnected(): Promise<void> {
  await hasStatus(scenario, connection, 'Connected', 40_000)
  await expectFlow(scenario, siteAt(scenario, 0), [4])
}

/** Ends what is up, as a loss would; returns a mark of the log before. */
async function reset(): Promise<number> {
  const from = scenario.gateway.process.mark()
  await scenario.arm.post(`${connection}/resetconnection`)
  return from
}

/** Does something to the vault, waits until the gateway has noticed, and sees that it has taken nothing down. */
async function meanwhileLogged(line: RegExp, work: () => Promise<unknown>): Promise<void> {
  await meanwhileWhole(siteAt(scenario, 0), async () => {
    const from = scenario.gateway.process.mark()
    await work()
    await scenario.gateway.logged(line, 10_000, from)
    expect((await standingOf(scenario, 'site0')).status).toBe('Connected')
  })
}

const NO_RIGHT = /Key Vault (Secrets|Certificate) User/

test('no role, and then the role', async () => {
  await takeRoles()
  const from = await connect()
  await expectRefused(scenario, 'site0', { message: NO_RIGHT, from })
  await giveRoles()
  await expectConnected()
})

test('a role that is taken away takes nothing down, and is missed when the connection begins anew', async () => {
  await connect()
  await expectConnected()
  await meanwhileLogged(NO_RIGHT, takeRoles)
  const from = await reset()
  await expectRefused(scenario, 'site0', { message: NO_RIGHT, from })
  await giveRoles()
  await expectConnected()
})

test('a certificate that is disabled, and enabled again', async () => {
  const { arm } = scenario
  const enable = (enabled: boolean) =>
    arm.vault(VAULT, 'PATCH', `certificates/${OWN_NAME}/`, { attributes: { enabled } })
  await connect()
  await expectConnected()
  await meanwhileLogged(/disabled/, () => enable(false))
  const from = await reset()
  await expectRefused(scenario, 'site0', { message: /disabled/, from })
  await enable(true)
  await expectConnected()
})

test('a certificate that is deleted, and recovered', async () => {
  const { arm } = scenario
  await connect()
  await expectConnected()
  await meanwhileLogged(/deleted/, () => arm.vault(VAULT, 'DELETE', `certificates/${OWN_NAME}`))
  const from = await reset()
  await expectRefused(scenario, 'site0', { message: /deleted/, from })
  await arm.vault(VAULT, 'POST', `deletedcertificates/${OWN_NAME}/recover`)
  await expectConnected()
})

test('a certificate that there is not', async () => {
  const from = await connect(scenario.bodies.certificateUrl(VAULT, 'nowhere'))
  await expectRefused(scenario, 'site0', { message: /There is no https:.*nowhere/, from })
})

test('a vault that cannot be reached', async () => {
  const from = await connect('https://contoso.vault.azure.net/certificates/gateway')
  await expectRefused(scenario, 'site0', { message: /contoso\.vault\.azure\.net cannot be reached/, from })
})

test('an identifier that is of no vault is refused at once', async () => {
  const { arm, bodies } = scenario
  const site = siteAt(scenario, 0)
  await arm.put(bodies.id('localNetworkGateways', 'site0'), bodies.localGateway(site))
  const outbound = 'https://vault.example.org/certificates/gateway'
  const body = bodies.connection('site0', certificateConnection(scenario, { outbound }))
  const target = 'properties.certificateAuthentication.outboundAuthCertificate'
  expect(await arm.refused(connection, body)).toMatchObject({ status: 400, target })
})

test('a new version in the vault is shown without a lost echo', async () => {
  const { own } = scenario
  await connect()
  await expectConnected()
  const before = (await standingOf(scenario, 'site0')).certificate?.version
  const renewed = await issue(own.root, {
    commonName: OWN_SUBJECT,
    usage: 'serverAuth,clientAuth',
    key: 'ecp-256',
  })
  const mark = device.daemon.process.mark()
  await meanwhileWhole(siteAt(scenario, 0), async () => {
    await importSigned(scenario, OWN_NAME, { credential: renewed, intermediates: [] })
    await device.daemon.waitFor(/authentication of 'CN=gateway.test' with ECDSA.* successful/, 60_000, mark)
    await expect.poll(async () => (await device.sas()).length, { timeout: 20_000, interval: 200 }).toBe(1)
  })
  expect((await standingOf(scenario, 'site0')).certificate?.version).not.toBe(before)
})

test('no identity', async () => {
  const { arm, bodies } = scenario
  const gateway = bodies.id('virtualNetworkGateways', 'gw')
  await arm.put(gateway, bodies.gateway({}, { type: 'None' }))
  const site = siteAt(scenario, 0)
  await arm.put(bodies.id('localNetworkGateways', 'site0'), bodies.localGateway(site))
  const refusal = await arm.refused(connection, bodies.connection('site0', certificateConnection(scenario)))
  expect(refusal).toMatchObject({
    status: 400,
    target: 'properties.virtualNetworkGateway1.id',
    message: expect.stringContaining(
      'the gateway has no user-assigned identity to read its certificate with',
    ),
  })
  await arm.put(gateway, bodies.gateway({}, bodies.assigned()))
  await connect()
  await expectConnected()
})

test('a gateway of SKU Basic has no connections with certificates, and a small one is advised against', async () => {
  const { arm, bodies } = scenario
  const gateway = bodies.id('virtualNetworkGateways', 'gw')
  await arm.delete(gateway)
  await arm.put(gateway, bodies.gateway({ sku: { name: 'Basic', tier: 'Basic' } }, bodies.assigned()))
  const site = siteAt(scenario, 0)
  await arm.put(bodies.id('localNetworkGateways', 'site0'), bodies.localGateway(site))
  const body = bodies.connection('site0', certificateConnection(scenario))
  expect(await arm.refused(connection, body)).toMatchObject({
    status: 400,
    target: 'properties.authenticationType',
    message: expect.stringMatching(/SKU Basic has no .*certificate.*VpnGw1AZ/),
  })
  await arm.delete(gateway)
  await arm.put(gateway, bodies.gateway({ sku: { name: 'VpnGw1', tier: 'VpnGw1' } }, bodies.assigned()))
  const from = await connect()
  await expectConnected()
  await scenario.gateway.logged(/VpnGw1AZ or higher is recommended/, 5_000, from)
})
