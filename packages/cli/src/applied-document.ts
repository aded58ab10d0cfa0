import {
  apiVersionsOf,
  PROVIDER_NAMESPACES,
  parseResourceId,
  quote,
  type ResourceId,
  resourceGroupOf,
  resourceTypeOf,
  SECRET_TEXT,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
} from '@causeway/api-contract'

/** What `causeway apply` is to do with the documents of a file. */
export type AppliedDocument =
  /** The gateway or its settings: the gateway itself takes it. */
  | { readonly type: 'configuration'; readonly document: JsonObject }
  /** A template, for the management API. `group`: the resource group that its resources say they are in. */
  | { readonly type: 'template'; readonly document: JsonObject; readonly group?: string }
  | { readonly type: 'bad'; readonly problem: string }

export type JsonObject = Readonly<Record<string, unknown>>

type Bad = Extract<AppliedDocument, { type: 'bad' }>
type Template = Extract<AppliedDocument, { type: 'template' }>

/** A resource of a document as a template has it, with what its id told. */
interface Resource {
  readonly type: 'resource'
  readonly kind: string
  readonly name: string
  readonly resource: JsonObject
  readonly group: string | undefined
}

const SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
/** Of templates that make resource groups. */
const SUBSCRIPTION_SCHEMA =
  'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#'
const GROUP_TYPE = 'microsoft.resources/resourcegroups'

/**
 * Reads the documents of a file by their shape: one template, one gateway or settings, or any number of resources.
 *
 * @param isGroupGiven a gateway then is a resource of that group, as any other.
 */
export function readAppliedDocuments(documents: readonly unknown[], isGroupGiven: boolean): AppliedDocument {
  const [document, ...more] = documents
  if (more.length > 0) return templateOf(documents)
  if (!isObject(document)) return bad('is no object; give a gateway, settings, a resource or a template')
  if (isTemplate(document)) return { type: 'template', document }
  if (isParameters(document)) return bad('holds parameters of a template; give them with --parameters')
  const isOwnGateway = isGateway(document) && !isGroupGiven
  const isConfiguration = isOwnGateway || !('type' in document)
  return isConfiguration ? { type: 'configuration', document } : templateOf([document])
}

/** One template of resources, each of which waits for the one before. */
function templateOf(documents: readonly unknown[]): Template | Bad {
  const resources: JsonObject[] = []
  const groups = new Map<string, string>()
  let before: Resource | undefined
  for (const [index, document] of documents.entries()) {
    const read = readResource(document)
    if (read.type === 'bad')
      return documents.length === 1 ? read : bad(`document ${index + 1} ${read.problem}`)
    resources.push({ ...(before && { dependsOn: [referenceTo(before)] }), ...read.resource })
    if (read.group !== undefined) groups.set(read.group.toLowerCase(), read.group)
    before = read
  }
  const [group, ...others] = groups.values()
  if (others.length > 0) return bad('holds resources of several groups; give a file for each group')
  const isGroup = resources.map(({ type }) => String(type).toLowerCase() === GROUP_TYPE)
  if (isGroup.includes(true) && isGroup.includes(false))
    return bad('holds groups and what is to be in them; give the groups in a file of their own first')
  const $schema = isGroup.includes(true) ? SUBSCRIPTION_SCHEMA : SCHEMA
  const document = { $schema, contentVersion: '1.0.0.0', resources }
  return { type: 'template', document, ...(group !== undefined && { group }) }
}

function readResource(document: unknown): Resource | Bad {
  if (!isObject(document)) return bad('is no object; give a resource')
  if (isTemplate(document)) return bad('is a template; give it in a file of its own')
  const { id, etag, type, name, apiVersion, ...rest } = document
  if (typeof type !== 'string')
    return bad('has no type; a gateway without one, and settings, need their own file')
  if (typeof name !== 'string') return bad('has no name; say what the resource is called')
  const version = apiVersion ?? newestVersion(type)
  if (version === undefined) return bad(`has the type ${quote(type)}, of which nothing is known; correct it`)
  const place = placeOf(id, type, name)
  if (place.type === 'bad') return place
  const resource = { type, apiVersion: version, name: place.name, ...(literal(rest) as JsonObject) }
  return { type: 'resource', kind: type, name: place.name, resource, group: place.group }
}

/** What the id of a resource that was read somewhere says: its group, and of a child its parents' names. */
function placeOf(
  id: unknown,
  type: string,
  name: string,
): { readonly type: 'place'; readonly name: string; readonly group: string | undefined } | Bad {
  if (typeof id !== 'string') return { type: 'place', name, group: undefined }
  const parsed = parseResourceId(id, 'id')
  if (parsed.type === 'bad') return bad(`has an id that is none: ${parsed.fault.problem}; leave it out`)
  const isOfType = resourceTypeOf(parsed.id).toLowerCase() === type.toLowerCase()
  if (!isOfType) return bad(`has an id of another type than ${quote(type)}; leave it out`)
  const words = namesOf(parsed.id)
  if (name !== words.at(-1) && name !== words.join('/'))
    return bad(`has an id of another name than ${quote(name)}; leave it out`)
  const group = parsed.id.type === 'resourceGroup' ? undefined : resourceGroupOf(parsed.id)?.name
  return { type: 'place', name: words.join('/'), group }
}

function namesOf(id: ResourceId): readonly string[] {
  if (id.type === 'resourceGroup') return [id.name]
  return id.type === 'resource' ? id.segments.map(({ name }) => name) : []
}

/** As a template names another of its resources. */
function referenceTo({ kind, name }: Resource): string {
  const words = [kind, ...name.split('/')].map(word => `'${word.replaceAll("'", "''")}'`)
  return `[resourceId(${words.join(', ')})]`
}

/** Secrets are answered as a text that would be an expression. */
function literal(value: unknown): unknown {
  if (value === SECRET_TEXT) return `[${value}`
  if (Array.isArray(value)) return value.map(literal)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, literal(inner)]))
}

/** The newest api-version of the type's provider. */
function newestVersion(type: string): string | undefined {
  const wanted = type.split('/')[0]?.toLowerCase()
  const namespace = PROVIDER_NAMESPACES.find(known => known.toLowerCase() === wanted)
  const stable = namespace && apiVersionsOf(namespace).filter(version => !version.endsWith('-preview'))
  return stable?.at(-1)
}

function isTemplate({ $schema, contentVersion, resources }: JsonObject): boolean {
  if (typeof $schema === 'string' && /deploymentTemplate/i.test($schema)) return true
  return contentVersion !== undefined && resources !== undefined
}

function isParameters({ $schema, contentVersion, parameters }: JsonObject): boolean {
  if (typeof $schema === 'string' && /deploymentParameters/i.test($schema)) return true
  return contentVersion !== undefined && parameters !== undefined
}

function isGateway({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.toLowerCase() === VIRTUAL_NETWORK_GATEWAY_TYPE.toLowerCase()
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(problem: string): Bad {
  return { type: 'bad', problem }
}
