import { type DocumentFault, formatDocumentFault } from '../document-fault.ts'

/** Error codes of the management plane, ARM's where ARM has one, and the HTTP status of each. */
export const ERROR_STATUS = {
  /** The body is not JSON or not of the resource's shape. */
  InvalidRequestContent: 400,
  /** A property's value is wrong. */
  InvalidParameter: 400,
  /** A name breaks the rule of its type. */
  InvalidResourceName: 400,
  /** An id is not one, or not of what it should be. */
  LinkedInvalidPropertyId: 400,
  LocationRequired: 400,
  /** A PUT that would move a resource. */
  InvalidResourceLocation: 409,
  /** A property that only a new resource can have. */
  PropertyChangeNotAllowed: 400,
  MissingApiVersionParameter: 400,
  InvalidApiVersionParameter: 400,
  NoRegisteredProviderFound: 400,
  /** What the body refers to is not there. */
  InvalidResourceReference: 400,
  InvalidTemplate: 400,
  InvalidTemplateDeployment: 400,
  RoleDefinitionDoesNotExist: 400,
  PrincipalNotFound: 400,
  AuthenticationFailed: 401,
  InvalidAuthenticationToken: 401,
  ExpiredAuthenticationToken: 401,
  AuthorizationFailed: 403,
  /** The caller may write the resource, and may not use another one that it refers to. */
  LinkedAuthorizationFailed: 403,
  ResourceNotFound: 404,
  ParentResourceNotFound: 404,
  ResourceGroupNotFound: 404,
  SubscriptionNotFound: 404,
  DeploymentNotFound: 404,
  InvalidResourceType: 404,
  /** An operation that the path does not have. */
  NotFound: 404,
  HttpMethodNotAllowed: 405,
  /** What is asked does not fit the present state: the name is taken, the gateway is not running. */
  Conflict: 409,
  /** Another resource refers to it. */
  ResourceInUse: 409,
  AnotherOperationInProgress: 409,
  ResourceGroupBeingDeleted: 409,
  RoleAssignmentExists: 409,
  VaultAlreadyExists: 409,
  DeploymentActive: 409,
  DeploymentFailed: 409,
  OperationCancelled: 409,
  PreconditionFailed: 412,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  RetryableErrorDueToAnotherOperation: 429,
  TooManyRequests: 429,
  InternalServerError: 500,
  /** The machine refused: disk, permissions, network. */
  HostFailure: 500,
  /** ARM has the operation, and this gateway does not. */
  OperationNotSupported: 501,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

/** The inside of an ARM error body (`{"error": …}`). */
export interface ErrorBody {
  readonly code: ErrorCode
  /** One line: what is wrong, and what to do. */
  readonly message: string
  /** The property or resource that it is about. */
  readonly target?: string
  readonly details?: readonly ErrorBody[]
}

/** What a client gets for an error: the status, and the wrapped body that every operation of ARM's answers. */
export interface ErrorAnswer {
  readonly status: number
  readonly body: { readonly error: ErrorBody }
}

/** The answer that an error makes. */
export function errorAnswer(error: ErrorBody): ErrorAnswer {
  return { status: ERROR_STATUS[error.code], body: { error } }
}

/** An error about what was found wrong with a document: the first fault as its message, each of them in its details. */
export function faultsError(
  code: ErrorCode,
  faults: readonly [DocumentFault, ...DocumentFault[]],
): ErrorBody {
  const [first] = faults
  const bodies = faults.map(fault => faultBody(code, fault))
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more, see details)`
  return { ...faultBody(code, first), message: `${formatDocumentFault(first)}${more}`, details: bodies }
}

function faultBody(code: ErrorCode, fault: DocumentFault): ErrorBody {
  return { code, message: formatDocumentFault(fault), ...(fault.path !== '' && { target: fault.path }) }
}

/** Texts of ARM's own errors, as its clients and their users know them. */
export const armErrors = {
  resourceNotFound: (type: string, name: string, resourceGroup: string): ErrorBody => ({
    code: 'ResourceNotFound',
    message: `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    target: `${type}/${name}`,
  }),
  parentNotFound: (type: string, name: string, parent: string): ErrorBody => ({
    code: 'ParentResourceNotFound',
    message: `Failed to perform the operation on '${type}/${name}': its parent '${parent}' was not found. Create the parent first.`,
    target: parent,
  }),
  resourceGroupNotFound: (name: string): ErrorBody => ({
    code: 'ResourceGroupNotFound',
    message: `Resource group '${name}' could not be found.`,
    target: name,
  }),
  subscriptionNotFound: (id: string): ErrorBody => ({
    code: 'SubscriptionNotFound',
    message: `The subscription '${id}' could not be found.`,
    target: id,
  }),
  deploymentNotFound: (name: string): ErrorBody => ({
    code: 'DeploymentNotFound',
    message: `Deployment '${name}' could not be found.`,
    target: name,
  }),
  missingApiVersion: (): ErrorBody => ({
    code: 'MissingApiVersionParameter',
    message: 'The api-version query parameter (?api-version=) is required for all requests.',
    target: 'api-version',
  }),
  invalidApiVersion: (version: string, supported: readonly string[]): ErrorBody => ({
    code: 'InvalidApiVersionParameter',
    message: `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}'.`,
    target: 'api-version',
  }),
  noRegisteredProvider: (
    type: string,
    location: string,
    version: string,
    supported: readonly string[],
  ): ErrorBody => ({
    code: 'NoRegisteredProviderFound',
    message: `No registered resource provider found for location '${location}' and API version '${version}' for type '${type}'. The supported api-versions are '${supported.join(', ')}'.`,
    target: 'api-version',
  }),
  invalidResourceType: (type: string, namespace: string): ErrorBody => ({
    code: 'InvalidResourceType',
    message: `The resource type '${type}' could not be found in the namespace '${namespace}'.`,
    target: type,
  }),
  locationRequired: (): ErrorBody => ({
    code: 'LocationRequired',
    message: 'The location property is required for this definition.',
    target: 'location',
  }),
  invalidLocation: (id: string, present: string, asked: string): ErrorBody => ({
    code: 'InvalidResourceLocation',
    message: `The resource '${id}' already exists in location '${present}'. A resource with the same name cannot be created in location '${asked}'. Please select a new resource name.`,
    target: 'location',
  }),
  authenticationFailed: (): ErrorBody => ({
    code: 'AuthenticationFailed',
    message: "Authentication failed. The 'Authorization' header is missing.",
  }),
  invalidToken: (reason: string): ErrorBody => ({
    code: 'InvalidAuthenticationToken',
    message: `The access token is invalid: ${reason}`,
  }),
  expiredToken: (expired: string, now: string): ErrorBody => ({
    code: 'ExpiredAuthenticationToken',
    message: `The access token expiry UTC time '${expired}' is earlier than current UTC time '${now}'.`,
  }),
  authorizationFailed: (client: string, objectId: string, action: string, scope: string): ErrorBody => ({
    code: 'AuthorizationFailed',
    message: `The client '${client}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  }),
  linkedAuthorizationFailed: (
    client: string,
    objectId: string,
    scope: string,
    action: string,
    linked: string,
  ): ErrorBody => ({
    code: 'LinkedAuthorizationFailed',
    message: `The client '${client}' with object id '${objectId}' has permission to write '${scope}'; however, it does not have permission to perform action '${action}' on the linked scope '${linked}' or the linked scope is invalid.`,
    target: linked,
  }),
  anotherOperation: (id: string, operation?: string): ErrorBody => ({
    code: 'AnotherOperationInProgress',
    message: `Another operation on this or dependent resource is in progress.${operation === undefined ? '' : ` To retrieve status of the operation use uri: ${operation}.`}`,
    target: id,
  }),
  retryable: (id: string): ErrorBody => ({
    code: 'RetryableErrorDueToAnotherOperation',
    message: `Operation on '${id}' could not be completed because another operation is in progress. Retry later.`,
    target: id,
  }),
  tooManyRequests: (retryAfterSeconds: number): ErrorBody => ({
    code: 'TooManyRequests',
    message: `The request is being throttled. Retry after ${retryAfterSeconds} seconds.`,
  }),
  preconditionFailed: (id: string, given: string): ErrorBody => ({
    code: 'PreconditionFailed',
    message: `The etag '${given}' is not that of the present version of '${id}': read it again and repeat the change.`,
    target: id,
  }),
  resourceInUse: (id: string, users: readonly string[]): ErrorBody => ({
    code: 'ResourceInUse',
    message: `Resource '${id}' is in use by ${users.map(user => `'${user}'`).join(', ')}. Delete or change what uses it first.`,
    target: id,
  }),
  notSupported: (operation: string): ErrorBody => ({
    code: 'OperationNotSupported',
    message: `The operation '${operation}' is not one that this gateway has.`,
    target: operation,
  }),
} as const

/** Value of `WWW-Authenticate` beside a 401. `authority`: where tokens are to be had, as `https://LOGIN/TENANT`. */
export function bearerChallenge(authority: string, error: ErrorBody): string {
  const fields = { authorization_uri: authority, error: 'invalid_token', error_description: error.message }
  const parts = Object.entries(fields).map(([name, value]) => `${name}="${headerText(value)}"`)
  return `Bearer ${parts.join(', ')}`
}

/** What a quoted string of a header may hold: no quotes, no line ends, nothing beyond ASCII. */
function headerText(text: string): string {
  return text.replace(/["\\]/g, "'").replace(/[^ -~]+/g, ' ')
}
