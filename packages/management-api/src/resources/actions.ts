import { type ArmOperation, armErrors, canonicalBody, parseResourceId } from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf, isRefused } from '../envelope/answer.ts'
import type { Outcome } from '../operations/operation-store.ts'
import { inBackground, insisting } from './applying.ts'
import { accepted, beginOperation, historyOf, locationOf } from './changing.ts'
import { groupOf } from './containers.ts'
import type { Resource } from './document.ts'
import { setIpsecParameters } from './policy-actions.ts'
import { listResources } from './resource-list.ts'
import { type ActionCall, type ResourceServer, serverErrorBody } from './resource-server.ts'
import { servedResource, viewOf } from './resource-view.ts'
import { radiusSecretsAnswer, resetSharedKey, setSharedKey, sharedKeyAnswer } from './secret-actions.ts'
import { bodyError, notFound } from './writing.ts'

/** What is answered by the documents alone, whoever stands behind the type. */
const OWN_ACTIONS: Readonly<Record<string, (call: Call, resource: Resource) => Promise<Answer>>> = {
  VirtualNetworkGateways_ListConnections: connectionsOf,
  VirtualNetworkGateways_ListRadiusSecrets: radiusSecretsAnswer,
  VirtualNetworkGateways_SetVpnclientIpsecParameters: setIpsecParameters,
  VirtualNetworkGatewayConnections_GetSharedKey: sharedKeyAnswer,
  VirtualNetworkGatewayConnections_SetSharedKey: setSharedKey,
  VirtualNetworkGatewayConnections_ResetSharedKey: resetSharedKey,
}

/** An action of a resource. */
export async function runAction(call: Call): Promise<Answer> {
  const { operation, services, id, definition } = call
  if (operation.action?.operation === 'ListResources') return listResources(call)
  const own = OWN_ACTIONS[operation.id]
  const server = services.servers[definition.type]
  if (!own && !server?.action) return errorOf(armErrors.notSupported(operation.id))
  const group = await groupOf(services, id)
  if (isRefused(group)) return group.answer
  const resource = await services.resources.read(id)
  if (!resource) return errorOf(notFound(definition, id))
  const wrong = judgeQuery(call)
  if (wrong) return wrong
  const read = readActionBody(operation, call.body)
  if (read.type === 'refused') return read.answer
  const judged = { ...call, body: read.body }
  if (own) return own(judged, resource)
  return server ? servedAction(judged, resource, server) : errorOf(armErrors.notSupported(operation.id))
}

async function servedAction(call: Call, resource: Resource, server: ResourceServer): Promise<Answer> {
  const { operation, services, caller, query, baseUrl } = call
  const { body } = await services.resources.bodiesOf(resource)
  const action: ActionCall = {
    name: operation.action?.operation ?? operation.id,
    resource: servedResource(resource.id, resource.document, body),
    body: call.body,
    query: Object.fromEntries(operation.query.map(({ name }) => [name, query.value(name)])),
    caller,
    baseUrl,
  }
  if (operation.longRunning) return beginAction(call, resource, server, action)
  const outcome = await outcomeOf(call, server, action)
  if (outcome.type === 'failed') return errorOf(outcome.error)
  return outcome.result === undefined ? { status: 204 } : { status: 200, body: outcome.result }
}

async function beginAction(
  call: Call,
  resource: Resource,
  server: ResourceServer,
  action: ActionCall,
): Promise<Answer> {
  const { services, definition, baseUrl } = call
  const { operations, resources } = services
  const begun = beginOperation(call, resource.id, definition, locationOf(call, resource.document.body))
  if (begun.type === 'refused') return begun.answer
  const { operation, changes } = begun
  const entry = historyOf(call, resource.id, definition, undefined, undefined)
  await operations.store(operation.id, [...changes, { type: 'record', entry }])
  inBackground(services, async () => {
    const ending = operations.finishing(operation.id, await outcomeOf(call, server, action))
    await insisting(services, () => resources.commit(ending))
    operations.finished(operation.id)
  })
  return accepted(baseUrl, operation)
}

async function outcomeOf(
  { services: { log }, requestId, operation }: Call,
  server: ResourceServer,
  action: ActionCall,
): Promise<Outcome> {
  try {
    const result = await server.action?.(action)
    return result ?? { type: 'failed', error: armErrors.notSupported(operation.id) }
  } catch (error) {
    const told = serverErrorBody(error)
    log.warn({ requestId, operation: operation.id, code: told.code, err: error }, 'an action failed')
    return { type: 'failed', error: told }
  }
}

/** Connections of a gateway, on either end of them. */
async function connectionsOf(call: Call, resource: Resource): Promise<Answer> {
  const { resources } = call.services
  const value: unknown[] = []
  for (const user of resources.references.usersOf(resource.id)) {
    const read = parseResourceId(user)
    const found = read.type === 'good' ? await resources.read(read.id) : undefined
    if (found?.document.type === 'Microsoft.Network/connections')
      value.push(await viewOf(call.services, found))
  }
  return { status: 200, body: { value } }
}

function judgeQuery({ operation, query }: Call): Answer | undefined {
  const missing = operation.query.find(
    ({ name, isRequired }) => isRequired && query.value(name) === undefined,
  )
  if (!missing) return undefined
  return errorOf({
    code: 'InvalidParameter',
    message: `The query parameter '${missing.name}' is missing; give it a value.`,
    target: missing.name,
  })
}

function readActionBody(
  { body: schema, isBodyOptional }: ArmOperation,
  body: unknown,
): { readonly type: 'good'; readonly body: unknown } | { readonly type: 'refused'; readonly answer: Answer } {
  if (!schema || (isBodyOptional && body === undefined)) return { type: 'good', body: undefined }
  const { value, faults } = canonicalBody(schema, body)
  return faults.length === 0
    ? { type: 'good', body: value }
    : { type: 'refused', answer: errorOf(bodyError(faults)) }
}
