/** Error codes of the management plane, ARM's where ARM has one, and the HTTP status of each. */
export const ERROR_STATUS = {
  /** The body is not JSON or not of the resource's shape. */
  InvalidRequestContent: 400,
  /** A property's value is wrong. */
  InvalidParameter: 400,
  MissingApiVersionParameter: 400,
  InvalidApiVersionParameter: 400,
  NoRegisteredProviderFound: 400,
  AuthenticationFailed: 401,
  AuthorizationFailed: 403,
  ResourceNotFound: 404,
  ResourceGroupNotFound: 404,
  /** What is asked does not fit the present state: the name is taken, the gateway is not running. */
  Conflict: 409,
  AnotherOperationInProgress: 409,
  PreconditionFailed: 412,
  TooManyRequests: 429,
  InternalServerError: 500,
  /** The machine refused: disk, permissions, network. */
  HostFailure: 500,
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
