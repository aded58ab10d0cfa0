import { apiVersionsOf } from '../api-versions.ts'
import { NAME_RULES } from '../name-rule.ts'
import {
  GROUP_PATH,
  type ResourceAction,
  type ResourceTypeDefinition,
  SUBSCRIPTION_PATH,
} from '../resource-type.ts'
import {
  genericResource,
  locationSchema,
  providerSchema,
  resourceGroupPatch,
  resourceGroupSchema,
  subscriptionSchema,
  tenantSchema,
} from '../schema/resources.ts'
import { list, model, text } from '../schema/shape.ts'
import {
  deploymentExport,
  deploymentExtended,
  deploymentOperation,
  deploymentSchema,
  deploymentValidation,
} from '../template.ts'

const apiVersions = apiVersionsOf('Microsoft.Resources')
const later = { longRunning: 'location' } as const
const filter = [{ name: '$filter' }, { name: '$expand' }, { name: '$top' }] as const

const resourceList = model('ResourceListResult', { value: list(genericResource) }, { nextLink: text })

/** Of what resources are in. */
const LIST_RESOURCES: ResourceAction = {
  operation: 'ListResources',
  method: 'GET',
  path: 'resources',
  right: 'resources/read',
  query: filter,
  result: resourceList,
}

/** Nobody makes them, and nothing is in them: installations have them. */
const GIVEN = { apiVersions, isTracked: false, actions: [], parts: [], declined: [] } as const

const DEPLOYMENT_PATH = `${GROUP_PATH}/providers/Microsoft.Resources/deployments/{deploymentName}`

/** What resources are in, and how several are made at once. */
export const RESOURCES_TYPES: readonly ResourceTypeDefinition[] = [
  {
    ...GIVEN,
    type: 'Microsoft.Resources/tenants',
    title: 'Tenants',
    path: '/tenants/{tenantId}',
    lists: [{ path: '/tenants', operation: 'List' }],
    name: NAME_RULES.guid,
    actionPrefix: 'Microsoft.Resources/tenants',
    model: tenantSchema,
  },
  {
    ...GIVEN,
    type: 'Microsoft.Resources/subscriptions',
    title: 'Subscriptions',
    path: SUBSCRIPTION_PATH,
    lists: [{ path: '/subscriptions', operation: 'List' }],
    name: NAME_RULES.guid,
    actionPrefix: 'Microsoft.Resources/subscriptions',
    model: subscriptionSchema,
    actions: [LIST_RESOURCES],
  },
  {
    ...GIVEN,
    type: 'Microsoft.Resources/locations',
    title: 'Locations',
    path: `${SUBSCRIPTION_PATH}/locations/{location}`,
    lists: [{ path: `${SUBSCRIPTION_PATH}/locations`, operation: 'List' }],
    name: NAME_RULES.location,
    actionPrefix: 'Microsoft.Resources/subscriptions/locations',
    model: locationSchema,
  },
  {
    ...GIVEN,
    type: 'Microsoft.Resources/providers',
    title: 'Providers',
    path: `${SUBSCRIPTION_PATH}/providers/{resourceProviderNamespace}`,
    lists: [
      { path: `${SUBSCRIPTION_PATH}/providers`, operation: 'List', query: filter },
      { path: '/providers', operation: 'ListAtTenantScope', query: filter },
    ],
    name: NAME_RULES.namespace,
    actionPrefix: 'Microsoft.Resources/subscriptions/providers',
    model: providerSchema,
    actions: [
      {
        operation: 'Register',
        method: 'POST',
        path: 'register',
        right: 'register/action',
        result: providerSchema,
      },
    ],
  },
  {
    ...GIVEN,
    type: 'Microsoft.Resources/resourceGroups',
    title: 'ResourceGroups',
    path: GROUP_PATH,
    lists: [{ path: `${SUBSCRIPTION_PATH}/resourceGroups`, operation: 'List', query: filter }],
    name: NAME_RULES.resourceGroup,
    isTracked: true,
    actionPrefix: 'Microsoft.Resources/subscriptions/resourceGroups',
    model: resourceGroupSchema,
    put: {},
    patch: { body: resourceGroupPatch, operation: 'Update' },
    remove: later,
    hasHead: true,
    actions: [LIST_RESOURCES],
  },
  {
    ...GIVEN,
    type: 'Microsoft.Resources/deployments',
    title: 'Deployments',
    path: DEPLOYMENT_PATH,
    lists: [
      {
        path: `${GROUP_PATH}/providers/Microsoft.Resources/deployments`,
        operation: 'ListByResourceGroup',
        query: filter,
      },
    ],
    alsoAt: {
      path: `${SUBSCRIPTION_PATH}/providers/Microsoft.Resources/deployments/{deploymentName}`,
      list: `${SUBSCRIPTION_PATH}/providers/Microsoft.Resources/deployments`,
      suffix: 'AtSubscriptionScope',
    },
    name: NAME_RULES.deployment,
    actionPrefix: 'Microsoft.Resources/deployments',
    model: deploymentExtended,
    put: { body: deploymentSchema, longRunning: 'azure-async-operation' },
    remove: later,
    hasHead: true,
    actions: [
      {
        operation: 'Validate',
        method: 'POST',
        path: 'validate',
        right: 'validate/action',
        longRunning: 'location',
        body: deploymentSchema,
        result: deploymentValidation,
      },
      { operation: 'Cancel', method: 'POST', path: 'cancel', right: 'cancel/action' },
      {
        operation: 'ExportTemplate',
        method: 'POST',
        path: 'exportTemplate',
        right: 'exportTemplate/action',
        result: deploymentExport,
      },
      {
        operation: 'ListOperations',
        method: 'GET',
        path: 'operations',
        right: 'operations/read',
        result: model(
          'DeploymentOperationsListResult',
          { value: list(deploymentOperation) },
          { nextLink: text },
        ),
      },
      {
        operation: 'GetOperation',
        method: 'GET',
        path: 'operations/{operationId}',
        right: 'operations/read',
        result: deploymentOperation,
      },
    ],
    declined: ['whatIf'],
  },
]
