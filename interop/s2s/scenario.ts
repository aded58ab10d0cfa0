import type { BUILT_IN_ROLE_IDS } from '@causeway/access'
import type { GatewaySettings } from '@causeway/api-contract'
import { expect, onTestFinished } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import { ping } from '../harness/ping.ts'
import { writeDocument } from '../harness/scenario.ts'
import { createSite, type Site, type SiteOptions } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import type { DeviceProof, SiteDevice } from './device.ts'
import { SiteArm } from './site-arm.ts'
import { SiteBodies } from './site-bodies.ts'

/** A gateway without connections, made through the API, and sites without devices. */
export interface SitesScenario extends ManagedScenario {
  readonly sites: readonly Site[]
  readonly arm: SiteArm
  readonly bodies: SiteBodies
}

export interface SitesOptions {
  readonly sites: readonly (Omit<SiteOptions, 'sharesNatOf'> & { readonly sharesNatOf?: number })[]
  /** What ARM has no place for. */
  readonly settings?: GatewaySettings
  /** Namespaces of P2S clients. */
  readonly clients?: number
  /** Of the gateway: properties beside the usual ones. */
  readonly gateway?: object
  /** The gateway has an identity that reads certificates from the vault `vault`. */
  readonly hasVault?: boolean
}

export const SECRET = 'Interop_Secret1'
export const VAULT = 'sitevault'

export async function openSites(options: SitesOptions): Promise<SitesScenario> {
  const { settings } = options
  const settingsArgs = settings ? ['--settings', writeDocument(settings)] : []
  const managed = await openManaged(options.clients ?? 0, {
    inside: '',
    args: ['--gateway', 'none', ...settingsArgs],
  })
  const sites: Site[] = []
  const close = async (): Promise<void> => {
    for (const site of sites) site.close()
    await managed.close()
  }
  try {
    for (const [index, { sharesNatOf, ...site }] of options.sites.entries()) {
      const other = sharesNatOf === undefined ? undefined : sites[sharesNatOf]
      sites.push(await createSite(managed.topology, index, { ...site, ...(other && { sharesNatOf: other }) }))
    }
    const scenario = {
      ...managed,
      sites,
      arm: new SiteArm(managed),
      bodies: new SiteBodies(managed.place),
      close,
    }
    await makeGateway(scenario, options)
    return scenario
  } catch (error) {
    await close()
    throw error
  }
}

async function makeGateway(scenario: SitesScenario, options: SitesOptions): Promise<void> {
  const { arm, bodies } = scenario
  await arm.put(bodies.groupId, bodies.group())
  await arm.put(bodies.id('virtualNetworks', 'net'), bodies.network())
  await arm.put(bodies.id('publicIPAddresses', 'pip'), bodies.publicAddress())
  if (options.hasVault) await makeVault(scenario)
  const identity = options.hasVault ? bodies.assigned() : undefined
  await arm.put(bodies.id('virtualNetworkGateways', 'gw'), bodies.gateway(options.gateway, identity))
}

/** A vault that the administrator fills and the identity `reads` reads from. */
async function makeVault(scenario: SitesScenario): Promise<void> {
  const { arm, bodies } = scenario
  const vault = await arm.put(bodies.vaultId(VAULT), bodies.vault())
  const identity = await arm.put(bodies.identityId(), { location: 'local' })
  await grant(scenario, vault.id, identity.properties.principalId, 'keyVaultSecretsUser')
  await grant(scenario, vault.id, identity.properties.principalId, 'keyVaultCertificateUser')
  await grant(scenario, vault.id, await arm.objectId(), 'keyVaultCertificatesOfficer')
}

/** Gives a role; what is returned takes it away. */
export async function grant(
  { arm, bodies }: SitesScenario,
  scope: string,
  principalId: string,
  role: keyof typeof BUILT_IN_ROLE_IDS,
): Promise<() => Promise<void>> {
  const id = bodies.assignmentId(scope, principalId, role)
  await arm.put(id, bodies.assignment(principalId, role))
  return () => arm.delete(id)
}

/** Errors: there are not so many. */
export function siteAt({ sites }: SitesScenario, index: number): Site {
  const site = sites[index]
  if (!site) throw new Error(`no site ${index}`)
  return site
}

/** Makes the local gateway and the connection of a site, both of one name; returns the connection's id. */
export async function connectSite(
  { arm, bodies }: SitesScenario,
  site: Site,
  changes: object,
  name = `site${site.index}`,
): Promise<string> {
  await arm.put(bodies.id('localNetworkGateways', name), bodies.localGateway(site))
  const id = bodies.id('connections', name)
  await arm.put(id, bodies.connection(name, changes))
  return id
}

/** Ends a site's connection, and forgets the site. */
export async function disconnectSite({ arm, bodies }: SitesScenario, site: Site): Promise<void> {
  const name = `site${site.index}`
  await arm.delete(bodies.id('connections', name))
  await arm.delete(bodies.id('localNetworkGateways', name))
}

/** How a device knows the gateway by a shared key. */
export function byKey(changes: Partial<Extract<DeviceProof, { type: 'psk' }>> = {}): DeviceProof {
  return { type: 'psk', secret: SECRET, gatewayIdentity: ADDRESSES.gateway, ...changes }
}

/** Waits for a connection's status. Errors: another one in the end. */
export async function hasStatus(
  { arm }: SitesScenario,
  connection: string,
  status: string,
  timeout = 30_000,
): Promise<void> {
  const read = async (): Promise<string> => (await arm.get(connection)).properties.connectionStatus
  await eventually(read, status, { timeoutMs: timeout })
}

const BRIEF = { count: 3, intervalSeconds: 0.05 }

/** Every echo comes back, from the hosts behind each side to those behind the other. */
export async function expectFlow(
  { topology }: Pick<SitesScenario, 'topology'>,
  site: Site,
  families: readonly (4 | 6)[] = [4, 6],
): Promise<void> {
  for (const family of families) {
    const [inside, host] =
      family === 4 ? [ADDRESSES.inside, site.hostAddress] : [ADDRESSES.inside6, site.hostAddress6]
    expect(await ping(site.host, inside, BRIEF), `from the site, IPv${family}`).toMatchObject({ received: 3 })
    expect(await ping(topology.inside, host, BRIEF), `to the site, IPv${family}`).toMatchObject({
      received: 3,
    })
  }
}

/** Stops a device with the test. Errors: the work's, with the end of the device's and the gateway's log. */
export function forTest<Device extends SiteDevice>(device: Device): Device {
  onTestFinished(() => device.stop())
  return device
}
