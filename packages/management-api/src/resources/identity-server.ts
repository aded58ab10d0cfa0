import type { PrincipalStore } from '@causeway/token-service'
import type { ResourceServer } from './resource-server.ts'

/**
 * What stands behind `Microsoft.ManagedIdentity/userAssignedIdentities`: a principal, which is made with its resource
 * and goes with it.
 */
export function identityServer(principals: PrincipalStore, tenantId: string): ResourceServer {
  return {
    isQuick: true,
    apply: async change => {
      if (change.type === 'remove') await principals.removeManagedIdentity(change.former.id)
      else await principals.ensureManagedIdentity(change.next.id, 'userAssigned')
    },
    view: async ({ id }) => {
      const identity = await principals.managedIdentity(id)
      if (!identity) return { tenantId }
      return { tenantId, clientId: identity.clientId, principalId: identity.principalId }
    },
  }
}
