import type { CryptoPort } from '@causeway/crypto'
import { digestHolds } from '../protection/authenticators.ts'
import { checkMessageAuthenticator } from '../protection/message-authenticator.ts'
import type { ReceivedPacket } from '../wire/packet.ts'
import type { DropReason } from './client-output.ts'
import type { Slot } from './slot.ts'

/** What a server's answers are held to. */
export interface AnswerRules {
  readonly secret: Uint8Array
  readonly requireMessageAuthenticator: boolean
}

/**
 * Whether a packet is the answer to what was sent under its identifier. One that is not is as good as lost: it
 * must not end the request, or whoever forges it could (RFC 2865 §3). A Message-Authenticator has to be right
 * where there is one, and to be there in every answer to an Access-Request: without it, MD5 lets those between
 * make an accept of a reject (CVE-2024-3596).
 */
export function judgeAnswer(
  crypto: Pick<CryptoPort, 'hash' | 'hmac' | 'equal'>,
  { secret, requireMessageAuthenticator }: AnswerRules,
  { owner, authenticator }: Slot,
  packet: ReceivedPacket,
): 'protected' | 'unprotected' | DropReason {
  if (!owner.answerCodes.has(packet.code)) return 'unexpected-code'
  if (!digestHolds(crypto, secret, packet.bytes, authenticator)) return 'forged'
  const state = checkMessageAuthenticator(crypto, secret, packet, authenticator)
  if (state === 'valid') return 'protected'
  if (state !== 'missing') return `message-authenticator-${state}`
  const needed =
    owner.protection === 'by-server' ? requireMessageAuthenticator : owner.protection === 'always'
  if (needed) return 'message-authenticator-missing'
  return owner.protection === 'none' ? 'protected' : 'unprotected'
}
