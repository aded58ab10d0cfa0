import type { Instant } from '@causeway/engine'
import type { Ikev2Reply } from '../command.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import type { PayloadOf } from '../wire/payload.ts'
import type { AuthRequest } from './auth-request.ts'
import { checkSecret } from './proof.ts'

/** What a peer has sent that says it knows a secret. */
export interface SecretClaim {
  readonly request: AuthRequest
  readonly auth: PayloadOf<'AUTH'>
}

/** The secret of the peer's identity, which it knows; or why it is refused. */
export type SecretFound = { readonly secret: Uint8Array } | { readonly refused: string }

/** What stands in for the secret of an identity that nobody knows. */
const DECOY_BYTES = 32

/**
 * Asks outside for the secret that goes with an identity, and checks the peer's AUTH by it. An identity that nobody
 * knows costs the same work, with a secret that nobody has: the peer cannot find out which ones there are.
 */
export function secretByIdentity(
  sa: IkeSa,
  initial: InitialMessages,
  { request, auth }: SecretClaim,
  now: Instant,
  found: (result: SecretFound, now: Instant) => void,
): void {
  const { session, surroundings, path, terms } = sa
  const { identification, wanted } = request
  const question = { type: 'psk', path, label: terms.label, identification, wanted } as const
  surroundings.request(session, question, now, (reply, then) => {
    // What a command brings is borrowed; and an empty secret is one that everybody knows.
    const known = reply?.type === 'psk' && reply.secret.length > 0 ? reply.secret.slice() : undefined
    const secret = known ?? surroundings.crypto.random(DECOY_BYTES)
    const wrong = checkSecret(sa, initial, { end: 'initiator', identification }, secret, auth)
    if (!known) found({ refused: unknown(reply) }, then)
    else found(wrong === undefined ? { secret: known } : { refused: wrong }, then)
  })
}

function unknown(reply: Ikev2Reply | undefined): string {
  if (reply?.type === 'deny') return reply.reason
  return reply ? 'no pre-shared key goes with its identity' : 'nobody has told its pre-shared key in time'
}
