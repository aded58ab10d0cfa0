import type { Instant } from '@causeway/engine'
import { Writer } from '@causeway/wire'
import type { Task } from '../exchange/task.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { EXCHANGE, PROTOCOL } from '../wire/numbers.ts'
import type { PayloadOf } from '../wire/payload.ts'
import type { ChildSa } from './children.ts'
import { type Closing, closeChild } from './close-child.ts'
import { type ChildOffer, withdrawOffer } from './offer-child.ts'

/** Names Child SAs by the SPIs that we receive by (RFC 7296 §3.11). */
export function deletePayload(receiveSpis: readonly number[]): PayloadOf<'D'> {
  const spis = receiveSpis.map(spi => new Writer(4).u32(spi).finish())
  return { type: 'D', protocol: PROTOCOL.ESP, spis }
}

/**
 * Deletes a Child SA (RFC 7296 §1.4.1). It goes when the peer has answered; until then it still receives. Not asked
 * for any more when it has gone by then: the peer was faster.
 */
export function createDeleteChildTask(sa: IkeSa, child: ChildSa, closing: Closing): Task {
  const isThere = () => sa.children.all.get(child.receiveSpi) === child
  return {
    name: 'delete Child SA',
    exchange: EXCHANGE.INFORMATIONAL,
    request() {
      if (!isThere()) return undefined
      child.state = 'deleting'
      return [deletePayload([child.receiveSpi])]
    },
    response() {
      closeChild(sa, child, closing)
      return 'done'
    },
    abandon() {},
    moveTo: successor => createDeleteChildTask(successor, child, closing),
  }
}

/** Tells the peer that there is no Child SA where it thinks there is: we could not take its answer to an offer. */
export function forgetOffer(sa: IkeSa, offer: ChildOffer, now: Instant): void {
  sa.exchanges.begin(createForgetTask(sa, offer), now)
}

function createForgetTask(sa: IkeSa, offer: ChildOffer): Task {
  return {
    name: 'delete Child SA',
    exchange: EXCHANGE.INFORMATIONAL,
    request: () => [deletePayload([offer.receiveSpi])],
    response() {
      withdrawOffer(sa, offer)
      return 'done'
    },
    abandon: () => withdrawOffer(sa, offer),
    moveTo: successor => createForgetTask(successor, offer),
  }
}
