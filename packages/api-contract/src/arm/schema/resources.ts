import Type, { type Static } from 'typebox'
import { provisioningState, systemData, tags } from './common.ts'
import { dateTime, entryName, list, model, named, readOnly, text } from './shape.ts'

/** Resources of `Microsoft.Resources` but for deployments. */

const anything = Type.Record(Type.String(), Type.Unknown())

/** Schema of `Microsoft.Resources/resourceGroups`. */
export const resourceGroupSchema = model(
  'ResourceGroup',
  {},
  {
    id: readOnly(text),
    name: readOnly(text),
    type: readOnly(text),
    location: text,
    managedBy: text,
    tags,
    properties: model('ResourceGroupProperties', {}, { provisioningState }),
  },
)

/** `ResourceGroupPatchable`. */
export const resourceGroupPatch = model('ResourceGroupPatchable', {}, { name: text, managedBy: text, tags })

/** A subscription, which installations have one of. */
export const subscriptionSchema = model(
  'Subscription',
  {},
  {
    id: readOnly(text),
    subscriptionId: readOnly(text),
    tenantId: readOnly(text),
    displayName: readOnly(text),
    state: readOnly(named(['Enabled', 'Warned', 'PastDue', 'Disabled', 'Deleted'])),
    authorizationSource: text,
    managedByTenants: list(model('ManagedByTenant', {}, { tenantId: readOnly(text) }), { key: 'tenantId' }),
    subscriptionPolicies: model(
      'SubscriptionPolicies',
      {},
      { locationPlacementId: text, quotaId: text, spendingLimit: text },
    ),
    tags,
  },
)

/** `TenantIdDescription`. */
export const tenantSchema = model(
  'TenantIdDescription',
  {},
  {
    id: readOnly(text),
    tenantId: readOnly(text),
    tenantCategory: readOnly(text),
    country: readOnly(text),
    displayName: readOnly(text),
    domains: readOnly(list(text)),
    defaultDomain: readOnly(text),
  },
)

/** `Location`. az asks for `metadata.regionType` and for display names. */
export const locationSchema = model(
  'Location',
  {},
  {
    id: readOnly(text),
    subscriptionId: readOnly(text),
    name: readOnly(text),
    type: readOnly(named(['Region', 'EdgeZone'])),
    displayName: readOnly(text),
    regionalDisplayName: readOnly(text),
    metadata: anything,
  },
)

const providerResourceType = model(
  'ProviderResourceType',
  {},
  {
    resourceType: text,
    locations: list(text),
    apiVersions: list(text),
    defaultApiVersion: readOnly(text),
    capabilities: text,
  },
)

/** `Provider`: az and Terraform look here for api-versions. */
export const providerSchema = model(
  'Provider',
  {},
  {
    id: readOnly(text),
    namespace: text,
    registrationState: readOnly(text),
    registrationPolicy: readOnly(text),
    resourceTypes: readOnly(list(providerResourceType, { key: 'resourceType' })),
  },
)

/** `GenericResourceExpanded`: an entry of the lists of all resources. */
export const genericResource = model(
  'GenericResourceExpanded',
  {},
  {
    id: readOnly(text),
    name: readOnly(entryName),
    type: readOnly(text),
    kind: text,
    managedBy: text,
    location: text,
    tags,
    sku: anything,
    identity: anything,
    plan: anything,
    createdTime: readOnly(dateTime),
    changedTime: readOnly(dateTime),
    provisioningState: readOnly(text),
    systemData,
  },
)

/** `ResourceGroup` of ARM. */
export type ResourceGroup = Static<typeof resourceGroupSchema>
/** `Subscription` of ARM. */
export type Subscription = Static<typeof subscriptionSchema>
