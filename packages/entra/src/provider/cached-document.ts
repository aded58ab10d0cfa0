import type { Fault } from '../result.ts'

/** What a load gave. */
export type Loaded<T> = { readonly type: 'loaded'; readonly value: T } | Fault

/** A document and how it was come by. */
export interface CachedValue<T> {
  readonly type: 'value'
  readonly value: T
  /** Why the document is older than it should be; `undefined` when it is not. */
  readonly stale: string | undefined
  /** Whether it was fetched for this very call; `false` when a floor or a failure stood in the way. */
  readonly isNew: boolean
}

/** Ages and pauses, in seconds. */
export interface CacheTimes {
  /** Older documents are fetched again before they are used. */
  readonly maxAgeSeconds: number
  /** When fetching fails, older ones are used up to this age. */
  readonly maxStaleSeconds: number
  /** Pause after a fetch before {@link CachedDocument.readAgain} makes another. */
  readonly refetchFloorSeconds: number
  /** Pause after a failed fetch while there is no document that is young enough. */
  readonly retryFloorSeconds: number
}

/** A document of the provider, kept; callers at the same time share one fetch. Times are Unix seconds. */
export interface CachedDocument<T> {
  read(now: number): Promise<CachedValue<T> | Fault>
  /** Fetches although the document is young, as the floors allow. */
  readAgain(now: number): Promise<CachedValue<T> | Fault>
}

/** Makes a cache in front of `load`, which reports failure as a value. */
export function createCachedDocument<T>(
  load: (now: number) => Promise<Loaded<T>>,
  times: CacheTimes,
): CachedDocument<T> {
  let kept: { readonly value: T; readonly at: number } | undefined
  let last: { readonly at: number; readonly failure: Fault | undefined } | undefined
  let underWay: Promise<void> | undefined

  const isFresh = (now: number): boolean => kept !== undefined && isYounger(kept.at, now, times.maxAgeSeconds)
  const fetchNow = async (now: number): Promise<void> => {
    const loaded = await load(now)
    if (loaded.type === 'loaded') kept = { value: loaded.value, at: now }
    last = { at: now, failure: loaded.type === 'fault' ? loaded : undefined }
  }
  const fetchShared = (now: number): Promise<void> => {
    underWay ??= fetchNow(now).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const mayFetch = (now: number): boolean => {
    if (underWay || !last) return true
    const isNeeded = last.failure !== undefined && !isFresh(now)
    return !isYounger(last.at, now, isNeeded ? times.retryFloorSeconds : times.refetchFloorSeconds)
  }
  const answer = (now: number, isNew: boolean): CachedValue<T> | Fault => {
    if (kept && isYounger(kept.at, now, times.maxAgeSeconds)) {
      return { type: 'value', value: kept.value, stale: undefined, isNew }
    }
    const failure = last?.failure ?? { type: 'fault', reason: 'nothing was fetched yet' }
    if (!kept || !isYounger(kept.at, now, times.maxStaleSeconds)) return failure
    return { type: 'value', value: kept.value, stale: failure.reason, isNew }
  }
  const readAgain = async (now: number): Promise<CachedValue<T> | Fault> => {
    const isAllowed = mayFetch(now)
    if (isAllowed) await fetchShared(now)
    return answer(now, isAllowed && last?.failure === undefined)
  }
  return {
    read: async now => (isFresh(now) ? answer(now, false) : readAgain(now)),
    readAgain,
  }
}

/** A clock that was set back makes everything old: nothing is then kept for longer than meant. */
function isYounger(at: number, now: number, seconds: number): boolean {
  return at <= now && now - at < seconds
}
