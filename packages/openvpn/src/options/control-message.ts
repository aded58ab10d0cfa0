import { catchFault, WireFault } from '@causeway/wire'

/** Longest control message in bytes, its NUL included, that clients take (OpenVPN's buffers). */
export const CONTROL_TEXT_BYTES = 1024

/** A message inside TLS after the key exchange: text that ends with a NUL. */
export type ControlMessage =
  | { readonly type: 'push-request' }
  /** `text` is the whole message, for `PushReplyReader`. */
  | { readonly type: 'push-reply'; readonly text: string }
  | {
      readonly type: 'auth-failed'
      readonly reason: string
      /** Absent: the credentials were refused for good. */
      readonly temporary?: TemporaryFailure
    }
  /** Come back; `nextServer`: to the next remote of the profile. */
  | { readonly type: 'restart'; readonly nextServer: boolean; readonly reason: string }
  /** Do not come back. */
  | { readonly type: 'halt'; readonly reason: string }
  /** The peer leaves (clients with CC_EXIT_NOTIFY, and servers to them). */
  | { readonly type: 'exit' }
  | { readonly type: 'info'; readonly text: string }
  /** Before the session stands: `WEB_AUTH:flags:url`, `CR_TEXT:R,E:text`. */
  | { readonly type: 'info-pre'; readonly text: string }
  /** The answer takes longer; without timeout for clients that know no keywords. */
  | { readonly type: 'auth-pending'; readonly timeoutSeconds?: number }
  /** Base64 of the user's answer to CR_TEXT. */
  | { readonly type: 'challenge-response'; readonly response: string }
  /** Nothing that Causeway acts on. */
  | { readonly type: 'unknown'; readonly text: string }

/** AUTH_FAILED,TEMP: the client may try again. */
export interface TemporaryFailure {
  readonly backoffSeconds?: number
  /** Which remote to try: the same address, another address of it, or the next one. */
  readonly advance?: 'no' | 'addr' | 'remote'
}

type MessageReader = (rest: string, text: string) => ControlMessage

/** Readers by keyword, of what follows the comma. */
const READERS: ReadonlyMap<string, MessageReader> = new Map<string, MessageReader>([
  ['PUSH_REQUEST', () => ({ type: 'push-request' })],
  ['PUSH_REPLY', (_, text) => ({ type: 'push-reply', text })],
  ['AUTH_FAILED', readAuthFailed],
  ['RESTART', readRestart],
  ['HALT', reason => ({ type: 'halt', reason })],
  ['EXIT', () => ({ type: 'exit' })],
  ['INFO', text => ({ type: 'info', text })],
  ['INFO_PRE', text => ({ type: 'info-pre', text })],
  ['AUTH_PENDING', readAuthPending],
  ['CR_RESPONSE', response => ({ type: 'challenge-response', response })],
])

/**
 * Reads one message's text, without its NUL. Line breaks at its end are dropped; any other control
 * character is a fault: these texts reach logs, users and scripts.
 */
export function parseControlMessage(raw: string): ControlMessage | WireFault {
  return catchFault(() => {
    const text = withoutLineBreaks(raw)
    const control = text.search(/\p{Cc}/u)
    if (control >= 0) throw new WireFault('invalid', 'control message', control)
    const comma = text.indexOf(',')
    const keyword = comma < 0 ? text : text.slice(0, comma)
    const read = READERS.get(keyword)
    return read ? read(comma < 0 ? '' : text.slice(comma + 1), text) : { type: 'unknown', text }
  })
}

/**
 * The text of a message, without its NUL. Control characters become spaces, and what is longer than
 * {@link CONTROL_TEXT_BYTES} is cut: reasons come from users and from RADIUS servers.
 */
export function formatControlMessage(message: ControlMessage): string {
  return cutText(messageText(message).replace(/\p{Cc}/gu, ' '), CONTROL_TEXT_BYTES - 1)
}

function messageText(message: ControlMessage): string {
  switch (message.type) {
    case 'push-request':
      return 'PUSH_REQUEST'
    case 'push-reply':
    case 'unknown':
      return message.text
    case 'auth-failed':
      return withReason('AUTH_FAILED', authFailedReason(message.reason, message.temporary))
    case 'restart':
      return withReason('RESTART', `${message.nextServer ? '[N]' : ''}${message.reason}`)
    case 'halt':
      return withReason('HALT', message.reason)
    case 'exit':
      return 'EXIT'
    case 'info':
      return withReason('INFO', message.text)
    case 'info-pre':
      return withReason('INFO_PRE', message.text)
    case 'auth-pending':
      return message.timeoutSeconds === undefined
        ? 'AUTH_PENDING'
        : `AUTH_PENDING,timeout ${message.timeoutSeconds}`
    case 'challenge-response':
      return `CR_RESPONSE,${message.response}`
    default:
      return message satisfies never
  }
}

function withReason(keyword: string, reason: string): string {
  return reason === '' ? keyword : `${keyword},${reason}`
}

/** A reason that begins like the mark of a temporary failure must not be taken for one. */
function authFailedReason(reason: string, temporary: TemporaryFailure | undefined): string {
  if (!temporary) return /^(TEMP|SESSION)/.test(reason) ? ` ${reason}` : reason
  const { backoffSeconds, advance } = temporary
  const flags = [
    ...(backoffSeconds === undefined ? [] : [`backoff ${backoffSeconds}`]),
    ...(advance === undefined ? [] : [`advance ${advance}`]),
  ]
  return `TEMP${flags.length > 0 ? `[${flags.join(',')}]` : ''}${reason === '' ? '' : `:${reason}`}`
}

function readAuthFailed(rest: string): ControlMessage {
  const [whole, flags = '', reason = ''] = /^TEMP(?:\[([^\]]*)\])?(?::(.*))?$/u.exec(rest) ?? []
  if (whole === undefined) return { type: 'auth-failed', reason: rest.replace(/^ (?=TEMP|SESSION)/, '') }
  return { type: 'auth-failed', reason, temporary: readTemporaryFlags(flags) }
}

function readTemporaryFlags(flags: string): TemporaryFailure {
  const backoff = /(?:^|,)backoff ([0-9]{1,6})(?:,|$)/.exec(flags)?.[1]
  const advance = /(?:^|,)advance (no|addr|remote)(?:,|$)/.exec(flags)?.[1]
  return {
    ...(backoff !== undefined && { backoffSeconds: Number(backoff) }),
    ...(advance !== undefined && { advance: advance as 'no' | 'addr' | 'remote' }),
  }
}

function readRestart(rest: string): ControlMessage {
  const [, flags = '', reason = ''] = /^(?:\[([^\]]*)\])?(.*)$/u.exec(rest) ?? []
  return { type: 'restart', nextServer: flags.includes('N'), reason }
}

function readAuthPending(rest: string): ControlMessage {
  const timeout = /(?:^|,)timeout ([0-9]{1,6})(?:,|$)/.exec(rest)?.[1]
  return { type: 'auth-pending', ...(timeout !== undefined && { timeoutSeconds: Number(timeout) }) }
}

/** By hand: a regular expression takes a square of the time on line breaks that are not at the end. */
function withoutLineBreaks(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--
  return text.slice(0, end)
}

/** Cuts text to at most so many bytes of UTF-8, and no character in two. */
export function cutText(text: string, mostBytes: number): string {
  let bytes = 0
  let cut = ''
  for (const character of text) {
    const code = character.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > mostBytes) return cut
    cut += character
  }
  return cut
}
