import type { HttpAnswer, TokenService } from '@causeway/token-service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BaseUrls } from '../envelope/base-urls.ts'
import { limits } from '../limits.ts'

type Version = Parameters<TokenService['openIdConfiguration']>[2]

interface Routes {
  readonly version: Version
  readonly configuration: string
  readonly keys: string
  readonly token: string
}

/** Under which paths a tenant is known, by the generation of clients that asks there. */
const ROUTES: readonly Routes[] = [
  {
    version: 'adfs',
    configuration: '/adfs/.well-known/openid-configuration',
    keys: '/adfs/discovery/keys',
    token: '/adfs/oauth2/token',
  },
  {
    version: 'v2',
    configuration: '/:tenant/v2.0/.well-known/openid-configuration',
    keys: '/:tenant/discovery/v2.0/keys',
    token: '/:tenant/oauth2/v2.0/token',
  },
  {
    version: 'v1',
    configuration: '/:tenant/.well-known/openid-configuration',
    keys: '/:tenant/discovery/keys',
    token: '/:tenant/oauth2/token',
  },
]

/** The token service over HTTP. Nothing here needs a token. */
export async function tokenRoutes(
  app: FastifyInstance,
  { service, urls }: { service: TokenService; urls: BaseUrls },
): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: limits.formBytes },
    async (_request: FastifyRequest, body: string | Buffer) => new URLSearchParams(body.toString()),
  )
  app.get('/common/discovery/instance', (request, reply) =>
    send(reply, service.instanceDiscovery(urls.of(request.headers.host))),
  )
  for (const { version, configuration, keys, token } of ROUTES) {
    app.get(configuration, (request, reply) =>
      send(reply, service.openIdConfiguration(urls.of(request.headers.host), tenantOf(request), version)),
    )
    app.get(keys, (_request, reply) => send(reply, service.jwks()))
    app.post(token, async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
      const answer = await service.token({
        version,
        tenant: tenantOf(request),
        baseUrl: urls.of(request.headers.host),
        form,
        source: sourceOf(request.ip),
        headers: plainHeaders(request),
      })
      return send(reply, answer)
    })
  }
}

/** An address as failures are counted by: of IPv6 its /64, which one household has. */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%')[0] ?? ''
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map(group => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/** Headers that are there once. */
export function plainHeaders({ headers }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([, value]) => typeof value === 'string'),
  ) as Readonly<Record<string, string | undefined>>
}

function tenantOf({ params }: FastifyRequest): string {
  return (params as { readonly tenant?: string }).tenant ?? ''
}

/** Sends an answer of the token service as it is. */
export function send(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(JSON.stringify(body))
}
