import { type DocumentFault, NAME_RULES, nameFault } from '@causeway/api-contract'
import { type Body, isObject, propertiesOf } from '../resources/document.ts'
import { accessPolicyFaults } from './access-policies.ts'
import { USUAL_RETENTION_DAYS } from './vault-properties.ts'

/** Whose tokens open vaults here. */
export interface VaultTenants {
  readonly tenantId: string
  /** Tokens of another tenant are taken too. */
  readonly hasExternalTenant: boolean
}

/** What is wrong with a vault beyond its shape. */
export function vaultFaults(
  next: Body,
  former: Body | undefined,
  tenants: VaultTenants,
): readonly DocumentFault[] {
  return [
    ...tenantFaults(next, tenants),
    ...softDeleteFaults(next, former),
    ...networkFaults(next),
    ...accessPolicyFaults(next),
  ]
}

function tenantFaults(
  next: Body,
  { tenantId: own, hasExternalTenant }: VaultTenants,
): readonly DocumentFault[] {
  const { tenantId } = propertiesOf(next)
  const text = String(tenantId)
  if (text.toLowerCase() === own.toLowerCase()) return []
  if (hasExternalTenant && !nameFault(NAME_RULES.guid, text)) return []
  return [
    {
      path: 'properties.tenantId',
      problem: `'${text.slice(0, 60)}' is no tenant whose tokens are taken here`,
      remedy: `give ${own}`,
    },
  ]
}

/** What protects from deleting too much is not taken away by who may write the vault. */
function softDeleteFaults(next: Body, former: Body | undefined): readonly DocumentFault[] {
  const { enableSoftDelete, enablePurgeProtection, softDeleteRetentionInDays: days } = propertiesOf(next)
  const {
    enablePurgeProtection: protectionBefore,
    softDeleteRetentionInDays: daysBefore = USUAL_RETENTION_DAYS,
  } = former ? propertiesOf(former) : {}
  const faults: DocumentFault[] = []
  if (enableSoftDelete === false)
    faults.push({
      path: 'properties.enableSoftDelete',
      problem: 'false is not allowed: what is deleted can be recovered for a while in every vault',
      remedy: 'leave it out, or give true',
    })
  if (enablePurgeProtection === false && protectionBefore === true)
    faults.push({
      path: 'properties.enablePurgeProtection',
      problem: 'cannot be switched off once it is on',
      remedy: 'leave it out, or give true',
    })
  if (former && days !== undefined && days !== daysBefore)
    faults.push({
      path: 'properties.softDeleteRetentionInDays',
      problem: `is ${String(daysBefore)} since the vault was made, and cannot be changed`,
      remedy: `leave it out, or give ${String(daysBefore)}`,
    })
  return faults
}

/** A vault is reached wherever the API is; whoever believes it is shut off must be told. */
function networkFaults(next: Body): readonly DocumentFault[] {
  const { networkAcls, publicNetworkAccess } = propertiesOf(next)
  const { defaultAction }: Body = isObject(networkAcls) ? networkAcls : {}
  const remedy = "keep others away from the API's port with the firewall of its machine, and leave this out"
  const faults: DocumentFault[] = []
  if (String(defaultAction).toLowerCase() === 'deny')
    faults.push({
      path: 'properties.networkAcls.defaultAction',
      problem: "'Deny' is not allowed: vaults have no firewall of their own here",
      remedy,
    })
  if (String(publicNetworkAccess).toLowerCase() === 'disabled')
    faults.push({
      path: 'properties.publicNetworkAccess',
      problem: "'Disabled' is not allowed: vaults have no private endpoints here",
      remedy,
    })
  return faults
}
