import { randomUUID } from 'node:crypto'
import { formatResourceId } from '@causeway/api-contract'
import { type PlannedResource, referenceKey, withoutSecrets } from '@causeway/arm-template'
import { type Call, timeOf } from '../call/call.ts'
import type { OperationDocument } from '../operations/operation-store.ts'
import { historyOf } from '../resources/changing.ts'
import { type DeploymentDocument, shownParameters } from './deployment-document.ts'
import { DeploymentRecord } from './deployment-record.ts'
import type { Prepared } from './prepare.ts'
import { shownTemplate } from './shown-template.ts'
import { deploymentId } from './template-context.ts'

/** Stores a deployment that begins. `call` is the one that makes it. */
export async function recordDeployment(
  call: Call,
  { source, plan, templateHash }: Prepared,
  operation: { readonly operation: OperationDocument; readonly changes: readonly object[] } | undefined,
  tags: Readonly<Record<string, string>> | undefined,
): Promise<DeploymentRecord> {
  const { deployments, resources } = call.services
  const at = timeOf(call)
  const { target, name, location, mode } = source
  const document: DeploymentDocument = {
    id: deploymentId(target, name),
    name,
    scope: formatResourceId(target),
    location,
    tags,
    mode,
    state: 'Accepted',
    correlationId: randomUUID(),
    startedAt: at,
    changedAt: at,
    startedBy: call.caller.objectId,
    parameters: shownParameters(plan),
    outputs: {},
    outputResources: [],
    dependencies: dependenciesOf(plan.resources),
    providers: providersOf(plan.resources),
    templateHash,
    template: withoutSecrets(shownTemplate(source.template), plan.secrets),
    error: undefined,
    steps: [],
    operation: operation && { id: operation.operation.id, status: operation.operation.paths.status },
  }
  const after = { properties: { mode, parameters: document.parameters } }
  await resources.commit([
    deployments.put(document),
    ...(await deployments.forgetting(target)),
    ...((operation?.changes ?? []) as never[]),
    { type: 'record', entry: historyOf(call, call.id, call.definition, undefined, after) },
  ])
  return new DeploymentRecord(call, document)
}

function dependenciesOf(resources: readonly PlannedResource[]): readonly object[] {
  const shown = ({ id, type, name }: PlannedResource) => ({ id, resourceType: type, resourceName: name })
  const byKey = new Map(resources.map(resource => [referenceKey(resource.id), resource]))
  return resources
    .filter(({ waitsFor }) => waitsFor.length > 0)
    .map(resource => ({
      dependsOn: resource.waitsFor.flatMap(id => {
        const found = byKey.get(referenceKey(id))
        return found ? [shown(found)] : []
      }),
      ...shown(resource),
    }))
}

function providersOf(resources: readonly PlannedResource[]): readonly object[] {
  const types = new Map<string, Set<string>>()
  for (const { type } of resources) {
    const [namespace = '', ...rest] = type.split('/')
    types.set(namespace, (types.get(namespace) ?? new Set<string>()).add(rest.join('/')))
  }
  return [...types].map(([namespace, names]) => ({
    namespace,
    resourceTypes: [...names].map(resourceType => ({ resourceType, locations: [null] })),
  }))
}
