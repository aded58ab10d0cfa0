import {
  armErrors,
  PROVIDER_NAMESPACES,
  providerNamespace,
  providerTypes,
  subscriptionOf,
} from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import type { Installation } from '../call/services.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { INSTALLATION } from '../rights/caller.ts'

/** What nobody makes and installations have: tenants, subscriptions, locations, providers. */
export function givenHandler(call: Call): Answer | undefined {
  const { definition, operation, services, words } = call
  const { installation } = services
  const last = words.at(-1) ?? ''
  switch (definition.type) {
    case 'Microsoft.Resources/tenants': {
      if (operation.kind === 'list') return list([tenantOf(installation)])
      const isOurs = last.toLowerCase() === installation.tenant.id.toLowerCase()
      return isOurs ? found(tenantOf(installation)) : missing(`tenants/${last}`)
    }
    case 'Microsoft.Resources/subscriptions':
      return operation.kind === 'action' ? undefined : subscriptions(call)
    case 'Microsoft.Resources/locations':
      return locations(call, last)
    case 'Microsoft.Resources/providers':
      return providers(call)
    default:
      return undefined
  }
}

function subscriptions(call: Call): Answer {
  const { services, caller, operation } = call
  const { installation, roles } = services
  if (operation.kind !== 'list') {
    const id = subscriptionOf(call.id)?.toLowerCase()
    const subscription = installation.subscriptions.find(each => each.id.toLowerCase() === id)
    return subscription ? found(subscriptionView(installation, subscription)) : missing(String(id))
  }
  const visible = installation.subscriptions.filter(
    ({ id }) => caller === INSTALLATION || roles.isVisible(caller.principalIds, `/subscriptions/${id}`),
  )
  return list(visible.map(subscription => subscriptionView(installation, subscription)))
}

function locations({ operation, services, id }: Call, name: string): Answer {
  const { location } = services.installation
  const view = {
    id: `/subscriptions/${subscriptionOf(id) ?? ''}/locations/${location.name}`,
    subscriptionId: subscriptionOf(id),
    name: location.name,
    type: 'Region',
    displayName: location.displayName,
    regionalDisplayName: location.displayName,
    metadata: {
      regionType: 'Physical',
      regionCategory: 'Recommended',
      geographyGroup: 'Self-hosted',
      pairedRegion: [],
    },
  }
  if (operation.kind === 'list') return list([view])
  return name.toLowerCase() === location.name ? found(view) : missing(`locations/${name}`)
}

function providers(call: Call): Answer {
  const { operation, words } = call
  if (operation.kind === 'list')
    return list(PROVIDER_NAMESPACES.map(namespace => providerView(call, namespace)))
  const at = words.findIndex(word => word.toLowerCase() === 'providers')
  const namespace = providerNamespace(words[at + 1] ?? '')
  if (namespace !== undefined) return found(providerView(call, namespace))
  return errorOf({
    code: 'NotFound',
    message: `The resource provider '${words[at + 1] ?? ''}' is not here. There are ${PROVIDER_NAMESPACES.join(', ')}.`,
  })
}

function providerView({ id, services }: Call, namespace: string): object {
  const subscription = subscriptionOf(id)
  const { displayName } = services.installation.location
  return {
    id: `${subscription === undefined ? '' : `/subscriptions/${subscription}`}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationFree',
    resourceTypes: providerTypes(namespace).map(type => ({ ...type, locations: [displayName] })),
  }
}

function tenantOf({ tenant }: Installation): object {
  const { id, displayName, domain } = tenant
  return {
    id: `/tenants/${id}`,
    tenantId: id,
    tenantCategory: 'Home',
    displayName,
    ...(domain !== undefined && { defaultDomain: domain, domains: [domain] }),
  }
}

function subscriptionView(
  { tenant }: Installation,
  { id, displayName }: Installation['subscriptions'][number],
): object {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: tenant.id,
    displayName,
    state: 'Enabled',
    authorizationSource: 'RoleBased',
    subscriptionPolicies: { locationPlacementId: 'Internal', quotaId: 'Internal', spendingLimit: 'Off' },
    managedByTenants: [],
  }
}

function list(value: readonly object[]): Answer {
  return { status: 200, body: { value } }
}

function found(body: object): Answer {
  return { status: 200, body }
}

function missing(what: string): Answer {
  return errorOf(armErrors.resourceNotFound('Microsoft.Resources', what, ''))
}
