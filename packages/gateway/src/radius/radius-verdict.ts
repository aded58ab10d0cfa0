import type { AccessAccept, RadiusAnswer } from '@causeway/radius'
import type { Verdict } from '../authentication/identity.ts'
import { printableName } from '../authentication/printable-name.ts'
import { claimedUser } from '../eap/claimed-name.ts'
import { membershipsOf, termsOf } from './radius-terms.ts'

/**
 * The gateway's verdict from a server's last answer; a challenge is for the caller. The session is of whom the server
 * names; where it names nobody, of whom the peer claims to be, which the server has then checked or not.
 */
export function verdictOf(
  answer: Exclude<RadiusAnswer, { readonly type: 'challenge' | 'recorded' }>,
  claimed: string,
  unixSeconds: number,
): Verdict {
  switch (answer.type) {
    case 'accept':
      return allowed(answer, claimed, unixSeconds)
    case 'reject':
      return {
        type: 'deny',
        reason: `RADIUS server ${answer.server} refuses ${claimedUser(claimed)}${told(answer.replyMessages)}`,
        userReason: printableName(answer.replyMessages.join(' ')) || 'user name or password not accepted',
        temporary: false,
      }
    case 'failed':
      return {
        type: 'deny',
        reason: `RADIUS gave no answer for ${claimedUser(claimed)}: ${answer.detail}`,
        userReason: 'sign-in cannot be checked now, try again later',
        temporary: true,
      }
    default:
      return answer satisfies never
  }
}

function allowed(accept: AccessAccept, claimed: string, unixSeconds: number): Verdict {
  const user = printableName(accept.userName ?? claimed)
  if (user.trim() === '') {
    const reason = `RADIUS server ${accept.server} lets in somebody without a name`
    return { type: 'deny', reason, userReason: 'user name or password not accepted', temporary: false }
  }
  const description = `${user} (RADIUS server ${accept.server})`
  const memberships = membershipsOf(accept)
  return {
    type: 'allow',
    identity: { user, description, thumbprint: undefined, ...(memberships.length > 0 && { memberships }) },
    by: 'radius',
    terms: termsOf(accept, user, unixSeconds),
  }
}

function told(messages: readonly string[]): string {
  const text = printableName(messages.join(' '))
  return text === '' ? '' : `: ${text}`
}
