import type { Instant } from '@causeway/engine'
import { Writer } from '@causeway/wire'
import type { Task } from '../exchange/task.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { EXCHANGE, PROTOCOL } from '../wire/numbers.ts'
import type { PayloadOf } from '../wire/payload.ts'
import { type ChildOffer, withdrawOffer } from './offer-child.ts'

/** Names Child SAs by the SPIs that we receive by (RFC 7296 §3.11). */
export function deletePayload(receiveSpis: readonly number[]): PayloadOf<'D'> {
  const spis = receiveSpis.map(spi => new Writer(4).u32(spi).finish())
  return { type: 'D', protocol: PROTOCOL.ESP, spis }
}

/** Tells the peer that there is no Child SA where it thinks there is: we could not take its answer to an offer. */
export function forgetOffer(sa: IkeSa, offer: ChildOffer, now: Instant): void {
  sa.exchanges.begin(createForgetTask(sa, offer), now)
}

function createForgetTask(sa: IkeSa, offer: ChildOffer): Task {
  return {
    name: 'delete Child SA',
    exchange: EXCHANGE.INFORMATIONAL,
    changes: 'child',
    request: () => [deletePayload([offer.receiveSpi])],
    response() {
      withdrawOffer(sa, offer)
      return 'done'
    },
    abandon: () => withdrawOffer(sa, offer),
    moveTo: successor => createForgetTask(successor, offer),
  }
}
