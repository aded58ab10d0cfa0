import { type Checked, type DocumentFault, quote } from '../document-fault.ts'
import { PROVIDER_NAMESPACES } from './api-versions.ts'
import { canonicalBody, keepingOmitted } from './document-shape.ts'
import { armErrors, type ErrorBody } from './errors.ts'
import { normalLocation } from './name-rule.ts'
import type { ResourceTypeDefinition } from './resource-type.ts'
import type { ResourceTypeName } from './type-names.ts'
import { GATEWAY_TYPES } from './types/gateway.ts'
import { IDENTITY_TYPES_SERVED } from './types/identity.ts'
import { NETWORK_TYPES } from './types/network.ts'
import { RESOURCES_TYPES } from './types/resources.ts'

/** Every resource type that we serve. The router, the store, the rights and the OpenAPI document go by it. */
export const RESOURCE_TYPE_DEFINITIONS: readonly ResourceTypeDefinition[] = [
  ...RESOURCES_TYPES,
  ...GATEWAY_TYPES,
  ...NETWORK_TYPES,
  ...IDENTITY_TYPES_SERVED,
]

/** By type in lower case. */
const BY_TYPE: ReadonlyMap<string, ResourceTypeDefinition> = new Map(
  RESOURCE_TYPE_DEFINITIONS.map(definition => [definition.type.toLowerCase(), definition]),
)

/** The definition of a type, its name in any case. `undefined`: not one of ours. */
export function resourceTypeDefinition(type: string): ResourceTypeDefinition | undefined {
  return BY_TYPE.get(type.toLowerCase())
}

/** The definition of a type that we have. */
export function definitionOf(type: ResourceTypeName): ResourceTypeDefinition {
  const definition = resourceTypeDefinition(type)
  if (!definition)
    throw Object.assign(new Error(`${type} is listed and not defined`), { code: 'ERR_RESOURCE_TYPE' })
  return definition
}

/** Which of a provider's types we have, as its list says: their names after the namespace, and their api-versions. */
export function providerTypes(
  namespace: string,
): readonly { readonly resourceType: string; readonly apiVersions: readonly string[] }[] {
  const before = `${namespace.toLowerCase()}/`
  return RESOURCE_TYPE_DEFINITIONS.filter(({ type }) => type.toLowerCase().startsWith(before)).map(
    ({ type, apiVersions }) => ({
      resourceType: type.slice(before.length),
      apiVersions: apiVersions.toReversed(),
    }),
  )
}

/**
 * Whether a type may be spoken to in this api-version; what is wrong with it otherwise. Every version that Azure has
 * had is taken.
 *
 * @param location of the request, for the message alone.
 */
export function judgeApiVersion(
  definition: ResourceTypeDefinition,
  version: string | undefined,
  location = '',
): ErrorBody | undefined {
  if (version === undefined || version === '') return armErrors.missingApiVersion()
  const known = definition.apiVersions
  if (known.includes(version.toLowerCase())) return undefined
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/i.test(version))
    return armErrors.invalidApiVersion(quote(version), known)
  return armErrors.noRegisteredProvider(definition.type, location, version, known)
}

/**
 * The body of a PUT as the resource is to be kept: spelled as ARM spells it, without what is read-only, with what its
 * sender cannot have meant to remove; or everything that is wrong with its shape.
 *
 * @param former the resource that it replaces, secrets and all; absent: there is none.
 */
export function readResourceBody(
  definition: ResourceTypeDefinition,
  body: unknown,
  { former, apiVersion }: { readonly former?: unknown; readonly apiVersion?: string } = {},
): Checked<Readonly<Record<string, unknown>>> {
  const schema = definition.put?.body ?? definition.model
  const { value, faults } = canonicalBody(schema, body)
  const all: readonly DocumentFault[] = [...faults, ...locationFaults(definition, value)]
  if (all.length > 0) return { type: 'bad', faults: all }
  const whole = keepingOmitted(schema, withLocation(value), former, apiVersion)
  return { type: 'good', value: whole as Readonly<Record<string, unknown>> }
}

/** Whether a namespace is one of ours, in any case; as ARM spells it. */
export function providerNamespace(text: string): string | undefined {
  return PROVIDER_NAMESPACES.find(namespace => namespace.toLowerCase() === text.toLowerCase())
}

function locationFaults({ isTracked }: ResourceTypeDefinition, body: unknown): DocumentFault[] {
  if (!isTracked || (locationOf(body) ?? '').trim() !== '') return []
  return [{ path: 'location', problem: 'is missing', remedy: 'say where the resource is, as local' }]
}

function withLocation(body: unknown): unknown {
  const location = locationOf(body)
  return location === undefined ? body : { ...(body as object), location: normalLocation(location) }
}

function locationOf(body: unknown): string | undefined {
  const location = typeof body === 'object' && body !== null && 'location' in body ? body.location : undefined
  return typeof location === 'string' ? location : undefined
}
