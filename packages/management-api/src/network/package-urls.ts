import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ProfilePackageRequest } from '@causeway/gateway'
import type { DocumentStore, SecretStore } from '@causeway/store'
import { Query } from '../envelope/query.ts'
import { limits } from '../limits.ts'

/** Where packages are fetched. */
export const PACKAGES_PATH = '/packages'
/** Name of the secret with which URLs are signed. */
const KEY_NAME = 'management/package-urls'
const KEY_BYTES = 32

/** What a package is wanted of, and how it is to be. */
export interface PackageWish {
  /** `resourceGuid` of the gateway: one that is made anew under the same name is another. */
  readonly guid: string
  readonly request: ProfilePackageRequest
}

/** URLs of profile packages. They hold all that is to be known: nothing is kept for them. */
export interface PackageUrls {
  /** Path and query of a URL that is good for an hour. `undefined`: the wish is too long for a URL. */
  issue(name: string, wish: PackageWish): string | undefined
  /** What a URL stands for. `undefined`: it is none of ours, or its time is over. */
  read(path: string, query: string): PackageWish | undefined
}

/** The key of this installation, which is made when it is first wanted. Errors: the store's. */
export async function openPackageKey(
  store: Pick<DocumentStore, 'commit'>,
  secrets: Pick<SecretStore, 'read'>,
): Promise<Uint8Array> {
  const present = await secrets.read(KEY_NAME)
  if (present) return present
  const secret = randomBytes(KEY_BYTES)
  await store.commit([{ type: 'put-secret', name: KEY_NAME, secret }])
  return secret
}

/** @param now Unix seconds. */
export function createPackageUrls(key: Uint8Array, now: () => number): PackageUrls {
  const sign = (path: string, wish: string, expiry: string): string =>
    createHmac('sha256', key).update(`package\n${path}\n${wish}\n${expiry}`).digest('base64url')
  return {
    issue: (name, { guid, request }) => {
      const path = `${PACKAGES_PATH}/${encodeURIComponent(guid)}/${encodeURIComponent(name)}.zip`
      const wish = Buffer.from(JSON.stringify(request)).toString('base64url')
      const expiry = String(Math.floor(now()) + limits.packageUrlSeconds)
      const url = `${path}?rq=${wish}&se=${expiry}&sig=${sign(path, wish, expiry)}`
      return url.length > limits.packageUrlCharacters ? undefined : url
    },
    read: (path, query) => {
      const values = new Query(query)
      const [wish, expiry, signature] = ['rq', 'se', 'sig'].map(name => values.value(name) ?? '')
      if (wish === undefined || expiry === undefined || signature === undefined) return undefined
      if (!isSameText(signature, sign(path, wish, expiry)) || Number(expiry) <= now()) return undefined
      const guid = decodeURIComponent(path.slice(PACKAGES_PATH.length + 1).split('/')[0] ?? '')
      return { guid, request: JSON.parse(Buffer.from(wish, 'base64url').toString()) }
    },
  }
}

/** Takes as long whatever the texts are: what is compared are digests. */
function isSameText(one: string, other: string): boolean {
  const [first, second] = [one, other].map(text => createHash('sha256').update(text).digest())
  return first !== undefined && second !== undefined && timingSafeEqual(first, second)
}
