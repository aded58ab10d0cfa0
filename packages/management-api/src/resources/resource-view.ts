import {
  definitionOf,
  formatResourceId,
  type ProvisioningState,
  RESOURCE_TYPE_DEFINITIONS,
  type ResourcePart,
  type ResourceTypeDefinition,
  resourceName,
  withoutWriteOnly,
} from '@causeway/api-contract'
import type { Services } from '../call/services.ts'
import {
  type Body,
  etagOf,
  isObject,
  propertiesOf,
  type Resource,
  type ResourceDocument,
} from './document.ts'
import { withPrincipals } from './identity-view.ts'
import type { ServedResource } from './resource-server.ts'
import { entriesAt, hasProperty, valueAt, withValueAt } from './schema-paths.ts'

/** A resource as ARM answers it: what was put, without secrets, and what is filled in. */
export async function viewOf(services: Services, { id, document }: Resource): Promise<Body> {
  const definition = definitionOf(document.type)
  const server = services.servers[document.type]
  const shown = await server?.view?.(servedResource(id, document, document.body))
  const body = shown
    ? (withoutWriteOnly(definition.model, {
        ...document.body,
        properties: { ...propertiesOf(document.body), ...shown },
      }) as Body)
    : document.body
  const told = await withPrincipals(body, services.principals)
  return filledIn(document, formatResourceId(id), resourceName(id), told)
}

/** What a type has of what is filled in. */
interface Filled {
  readonly resourceGuid: boolean
  readonly provisioningState: boolean
  readonly etag: boolean
  readonly properties: boolean
  readonly systemData: boolean
}

/** Looked up in the schemas once, not for each entry of a list. */
const FILLED: ReadonlyMap<string, Filled> = new Map(
  RESOURCE_TYPE_DEFINITIONS.map(definition => [definition.type, filledOf(definition)]),
)

function filledOf(definition: ResourceTypeDefinition): Filled {
  return {
    resourceGuid: hasProperty(definition, 'properties.resourceGuid'),
    provisioningState: hasProperty(definition, 'properties.provisioningState'),
    etag: hasProperty(definition, 'etag'),
    properties: hasProperty(definition, 'properties'),
    systemData: hasProperty(definition, 'systemData'),
  }
}

function filledIn(document: ResourceDocument, id: string, name: string, body: Body): Body {
  const { type, guid, state } = document
  const definition = definitionOf(type)
  const has = FILLED.get(type) ?? filledOf(definition)
  const etag = etagOf(document)
  const { location, tags, properties: _properties, ...rest } = body
  const properties = {
    ...propertiesOf(body),
    ...(has.resourceGuid && { resourceGuid: guid }),
    ...(has.provisioningState && { provisioningState: state }),
  }
  const whole: Body = {
    id,
    name,
    type,
    ...(has.etag && { etag }),
    ...(location !== undefined && { location }),
    ...(tags !== undefined && { tags }),
    ...rest,
    ...(has.properties && { properties }),
    ...(has.systemData && { systemData: systemDataOf(document) }),
  }
  return definition.parts.reduce((body, part) => withPart(body, part, id, etag, state), whole)
}

function withPart(body: Body, part: ResourcePart, id: string, etag: string, state: ProvisioningState): Body {
  if (!Array.isArray(valueAt(body, part.path))) return body
  const entries = entriesAt(body, part.path).map(entry => partView(entry, part, id, etag, state))
  return withValueAt(body, part.path, entries)
}

/** An entry of a resource that is a resource by itself. Its etag is that of the whole, as Azure's is. */
export function partView(
  entry: Body,
  { segment, type }: ResourcePart,
  parentId: string,
  etag: string,
  state: ProvisioningState,
): Body {
  const { name, properties, id: _id, etag: _etag, type: _type, ...rest } = entry
  return {
    id: `${parentId}/${segment}/${String(name)}`,
    name,
    ...(type !== undefined && { type }),
    etag,
    ...rest,
    properties: { ...(isObject(properties) && properties), provisioningState: state },
  }
}

function systemDataOf({ createdAt, createdBy, changedAt, changedBy }: ResourceDocument): Body {
  return {
    createdBy,
    createdByType: 'Application',
    createdAt,
    lastModifiedBy: changedBy,
    lastModifiedByType: 'Application',
    lastModifiedAt: changedAt,
  }
}

/** A resource as it is handed to what stands behind its type. */
export function servedResource(
  id: Resource['id'],
  { type, guid }: Pick<ResourceDocument, 'type' | 'guid'>,
  body: Body,
): ServedResource {
  const { location, tags } = body
  return {
    id: formatResourceId(id),
    name: resourceName(id),
    type,
    location: typeof location === 'string' ? location : undefined,
    tags: isObject(tags) ? (tags as Readonly<Record<string, string>>) : {},
    guid,
    body,
  }
}
