import { utf8Bytes, utf8Text } from '@causeway/wire'
import { formatBase64, parseBase64 } from '../wrap/pem-text.ts'
import { CONTROL_TEXT_BYTES } from './control-message.ts'

/**
 * A question by which a server refuses a client for now (OpenVPN's management-notes,
 * "Challenge/Response Protocol", dynamic): the reason of an AUTH_FAILED. The client connects again
 * with `username`, and {@link formatChallengeAnswer} as its password.
 */
export interface DynamicChallenge {
  /** The server's own mark of this conversation. Printable, without colon and space. */
  readonly stateId: string
  readonly username: string
  readonly text: string
  /** Show the answer while it is typed. */
  readonly echo: boolean
  /** Without an answer the text is only shown. */
  readonly responseRequired: boolean
}

/** Longest state id. Ours: clients built with 128-byte passwords must have room for the answer, too. */
export const CHALLENGE_STATE_LENGTH = 64

const PREFIX = 'CRV1:'
/** Longest reason of an AUTH_FAILED that is not cut. */
const REASON_BYTES = CONTROL_TEXT_BYTES - 'AUTH_FAILED,\0'.length

/** Whether a reason for refusal is a challenge, or means to be one. */
export function isDynamicChallenge(reason: string): boolean {
  return reason.startsWith(PREFIX)
}

/**
 * The reason to deny with: `CRV1:R,E:state:base64 of the name:text`. Errors: `RangeError` on an
 * impossible state id, on control characters, and when it does not fit into one AUTH_FAILED.
 */
export function formatDynamicChallenge(challenge: DynamicChallenge): string {
  const { stateId, username, text, echo, responseRequired } = challenge
  if (!isStateId(stateId)) throw new RangeError('a challenge has an impossible state id')
  if (/\p{Cc}/u.test(text)) throw new RangeError('the text of a challenge has control characters')
  const flags = [...(responseRequired ? ['R'] : []), ...(echo ? ['E'] : [])].join(',')
  const reason = `${PREFIX}${flags}:${stateId}:${formatBase64(utf8Bytes(username))}:${text}`
  if (utf8Bytes(reason).length > REASON_BYTES) throw new RangeError('a challenge is too long')
  return reason
}

/** Reads the reason of an AUTH_FAILED. `undefined`: it is no challenge. */
export function parseDynamicChallenge(reason: string): DynamicChallenge | undefined {
  const [whole, flags = '', stateId = '', base64 = '', text = ''] =
    /^CRV1:([^:]*):([^:]*):([^:]*):(.*)$/su.exec(reason) ?? []
  const username = whole === undefined ? undefined : parseBase64(base64)
  if (!username || !isStateId(stateId)) return undefined
  const has = (flag: string): boolean => flags.split(',').includes(flag)
  return { stateId, username: utf8Text(username), text, echo: has('E'), responseRequired: has('R') }
}

/** The password that answers a dynamic challenge. Errors: `RangeError` on an impossible state id. */
export function formatChallengeAnswer(stateId: string, response: string): string {
  if (!isStateId(stateId)) throw new RangeError('a challenge has an impossible state id')
  return `${PREFIX}:${stateId}::${response}`
}

/** What a user answered to a dynamic challenge. Secret. */
export interface ChallengeAnswer {
  readonly stateId: string
  readonly response: string
}

/** Reads a password that answers a dynamic challenge. `undefined`: it is another password. */
export function readChallengeAnswer(password: string): ChallengeAnswer | undefined {
  const [whole, stateId = '', response = ''] = /^CRV1::([^:]*)::(.*)$/su.exec(password) ?? []
  return whole !== undefined && isStateId(stateId) ? { stateId, response } : undefined
}

/** A password and the answer to the question in the client's own profile (`static-challenge`). Secret. */
export interface StaticChallengeAnswer {
  readonly password: string
  readonly response: string
}

/** Reads `SCRV1:base64 of the password:base64 of the answer`. `undefined`: it is another password. */
export function readStaticChallenge(password: string): StaticChallengeAnswer | undefined {
  const [whole, first = '', second = ''] = /^SCRV1:([^:]*):([^:]*)$/.exec(password) ?? []
  const parts = whole === undefined ? [] : [parseBase64(first), parseBase64(second)]
  if (!parts[0] || !parts[1]) return undefined
  return { password: utf8Text(parts[0]), response: utf8Text(parts[1]) }
}

/** The password of a client whose profile has a `static-challenge`. */
export function formatStaticChallenge({ password, response }: StaticChallengeAnswer): string {
  return `SCRV1:${formatBase64(utf8Bytes(password))}:${formatBase64(utf8Bytes(response))}`
}

function isStateId(text: string): boolean {
  return text.length <= CHALLENGE_STATE_LENGTH && /^[\x21-\x39\x3b-\x7e]+$/.test(text)
}
