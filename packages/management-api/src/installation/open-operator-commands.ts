import { lookup } from 'node:dns/promises'
import { setTimeout } from 'node:timers/promises'
import { completeGatewaySettings } from '@causeway/api-contract'
import type { GatewayProcess, InstallationIdentity, ManagementPort } from '@causeway/gateway'
import type { PrincipalStore } from '@causeway/token-service'
import type { RoleStore } from '../rights/role-store.ts'
import type { ManagementApi } from '../server/options.ts'
import { vaultDomainsWith } from '../vault/vault-domains.ts'
import type { Vaults } from '../vault/vaults.ts'
import { createCertificateCommands } from './certificate-commands.ts'
import { vaultDomainOf } from './certificate-use.ts'
import { createConnectionDoctor } from './connection-doctor/connection-doctor.ts'
import { createOperatorCommands } from './operator-commands.ts'
import { createTemplateCommand, DEFAULT_GROUP } from './template-command.ts'
import { vaultMaker } from './vault-making.ts'

/** Ours: who asks for a diagnosis waits for it. */
const RESOLVING_MILLISECONDS = 5_000

/** An installation whose API is open. */
export interface OpenInstallation {
  readonly process: Pick<GatewayProcess, 'managed' | 'installation' | 'authority'>
  readonly identity: InstallationIdentity
  readonly principals: PrincipalStore
  readonly roles: RoleStore
  readonly api: Pick<ManagementApi, 'deploy' | 'services'>
  /** Where the gateway is, as ARM writes places. */
  readonly location: string
}

/** What answers the operator's commands that are for the management API. */
export function openOperatorCommands(open: OpenInstallation): ManagementPort {
  const { process, identity, principals, roles, api, location } = open
  const { installation, managed } = process
  const { externalTenant } = completeGatewaySettings(managed.settings()).management
  const { documents } = installation.data
  const now = installation.unixSeconds
  const deploy = createTemplateCommand({
    deploy: request => api.deploy(request),
    subscriptionId: identity.subscriptionId,
    defaultGroup: DEFAULT_GROUP,
    location,
    documents,
    now,
  })
  const hasExternalTenant = externalTenant !== undefined
  return createOperatorCommands({
    ...{ principals, roles, documents, ...identity, hasExternalTenant, deploy, now },
    ...siteCommands(open, vaultsOf(api), deploy),
  })
}

function siteCommands(
  { process, identity, principals, roles, api, location }: OpenInstallation,
  vaults: Vaults,
  deploy: ManagementPort['applyTemplate'],
): Pick<Parameters<typeof createOperatorCommands>[0], 'certificates' | 'diagnose'> {
  const { installation, managed, authority } = process
  const { resources } = api.services
  const { tenantId } = identity
  const now = installation.unixSeconds
  return {
    certificates: createCertificateCommands({
      vaults,
      resources,
      authority,
      makeVault: vaultMaker({ deploy, tenantId, location }),
      now,
    }),
    diagnose: createConnectionDoctor({
      ...{ vaults, resources, roles, principals, tenantId, now, gateway: managed },
      vaultDomains: vaultDomainsWith(vaultDomainOf(vaults.hosts)),
      resolve: addressesOf,
    }),
  }
}

/** A name server that is silent is not waited for. */
async function addressesOf(name: string): Promise<readonly string[]> {
  const silence = setTimeout(RESOLVING_MILLISECONDS, [], { ref: false })
  const found = await Promise.race([lookup(name, { all: true }), silence])
  return found.map(({ address }) => address)
}

/** An installation has vaults. */
function vaultsOf({ services: { vaults } }: OpenInstallation['api']): Vaults {
  if (vaults) return vaults
  throw new Error('ERR_API_VAULTS: the API of an installation was made without vaults')
}
