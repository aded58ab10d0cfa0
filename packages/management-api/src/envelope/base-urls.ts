/** The URLs by which clients come. A `Host` header is only believed when it is one of ours. */
export interface BaseUrls {
  /** The base URL for a `Host` header. */
  of(host: string | undefined): string
}

/** @param urls https URLs without a slash at the end. */
export function createBaseUrls(urls: readonly [string, ...string[]]): BaseUrls {
  const byHost = new Map(urls.map(url => [new URL(url).host, url]))
  return { of: host => byHost.get((host ?? '').toLowerCase()) ?? urls[0] }
}
