import type { VaultContext } from './vault-context.ts'
import { badParameter } from './vault-error.ts'
import type { ObjectRecord, VersionRecord } from './vault-records.ts'

/** Which page of a list is wanted. */
export interface ListOptions {
  /** 1 to 25; default 25. */
  readonly maxResults?: number | undefined
  /** What the page before said. */
  readonly next?: string | undefined
}

/** A page of a list. */
export interface ListPage<Item> {
  readonly value: readonly Item[]
  /** Where the next page begins; absent on the last. */
  readonly next?: string
}

/** From the specification: Key Vault's longest page. */
const PAGE = 25

/** @internal The objects that are wanted, each with its current version, by name. Errors: `BadParameter`. */
export async function listObjects<Item>(
  { records }: VaultContext,
  { maxResults = PAGE, next }: ListOptions,
  isWanted: (record: ObjectRecord) => boolean,
  show: (record: ObjectRecord, version: VersionRecord) => Item,
): Promise<ListPage<Item>> {
  const limit = checkedLimit(maxResults)
  const value: Item[] = []
  let after = next
  for (;;) {
    const page = await records.objects(after, limit)
    for (const record of page) {
      after = record.name.toLowerCase()
      if (!isWanted(record)) continue
      const current = await records.version(record.name, record.version)
      if (current) value.push(show(record, current.record))
      if (value.length === limit) return { value, next: after }
    }
    if (page.length < limit) return { value }
  }
}

/** @internal The versions of an object. Errors: `BadParameter`. */
export async function listVersions<Item>(
  { records }: VaultContext,
  name: string,
  { maxResults = PAGE, next }: ListOptions,
  show: (version: VersionRecord) => Item,
): Promise<ListPage<Item>> {
  const limit = checkedLimit(maxResults)
  const page = await records.versions(name, next, limit)
  const last = page.at(-1)
  return { value: page.map(show), ...(page.length === limit && last && { next: last.version }) }
}

function checkedLimit(maxResults: number): number {
  if (Number.isInteger(maxResults) && maxResults >= 1 && maxResults <= PAGE) return maxResults
  throw badParameter('maxresults', `must be a whole number from 1 to ${PAGE}`)
}
