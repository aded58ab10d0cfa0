import type { ErrorBody } from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf } from './answer.ts'

/**
 * One page of a list. What follows is under `nextLink`, an absolute URL that clients ask for as it is.
 *
 * @param keyOf what an entry is sorted and found again by; no two have the same.
 * @param view makes what is answered of an entry; of this page's entries alone.
 */
export async function pageOf<Entry>(
  call: Call,
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  view: (entry: Entry) => unknown,
): Promise<Answer> {
  const top = topOf(call)
  if (typeof top !== 'number') return errorOf(top)
  const after = afterOf(call)
  const sorted = entries.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const rest = after === undefined ? sorted : sorted.filter(entry => keyOf(entry) > after)
  const page = rest.slice(0, top)
  const last = page.at(-1)
  const value = await Promise.all(page.map(view))
  const isLast = page.length === rest.length || last === undefined
  return { status: 200, body: { value, ...(!isLast && { nextLink: nextLink(call, keyOf(last)) }) } }
}

/** As much of a list that is in order as its page is made from: the page, and whether anything follows it. */
export function reachOf(call: Call): { readonly after: string | undefined; readonly limit: number } {
  const top = topOf(call)
  return { after: afterOf(call), limit: typeof top === 'number' ? top + 1 : 1 }
}

function afterOf({ query }: Call): string | undefined {
  const token = query.value('$skiptoken')
  return token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8')
}

function topOf({ query, operation, services }: Call): number | ErrorBody {
  const text = query.value('$top')
  if (text === undefined || !operation.query.some(({ name }) => name === '$top')) return services.pageEntries
  const top = Number(text)
  if (Number.isInteger(top) && top >= 1) return Math.min(top, services.pageEntries)
  return {
    code: 'InvalidParameter',
    message: `The query parameter $top has the value '${text.slice(0, 60)}'; give a whole number from 1.`,
    target: '$top',
  }
}

function nextLink({ baseUrl, words, query }: Call, lastKey: string): string {
  const path = words.map(encodeURIComponent).join('/')
  const parameters = [...query.entries()].filter(([name]) => name !== '$skiptoken')
  const text = [...parameters, ['$skiptoken', Buffer.from(lastKey).toString('base64url')] as const]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  return `${baseUrl}/${path}?${text}`
}
