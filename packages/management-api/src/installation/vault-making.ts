import { definitionOf } from '@causeway/api-contract'
import { CommandError, type ManagementPort } from '@causeway/gateway'

export interface VaultMakingOptions {
  /** Deploys into the installation's own group. */
  readonly deploy: ManagementPort['applyTemplate']
  readonly tenantId: string
  readonly location: string
}

const TYPE = 'Microsoft.KeyVault/vaults'

/** What makes a vault whose rights are roles. Errors: `CommandError`, with what ARM says. */
export function vaultMaker({
  deploy,
  tenantId,
  location,
}: VaultMakingOptions): (name: string) => Promise<void> {
  return async name => {
    const vault = {
      type: TYPE,
      apiVersion: definitionOf(TYPE).apiVersions.at(-1),
      name,
      location,
      properties: { tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true },
    }
    const document = { contentVersion: '1.0.0.0', resources: [vault] }
    const { state, error, resources } = await deploy({ document }, () => undefined)
    if (state === 'Succeeded') return
    const why = resources.find(resource => resource.error)?.error ?? error
    throw new CommandError(
      why?.code ?? 'Conflict',
      `the vault ${name} could not be made: ${why?.message ?? state}`,
    )
  }
}
