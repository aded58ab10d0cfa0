import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import {
  createPrincipalStore,
  createResourceTable,
  createTokenService,
  createTokenVerifier,
  type HttpAnswer,
  type ManagedIdentity,
  managementAudiences,
  openSigningKeys,
  type PrincipalStore,
  type TokenService,
  type TokenVerifier,
  vaultAudiences,
} from '@causeway/token-service'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { MemoryDocuments } from '../../packages/token-service/src/principals/memory-documents.suite.ts'

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const VAULT = 'https://vault.gateway.example'
export const GATEWAY =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw'
export const IDENTITY_HEADER = 'the-secret-of-the-gateway'

/** The token service over HTTPS on 127.0.0.1, as little of a server as clients need. */
export interface TokenServer {
  /** Without a slash at the end. */
  readonly baseUrl: string
  /** The CA of its certificate, in PEM. */
  readonly ca: string
  readonly principals: PrincipalStore
  /** For the management API, and for vaults. */
  readonly management: TokenVerifier
  readonly vault: TokenVerifier
  /** Identities that are assigned to the gateway; tests change them. */
  readonly assigned: ManagedIdentity[]
  /** Paths that were asked for, in order. */
  readonly asked: string[]
  /** Client assertions that came, in order. */
  readonly assertions: string[]
  close(): Promise<void>
}

export async function startTokenServer(): Promise<TokenServer> {
  const now = (): number => Math.floor(Date.now() / 1_000)
  const validity = { notBefore: now() - 3_600, notAfter: now() + 86_400 }
  const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const names = { commonName: '127.0.0.1', ipAddresses: ['127.0.0.1'] }
  const certificate = await issueServerCertificate(root, { key: 'rsa-2048', ...names, ...validity })
  const server = createServer({
    key: certificate.privateKey,
    cert: formatPem(certificate.certificate),
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const parts = await serviceAt(baseUrl, now)
  const [asked, assertions]: [string[], string[]] = [[], []]
  server.on('request', (request, response) => {
    asked.push(request.url?.split('?')[0] ?? '')
    void answer(parts.service, baseUrl, request, assertions).then(given => send(response, given))
  })
  const close = (): Promise<void> => closed(server)
  return { baseUrl, ca: formatPem(root.certificate), asked, assertions, close, ...parts }
}

interface Parts {
  readonly service: TokenService
  readonly principals: PrincipalStore
  readonly management: TokenVerifier
  readonly vault: TokenVerifier
  readonly assigned: ManagedIdentity[]
}

async function serviceAt(baseUrl: string, now: () => number): Promise<Parts> {
  const stored = new Map<string, Uint8Array>()
  const store = {
    read: async (name: string) => stored.get(name),
    write: async (name: string, bytes: Uint8Array) => void stored.set(name, bytes),
  }
  const keys = await openSigningKeys({ store, now: now() })
  const principals = createPrincipalStore(new MemoryDocuments(), now)
  const assigned: ManagedIdentity[] = []
  const service = createTokenService({
    keys,
    directory: principals,
    hosts: {
      headerSecrets: async () => [{ resourceId: GATEWAY, secret: IDENTITY_HEADER }],
      identitiesOf: async resourceId => (resourceId === GATEWAY ? assigned : []),
    },
    resources: createResourceTable([...managementAudiences([baseUrl]), ...vaultAudiences([VAULT])]),
    tenant: TENANT,
    baseUrls: [baseUrl],
    now,
  })
  const isEnabled = (objectId: string): Promise<boolean> => principals.isEnabled(objectId)
  const authorities = [{ tenant: TENANT, issuers: service.issuers, keys, isEnabled }]
  const authorizationUri = `${baseUrl}/${TENANT}`
  return {
    service,
    principals,
    assigned,
    management: createTokenVerifier({
      authorities,
      authorizationUri,
      audiences: managementAudiences([baseUrl]),
    }),
    vault: createTokenVerifier({ authorities, authorizationUri, audiences: vaultAudiences([VAULT]) }),
  }
}

const KEYS: readonly string[] = ['discovery/v2.0/keys', 'discovery/keys']
const VERSIONS = { 'oauth2/v2.0/token': 'v2', 'oauth2/token': 'v1' } as const

async function answer(
  service: TokenService,
  baseUrl: string,
  request: IncomingMessage,
  assertions: string[],
): Promise<HttpAnswer> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', baseUrl)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  )
  if (pathname === '/msi/token') return service.appService({ query, headers })
  if (/^\/metadata\/identity\/oauth2\/token\/?$/.test(pathname))
    return service.imds({ query, headers }, GATEWAY)
  const [, tenant = '', rest = ''] = /^\/([^/]+)\/(.*)$/.exec(pathname) ?? []
  if (rest === 'v2.0/.well-known/openid-configuration')
    return service.openIdConfiguration(baseUrl, tenant, 'v2')
  if (rest === '.well-known/openid-configuration')
    return service.openIdConfiguration(baseUrl, tenant, tenant === 'adfs' ? 'adfs' : 'v1')
  if (KEYS.includes(rest)) return service.jwks()
  const version = VERSIONS[rest as keyof typeof VERSIONS]
  if (version === undefined || request.method !== 'POST')
    return { status: 404, headers: {}, body: { pathname } }
  const form = new URLSearchParams(await bodyOf(request))
  assertions.push(...form.getAll('client_assertion'))
  const source = request.socket.remoteAddress ?? ''
  return service.token({
    version: tenant === 'adfs' ? 'adfs' : version,
    tenant,
    baseUrl,
    form,
    source,
    headers,
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, headers).end(JSON.stringify(body))
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
