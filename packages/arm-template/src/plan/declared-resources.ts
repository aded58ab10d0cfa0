import { formatResourceId, parseResourceId, type ResourceId } from '@causeway/api-contract'
import type { Budget } from '../budget.ts'
import { referenceKey } from '../context.ts'
import { shown, TemplateFault } from '../fault.ts'
import { copyCount, type Findings } from '../language/materialize.ts'
import { LIMITS } from '../limits.ts'
import { idUnder, resourceTeller } from '../resource-name.ts'
import { isObject, kindOf, own, type Value, type ValueObject } from '../value.ts'
import { type Names, scopeOf } from './names.ts'
import type { ResourceIndex } from './resource-index.ts'
import { evaluated } from './variables.ts'

/** A resource as a template declares it, each copy by itself. */
export interface DeclaredResource {
  readonly raw: ValueObject
  readonly path: string
  /** With the loops that it is in. */
  readonly names: Names
  readonly id: string
  readonly type: string
  readonly name: string
  readonly apiVersion: string
  /** Of the loop that made it. */
  readonly loop: string | undefined
  /** Whether its condition is false: nothing is made, and nobody waits for it. */
  readonly isSkipped: boolean
  /** Ids that it waits for besides what it says: its parent, and the turn before in a serial loop. */
  readonly behind: readonly string[]
}

export interface Declaring {
  readonly names: Names
  readonly budget: Budget
  readonly findings: Findings
  /** All that were found so far. */
  readonly found: DeclaredResource[]
  /** Of those in `found`. */
  readonly index: ResourceIndex
  /** Keys of those that are made. */
  readonly made: Set<string>
}

/** Reads a list of resources, those in others included. */
export function declareResources(
  declaring: Declaring,
  list: unknown,
  path: string,
  parent?: DeclaredResource,
): void {
  if (!Array.isArray(list)) {
    declaring.findings.add({
      path,
      problem: `is ${kindOf(list)}`,
      remedy: 'give an array of resources; symbolic names (languageVersion 2.0) are not evaluated here',
    })
    return
  }
  for (const [i, raw] of list.entries()) {
    const place = `${path}[${i}]`
    declaring.findings.at(place, () => {
      if (!isObject(raw)) throw new TemplateFault(`is ${kindOf(raw)}`, 'give a resource')
      declareCopies(declaring, raw, place, parent)
    })
  }
}

function declareCopies(
  declaring: Declaring,
  raw: ValueObject,
  path: string,
  parent: DeclaredResource | undefined,
): void {
  const copy = own(raw, 'copy')
  if (!isObject(copy)) {
    declareOne(declaring, raw, path, parent, declaring.names, undefined, [])
    return
  }
  const { name, count, mode, batchSize }: ValueObject = copy
  if (typeof name !== 'string' || name === '')
    throw new TemplateFault('is without a name', 'name the loop', `${path}.copy.name`)
  const scope = scopeOf(declaring.names, declaring.budget)
  const turns = declaring.findings.at(`${path}.copy.count`, () => copyCount(count, scope)) ?? 0
  const isSerial = typeof mode === 'string' && mode.toLowerCase() === 'serial'
  const batch = typeof batchSize === 'number' && batchSize >= 1 ? Math.floor(batchSize) : 1
  const made: string[] = []
  for (let index = 0; index < turns; index++) {
    const names = { ...declaring.names, loops: [...declaring.names.loops, { name, index }] }
    const start = Math.floor(index / batch) * batch
    const before = isSerial ? made.slice(Math.max(0, start - batch), start) : []
    const one = declareOne(declaring, raw, path, parent, names, name, before)
    if (!one) return
    made.push(one.id)
  }
}

function declareOne(
  declaring: Declaring,
  raw: ValueObject,
  path: string,
  parent: DeclaredResource | undefined,
  names: Names,
  loop: string | undefined,
  before: readonly string[],
): DeclaredResource | undefined {
  const { findings, found, made, budget } = declaring
  if (found.length >= LIMITS.resources)
    throw new TemplateFault(
      `is one of more than ${LIMITS.resources} resources`,
      'split the template',
      'resources',
    )
  budget.spend(10)
  const resource = findings.at(path, () => {
    const read = identityOf(raw, path, names, budget, parent)
    const condition = conditionOf(raw, path, names, budget)
    const behind = [...before, ...(parent && !parent.isSkipped ? [parent.id] : [])]
    const isSkipped = !condition || parent?.isSkipped === true
    return { raw, path, names, loop, isSkipped, behind, ...read }
  })
  if (!resource) return undefined
  const key = referenceKey(resource.id)
  if (!resource.isSkipped && made.has(key))
    findings.add({
      path,
      problem: `is ${shown(resource.id)}, which stands in the template twice`,
      remedy: 'give each resource its own name; in a loop, make copyIndex() a part of it',
    })
  found.push(resource)
  if (!resource.isSkipped) made.add(key)
  const children = own(raw, 'resources')
  if (children !== undefined && children !== null)
    declareResources({ ...declaring, names }, children, `${path}.resources`, resource)
  return resource
}

function identityOf(
  raw: ValueObject,
  path: string,
  names: Names,
  budget: Budget,
  parent: DeclaredResource | undefined,
): Pick<DeclaredResource, 'id' | 'type' | 'name' | 'apiVersion'> {
  const text = (key: string): string => requiredText(raw, key, path, names, budget)
  const [ownType, ownName] = [text('type'), text('name')]
  const isRelative = parent !== undefined && !ownType.includes('.')
  const type = isRelative ? `${parent.type}/${ownType}` : ownType
  const name = isRelative ? `${parent.name}/${ownName}` : ownName
  const scope = scopeText(raw, path, names, budget, type)
  const id = idUnder(resourceTeller, scope, type, name.split('/'))
  return { id, type, name, apiVersion: text('apiVersion') }
}

function requiredText(raw: ValueObject, key: string, path: string, names: Names, budget: Budget): string {
  const given = own(raw, key)
  const place = `${path}.${key}`
  if (typeof given !== 'string')
    throw new TemplateFault(
      given === undefined ? 'is missing' : `is ${kindOf(given)}`,
      'give a string',
      place,
    )
  const value = evaluated(given, place, scopeOf(names, budget))
  if (typeof value === 'string' && value !== '') return value
  throw new TemplateFault(`comes to ${value === '' ? "''" : kindOf(value)}`, 'make it a string', place)
}

/** The id of what a resource is deployed to: the template's target, unless it names another one. */
function scopeText(raw: ValueObject, path: string, names: Names, budget: Budget, type: string): string {
  const { target } = names.context
  const given = own(raw, 'scope')
  const isDeployment = type.toLowerCase() === 'microsoft.resources/deployments'
  const group = isDeployment ? optionalText(raw, 'resourceGroup', path, names, budget) : undefined
  const subscription = isDeployment ? optionalText(raw, 'subscriptionId', path, names, budget) : undefined
  const subscriptionId = subscription ?? target.subscriptionId
  if (group !== undefined) return `/subscriptions/${subscriptionId}/resourceGroups/${group}`
  if (subscription !== undefined) return `/subscriptions/${subscriptionId}`
  if (given === undefined || given === null) return formatResourceId(target)
  const text = evaluated(given, `${path}.scope`, scopeOf(names, budget))
  if (typeof text !== 'string')
    throw new TemplateFault(`is ${kindOf(text)}`, 'give the id of a resource', `${path}.scope`)
  const id = text.startsWith('/') ? text : relativeId(target, text)
  const read = parseResourceId(id)
  if (read.type === 'bad') throw new TemplateFault('is no id', 'give the id of a resource', `${path}.scope`)
  return read.id.type === 'tenant' ? '' : id
}

/** `Microsoft.Network/virtualNetworks/v` in the template's target. */
function relativeId(target: ResourceId, text: string): string {
  return `${formatResourceId(target)}/providers/${text}`
}

export function optionalText(
  raw: ValueObject,
  key: string,
  path: string,
  names: Names,
  budget: Budget,
): string | undefined {
  const given = own(raw, key)
  if (given === undefined || given === null) return undefined
  const value = evaluated(given, `${path}.${key}`, scopeOf(names, budget))
  if (typeof value === 'string' && value !== '') return value
  throw new TemplateFault(`is ${kindOf(value)}`, 'give a string', `${path}.${key}`)
}

function conditionOf(raw: ValueObject, path: string, names: Names, budget: Budget): boolean {
  const given: Value | undefined = own(raw, 'condition')
  if (given === undefined || given === null) return true
  const place = `${path}.condition`
  const value = evaluated(given, place, scopeOf(names, budget))
  if (typeof value === 'boolean') return value
  throw new TemplateFault(`is ${kindOf(value)}`, 'give a boolean', place)
}
