import { EntraError } from '../errors.ts'
import { limits } from '../limits.ts'
import { quoted } from '../quoted.ts'
import { type Fault, fault } from '../result.ts'
import type { TokenHeader } from '../token/token-text.ts'
import { type CachedValue, type CacheTimes, createCachedDocument, type Loaded } from './cached-document.ts'
import { parseDestination } from './destination.ts'
import { type FetchOptions, fetchDocument } from './document.ts'
import { createHttpsFetch } from './https-fetch.ts'
import { type KeySet, readKeySet, type VerificationKey } from './key-set.ts'
import { metadataUrl, type ProviderMetadata, readMetadata } from './metadata.ts'

/** A key for a token, or why there is none. */
export type KeyAnswer =
  /** `stale`: why the keys are older than they should be, when they are. */
  | { readonly type: 'key'; readonly key: VerificationKey; readonly stale: string | undefined }
  /** The provider has no such key: the token is not its own, or (`isRecent`: ours were not fetched just now) its key is newer. */
  | { readonly type: 'unknown'; readonly reason: string; readonly isRecent: boolean }
  /** The provider's keys are not to be had now. */
  | { readonly type: 'unavailable'; readonly reason: string }

/** Where keys for tokens come from. `now` is Unix seconds. */
export interface KeySource {
  keyFor(header: TokenHeader, now: number): Promise<KeyAnswer>
}

/** An OpenID provider, known by its metadata and its keys. */
export interface OpenIdProvider extends KeySource {
  /** The metadata, not older than the settings allow. */
  metadata(now: number): Promise<CachedValue<ProviderMetadata> | Fault>
  /** How this provider is asked: for the token endpoint. */
  readonly fetchOptions: FetchOptions
  /** Accepted issuers. */
  readonly issuers: readonly string[]
}

export interface ProviderOptions {
  /** The URL before `/.well-known/openid-configuration`. At Entra `https://login.microsoftonline.com/{tid}`. */
  readonly authority: string
  /** Issuers that the provider may call itself, and tokens may name, to the letter. */
  readonly issuers: readonly string[]
  /** How to ask. Default {@link createHttpsFetch}; another one has to see to forbidden addresses itself. */
  readonly fetch?: typeof fetch
  /** CAs in PEM beside the public ones. Goes with the default `fetch` alone. */
  readonly ca?: readonly string[]
  /** For one document. Default 5,000. */
  readonly timeoutMilliseconds?: number
  /** `http` URLs are accepted: for tests. Default false. */
  readonly allowHttp?: boolean
  /** Default: 1 hour, 24 hours, 30 s and 5 s. */
  readonly times?: Partial<CacheTimes>
}

const defaultTimes: CacheTimes = {
  maxAgeSeconds: 3_600,
  maxStaleSeconds: 86_400,
  refetchFloorSeconds: 30,
  retryFloorSeconds: 5,
}

/**
 * Makes a provider. Nothing is fetched before it is needed.
 *
 * Errors: `ERR_ENTRA_OPTION` for an authority that is not an https URL, no issuers, or times out of bounds.
 */
export function createOpenIdProvider(options: ProviderOptions): OpenIdProvider {
  const { authority, issuers, allowHttp = false } = options
  const times = checkTimes({ ...defaultTimes, ...options.times })
  const target = parseDestination(authority, allowHttp)
  if (target.type === 'fault') throw new EntraError('ERR_ENTRA_OPTION', `authority: ${target.reason}`)
  if (issuers.length === 0) throw new EntraError('ERR_ENTRA_OPTION', 'at least one issuer must be accepted')
  const fetchOptions: FetchOptions = {
    fetch: options.fetch ?? createHttpsFetch({ ca: options.ca ?? [], allowHttp }),
    timeoutMilliseconds: options.timeoutMilliseconds ?? 5_000,
    allowHttp,
  }
  const metadata = createCachedDocument(() => loadMetadata(authority, issuers, fetchOptions), times)
  const keys = createCachedDocument(async now => loadKeys(await metadata.read(now), fetchOptions), times)
  const keyFor = async (header: TokenHeader, now: number): Promise<KeyAnswer> => {
    const found = await findKey(await keys.read(now), header)
    return found.type === 'unknown' && found.isRecent ? findKey(await keys.readAgain(now), header) : found
  }
  return { metadata: now => metadata.read(now), keyFor, fetchOptions, issuers }
}

async function findKey(cached: CachedValue<KeySet> | Fault, header: TokenHeader): Promise<KeyAnswer> {
  if (cached.type === 'fault') return { type: 'unavailable', reason: cached.reason }
  const found = await cached.value.find(header)
  if (found?.type === 'key') return { type: 'key', key: found.key, stale: cached.stale }
  const reason = found?.reason ?? `no key of the provider has the id ${quoted(header.keyId ?? '')}`
  return { type: 'unknown', reason, isRecent: !cached.isNew }
}

async function loadMetadata(
  authority: string,
  issuers: readonly string[],
  options: FetchOptions,
): Promise<Loaded<ProviderMetadata>> {
  const document = await fetchDocument(metadataUrl(authority), options)
  if (document.type === 'fault') return document
  const metadata = readMetadata(document.object, issuers, options.allowHttp)
  return metadata.type === 'fault' ? metadata : { type: 'loaded', value: metadata }
}

async function loadKeys(
  metadata: CachedValue<ProviderMetadata> | Fault,
  options: FetchOptions,
): Promise<Loaded<KeySet>> {
  if (metadata.type === 'fault') return metadata
  const document = await fetchDocument(metadata.value.keysUri, options)
  if (document.type === 'fault') return document
  const keys = readKeySet(document.object)
  if (keys.type === 'fault') return keys
  return keys.size > 0 ? { type: 'loaded', value: keys } : fault('the key set has no usable key')
}

function checkTimes(times: CacheTimes): CacheTimes {
  const { maxAgeSeconds, maxStaleSeconds, refetchFloorSeconds, retryFloorSeconds } = times
  const inOrder = [1, retryFloorSeconds, refetchFloorSeconds, maxAgeSeconds, limits.maxAgeSeconds]
  const isOrdered = inOrder.every((time, i) => i === 0 || time >= (inOrder[i - 1] ?? 0))
  const isBounded = maxStaleSeconds >= maxAgeSeconds && maxStaleSeconds <= 7 * limits.maxAgeSeconds
  if (isOrdered && isBounded) return times
  const order = '1 s ≤ retry floor ≤ refetch floor ≤ max age ≤ 1 day, and max age ≤ max stale ≤ 7 days'
  throw new EntraError('ERR_ENTRA_OPTION', `times of the provider's documents: ${order}`)
}
