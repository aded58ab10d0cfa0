/** A cloud with an Entra of its own. Sources: Microsoft's pages on national clouds, and on P2S with Entra ID. */
export interface Cloud {
  readonly name: string
  /** Hosts of `aadTenant`; the first is the one of today. */
  readonly authorityHosts: readonly string[]
  /** Host of the issuer in v1 tokens: `https://{host}/{tenant}/`. */
  readonly issuerHost: string
}

export type CloudName = 'AzurePublic' | 'AzureGovernment' | 'AzureGermany' | 'AzureChina'

export const clouds: Readonly<Record<CloudName, Cloud>> = {
  AzurePublic: {
    name: 'Azure Public',
    authorityHosts: ['login.microsoftonline.com', 'login.windows.net'],
    issuerHost: 'sts.windows.net',
  },
  AzureGovernment: {
    name: 'Azure Government',
    authorityHosts: ['login.microsoftonline.us'],
    issuerHost: 'sts.windows.net',
  },
  /** Closed in 2021; its row stands in Azure's table. */
  AzureGermany: {
    name: 'Azure Germany',
    authorityHosts: ['login.microsoftonline.de', 'login-us.microsoftonline.de'],
    issuerHost: 'sts.microsoftonline.de',
  },
  AzureChina: {
    name: 'Microsoft Azure operated by 21Vianet',
    authorityHosts: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
    issuerHost: 'sts.chinacloudapi.cn',
  },
}

export const cloudNames = Object.keys(clouds) as readonly CloudName[]

/** The cloud to which a host of authorities belongs. */
export function cloudOfHost(host: string): CloudName | undefined {
  return cloudNames.find(name => clouds[name].authorityHosts.includes(host))
}

/** `https://sts.windows.net/{tenant}/`: what a v1 token of the cloud names as its issuer. */
export function issuerV1(cloud: CloudName, tenant: string): string {
  return `https://${clouds[cloud].issuerHost}/${tenant}/`
}

/** `https://login.microsoftonline.com/{tenant}/v2.0`, which has no slash at its end. */
export function issuerV2(cloud: CloudName, tenant: string): string {
  return `https://${clouds[cloud].authorityHosts[0]}/${tenant}/v2.0`
}
