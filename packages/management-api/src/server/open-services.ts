import { setTimeout } from 'node:timers/promises'
import type { Services } from '../call/services.ts'
import { DeploymentStore } from '../deployments/deployment-store.ts'
import { limits } from '../limits.ts'
import { Adoption } from '../network/adopting.ts'
import type { NetworkOptions } from '../network/network-options.ts'
import { networkServers } from '../network/network-servers.ts'
import type { PackageUrls } from '../network/package-urls.ts'
import { rejoinConnections } from '../network/rejoining.ts'
import { storedNetwork } from '../network/stored-network.ts'
import { INTERRUPTED, OperationStore } from '../operations/operation-store.ts'
import { recover } from '../resources/applying.ts'
import { identityServer } from '../resources/identity-server.ts'
import { Locks } from '../resources/locks.ts'
import { ResourceStore } from '../resources/resource-store.ts'
import { RoleStore } from '../rights/role-store.ts'
import { vaultDomainsWith } from '../vault/vault-domains.ts'
import { createVaultHosts } from '../vault/vault-hosts.ts'
import { vaultServer } from '../vault/vault-server.ts'
import { Vaults } from '../vault/vaults.ts'
import type { ManagementApiOptions } from './options.ts'

/**
 * Opens what calls work with, and ends what the last process left undone. Errors: the store's.
 *
 * @param packages where profile packages are to be had; absent without a gateway that runs
 */
export async function openServices(
  options: ManagementApiOptions,
  packages: PackageUrls | undefined,
): Promise<Services> {
  const { store, secrets, installation, principals, servers = {}, now, log, running } = options
  const resources = await ResourceStore.open(store, secrets)
  const locks = new Locks()
  const vaults = openVaults(options, resources, locks)
  const network = networkOptions(options, packages, () => services)
  const tenants = { tenantId: installation.tenant.id, hasExternalTenant: options.hasExternalTenant === true }
  const services: Services = {
    installation,
    resources,
    operations: await OperationStore.open(store, secrets, now),
    deployments: await DeploymentStore.open(store, now),
    roles: await RoleStore.open(store),
    principals,
    hasExternalTenant: options.hasExternalTenant === true,
    servers: {
      'Microsoft.ManagedIdentity/userAssignedIdentities': identityServer(principals, installation.tenant.id),
      ...(vaults && { 'Microsoft.KeyVault/vaults': vaultServer(vaults, tenants) }),
      ...(network && networkServers(network)),
      ...servers,
    },
    ...(vaults && { vaults }),
    ...(network && { network }),
    locks,
    ...(running && {
      adoption: new Adoption(
        () => services,
        () => running.gateway.present(),
      ),
    }),
    pageEntries: options.pageEntries ?? limits.pageEntries,
    now,
    pause: options.pause ?? unhurried,
    log,
    background: new Set(),
  }
  await recover(services, INTERRUPTED)
  return services
}

function openVaults(
  { store, secrets, baseUrls, vaults: plane, now }: ManagementApiOptions,
  resources: ResourceStore,
  locks: Locks,
): Vaults | undefined {
  if (!plane) return undefined
  return new Vaults({
    store,
    secrets,
    resources,
    locks,
    hosts: createVaultHosts(plane.domain, baseUrls),
    now,
  })
}

/** What joins the network's types to the gateway. `undefined`: there is none that runs. */
function networkOptions(
  { running, vaults, now, log }: ManagementApiOptions,
  packages: PackageUrls | undefined,
  services: () => Services,
): NetworkOptions | undefined {
  if (!running || !packages) return undefined
  const isBehind = (): boolean => services().adoption?.isPending === true
  const vaultDomains = vaultDomainsWith(vaults?.domain)
  const options: NetworkOptions = {
    ...running,
    ...{ packages, vaultDomains, isBehind, now, log },
    resources: storedNetwork(services),
    rejoin: () => rejoinConnections(services(), options),
  }
  return options
}

function unhurried(milliseconds: number): Promise<void> {
  return setTimeout(milliseconds, undefined, { ref: false })
}
