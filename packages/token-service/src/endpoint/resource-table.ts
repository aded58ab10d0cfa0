import { TokenServiceError } from '../errors.ts'
import { limits } from '../limits.ts'

/** The resources that tokens may be for. */
export interface ResourceTable {
  /** Every `aud` that a token may have. */
  readonly audiences: readonly string[]
  /** The audience for a resource as a client names it; `undefined`: not one of ours. */
  audienceOf(resource: string): string | undefined
}

/** Names by which clients call Azure Resource Manager, whatever endpoint they were given (SDK 37 and newer). */
const AZURE_RESOURCE_MANAGER = [
  'https://management.azure.com',
  'https://management.core.windows.net',
] as const

/** The audiences of the management API at its own URLs, and Azure's names for it. */
export function managementAudiences(baseUrls: readonly string[]): readonly string[] {
  return withAndWithoutSlash([...baseUrls, ...AZURE_RESOURCE_MANAGER])
}

/** The audiences of vaults, whose resource is a URL such as `https://vault.example.org`. */
export function vaultAudiences(resources: readonly string[]): readonly string[] {
  return withAndWithoutSlash(resources)
}

/** Makes the table of several planes. Errors: `ERR_TOKEN_OPTION` for an empty one or what is no https URL. */
export function createResourceTable(audiences: readonly string[]): ResourceTable {
  const known = new Map(audiences.map(audience => [comparable(audience), audience]))
  if (known.size === 0)
    throw new TokenServiceError('ERR_TOKEN_OPTION', 'tokens must be for at least one resource')
  for (const audience of audiences)
    if (!audience.startsWith('https://') || !URL.canParse(audience))
      throw new TokenServiceError(
        'ERR_TOKEN_OPTION',
        `the resource ${JSON.stringify(audience)} is no https URL`,
      )
  return {
    audiences,
    audienceOf: resource =>
      resource.length <= limits.parameterCharacters ? known.get(comparable(resource)) : undefined,
  }
}

function withAndWithoutSlash(urls: readonly string[]): readonly string[] {
  const bare = urls.map(url => url.replace(/\/+$/, ''))
  return [...new Set(bare.flatMap(url => [url, `${url}/`]))]
}

/** Schemes and hosts have no case, and our resources have no path. */
function comparable(url: string): string {
  return url.toLowerCase()
}
