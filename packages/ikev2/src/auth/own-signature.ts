import type { Instant } from '@causeway/engine'
import type { Identification } from '../identification.ts'
import type { OwnCredential } from '../peer-terms.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import type { PayloadOf } from '../wire/payload.ts'
import { octetsOf } from './proof.ts'
import { chooseSignature, writeSignature } from './signature.ts'

/** Who we are, and with what we prove it. */
export interface OwnSide {
  readonly own: Extract<OwnCredential, { readonly type: 'certificate' }>
  readonly identification: Identification
}

/**
 * Has our AUTH payload signed outside. `signed` is called once: with it, or with a text that says why there is
 * none; at once when the peer understands none of our schemes.
 */
export function requestSignature(
  sa: IkeSa,
  initial: InitialMessages,
  { own, identification }: OwnSide,
  now: Instant,
  signed: (result: PayloadOf<'AUTH'> | string, now: Instant) => void,
): void {
  const choice = chooseSignature(own.schemes, sa.peer.signatureHashes)
  if (!choice) {
    signed('the peer understands none of the signatures that our key can make', now)
    return
  }
  const [certificate] = own.chain
  if (!certificate) {
    signed('our key has no certificate', now)
    return
  }
  const { scheme } = choice
  const parts = octetsOf(sa, initial, { end: sa.role, identification })
  sa.surroundings.request(sa.session, { type: 'sign', certificate, scheme, parts }, now, (reply, then) => {
    if (reply?.type === 'signature') signed(writeSignature(choice, reply.signature), then)
    else if (reply?.type === 'no-signature') signed(`our key did not sign: ${reply.reason}`, then)
    else signed('our key did not sign in time', then)
  })
}
