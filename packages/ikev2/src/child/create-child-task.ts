import type { GroupName } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { findPayload } from '../exchange/notify.ts'
import type { Task } from '../exchange/task.ts'
import { NONCE_BYTES } from '../initial/initial-payloads.ts'
import { DELETED_SPIS } from '../limits.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage, Payload } from '../wire/payload.ts'
import { childLimit } from './child-limit.ts'
import { childRefused } from './child-refused.ts'
import { offeredChildSuites } from './child-suites.ts'
import type { ChildScope } from './children.ts'
import { forgetOffer } from './delete-child.ts'
import { installFirst } from './install-child.ts'
import {
  type ChildOffer,
  type ChildResponse,
  offerChild,
  readChildResponse,
  withdrawOffer,
  writeOffer,
} from './offer-child.ts'

/** What a further Child SA is to carry. */
export interface WantedChild extends ChildScope {
  /** The caller's number for it. */
  readonly tag?: number
}

/** A further Child SA under an established IKE SA (RFC 7296 §1.3.1). */
export function createChildTask(sa: IkeSa, wanted: WantedChild): Task {
  return new CreateChildTask(sa, wanted)
}

class CreateChildTask implements Task {
  readonly name = 'create Child SA'
  readonly exchange: number = EXCHANGE.CREATE_CHILD_SA
  readonly changes = 'child'
  readonly #sa: IkeSa
  readonly #wanted: WantedChild
  /** The group that the peer has asked for by INVALID_KE_PAYLOAD; once. */
  #group: GroupName | undefined
  /** SPIs of Child SAs that the peer has deleted before we knew of them. */
  readonly #deleted = new Set<number>()
  #offer: { readonly child: ChildOffer; readonly nonce: Uint8Array } | undefined

  constructor(sa: IkeSa, wanted: WantedChild) {
    this.#sa = sa
    this.#wanted = wanted
  }

  request(): readonly Payload[] | undefined {
    const limit = childLimit(this.#sa.terms)
    if (this.#sa.children.all.size >= limit) {
      this.#refused(`${limit} Child SAs are there already`, false)
      return undefined
    }
    const suites = offeredChildSuites(this.#sa.terms)
    const child = offerChild(this.#sa, this.#wanted, suites, this.#group ?? suites[0]?.group)
    const nonce = this.#sa.surroundings.crypto.random(NONCE_BYTES)
    this.#offer = { child, nonce }
    const [first, ...rest] = writeOffer(child)
    return [first as Payload, { type: 'NONCE', data: nonce }, ...rest]
  }

  response({ payloads }: IkeMessage, now: Instant): 'done' | 'again' {
    const offer = this.#offer
    if (!offer) return 'done'
    this.#offer = undefined
    const nonces = {
      initiatorNonce: offer.nonce,
      responderNonce: findPayload(payloads, 'NONCE')?.data,
    }
    return this.#take(offer.child, readChildResponse(this.#sa, offer.child, payloads, nonces), now)
  }

  peerDeleted(spi: number): void {
    if (this.#offer && this.#deleted.size < DELETED_SPIS) this.#deleted.add(spi)
  }

  abandon(): void {
    if (this.#offer) withdrawOffer(this.#sa, this.#offer.child)
    this.#offer = undefined
  }

  moveTo(successor: IkeSa): Task {
    return new CreateChildTask(successor, this.#wanted)
  }

  #take(offer: ChildOffer, response: ChildResponse, now: Instant): 'done' | 'again' {
    if (response.type === 'agreed' && this.#deleted.has(response.keys.sendSpi)) {
      this.#refused('the peer has deleted it at once', true)
      withdrawOffer(this.#sa, offer)
      return 'done'
    }
    if (response.type === 'agreed') {
      installFirst(this.#sa, response.keys, now, this.#wanted.tag)
      return 'done'
    }
    if (response.type === 'another-group' && !this.#group) {
      withdrawOffer(this.#sa, offer)
      this.#group = response.group
      return 'again'
    }
    const reason = response.type === 'refused' ? response.reason : 'the peer wants one group after another'
    const isBusy = response.type === 'refused' && response.notify === NOTIFY.TEMPORARY_FAILURE
    this.#refused(reason, response.type === 'another-group' || response.byPeer, isBusy)
    if (response.type === 'refused' && response.installed) forgetOffer(this.#sa, offer, now)
    else withdrawOffer(this.#sa, offer)
    return 'done'
  }

  #refused(reason: string, byPeer: boolean, temporary = false): void {
    childRefused(this.#sa, reason, byPeer, { tag: this.#wanted.tag, temporary })
  }
}
