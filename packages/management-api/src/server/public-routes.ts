import { openApiDocument } from '@causeway/api-contract'
import type { FastifyInstance } from 'fastify'
import type { BaseUrls } from '../envelope/base-urls.ts'
import { Query } from '../envelope/query.ts'
import { cloudMetadata } from '../metadata/endpoints.ts'
import type { Vaults } from '../vault/vaults.ts'
import type { ManagementApiOptions } from './options.ts'

/** What needs no token: how to find everything else. */
export async function publicRoutes(
  app: FastifyInstance,
  { options, urls, vaults }: { options: ManagementApiOptions; urls: BaseUrls; vaults: Vaults | undefined },
): Promise<void> {
  const { version, installation } = options
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/openapi.json', async request => openApiDocument(urls.of(request.headers.host), version))
  app.get('/metadata/endpoints', async request => {
    const query = new Query((request.raw.url ?? '').split('?')[1] ?? '')
    return cloudMetadata(
      urls.of(request.headers.host),
      query.value('api-version'),
      installation,
      vaults?.hosts.domainOf(request.headers.host),
    )
  })
}
