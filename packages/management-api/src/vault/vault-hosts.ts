/** How vaults are reached: each has a host of its own, below a domain that they share. */
export interface VaultHosts {
  /** What stands before the domain in a `Host` header, in lower case; `undefined`: it is no vault's host. */
  nameOf(host: string | undefined): string | undefined
  /**
   * The URL of a vault, without a slash at the end. `host`: the header by which a client came, whose port is believed
   * when the API is reached by it.
   */
  urlOf(name: string, host?: string): string
  /** What follows a vault's name in its URL, port and all: `vault.example.org:8443`. `host` as for {@link urlOf}. */
  domainOf(host?: string): string
}

/**
 * @param domain what follows a vault's name: `vault.example.org`.
 * @param baseUrls https URLs of the API. The port of the first one is that of vaults whose client names none of ours.
 */
export function createVaultHosts(domain: string, baseUrls: readonly [string, ...string[]]): VaultHosts {
  const suffix = `.${domain.toLowerCase()}`
  const [usual = '', ...others] = baseUrls.map(url => new URL(url).port)
  const ports = new Set([usual, ...others])
  const withPort = (host: string | undefined): string => {
    const [, port = ''] = splitHost(host ?? '')
    const known = host !== undefined && ports.has(port) ? port : usual
    return known === '' ? suffix : `${suffix}:${known}`
  }
  return {
    nameOf: host => {
      const [name = ''] = splitHost(host ?? '')
      return name.length > suffix.length && name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined
    },
    urlOf: (name, host) => `https://${name.toLowerCase()}${withPort(host)}`,
    domainOf: host => withPort(host).slice(1),
  }
}

/** Name and port; 443 is what https means without one. */
function splitHost(host: string): readonly [string, string] {
  const [, name = '', port = ''] = /^([^:]*)(?::(\d{1,5}))?$/.exec(host.toLowerCase()) ?? []
  return [name, port === '443' ? '' : port]
}
