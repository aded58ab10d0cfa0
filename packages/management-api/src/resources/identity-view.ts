import type { PrincipalStore } from '@causeway/token-service'
import { type Body, isObject } from './document.ts'

/** A body whose `identity` tells the principals of the identities that are assigned (`ManagedServiceIdentity`). */
export async function withPrincipals(body: Body, principals: PrincipalStore): Promise<Body> {
  const { identity } = body
  const { userAssignedIdentities }: Body = isObject(identity) ? identity : {}
  if (!isObject(identity) || !isObject(userAssignedIdentities)) return body
  const assigned = await Promise.all(
    Object.keys(userAssignedIdentities).map(async id => [id, await principalOf(id, principals)]),
  )
  return { ...body, identity: { ...identity, userAssignedIdentities: Object.fromEntries(assigned) } }
}

async function principalOf(id: string, principals: PrincipalStore): Promise<Body> {
  const found = await principals.managedIdentity(id)
  return found ? { principalId: found.principalId, clientId: found.clientId } : {}
}
