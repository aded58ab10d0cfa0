import type { ClientView } from '@causeway/api-contract'
import type { GatewayConfiguration } from '../configuration.ts'

type Trust = Pick<GatewayConfiguration, 'certificateAuthentication'>

/**
 * Clients that the operator has revoked by name and that a change lets in again: a PUT replaces the list of revoked
 * certificates as Azure's does, and whoever wrote it may not have known of them.
 */
export function liftedRevocations(before: Trust, after: Trust, clients: readonly ClientView[]): string[] {
  const isLifted = (thumbprint: string): boolean =>
    before.certificateAuthentication.revokedThumbprints.has(thumbprint) &&
    !after.certificateAuthentication.revokedThumbprints.has(thumbprint)
  // Without roots nobody is let in by a certificate at all.
  if (after.certificateAuthentication.roots.length === 0) return []
  const lifted = clients.filter(
    ({ thumbprint, revokedAt }) => revokedAt !== undefined && isLifted(thumbprint.toUpperCase()),
  )
  return [...new Set(lifted.map(({ name }) => name))]
}
