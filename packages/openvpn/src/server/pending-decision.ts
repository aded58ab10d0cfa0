import type { Instant } from '@causeway/engine'
import { utf8Text } from '@causeway/wire'
import type { PendingReply } from '../command.ts'
import { CHALLENGE_RESPONSE_BYTES } from '../limits.ts'
import { OpenVpnError } from '../openvpn-error.ts'
import { formatPendingMessage } from '../options/pending-message.ts'
import { putMessage, type SessionHost } from '../session/host.ts'
import { parseBase64 } from '../wrap/pem-text.ts'
import { capabilitiesOf } from './establish.ts'
import type { ServerNegotiation } from './server-negotiation.ts'

/**
 * Sees to it that a postponement can be told, before anything is done with it. Errors:
 * {@link OpenVpnError} `ERR_OPENVPN_PENDING`.
 */
export function requireTellable({ timeoutSeconds, message }: PendingReply): void {
  if (!Number.isFinite(timeoutSeconds) || timeoutSeconds <= 0) throw fault('the time must be positive')
  try {
    if (message) formatPendingMessage(message)
  } catch (cause) {
    throw fault((cause as Error).message, cause)
  }
}

/**
 * Puts the decision about a negotiation off. Gives the moment until which it must have fallen. Errors:
 * {@link OpenVpnError} `ERR_OPENVPN_PENDING`; then nothing has changed.
 */
export function postpone(
  { pending }: ServerNegotiation,
  { timeoutSeconds, message }: PendingReply,
  renegotiation: boolean,
  now: Instant,
): Instant {
  if (renegotiation && message) throw fault('a key renegotiation must not ask the user')
  const deadline = pending.postpone(timeoutSeconds, now)
  if (deadline === undefined) throw fault('the decision was put off too often')
  return deadline
}

/** Tells the client that the decision takes until `deadline`, and what its user is to do. */
export function tellPending(
  host: SessionHost,
  negotiation: ServerNegotiation,
  { message }: PendingReply,
  millisecondsLeft: number,
): void {
  const { tls } = negotiation.key.lane
  const { pendingKeywords } = capabilitiesOf(negotiation.agreement)
  const timeout = pendingKeywords && { timeoutSeconds: Math.max(1, Math.floor(millisecondsLeft / 1000)) }
  putMessage(host, tls, { type: 'auth-pending', ...timeout })
  if (!message) return
  putMessage(host, tls, { type: 'info-pre', text: formatPendingMessage(message) })
  negotiation.challenged = message.type === 'challenge-text' && message.responseRequired
}

/** The text of a CR_RESPONSE. A string is the reason why it must be dropped. */
export function readChallengeResponse(base64: string): { readonly text: string } | string {
  const bytes = parseBase64(base64)
  if (!bytes) return 'challenge response: no base64'
  const text = utf8Text(bytes)
  if (bytes.length > CHALLENGE_RESPONSE_BYTES) return 'challenge response: too long'
  return /\p{Cc}/u.test(text) ? 'challenge response: control characters' : { text }
}

function fault(what: string, cause?: unknown): OpenVpnError {
  const options = cause === undefined ? undefined : { cause }
  return new OpenVpnError('ERR_OPENVPN_PENDING', `impossible pending reply: ${what}`, options)
}
