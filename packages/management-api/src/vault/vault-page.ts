import { type ListOptions, VaultError } from '@causeway/key-vault'
import type { Query } from '../envelope/query.ts'

/** What a page may begin after: a name, or a version. */
const NEXT = /^[0-9a-zA-Z-]{1,127}$/

/** Which page of a list a request wants. Errors: `VaultError` `BadParameter`. */
export function listOptionsOf(query: Query): ListOptions {
  const [maximum, token] = [query.value('maxresults'), query.value('$skiptoken')]
  return {
    ...(maximum !== undefined && { maxResults: Number(maximum) }),
    ...(token !== undefined && { next: nextOf(token) }),
  }
}

/** Where the page that follows is: an absolute URL that clients ask for as it is. */
export function nextLinkOf(url: string, query: Query, next: string): string {
  const parameters = [...query.entries()].filter(([name]) => name !== '$skiptoken')
  const text = [...parameters, ['$skiptoken', Buffer.from(next).toString('base64url')] as const]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  return `${url}?${text}`
}

function nextOf(token: string): string {
  const next = Buffer.from(token, 'base64url').toString('utf8')
  if (NEXT.test(next)) return next
  throw new VaultError('BadParameter', '$skiptoken: is none that a list gave; begin the list anew', {
    target: '$skiptoken',
  })
}
