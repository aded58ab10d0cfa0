import { formatResourceId, parseResourceId } from '@causeway/api-contract'
import { type References, referenceKey, type Scope } from '../context.ts'
import { PendingReference, shown, TemplateFault } from '../fault.ts'
import { idUnder } from '../resource-name.ts'
import { isObject, type Value, type ValueObject } from '../value.ts'
import type { Arguments } from './arguments.ts'
import { ANY_NUMBER, type FunctionTable, takes } from './template-function.ts'

/** Functions of the deployment, of where it goes, and of resources. */
export const RESOURCE_FUNCTIONS: FunctionTable = {
  parameters: takes(1, 1, (args, scope) => scope.parameter(args.text(0))),
  variables: takes(1, 1, (args, scope) => scope.variable(args.text(0))),
  deployment: takes(0, 0, (_, { context }) => context.deployment),
  subscription: takes(0, 0, (_, { context }) => context.subscription),
  tenant: takes(0, 0, (_, { context }) => context.tenant),
  environment: takes(0, 0, (_, { context }) => context.environment),
  resourceGroup: takes(0, 0, resourceGroup),
  providers: takes(1, 2, providers),
  resourceId: takes(2, ANY_NUMBER, resourceId),
  subscriptionResourceId: takes(2, ANY_NUMBER, subscriptionResourceId),
  tenantResourceId: takes(2, ANY_NUMBER, args => idUnder(args, '', args.text(0), args.texts(1))),
  extensionResourceId: takes(3, ANY_NUMBER, args => idUnder(args, args.text(0), args.text(1), args.texts(2))),
  reference: takes(1, 3, reference),
}

function resourceGroup(args: Arguments, { context }: Scope): Value {
  if (context.resourceGroup) return context.resourceGroup
  throw args.fault('in a deployment to a subscription', 'deploy to a group, or name the group')
}

/** Azure has said since that nobody should ask; az still does. */
function providers(args: Arguments, { context }: Scope): Value {
  const type = args.texts().join('/')
  const apiVersions = context.apiVersions(type)
  if (!apiVersions) throw args.fault(`with ${shown(type)}, which is no type here`, 'name a type that is')
  return { resourceType: args.optionalText(1) ?? '', apiVersions, locations: [] }
}

/** `resourceId([subscription,] [group,] type, name…)`. */
function resourceId(args: Arguments, { context }: Scope): Value {
  const texts = args.texts()
  const at = texts.findIndex(text => text.includes('/'))
  const type = texts[at]
  if (type === undefined || at > 2)
    throw args.fault('without a type', 'give a type as Microsoft.Network/connections, and its names')
  const { target } = context
  const group = at > 0 ? texts[at - 1] : target.type === 'resourceGroup' ? target.name : undefined
  const subscription = `/subscriptions/${(at > 1 ? texts[0] : undefined) ?? target.subscriptionId}`
  const scope = group === undefined ? subscription : `${subscription}/resourceGroups/${group}`
  return idUnder(args, scope, type, texts.slice(at + 1))
}

function subscriptionResourceId(args: Arguments, { context }: Scope): Value {
  const texts = args.texts()
  const at = texts[0]?.includes('/') ? 0 : 1
  const subscription = at === 1 ? texts[0] : context.target.subscriptionId
  return idUnder(args, `/subscriptions/${subscription ?? ''}`, texts[at] ?? '', texts.slice(at + 1))
}

/** `reference(name or id, [api-version], ['Full'])`. */
function reference(args: Arguments, { references, resourceNamed }: Scope): Value {
  if (!references)
    throw args.fault('where nothing can be asked of resources yet', 'use it in properties and outputs')
  const text = args.text(0)
  const isFull = args.optionalText(2)?.toLowerCase() === 'full'
  const id = text.startsWith('/') ? canonical(args, text) : resourceNamed(text)
  const found = referenced(references, id, args.optionalText(1))
  if (isFull) return found
  const { properties = {} } = found
  return isObject(properties) ? properties : {}
}

function canonical(args: Arguments, text: string): string {
  const read = parseResourceId(text)
  if (read.type === 'good') return formatResourceId(read.id)
  throw args.fault(`with ${shown(text)}, which is no id`, 'give the name or the id of a resource')
}

function referenced(references: References, id: string, apiVersion: string | undefined): ValueObject {
  const key = referenceKey(id)
  const found = references.get(key)
  if (found) return found
  if (!references.has(key)) throw new PendingReference({ id, apiVersion })
  throw new TemplateFault(
    `refers to ${shown(id)}, which is not there`,
    'correct the id, or make the resource first',
  )
}
