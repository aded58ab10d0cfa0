import {
  definitionOf,
  formatResourceId,
  type ProvisioningState,
  type ResourcePart,
  resourceName,
  withoutWriteOnly,
} from '@causeway/api-contract'
import type { Services } from '../server/services.ts'
import {
  type Body,
  etagOf,
  isObject,
  propertiesOf,
  type Resource,
  type ResourceDocument,
} from './document.ts'
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
  return filledIn(document, formatResourceId(id), resourceName(id), body)
}

function filledIn(document: ResourceDocument, id: string, name: string, body: Body): Body {
  const { type, guid, state } = document
  const definition = definitionOf(type)
  const etag = etagOf(document)
  const { location, tags, properties: _properties, ...rest } = body
  const properties = {
    ...propertiesOf(body),
    ...(hasProperty(definition, 'properties.resourceGuid') && { resourceGuid: guid }),
    ...(hasProperty(definition, 'properties.provisioningState') && { provisioningState: state }),
  }
  const whole: Body = {
    id,
    name,
    type,
    ...(hasProperty(definition, 'etag') && { etag }),
    ...(location !== undefined && { location }),
    ...(tags !== undefined && { tags }),
    ...rest,
    ...(hasProperty(definition, 'properties') && { properties }),
    ...(hasProperty(definition, 'systemData') && { systemData: systemDataOf(document) }),
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
