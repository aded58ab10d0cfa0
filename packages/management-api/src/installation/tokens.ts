import type { ExternalTenantSettings } from '@causeway/api-contract'
import { createOpenIdProvider } from '@causeway/entra'
import type { DataDirectory } from '@causeway/store'
import {
  createResourceTable,
  createTokenService,
  createTokenVerifier,
  type IdentityHosts,
  managementAudiences,
  openSigningKeys,
  type PrincipalStore,
  type TokenAuthority,
  type TokenService,
  type TokenVerifier,
  vaultAudiences,
} from '@causeway/token-service'
import { baseUrlsOf, type ManagementPlace, vaultResources } from './place.ts'

export interface TokenOptions {
  readonly data: Pick<DataDirectory, 'secrets'>
  readonly principals: PrincipalStore
  readonly place: ManagementPlace
  readonly tenantId: string
  readonly externalTenant: ExternalTenantSettings | undefined
  readonly hosts: IdentityHosts
  /** Unix seconds. */
  readonly now: () => number
}

/** The token service, and who judges its tokens: a token for one plane is none for the other. */
export interface Tokens {
  readonly service: TokenService
  readonly management: TokenVerifier
  readonly vaults: TokenVerifier
}

/** Opens the signing keys and makes the service. Errors: the store's, `ERR_TOKEN_KEYS`, `ERR_ENTRA_OPTION`. */
export async function openTokens(options: TokenOptions): Promise<Tokens> {
  const { data, principals, place, tenantId, externalTenant, hosts, now } = options
  const keys = await openSigningKeys({ store: data.secrets, now: now() })
  const baseUrls = baseUrlsOf(place)
  const management = managementAudiences(baseUrls)
  const vaults = vaultAudiences(vaultResources(place))
  const resources = createResourceTable([...management, ...vaults])
  const service = createTokenService({
    keys,
    directory: principals,
    hosts,
    resources,
    tenant: tenantId,
    baseUrls,
    now,
  })
  const isEnabled = (objectId: string): Promise<boolean> => principals.isEnabled(objectId)
  const own: TokenAuthority = { tenant: tenantId, issuers: service.issuers, keys, isEnabled }
  const authorities = [own, ...(externalTenant ? [externalAuthority(externalTenant)] : [])]
  const authorizationUri = `${baseUrls[0]}/${tenantId}`
  const further = externalTenant?.audiences ?? []
  return {
    service,
    management: createTokenVerifier({
      authorities,
      audiences: [...management, ...further],
      authorizationUri,
    }),
    vaults: createTokenVerifier({ authorities, audiences: vaults, authorizationUri }),
  }
}

/** Entra's own URLs, where the settings name no others. */
function externalAuthority({
  tenantId,
  authority = `https://login.microsoftonline.com/${tenantId}`,
  issuers = [`https://sts.windows.net/${tenantId}/`, `https://login.microsoftonline.com/${tenantId}/v2.0`],
  httpsAuthority,
}: ExternalTenantSettings): TokenAuthority {
  const ca = httpsAuthority === undefined ? {} : { ca: [httpsAuthority] }
  return { tenant: tenantId, issuers, keys: createOpenIdProvider({ authority, issuers, ...ca }) }
}
