import type { TokenIdentity } from '@causeway/entra'
import type { TokenOrigin } from '../authentication/identity.ts'
import type { EntraConfiguration } from '../configuration.ts'

/** Of an accepted token, with those of its audiences that were accepted. */
export function originOf({ claims, tenant }: TokenIdentity): TokenOrigin {
  const { iss: issuer = '', aud = '' } = claims
  return { issuer, tenant, audiences: aud.split(' ') }
}

/** Whether a token of this origin, whether the client or a browser brought it, is accepted by this configuration. */
export function isAccepted(
  configuration: EntraConfiguration,
  { issuer, tenant, audiences }: TokenOrigin,
): boolean {
  const { tenantId } = configuration
  if (tenantId !== undefined && tenant !== tenantId.toLowerCase()) return false
  return acceptedBy(configuration).some(
    accepted =>
      accepted.issuer === issuer && accepted.audiences.some(audience => audiences.includes(audience)),
  )
}

/** Whether both accept tokens of the same origins. */
export function sameOrigins(
  one: EntraConfiguration | undefined,
  other: EntraConfiguration | undefined,
): boolean {
  const text = (entra: EntraConfiguration | undefined) =>
    JSON.stringify(entra && [entra.tenantId, acceptedBy(entra)])
  return text(one) === text(other)
}

/** Access tokens, and ID tokens of sign-ins through the browser. */
function acceptedBy({
  issuer,
  audiences,
  signInAt,
  browser,
}: EntraConfiguration): readonly Pick<TokenOrigin, 'issuer' | 'audiences'>[] {
  return [
    { issuer, audiences },
    ...(browser ? [{ issuer: signInAt.issuer, audiences: [browser.clientId] }] : []),
  ]
}
