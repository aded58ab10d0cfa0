import Type, { type Static } from 'typebox'
import { systemData, tags, trackedResource } from './common.ts'
import { dateTime, flag, list, model, named, readOnly, text } from './shape.ts'

const anything = Type.Record(Type.String(), Type.Unknown())
const operations = list(text, { maxItems: 64 })

const accessPolicy = model(
  'AccessPolicyEntry',
  {
    tenantId: text,
    objectId: text,
    permissions: model(
      'Permissions',
      {},
      { keys: operations, secrets: operations, certificates: operations, storage: operations },
    ),
  },
  { applicationId: text },
)

const sku = model('VaultSku', { family: named(['A']), name: named(['standard', 'premium']) }, {})

const properties = {
  accessPolicies: list(accessPolicy, { key: 'objectId' }),
  vaultUri: text,
  hsmPoolResourceId: readOnly(text),
  enabledForDeployment: flag,
  enabledForDiskEncryption: flag,
  enabledForTemplateDeployment: flag,
  enableSoftDelete: flag,
  /** Days. */
  softDeleteRetentionInDays: Type.Integer({ minimum: 7, maximum: 90 }),
  enableRbacAuthorization: flag,
  enablePurgeProtection: flag,
  createMode: named(['recover', 'default', 'purgeAndRecover']),
  networkAcls: anything,
  publicNetworkAccess: text,
  provisioningState: readOnly(named(['Succeeded', 'RegisteringDns'])),
} as const

/** Schema of `Microsoft.KeyVault/vaults`. */
export const vaultSchema = model(
  'Vault',
  { properties: model('VaultProperties', { tenantId: text, sku }, properties) },
  { ...trackedResource, id: readOnly(text), systemData },
)

/** `VaultPatchParameters`: tags, and what of the properties changes. */
export const vaultPatch = model(
  'VaultPatchParameters',
  {},
  { tags, properties: model('VaultPatchProperties', {}, { tenantId: text, sku, ...properties }) },
)

/** `VaultAccessPolicyParameters`: body and answer of `accessPolicies/{add|replace|remove}`. */
export const vaultAccessPolicies = model(
  'VaultAccessPolicyParameters',
  {
    properties: model(
      'VaultAccessPolicyProperties',
      { accessPolicies: list(accessPolicy, { key: 'objectId' }) },
      {},
    ),
  },
  { id: readOnly(text), name: readOnly(text), type: readOnly(text), location: readOnly(text) },
)

/** `DeletedVault`. */
export const deletedVault = model(
  'DeletedVault',
  {},
  {
    id: readOnly(text),
    name: readOnly(text),
    type: readOnly(text),
    properties: model(
      'DeletedVaultProperties',
      {},
      {
        vaultId: readOnly(text),
        location: readOnly(text),
        deletionDate: readOnly(dateTime),
        scheduledPurgeDate: readOnly(dateTime),
        tags: readOnly(tags),
        purgeProtectionEnabled: readOnly(flag),
      },
    ),
  },
)

/** `VaultCheckNameAvailabilityParameters`. */
export const vaultNameQuestion = model(
  'VaultCheckNameAvailabilityParameters',
  { name: text, type: named(['Microsoft.KeyVault/vaults']) },
  {},
)

/** `CheckNameAvailabilityResult`. */
export const vaultNameAnswer = model(
  'CheckNameAvailabilityResult',
  {},
  { nameAvailable: readOnly(flag), reason: readOnly(text), message: readOnly(text) },
)

/** `Vault` of ARM. */
export type Vault = Static<typeof vaultSchema>
