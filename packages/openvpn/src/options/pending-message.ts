import { utf8Bytes } from '@causeway/wire'
import { cutText } from './control-message.ts'
import type { PeerInfo } from './peer-info.ts'

/**
 * What the user is to do while the decision is pending: the text of INFO_PRE (OpenVPN's
 * management-notes, `client-pending-auth`).
 */
export type PendingMessage =
  /** `WEB_AUTH:flags:url`: open a page. Flags: `external` (in the user's own browser), `hidden`. */
  | { readonly type: 'web-auth'; readonly url: string; readonly flags: readonly string[] }
  /** `OPEN_URL:url`: the same for clients before 2.6. */
  | { readonly type: 'open-url'; readonly url: string }
  /** `CR_TEXT:flags:text`: answer a question, by CR_RESPONSE. */
  | {
      readonly type: 'challenge-text'
      readonly text: string
      /** Show the answer while it is typed. */
      readonly echo: boolean
      /** Without an answer the text is only shown. */
      readonly responseRequired: boolean
    }

/** How a client can ask its user: an element of its IV_SSO. */
export type PendingMethod = (typeof METHODS)[PendingMessage['type']]

const METHODS = { 'web-auth': 'webauth', 'open-url': 'openurl', 'challenge-text': 'crtext' } as const

/**
 * Longest INFO_PRE text in bytes. A control message holds 1,014, but OpenVPN up to 2.6 tells its user
 * interface of no more than this, and says nothing to the user of what is longer.
 */
export const PENDING_TEXT_BYTES = 246

/** Which messages a client says that it can show its user. */
export function pendingMethods(peerInfo: PeerInfo): ReadonlySet<PendingMethod> {
  const announced = new Set((peerInfo.get('IV_SSO') ?? '').split(',').map(method => method.trim()))
  return new Set(Object.values(METHODS).filter(method => announced.has(method)))
}

/** The IV_SSO method that a client needs for a message. */
export function methodOf(message: PendingMessage): PendingMethod {
  return METHODS[message.type]
}

/**
 * The INFO_PRE text of a message. A question that is too long is cut; control characters in it become
 * spaces. Errors: `RangeError` for a URL that is none of http(s) or does not fit into
 * {@link PENDING_TEXT_BYTES} (give the user a short one that redirects), and for impossible flags.
 */
export function formatPendingMessage(message: PendingMessage): string {
  switch (message.type) {
    case 'web-auth':
      return requireFit(`WEB_AUTH:${message.flags.map(requireFlag).join(',')}:${requireUrl(message.url)}`)
    case 'open-url':
      return requireFit(`OPEN_URL:${requireUrl(message.url)}`)
    case 'challenge-text': {
      const flags = [...(message.responseRequired ? ['R'] : []), ...(message.echo ? ['E'] : [])]
      const text = message.text.replace(/\p{Cc}/gu, ' ')
      return cutText(`CR_TEXT:${flags.join(',')}:${text}`, PENDING_TEXT_BYTES)
    }
    default:
      return message satisfies never
  }
}

/** Reads an INFO_PRE text. `undefined`: none that Causeway knows. */
export function parsePendingMessage(text: string): PendingMessage | undefined {
  const colon = text.indexOf(':')
  const [keyword, rest] = [text.slice(0, colon), text.slice(colon + 1)]
  switch (colon < 0 ? '' : keyword) {
    case 'WEB_AUTH':
      return readWebAuth(rest)
    case 'OPEN_URL':
      return isUrl(rest) ? { type: 'open-url', url: rest } : undefined
    case 'CR_TEXT':
      return readChallengeText(rest)
    default:
      return undefined
  }
}

function readWebAuth(text: string): PendingMessage | undefined {
  const start = text.search(/:https?:\/\//)
  const url = text.slice(start + 1)
  if (start < 0 || !isUrl(url)) return undefined
  return { type: 'web-auth', url, flags: splitFlags(text.slice(0, start)) }
}

function readChallengeText(text: string): PendingMessage | undefined {
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  const flags = splitFlags(text.slice(0, colon))
  return {
    type: 'challenge-text',
    text: text.slice(colon + 1),
    echo: flags.includes('E'),
    responseRequired: flags.includes('R'),
  }
}

function splitFlags(text: string): string[] {
  return text.split(',').filter(flag => flag !== '')
}

/** Clients hand it to a browser: nothing but the web, and no character that a shell would act on. */
function isUrl(text: string): boolean {
  return /^https?:\/\/[A-Za-z0-9[][\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5b\x5d-\x5f\x61-\x7e]*$/.test(text)
}

function requireUrl(url: string): string {
  if (!isUrl(url)) throw new RangeError('a URL for the user must be http(s) without spaces and quotes')
  return url
}

function requireFlag(flag: string): string {
  if (!/^[A-Za-z0-9_=-]{1,64}$/.test(flag)) throw new RangeError('a WEB_AUTH flag has impossible characters')
  return flag
}

function requireFit(text: string): string {
  if (utf8Bytes(text).length > PENDING_TEXT_BYTES)
    throw new RangeError(
      `a URL for the user is too long: all of it must fit into ${PENDING_TEXT_BYTES} bytes`,
    )
  return text
}
