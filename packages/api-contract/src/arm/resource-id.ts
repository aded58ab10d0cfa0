import { type DocumentFault, quote } from '../document-fault.ts'
import { PART_SEGMENTS, RESOURCE_TYPES } from './type-names.ts'

/** ARM's limit of an id. */
export const RESOURCE_ID_LIMIT = 2_048
/** Ours: deeper ids than any type has, an extension resource on a child of a child included. */
const SEGMENT_LIMIT = 32
/** Longest name that any type has. */
const NAME_LIMIT = 260

/** A type and a name of it: `virtualNetworkGateways` `gw`. */
export interface IdSegment {
  readonly type: string
  readonly name: string
}

/**
 * An ARM id in parts. Fixed words and the types that we know are spelled as ARM spells them; names stay as they were
 * written. Ids are compared in any case: use {@link isSameResource} or {@link resourceKey}.
 */
export type ResourceId =
  /** `/`: what everything is under. */
  | { readonly type: 'tenant' }
  /** `/subscriptions/S`. */
  | { readonly type: 'subscription'; readonly subscriptionId: string }
  /** `/subscriptions/S/resourceGroups/G`. */
  | { readonly type: 'resourceGroup'; readonly subscriptionId: string; readonly name: string }
  /** `SCOPE/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME…]`: of a tenant, subscription or group, or on another resource. */
  | {
      readonly type: 'resource'
      readonly scope: ResourceId
      readonly namespace: string
      readonly segments: readonly [IdSegment, ...IdSegment[]]
    }

/** What became of a text that should be an id. */
export type ParsedId =
  | { readonly type: 'good'; readonly id: ResourceId }
  | { readonly type: 'bad'; readonly fault: DocumentFault }

/**
 * Reads an id, its percent signs decoded already. Nothing of it is taken on trust: what is too long, has empty, `.` or
 * `..` segments, or characters that no name has, is refused.
 *
 * @param path where it stood, for the fault.
 */
export function parseResourceId(text: string, path = ''): ParsedId {
  const problem = idProblem(text)
  const id = problem === undefined ? readScope(text.slice(1).split('/')) : undefined
  if (id) return { type: 'good', id }
  return {
    type: 'bad',
    fault: {
      path,
      problem: `${quote(text)} is not a resource id${problem === undefined ? '' : `: ${problem}`}`,
      remedy: 'give /subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME',
    },
  }
}

/** The id as ARM writes it, names as they are. */
export function formatResourceId(id: ResourceId): string {
  switch (id.type) {
    case 'tenant':
      return '/'
    case 'subscription':
      return `/subscriptions/${id.subscriptionId}`
    case 'resourceGroup':
      return `/subscriptions/${id.subscriptionId}/resourceGroups/${id.name}`
    case 'resource': {
      const scope = id.scope.type === 'tenant' ? '' : formatResourceId(id.scope)
      const rest = id.segments.map(({ type, name }) => `${type}/${name}`).join('/')
      return `${scope}/providers/${id.namespace}/${rest}`
    }
    default:
      return id satisfies never
  }
}

/** What two spellings of the same id have in common: the key under which it is kept. */
export function resourceKey(id: ResourceId): string {
  return formatResourceId(id).toLowerCase()
}

/** Whether both are the same resource, whatever the case of their letters. */
export function isSameResource(one: ResourceId, other: ResourceId): boolean {
  return resourceKey(one) === resourceKey(other)
}

/** The full name of its type, as `Microsoft.Network/virtualNetworkGateways/natRules`. */
export function resourceTypeOf(id: ResourceId): string {
  switch (id.type) {
    case 'tenant':
      return 'Microsoft.Resources/tenants'
    case 'subscription':
      return 'Microsoft.Resources/subscriptions'
    case 'resourceGroup':
      return 'Microsoft.Resources/resourceGroups'
    case 'resource':
      return [id.namespace, ...id.segments.map(({ type }) => type)].join('/')
    default:
      return id satisfies never
  }
}

/** Its own name, the last of the id; of the tenant: `''`. */
export function resourceName(id: ResourceId): string {
  switch (id.type) {
    case 'tenant':
      return ''
    case 'subscription':
      return id.subscriptionId
    case 'resourceGroup':
      return id.name
    case 'resource':
      return (id.segments.at(-1) ?? id.segments[0]).name
    default:
      return id satisfies never
  }
}

/** What it is in: of a child its parent, of anything else the scope. `undefined`: of the tenant. */
export function parentOf(id: ResourceId): ResourceId | undefined {
  switch (id.type) {
    case 'tenant':
      return undefined
    case 'subscription':
      return { type: 'tenant' }
    case 'resourceGroup':
      return { type: 'subscription', subscriptionId: id.subscriptionId }
    case 'resource': {
      const [first, ...others] = id.segments
      return others.length === 0 ? id.scope : { ...id, segments: [first, ...others.slice(0, -1)] }
    }
    default:
      return id satisfies never
  }
}

/** A child of a resource: `…/virtualNetworkGateways/gw` and `natRules`, `x`. */
export function childOf(
  parent: Extract<ResourceId, { type: 'resource' }>,
  type: string,
  name: string,
): Extract<ResourceId, { type: 'resource' }> {
  const [first, ...others] = parent.segments
  return { ...parent, segments: [first, ...others, { type, name }] }
}

/** Itself and all that it is in, up to the tenant: the scopes whose rights it inherits, the nearest first. */
export function scopesOf(id: ResourceId): ResourceId[] {
  const parent = parentOf(id)
  return parent ? [id, ...scopesOf(parent)] : [id]
}

/** Whether `id` is `scope` or lies somewhere in it. */
export function isWithin(id: ResourceId, scope: ResourceId): boolean {
  return scopesOf(id).some(each => isSameResource(each, scope))
}

/** The group that it is in. `undefined`: in none. */
export function resourceGroupOf(id: ResourceId): Extract<ResourceId, { type: 'resourceGroup' }> | undefined {
  return scopesOf(id).find(scope => scope.type === 'resourceGroup')
}

/** The subscription that it is in. `undefined`: in none. */
export function subscriptionOf(id: ResourceId): string | undefined {
  return scopesOf(id).find(scope => scope.type === 'subscription')?.subscriptionId
}

function idProblem(text: string): string | undefined {
  if (text.length > RESOURCE_ID_LIMIT) return `it has more than ${RESOURCE_ID_LIMIT} characters`
  if (!text.startsWith('/')) return 'it does not begin with /'
  const parts = text === '/' ? [] : text.slice(1).split('/')
  if (parts.length > SEGMENT_LIMIT) return `it has more than ${SEGMENT_LIMIT} parts`
  if (parts.some(part => part === '' || part === '.' || part === '..'))
    return 'a part of it is empty, . or ..'
  if (parts.some(part => part.length > NAME_LIMIT))
    return `a part of it is longer than ${NAME_LIMIT} characters`
  // What Azure allows in no name; control and format characters would let one id pass for another.
  if (/[<>%&\\?#:*"|\p{C}\p{Zl}\p{Zp}]/u.test(text)) return 'it holds a character that no name has'
  return undefined
}

/** `undefined`: the words are not those of an id. */
function readScope(parts: readonly string[]): ResourceId | undefined {
  const words = parts.length === 1 && parts[0] === '' ? [] : parts
  if (!isWord(words[0], 'subscriptions')) return readProviders({ type: 'tenant' }, words)
  const [, subscriptionId, ...rest] = words
  if (subscriptionId === undefined) return undefined
  if (!isWord(rest[0], 'resourceGroups')) return readProviders({ type: 'subscription', subscriptionId }, rest)
  const [, name, ...within] = rest
  return name === undefined
    ? undefined
    : readProviders({ type: 'resourceGroup', subscriptionId, name }, within)
}

/** Reads what stands under a scope: nothing, a resource, and perhaps another on it. */
function readProviders(scope: ResourceId, words: readonly string[]): ResourceId | undefined {
  if (words.length === 0) return scope
  const [first, namespace, ...rest] = words
  if (!isWord(first, 'providers') || namespace === undefined) return undefined
  const next = rest.findIndex((word, i) => i % 2 === 0 && isWord(word, 'providers'))
  const own = next < 0 ? rest : rest.slice(0, next)
  const segments = readSegments(namespace, own)
  if (!segments) return undefined
  const id: ResourceId = { type: 'resource', scope, namespace: spelledNamespace(namespace), segments }
  return next < 0 ? id : readProviders(id, rest.slice(next))
}

function readSegments(
  namespace: string,
  words: readonly string[],
): readonly [IdSegment, ...IdSegment[]] | undefined {
  if (words.length === 0 || words.length % 2 !== 0) return undefined
  const segments: IdSegment[] = []
  let type = namespace
  for (let i = 0; i < words.length; i += 2) {
    type = `${type}/${words[i] ?? ''}`
    segments.push({ type: spelledType(type, words[i] ?? ''), name: words[i + 1] ?? '' })
  }
  const [first, ...others] = segments
  return first && [first, ...others]
}

/** The last word of a type as ARM spells it, where we know the type. */
function spelledType(type: string, word: string): string {
  const known = RESOURCE_TYPES.find(each => each.toLowerCase() === type.toLowerCase())
  if (known !== undefined) return known.split('/').at(-1) ?? word
  return PART_SEGMENTS.find(part => part.toLowerCase() === word.toLowerCase()) ?? word
}

function spelledNamespace(text: string): string {
  const wanted = `${text.toLowerCase()}/`
  const known = RESOURCE_TYPES.find(type => type.toLowerCase().startsWith(wanted))
  return known?.slice(0, text.length) ?? text
}

function isWord(text: string | undefined, word: string): boolean {
  return text?.toLowerCase() === word.toLowerCase()
}
