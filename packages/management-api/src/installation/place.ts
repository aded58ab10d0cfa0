import { parseIpAddress } from '@causeway/wire'

/** Where an installation's API is found. */
export interface ManagementPlace {
  /** Names and addresses of this machine, best first. */
  readonly hostNames: readonly string[]
  readonly port: number
  /** What follows a vault's name in its host. */
  readonly vaultDomain: string
}

/** Host names that the API answers to beside this machine's own. */
const LOCAL_NAMES = ['127.0.0.1', 'localhost'] as const

/** Ours: so many of the machine's names are URLs of the API. A verifier knows at most 16 audiences. */
const HOST_NAMES_LIMIT = 4

/** The URLs of the API, best first, each with its port. */
export function baseUrlsOf({ hostNames, port }: ManagementPlace): [string, ...string[]] {
  const names = [...new Set([...hostNames.slice(0, HOST_NAMES_LIMIT), ...LOCAL_NAMES])]
  const [first = '', ...more] = names.map(name => urlOf(name, port))
  return [first, ...more]
}

/** The resources that vaults' tokens may be for: the one that is told, and the same as clients make it of URLs. */
export function vaultResources({ vaultDomain, port }: ManagementPlace): readonly string[] {
  return [`https://${vaultDomain}`, `https://${vaultDomain}:${port}`]
}

/** `https://[::1]:8443`: addresses of IPv6 are in brackets (RFC 3986 §3.2.2). */
export function urlOf(host: string, port: number): string {
  const isIpv6 = parseIpAddress(host)?.family === 6
  return `https://${isIpv6 ? `[${host}]` : host}:${port}`
}
