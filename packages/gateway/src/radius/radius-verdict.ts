import {
  type AccessAccept,
  type NamedAttribute,
  type RadiusAnswer,
  sessionAttributes,
} from '@causeway/radius'
import { type Endpoint, formatIpAddress } from '@causeway/wire'
import type { SessionTerms, Verdict } from '../authentication/identity.ts'
import { printableName } from '../authentication/printable-name.ts'

/** What every question of a peer tells the server of it. */
export function peerAttributes(remote: Endpoint | undefined, eapMtu?: number): NamedAttribute[] {
  return sessionAttributes({
    ...(remote && { callingStation: formatIpAddress(remote.address) }),
    ...(eapMtu !== undefined && { eapMtu }),
  })
}

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
        reason: `RADIUS server ${answer.server} refuses user ${printableName(claimed)}${told(answer.replyMessages)}`,
        userReason: printableName(answer.replyMessages.join(' ')) || 'user name or password not accepted',
        temporary: false,
      }
    case 'failed':
      return {
        type: 'deny',
        reason: `RADIUS gave no answer for user ${printableName(claimed)}: ${answer.detail}`,
        userReason: 'sign-in cannot be checked now, try again later',
        temporary: true,
      }
    default:
      return answer satisfies never
  }
}

function allowed(accept: AccessAccept, claimed: string, unixSeconds: number): Verdict {
  const user = printableName(accept.userName ?? claimed)
  if (user === '') {
    const reason = `RADIUS server ${accept.server} lets in somebody without a name`
    return { type: 'deny', reason, userReason: 'user name or password not accepted', temporary: false }
  }
  const description = `${user} (RADIUS server ${accept.server})`
  return {
    type: 'allow',
    identity: { user, description, thumbprint: undefined },
    by: 'radius',
    terms: termsOf(accept, user, unixSeconds),
  }
}

function termsOf(accept: AccessAccept, user: string, unixSeconds: number): SessionTerms {
  const { sessionTimeoutSeconds, idleTimeoutSeconds, framedAddress, framedIpv6Addresses, interimSeconds } =
    accept
  return {
    ...(sessionTimeoutSeconds && { endsAt: unixSeconds + sessionTimeoutSeconds }),
    ...(idleTimeoutSeconds && { idleSeconds: idleTimeoutSeconds }),
    ...(framedAddress && { ipv4: framedAddress }),
    ...(framedIpv6Addresses[0] && { ipv6: framedIpv6Addresses[0] }),
    accounting: {
      userName: accept.userName ?? user,
      classes: accept.classes,
      ...(interimSeconds && { interimSeconds: Math.max(interimSeconds, SHORTEST_INTERIM_SECONDS) }),
    },
  }
}

/** RFC 2869 §5.16. */
const SHORTEST_INTERIM_SECONDS = 60

function told(messages: readonly string[]): string {
  const text = printableName(messages.join(' '))
  return text === '' ? '' : `: ${text}`
}
