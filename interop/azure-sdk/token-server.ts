import type { TokenService } from '@causeway/token-service'
import { type ApiServer, type IdentityHolder, startApiServer } from './api-server.ts'

/** The management API, and what its token service is asked. */
export interface TokenServer extends ApiServer {
  readonly holder: IdentityHolder
  /** What clients with a secret or a certificate asked for, in order: `token v2 TENANT`. */
  readonly asked: string[]
  /** Client assertions that came, in order. */
  readonly assertions: string[]
}

const GATEWAY = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw'

export async function startTokenServer(directory: string): Promise<TokenServer> {
  const holder: IdentityHolder = { id: GATEWAY, headerSecret: 'the-secret-of-the-gateway', identities: [] }
  const [asked, assertions]: [string[], string[]] = [[], []]
  const before = (service: TokenService): TokenService => noting(service, asked, assertions)
  return { ...(await startApiServer({ directory, holder, before })), holder, asked, assertions }
}

/** Tenants have no name in the paths of `adfs`. */
function noting(service: TokenService, asked: string[], assertions: string[]): TokenService {
  const note = (...words: string[]): void => void asked.push(words.filter(word => word !== '').join(' '))
  return {
    issuers: service.issuers,
    instanceDiscovery: baseUrl => service.instanceDiscovery(baseUrl),
    appService: request => service.appService(request),
    imds: (request, resourceId) => service.imds(request, resourceId),
    openIdConfiguration: (baseUrl, tenant, version) => {
      note('configuration', version, tenant)
      return service.openIdConfiguration(baseUrl, tenant, version)
    },
    jwks: () => {
      note('keys')
      return service.jwks()
    },
    token: request => {
      note('token', request.version, request.tenant)
      assertions.push(...request.form.getAll('client_assertion'))
      return service.token(request)
    },
  }
}
