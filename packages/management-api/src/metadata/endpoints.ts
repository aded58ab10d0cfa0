import type { Installation } from '../call/services.ts'

/**
 * The cloud's description, by which clients find everything else. az 2.45 asks for 2015-01-01, az 2.74 and Terraform for
 * 2022-09-01 (one object), `ARM_CLOUD_METADATA_URL` for 2019-05-01 (a list).
 *
 * @param url by which the client came, without a slash at the end.
 * @param vaultDomain what follows a vault's name in its URL, port and all: clients put the two together and ask there.
 */
export function cloudMetadata(
  url: string,
  apiVersion: string | undefined,
  { tenant }: Installation,
  vaultDomain: string | undefined,
): unknown {
  if (apiVersion === '2015-01-01')
    return {
      galleryEndpoint: `${url}/`,
      graphEndpoint: `${url}/`,
      portalEndpoint: `${url}/`,
      // The client of that age asks the public cloud about every other authority.
      authentication: { loginEndpoint: `${url}/adfs`, audiences: [`${url}/`, url] },
    }
  const cloud = describeCloud(url, tenant.id, vaultDomain)
  return LISTED.has(apiVersion ?? '') ? [cloud] : cloud
}

/** Versions that answer every cloud that is known. */
const LISTED: ReadonlySet<string> = new Set(['2019-05-01', '2020-06-01'])

function describeCloud(url: string, tenantId: string, vaultDomain: string | undefined): object {
  return {
    name: 'Causeway',
    portal: url,
    authentication: {
      loginEndpoint: url,
      audiences: [url, `${url}/`],
      tenant: tenantId,
      identityProvider: 'AAD',
    },
    resourceManager: url,
    graph: url,
    graphAudience: url,
    microsoftGraphResourceId: `${url}/`,
    gallery: url,
    media: url,
    batch: url,
    vmImageAliasDoc: url,
    sqlManagement: url,
    activeDirectoryDataLake: url,
    suffixes: {
      ...(vaultDomain !== undefined && { keyVaultDns: `.${vaultDomain}` }),
      storage: '',
      acrLoginServer: '',
      sqlServerHostname: '',
    },
  }
}
