import { apiVersionsOf } from '../api-versions.ts'
import { NAME_RULES } from '../name-rule.ts'
import { GROUP_PATH, type ResourceTypeDefinition, SUBSCRIPTION_PATH } from '../resource-type.ts'
import { roleAssignmentSchema, roleDefinitionSchema } from '../schema/authorization.ts'
import {
  deletedVault,
  vaultAccessPolicies,
  vaultNameAnswer,
  vaultNameQuestion,
  vaultPatch,
  vaultSchema,
} from '../schema/key-vault.ts'
import { userAssignedIdentitySchema } from '../schema/managed-identity.ts'
import { list, model, text } from '../schema/shape.ts'

const IDENTITY = 'Microsoft.ManagedIdentity'
const VAULT = 'Microsoft.KeyVault'
const AUTHORIZATION = '/{scope}/providers/Microsoft.Authorization'
const DELETED_VAULT = `${SUBSCRIPTION_PATH}/providers/${VAULT}/locations/{location}/deletedVaults/{vaultName}`

const bare = { parts: [], declined: [] } as const

/** Who may do what, and where secrets are. */
export const IDENTITY_TYPES_SERVED: readonly ResourceTypeDefinition[] = [
  {
    ...bare,
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    title: 'UserAssignedIdentities',
    path: `${GROUP_PATH}/providers/${IDENTITY}/userAssignedIdentities/{resourceName}`,
    lists: [
      {
        path: `${GROUP_PATH}/providers/${IDENTITY}/userAssignedIdentities`,
        operation: 'ListByResourceGroup',
      },
      {
        path: `${SUBSCRIPTION_PATH}/providers/${IDENTITY}/userAssignedIdentities`,
        operation: 'ListBySubscription',
      },
    ],
    name: NAME_RULES.identity,
    apiVersions: apiVersionsOf(IDENTITY),
    isTracked: true,
    actionPrefix: `${IDENTITY}/userAssignedIdentities`,
    model: userAssignedIdentitySchema,
    put: {},
    patch: { body: userAssignedIdentitySchema, operation: 'Update' },
    remove: {},
    actions: [],
  },
  {
    ...bare,
    type: 'Microsoft.KeyVault/vaults',
    title: 'Vaults',
    path: `${GROUP_PATH}/providers/${VAULT}/vaults/{vaultName}`,
    lists: [
      {
        path: `${GROUP_PATH}/providers/${VAULT}/vaults`,
        operation: 'ListByResourceGroup',
        query: [{ name: '$top' }],
      },
      {
        path: `${SUBSCRIPTION_PATH}/providers/${VAULT}/vaults`,
        operation: 'ListBySubscription',
        query: [{ name: '$top' }],
      },
    ],
    name: NAME_RULES.vault,
    apiVersions: apiVersionsOf(VAULT),
    isTracked: true,
    actionPrefix: `${VAULT}/vaults`,
    model: vaultSchema,
    put: { longRunning: 'azure-async-operation' },
    patch: { body: vaultPatch, operation: 'Update' },
    remove: {},
    actions: [
      {
        operation: 'UpdateAccessPolicy',
        method: 'PUT',
        path: 'accessPolicies/{operationKind}',
        right: 'accessPolicies/write',
        body: vaultAccessPolicies,
        result: vaultAccessPolicies,
      },
      {
        operation: 'CheckNameAvailability',
        method: 'POST',
        path: `${SUBSCRIPTION_PATH}/providers/${VAULT}/checkNameAvailability`,
        right: `/${VAULT}/checkNameAvailability/read`,
        body: vaultNameQuestion,
        result: vaultNameAnswer,
      },
      {
        operation: 'ListDeleted',
        method: 'GET',
        path: `${SUBSCRIPTION_PATH}/providers/${VAULT}/deletedVaults`,
        right: `/${VAULT}/deletedVaults/read`,
        result: model('DeletedVaultListResult', { value: list(deletedVault) }, { nextLink: text }),
      },
      {
        operation: 'GetDeleted',
        method: 'GET',
        path: DELETED_VAULT,
        right: `/${VAULT}/locations/deletedVaults/read`,
        result: deletedVault,
      },
      {
        operation: 'PurgeDeleted',
        method: 'POST',
        path: `${DELETED_VAULT}/purge`,
        right: `/${VAULT}/locations/deletedVaults/purge/action`,
        longRunning: 'location',
      },
    ],
  },
  {
    ...bare,
    type: 'Microsoft.Authorization/roleDefinitions',
    title: 'RoleDefinitions',
    path: `${AUTHORIZATION}/roleDefinitions/{roleDefinitionId}`,
    lists: [{ path: `${AUTHORIZATION}/roleDefinitions`, operation: 'List', query: [{ name: '$filter' }] }],
    name: NAME_RULES.guid,
    apiVersions: apiVersionsOf('Microsoft.Authorization'),
    isTracked: false,
    actionPrefix: 'Microsoft.Authorization/roleDefinitions',
    model: roleDefinitionSchema,
    put: {},
    remove: {},
    actions: [],
  },
  {
    ...bare,
    type: 'Microsoft.Authorization/roleAssignments',
    title: 'RoleAssignments',
    path: `${AUTHORIZATION}/roleAssignments/{roleAssignmentName}`,
    lists: [
      { path: `${AUTHORIZATION}/roleAssignments`, operation: 'ListForScope', query: [{ name: '$filter' }] },
    ],
    name: NAME_RULES.guid,
    apiVersions: apiVersionsOf('Microsoft.Authorization'),
    isTracked: false,
    actionPrefix: 'Microsoft.Authorization/roleAssignments',
    model: roleAssignmentSchema,
    put: { operation: 'Create' },
    remove: {},
    actions: [],
  },
]
