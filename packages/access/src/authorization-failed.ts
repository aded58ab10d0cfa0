/** Who asks, as ARM names it in a refusal. */
export interface RefusedClient {
  /** A user's name, a service principal's client id. */
  readonly name: string
  readonly objectId: string
}

/** The message of ARM's 403 `AuthorizationFailed`, word for word: scripts look for it. */
export function authorizationFailedMessage(client: RefusedClient, action: string, scope: string): string {
  return (
    `The client '${client.name}' with object id '${client.objectId}' does not have authorization ` +
    `to perform action '${action}' over scope '${scope}' or the scope is invalid. ` +
    'If access was recently granted, please refresh your credentials.'
  )
}
