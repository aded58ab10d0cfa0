import { isDynamicChallenge } from '../options/challenge.ts'
import type { ControlMessage } from '../options/control-message.ts'

/** Why the server ends the session, when the message says that it does. */
export function endReason(message: ControlMessage): string | undefined {
  switch (message.type) {
    case 'auth-failed':
      return isDynamicChallenge(message.reason)
        ? 'authentication failed: the server asks for a further answer'
        : `authentication failed: ${message.reason}`
    case 'restart':
      return `the server asks to connect again: ${message.reason}`
    case 'halt':
      return `the server ended the session: ${message.reason}`
    case 'exit':
      return 'the server left'
    case 'push-reply':
    case 'auth-pending':
    case 'info':
    case 'info-pre':
    case 'push-request':
    case 'challenge-response':
    case 'unknown':
      return undefined
    default:
      return message satisfies never
  }
}
