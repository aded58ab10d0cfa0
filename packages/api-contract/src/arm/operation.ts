import Type, { type Static } from 'typebox'
import type { ErrorBody } from './errors.ts'
import { dateTime, model, named, noted, readOnly, text } from './schema/shape.ts'

/** How an operation stands. Clients poll until it is one of the last three. */
export const OPERATION_STATUSES = ['InProgress', 'Succeeded', 'Failed', 'Canceled'] as const
export type OperationStatusName = (typeof OPERATION_STATUSES)[number]

/** `CloudErrorBody`. */
export const errorBodySchema = model(
  'CloudErrorBody',
  { code: text, message: text },
  {
    target: text,
    details: Type.Array(Type.Unsafe<ErrorBody>({ $ref: '#/components/schemas/CloudErrorBody' })),
  },
)

/** `CloudError`: every answer that is not a success. */
export const errorSchema = model('CloudError', { error: errorBodySchema }, {})

/** `AzureAsyncOperationResult`: what polling `Azure-AsyncOperation` answers. */
export const operationStatusSchema = model(
  'AzureAsyncOperationResult',
  { status: readOnly(named(OPERATION_STATUSES)) },
  {
    id: readOnly(text),
    name: readOnly(text),
    startTime: readOnly(dateTime),
    endTime: readOnly(dateTime),
    properties: Type.Record(Type.String(), Type.Unknown()),
    error: noted(errorBodySchema, { readOnly: true }),
  },
)

/** What polling answers, as our own code writes it: an error if and only if the operation failed. */
export type OperationStatus =
  | { readonly status: 'InProgress' | 'Succeeded' | 'Canceled' }
  | { readonly status: 'Failed'; readonly error: ErrorBody }

/** What polling answers, as a client reads it. */
export type OperationStatusBody = Static<typeof operationStatusSchema>

/**
 * Paths of a running operation, on the host that took it: `status` for `Azure-AsyncOperation`, `result` for
 * `Location`. The headers must hold absolute URLs (go-azure-sdk), so put the origin before them.
 *
 * @param namespace of the provider, as `Microsoft.Network`.
 */
export function operationPaths(
  subscriptionId: string,
  namespace: string,
  location: string,
  operationId: string,
  apiVersion: string,
): { readonly status: string; readonly result: string } {
  const at = encodeURIComponent
  const base = `/subscriptions/${at(subscriptionId)}/providers/${at(namespace)}/locations/${at(location)}`
  const rest = `${at(operationId)}?api-version=${at(apiVersion)}`
  return { status: `${base}/operations/${rest}`, result: `${base}/operationResults/${rest}` }
}
