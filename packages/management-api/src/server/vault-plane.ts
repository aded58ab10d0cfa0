import type { FastifyInstance } from 'fastify'
import type { Services } from '../call/services.ts'
import { createVaultApp } from '../vault/vault-app.ts'
import type { ManagementApiOptions } from './options.ts'

/** The data plane of vaults, where there are any. */
export async function openVaultApp(
  { vaults: plane, now, log }: ManagementApiOptions,
  { vaults, roles, installation }: Services,
): Promise<FastifyInstance | undefined> {
  if (!plane || !vaults) return undefined
  const { verifier, authorizationUri } = plane
  return createVaultApp({
    vaults,
    roles,
    verifier,
    authorizationUri,
    region: installation.location.name,
    now,
    log,
  })
}

/** What comes for a vault's host is another server's, which shares the port alone. */
export function sendToVaults(app: FastifyInstance, vaultApp: FastifyInstance, { vaults }: Services): void {
  app.addHook('onRequest', async (request, reply) => {
    if (vaults?.hosts.nameOf(request.headers.host) === undefined) return
    reply.hijack()
    vaultApp.routing(request.raw, reply.raw)
  })
  app.addHook('onClose', () => vaultApp.close())
}
