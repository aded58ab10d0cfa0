import type { TokenService } from '@causeway/token-service'
import Fastify, { type FastifyInstance } from 'fastify'
import { limits } from '../limits.ts'
import { plainHeaders, send } from './token-routes.ts'

export interface ManagedIdentityServerOptions {
  readonly service: TokenService
  /**
   * The resource that programs on this machine are now: ARM id of the gateway; `undefined`: none. Absent: IMDS's form is
   * not answered.
   */
  readonly imdsResourceId?: () => string | undefined
}

/** Gives managed identities their tokens, on this machine alone. */
export interface ManagedIdentityServer {
  /** Begins to listen on 127.0.0.1. Answers the port that it was given, for port 0. Errors: Node's, as EADDRINUSE. */
  listen(port: number): Promise<number>
  close(): Promise<void>
}

/** Path of App Service's form: `IDENTITY_ENDPOINT` is `http://127.0.0.1:PORT/msi/token`. */
export const APP_SERVICE_PATH = '/msi/token'
/** Path of IMDS's form: `AZURE_POD_IDENTITY_AUTHORITY_HOST` is `http://127.0.0.1:PORT`. */
export const IMDS_PATH = '/metadata/identity/oauth2/token'

/**
 * Makes the server. It speaks plain HTTP, as its clients expect, and so listens on the loopback alone. Whoever comes by
 * another name than the loopback's is sent away: a page in a browser may not ask here.
 */
export function createManagedIdentityServer(options: ManagedIdentityServerOptions): ManagedIdentityServer {
  const app = Fastify({
    bodyLimit: 1_024,
    requestTimeout: limits.requestMilliseconds,
    keepAliveTimeout: limits.keepAliveMilliseconds,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
  })
  app.server.maxConnections = 256
  identityRoutes(app, options)
  return {
    listen: async port => {
      await app.listen({ host: '127.0.0.1', port })
      const address = app.server.address()
      return typeof address === 'object' && address ? address.port : port
    },
    close: () => app.close(),
  }
}

function identityRoutes(
  app: FastifyInstance,
  { service, imdsResourceId }: ManagedIdentityServerOptions,
): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isLoopback(request.headers.host)) await reply.code(403).send({ error: 'forbidden' })
  })
  app.get(APP_SERVICE_PATH, async (request, reply) => {
    const query = parametersOf(request.raw.url)
    return send(reply, await service.appService({ query, headers: plainHeaders(request) }))
  })
  if (imdsResourceId === undefined) return
  app.get(IMDS_PATH, async (request, reply) => {
    const query = parametersOf(request.raw.url)
    return send(reply, await service.imds({ query, headers: plainHeaders(request) }, imdsResourceId() ?? ''))
  })
}

function parametersOf(url: string | undefined): URLSearchParams {
  const mark = url?.indexOf('?') ?? -1
  return new URLSearchParams(mark < 0 ? '' : url?.slice(mark + 1))
}

/** DNS can point any name here; only ours are believed. 169.254.169.254 is what a redirected IMDS is called. */
function isLoopback(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
  return ['127.0.0.1', 'localhost', '169.254.169.254'].includes(name)
}
