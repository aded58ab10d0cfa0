import {
  type ArmOperation,
  armErrors,
  definitionOf,
  type ErrorBody,
  parseResourceId,
  providerNamespace,
  RESOURCE_TYPE_DEFINITIONS,
  type ResourceId,
  type ResourceTypeDefinition,
  resourceTypeDefinition,
} from '@causeway/api-contract'
import { matchPath } from './operation-tree.ts'

/** What a request is about. */
export type Target =
  | {
      readonly type: 'operation'
      readonly operation: ArmOperation
      readonly definition: ResourceTypeDefinition
      /** The resource that it is done to; of lists and of what is done to no resource: what it is in. */
      readonly id: ResourceId
      /** Where the right is needed. */
      readonly scope: string
      /** The words of the path, decoded. */
      readonly words: readonly string[]
    }
  | {
      readonly type: 'poll'
      readonly want: 'status' | 'result'
      readonly subscriptionId: string
      readonly operationId: string
    }
  | { readonly type: 'none'; readonly error: ErrorBody }

const TENANT: ResourceId = { type: 'tenant' }

/** Reads the path of a request. Nothing of it is taken on trust. */
export function targetOf(method: string, path: string): Target {
  const words = wordsOf(path)
  if (!words) return none(armErrorNotFound(path))
  const poll = pollOf(method, words)
  if (poll) return poll
  const matched = matchPath(words)
  if (!matched) return none(unknownPath(words))
  const operation = matched.operations.get(method)
  if (!operation) return none(wrongMethod(method, [...matched.operations.keys()]))
  const { scopeWords } = matched
  if (scopeWords !== undefined) return scopedTarget(operation, words, scopeWords)
  return plainTarget(operation, words)
}

/**
 * The words between the slashes; `undefined`: its percent signs stand for no text, or for a slash. A word with a slash
 * in it would be one place to the registry and another one to whoever reads the words as an id, rights among them.
 * Slashes after each other are one, as to Azure: az writes `Microsoft.Network//virtualNetworks` of what has no parent.
 */
function wordsOf(path: string): readonly string[] | undefined {
  try {
    const words = path.split('/').filter(Boolean).map(decodeURIComponent)
    return words.some(word => word.includes('/')) ? undefined : inFull(words)
  } catch {
    // The client encoded something else than UTF-8.
    return undefined
  }
}

/** Operations of deployments have an older path, without the provider, and clients of Azure use that one. */
function inFull(words: readonly string[]): readonly string[] {
  const type = words.findIndex(word => word.toLowerCase() === 'deployments')
  const isOfGroup = type === 4 && words[2]?.toLowerCase() === 'resourcegroups'
  const isOfSubscription = type === 2 && words[0]?.toLowerCase() === 'subscriptions'
  if (!isOfGroup && !isOfSubscription) return words
  return [...words.slice(0, type), 'providers', 'Microsoft.Resources', ...words.slice(type)]
}

function plainTarget(operation: ArmOperation, words: readonly string[]): Target {
  const definition = definitionOf(operation.type)
  const places = [definition.path, definition.alsoAt?.path]
  const place = places.find(path => path !== undefined && operation.path.startsWith(path))
  const own = (place ?? definition.path).slice(1).split('/').length
  // What is done to no resource of its type is done in its subscription.
  const isAt = operation.kind !== 'list' && place !== undefined
  const isCollection = operation.kind === 'list'
  const idWords = isAt ? words.slice(0, own) : isCollection ? scopeOfCollection(words) : words.slice(0, 2)
  const id = idOf(idWords)
  if (!id) return none(armErrorNotFound(`/${words.join('/')}`))
  const scope = `/${(isAt ? idWords : words.slice(0, -1)).join('/')}`
  return { type: 'operation', operation, definition, id, scope, words }
}

/** Roles: at any scope, which is an id by itself. */
function scopedTarget(operation: ArmOperation, words: readonly string[], scopeWords: number): Target {
  const definition = definitionOf(operation.type)
  const id = idOf(words.slice(0, scopeWords))
  if (!id) return none(armErrorNotFound(`/${words.join('/')}`))
  const scope = `/${words.slice(0, scopeWords).join('/')}`
  return { type: 'operation', operation, definition, id, scope, words }
}

/** What a collection is in: its path without its name, and without the provider before it. */
function scopeOfCollection(words: readonly string[]): readonly string[] {
  const providers = words.findLastIndex(word => word.toLowerCase() === 'providers')
  const isDirect = providers >= 0 && words.length - providers <= 3
  return isDirect ? words.slice(0, providers) : words.slice(0, -1)
}

/** Of paths that are no ids (`/subscriptions/S/locations/L`): the subscription, or the tenant. */
function idOf(words: readonly string[]): ResourceId | undefined {
  if (words.length === 0 || words[0]?.toLowerCase() === 'tenants' || words[0]?.toLowerCase() === 'providers')
    return words.length > 1 && words[0]?.toLowerCase() === 'providers' ? parsed(words) : TENANT
  const isGiven = ['locations', 'providers'].includes(words[2]?.toLowerCase() ?? '') && words.length <= 4
  return parsed(isGiven ? words.slice(0, 2) : words)
}

function parsed(words: readonly string[]): ResourceId | undefined {
  const read = parseResourceId(`/${words.join('/')}`)
  return read.type === 'good' ? read.id : undefined
}

function pollOf(method: string, words: readonly string[]): Target | undefined {
  const [subscriptions, subscriptionId, providers, , locations, , kind, operationId, ...rest] = words
  const fixed = [subscriptions, providers, locations, kind].map(word => word?.toLowerCase()).join('/')
  const isStatus = fixed === 'subscriptions/providers/locations/operations'
  const isResult = fixed === 'subscriptions/providers/locations/operationresults'
  if (
    (!isStatus && !isResult) ||
    subscriptionId === undefined ||
    operationId === undefined ||
    rest.length > 0
  )
    return undefined
  if (method !== 'GET') return none(wrongMethod(method, ['GET']))
  return { type: 'poll', want: isStatus ? 'status' : 'result', subscriptionId, operationId }
}

function none(error: ErrorBody): Target {
  return { type: 'none', error }
}

function armErrorNotFound(path: string): ErrorBody {
  return {
    code: 'NotFound',
    message: `There is nothing at this path (${path.slice(0, 200)}). See /openapi.json for what there is.`,
  }
}

function wrongMethod(method: string, allowed: readonly string[]): ErrorBody {
  return {
    code: 'HttpMethodNotAllowed',
    message: `The HTTP method '${method}' is not supported at this path. Use ${allowed.join(', ')}.`,
    target: method,
  }
}

/** Why a path is none of ours: the operation is declined, the type is unknown, or there is nothing like it. */
function unknownPath(words: readonly string[]): ErrorBody {
  const last = words.at(-1)?.toLowerCase()
  const declining = RESOURCE_TYPE_DEFINITIONS.find(
    ({ path, declined }) =>
      declined.some(word => word.toLowerCase() === last) && matchesShape(path, words.slice(0, -1)),
  )
  if (declining) return armErrors.notSupported(`${declining.type}/${words.at(-1) ?? ''}`)
  const providers = words.findLastIndex(word => word.toLowerCase() === 'providers')
  const [namespace, ...rest] = providers < 0 ? [] : words.slice(providers + 1)
  if (namespace === undefined || rest.length === 0) return armErrorNotFound(`/${words.join('/')}`)
  const type = rest.filter((_, i) => i % 2 === 0).join('/')
  const known = providerNamespace(namespace)
  if (known !== undefined && resourceTypeDefinition(`${known}/${type}`))
    return armErrorNotFound(`/${words.join('/')}`)
  return armErrors.invalidResourceType(type, known ?? namespace)
}

function matchesShape(path: string, words: readonly string[]): boolean {
  const wanted = path.slice(1).split('/')
  return (
    wanted.length === words.length &&
    wanted.every((word, i) => word.startsWith('{') || word.toLowerCase() === words[i]?.toLowerCase())
  )
}
