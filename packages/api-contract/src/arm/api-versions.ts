/**
 * The api-versions that Azure has had, by provider. Clients name the one that they were made for, so every one of
 * them is taken, and all of them mean the same here: what a version has not is let through, and what a PUT of an older
 * one cannot have known is kept (`since` of the schemas).
 */
const PROVIDER_API_VERSIONS = {
  'Microsoft.Network': versions(`
    2015-05-01-preview 2015-06-15 2016-03-30 2016-06-01 2016-07-01 2016-08-01 2016-09-01 2016-10-01 2016-11-01
    2016-12-01 2017-03-01 2017-04-01 2017-06-01 2017-08-01 2017-09-01 2017-10-01 2017-11-01 2018-01-01 2018-02-01
    2018-03-01 2018-04-01 2018-05-01 2018-06-01 2018-07-01 2018-08-01 2018-10-01 2018-11-01 2018-12-01 2019-02-01
    2019-04-01 2019-06-01 2019-07-01 2019-08-01 2019-09-01 2019-11-01 2019-12-01 2020-01-01 2020-03-01 2020-04-01
    2020-05-01 2020-06-01 2020-07-01 2020-08-01 2020-11-01 2021-01-01 2021-02-01 2021-03-01 2021-04-01 2021-05-01
    2021-06-01 2021-08-01 2021-12-01 2022-01-01 2022-05-01 2022-07-01 2022-09-01 2022-11-01 2023-02-01 2023-04-01
    2023-05-01 2023-06-01 2023-09-01 2023-11-01 2024-01-01 2024-03-01 2024-05-01 2024-07-01 2024-10-01 2025-01-01
    2025-03-01 2025-05-01 2025-07-01 2025-09-01 2026-01-01`),
  'Microsoft.Resources': versions(`
    2014-04-01 2014-04-01-preview 2015-01-01 2015-11-01 2016-02-01 2016-06-01 2016-07-01 2016-09-01 2017-05-01
    2017-05-10 2017-08-01 2018-01-01 2018-02-01 2018-05-01 2018-06-01 2018-07-01 2018-08-01 2018-09-01 2018-11-01
    2019-03-01 2019-05-01 2019-05-10 2019-06-01 2019-07-01 2019-08-01 2019-09-01 2019-10-01 2019-11-01 2020-01-01
    2020-05-01 2020-06-01 2020-08-01 2020-09-01 2020-10-01 2021-01-01 2021-04-01 2021-10-01 2022-01-01 2022-05-01
    2022-06-01 2022-09-01 2022-12-01 2023-07-01 2023-08-01 2024-03-01 2024-07-01 2024-08-01 2024-11-01 2025-03-01
    2025-04-01`),
  'Microsoft.ManagedIdentity': versions(`
    2015-08-31-preview 2018-11-30 2021-09-30-preview 2022-01-31-preview 2023-01-31 2023-07-31-preview 2024-11-30
    2025-01-31-preview`),
  'Microsoft.KeyVault': versions(`
    2014-12-19-preview 2015-06-01 2016-10-01 2018-02-14 2018-02-14-preview 2019-09-01 2020-04-01-preview
    2021-04-01-preview 2021-06-01-preview 2021-10-01 2021-11-01-preview 2022-02-01-preview 2022-07-01 2022-11-01
    2023-02-01 2023-07-01 2024-04-01-preview 2024-11-01 2024-12-01-preview 2025-05-01 2026-02-01`),
  'Microsoft.Authorization': versions(`
    2014-04-01-preview 2014-07-01-preview 2014-10-01-preview 2015-05-01-preview 2015-06-01 2015-07-01
    2016-07-01 2017-05-01 2017-09-01 2017-10-01-preview 2018-01-01-preview 2018-07-01 2018-09-01-preview
    2019-04-01-preview 2020-03-01-preview 2020-04-01-preview 2020-08-01-preview 2020-10-01-preview
    2021-04-01-preview 2022-04-01 2022-05-01-preview`),
} as const

/** Namespaces of the providers that we serve. */
export type ProviderNamespace = keyof typeof PROVIDER_API_VERSIONS
export const PROVIDER_NAMESPACES = Object.keys(PROVIDER_API_VERSIONS) as readonly ProviderNamespace[]

/** The api-versions of a provider, the oldest first. */
export function apiVersionsOf(namespace: ProviderNamespace): readonly string[] {
  return PROVIDER_API_VERSIONS[namespace]
}

function versions(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
