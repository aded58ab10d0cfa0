import type { TSchema } from 'typebox'
import type { LongRunning, QueryParameter, ResourceAction, ResourceTypeDefinition } from './resource-type.ts'
import { RESOURCE_TYPE_DEFINITIONS } from './resource-types.ts'
import { list, model, type ShapeNotes, text } from './schema/shape.ts'
import type { ResourceTypeName } from './type-names.ts'

/** One operation of the management plane: what is asked, with what, by what right, and what is answered. */
export interface ArmOperation {
  /** As in ARM's own documents: `VirtualNetworkGateways_CreateOrUpdate`. Unique. */
  readonly id: string
  readonly kind: 'put' | 'get' | 'head' | 'patch' | 'delete' | 'list' | 'action'
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'
  /** Words in braces are parameters. Compare the others in any case. `{scope}` may be of several words. */
  readonly path: string
  readonly type: ResourceTypeName
  /** What one needs the right to do, as `Microsoft.Network/virtualNetworkGateways/reset/action`. */
  readonly right: string
  readonly longRunning?: LongRunning
  readonly body?: TSchema
  readonly isBodyOptional?: boolean
  /** Absent: nothing is answered. */
  readonly result?: TSchema
  readonly query: readonly QueryParameter[]
  /** Of an action: its own entry in the registry. */
  readonly action?: ResourceAction
}

/** Operations of every resource type, in the order of the registry. */
export const ARM_OPERATIONS: readonly ArmOperation[] = RESOURCE_TYPE_DEFINITIONS.flatMap(operationsOf)

/** The operations of one type, at every place where it is found. */
export function operationsOf(definition: ResourceTypeDefinition): readonly ArmOperation[] {
  const { alsoAt } = definition
  if (!alsoAt) return operationsAt(definition)
  const { path, list: collection, suffix } = alsoAt
  const other = operationsAt({ ...definition, path, lists: [{ path: collection, operation: 'List' }] })
  return [
    ...operationsAt(definition),
    ...other.map(operation => ({ ...operation, id: `${operation.id}${suffix}` })),
  ]
}

function operationsAt(definition: ResourceTypeDefinition): readonly ArmOperation[] {
  const { type, title, path, lists, model: schema, put, patch, remove, hasHead, actionPrefix } = definition
  const common = { type, path, query: [] } as const
  const as = (operation: string): string => `${title}_${operation}`
  const operations: (ArmOperation | undefined)[] = [
    { ...common, id: as('Get'), kind: 'get', method: 'GET', right: `${actionPrefix}/read`, result: schema },
    hasHead
      ? {
          ...common,
          id: as('CheckExistence'),
          kind: 'head',
          method: 'HEAD',
          right: `${actionPrefix}/read`,
        }
      : undefined,
    put && {
      ...common,
      id: as(put.operation ?? 'CreateOrUpdate'),
      kind: 'put',
      method: 'PUT',
      right: `${actionPrefix}/write`,
      body: put.body ?? schema,
      result: schema,
      ...(put.longRunning && { longRunning: put.longRunning }),
    },
    patch && {
      ...common,
      id: as(patch.operation),
      kind: 'patch',
      method: 'PATCH',
      right: `${actionPrefix}/write`,
      body: patch.body,
      result: schema,
      ...(patch.longRunning && { longRunning: patch.longRunning }),
    },
    remove && {
      ...common,
      id: as('Delete'),
      kind: 'delete',
      method: 'DELETE',
      right: `${actionPrefix}/delete`,
      ...(remove.longRunning && { longRunning: remove.longRunning }),
    },
  ]
  const listing = lists.map(({ path: at, operation, query = [] }): ArmOperation => {
    const result = model(`${modelName(schema)}ListResult`, { value: list(schema) }, { nextLink: text })
    const right = `${actionPrefix}/read`
    return { type, path: at, query, id: as(operation), kind: 'list', method: 'GET', right, result }
  })
  const present = operations.filter(operation => operation !== undefined)
  return [...present, ...listing, ...definition.actions.map(action => actionOf(definition, action))]
}

function modelName(schema: TSchema): string {
  return (schema as ShapeNotes).title ?? ''
}

function actionOf(
  { type, title, path, actionPrefix }: ResourceTypeDefinition,
  action: ResourceAction,
): ArmOperation {
  const { operation, method, right, longRunning, body, isBodyOptional, result, query = [] } = action
  return {
    id: `${title}_${operation}`,
    kind: 'action',
    method,
    path: action.path.startsWith('/') ? action.path : `${path}/${action.path}`,
    type,
    // With `/` before it, the right is a whole one, of something other than the resource.
    right: right.startsWith('/') ? right.slice(1) : `${actionPrefix}/${right}`,
    query,
    action,
    ...(longRunning && { longRunning }),
    ...(body && { body }),
    ...(isBodyOptional && { isBodyOptional }),
    ...(result && { result }),
  }
}
