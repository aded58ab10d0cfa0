import type { Instant } from '@causeway/engine'
import { Writer } from '@causeway/wire'
import { childLimit } from '../child/child-limit.ts'
import { childRefused } from '../child/child-refused.ts'
import type { ChildSa } from '../child/children.ts'
import { closeChild } from '../child/close-child.ts'
import { createChildTask } from '../child/create-child-task.ts'
import { forgetOffer } from '../child/delete-child.ts'
import { installFirst, installSa, selectSa } from '../child/install-child.ts'
import {
  type ChildOffer,
  type ChildResponse,
  offerChild,
  readChildResponse,
  withdrawOffer,
  writeOffer,
} from '../child/offer-child.ts'
import { findPayload } from '../exchange/notify.ts'
import type { Task } from '../exchange/task.ts'
import { NONCE_BYTES } from '../initial/initial-payloads.ts'
import { DELETED_SPIS, GROUP_ROUNDS, RETRY_FIRST_MS } from '../limits.ts'
import type { ChildSaKeys } from '../output.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { IkeMessage, Payload } from '../wire/payload.ts'
import { type ChildBid, firstBid, nextBid } from './child-offers.ts'
import { beginDelete, isThere, markReplaced, putOff, REPLACED, tellRekeyed } from './child-succession.ts'
import { noteRefusal } from './note-refusal.ts'
import { type ExchangeNonces, survives } from './simultaneous.ts'

/** The successor that the peer has made of the same Child SA while our request was out (RFC 7296 §2.8.1). */
interface Rival {
  readonly child: ChildSa
  readonly nonces: ExchangeNonces
}

type Refused = Extract<ChildResponse, { readonly type: 'refused' }>

/**
 * Rekeys a Child SA (RFC 7296 §1.3.3, §2.8): a successor in the same flow, with the same selectors. With the response
 * we receive and send by the new one, and delete the old one; that still receives until the peer has answered.
 */
export class RekeyChildTask implements Task {
  readonly name = 'rekey Child SA'
  readonly exchange: number = EXCHANGE.CREATE_CHILD_SA
  readonly changes = 'child'
  readonly child: ChildSa
  readonly #sa: IkeSa
  #bid: ChildBid
  #rounds = 0
  #offer: { readonly child: ChildOffer; readonly nonce: Uint8Array } | undefined
  #rival: Rival | undefined
  /** SPIs of Child SAs that the peer has deleted before we knew of them. */
  readonly #deleted = new Set<number>()

  constructor(sa: IkeSa, child: ChildSa) {
    this.#sa = sa
    this.child = child
    this.#bid = firstBid(sa.terms)
  }

  /** The peer's rekeying of the same Child SA was answered: `child` is its successor. Who survives is seen later. */
  noteRival(child: ChildSa, nonces: ExchangeNonces): void {
    this.#rival = { child, nonces }
  }

  request(): readonly Payload[] | undefined {
    if (!this.#isWanted()) return undefined
    const limit = childLimit(this.#sa.terms)
    if (this.#sa.children.all.size >= limit) {
      childRefused(this.#sa, `${limit} Child SAs are there already`, false)
      return undefined
    }
    const { receiveSpi, local, remote } = this.child
    const child = offerChild(this.#sa, { local, remote }, this.#bid.suites, this.#bid.group)
    const nonce = this.#sa.surroundings.crypto.random(NONCE_BYTES)
    this.child.state = 'rekeying'
    this.#offer = { child, nonce }
    this.#rounds++
    const [first, ...rest] = writeOffer(child)
    return [rekeyNotify(receiveSpi), first as Payload, { type: 'NONCE', data: nonce }, ...rest]
  }

  response({ payloads }: IkeMessage, now: Instant): 'done' | 'again' {
    const offer = this.#offer
    if (!offer) return 'done'
    this.#offer = undefined
    const nonces = {
      initiatorNonce: offer.nonce,
      responderNonce: findPayload(payloads, 'NONCE')?.data ?? new Uint8Array(),
    }
    const response = readChildResponse(this.#sa, offer.child, payloads, nonces)
    if (response.type === 'agreed') {
      this.#take(offer.child, response.keys, nonces, now)
      return 'done'
    }
    const bid = nextBid(this.#sa.terms, this.#bid, payloads)
    if (bid && this.#isWanted() && this.#rounds < GROUP_ROUNDS) {
      withdrawOffer(this.#sa, offer.child)
      this.#bid = bid
      return 'again'
    }
    this.#takeRefusal(offer.child, refusalOf(response), payloads, now)
    return 'done'
  }

  peerDeleted(spi: number): void {
    if (this.#offer && this.#deleted.size < DELETED_SPIS) this.#deleted.add(spi)
  }

  abandon(now: Instant): void {
    if (this.#offer) withdrawOffer(this.#sa, this.#offer.child)
    this.#offer = undefined
    if (this.child.state === 'rekeying') this.child.state = 'installed'
    // Where the session goes on, under another IKE SA or because too many tasks wait.
    if (this.child.state === 'installed') this.child.rekeyAt = now + RETRY_FIRST_MS
  }

  moveTo(successor: IkeSa): Task {
    return new RekeyChildTask(successor, this.child)
  }

  /** It is there, and nobody has rekeyed or deleted it. */
  #isWanted(): boolean {
    const { state } = this.child
    return isThere(this.#sa, this.child) && (state === 'installed' || state === 'rekeying')
  }

  #take(offer: ChildOffer, keys: ChildSaKeys, nonces: ExchangeNonces, now: Instant): void {
    const rival = this.#rival
    if (this.#deleted.has(keys.sendSpi)) this.#takeDeleted(offer, now)
    else if (this.#sa.children.ofChild(this.child.id).length === 0) this.#takeOrphan(offer, keys, now)
    else if (rival && !survives(nonces, rival.nonces)) this.#takeRedundant(keys, now)
    else this.#takeSuccessor(keys, now)
  }

  #takeSuccessor(keys: ChildSaKeys, now: Instant): void {
    const { child } = this
    const successor = installSa(this.#sa, child.id, keys, now)
    selectSa(this.#sa, successor)
    if (this.#rival) markReplaced(this.#rival.child, now)
    markReplaced(child, now)
    tellRekeyed(this.#sa, child, false)
    beginDelete(this.#sa, child, REPLACED, now)
  }

  /** Ours has the lowest nonce, so it is ours to delete; the peer deletes the old one. */
  #takeRedundant(keys: ChildSaKeys, now: Instant): void {
    const redundant = installSa(this.#sa, this.child.id, keys, now)
    markReplaced(redundant, now)
    tellRekeyed(this.#sa, this.child, true)
    beginDelete(this.#sa, redundant, REPLACED, now)
  }

  /** The peer had made it, and has deleted it before its response came: it wants none. */
  #takeDeleted(offer: ChildOffer, now: Instant): void {
    withdrawOffer(this.#sa, offer)
    if (this.#rival) tellRekeyed(this.#sa, this.child, true)
    else if (isThere(this.#sa, this.child))
      beginDelete(this.#sa, this.child, 'the peer has deleted its successor', now)
  }

  /** The peer has deleted the old one meanwhile, and with it the flow went; the new one stands on its own. */
  #takeOrphan(offer: ChildOffer, keys: ChildSaKeys, now: Instant): void {
    if (this.#sa.state === 'established') installFirst(this.#sa, keys, now)
    else forgetOffer(this.#sa, offer, now)
  }

  #takeRefusal(offer: ChildOffer, refused: Refused, payloads: readonly Payload[], now: Instant): void {
    const { child } = this
    if (refused.installed) forgetOffer(this.#sa, offer, now)
    else withdrawOffer(this.#sa, offer)
    if (this.#rival) {
      tellRekeyed(this.#sa, child, true)
      return
    }
    if (!this.#isWanted()) return
    child.state = 'installed'
    if (refused.notify === NOTIFY.TEMPORARY_FAILURE) putOff(this.#sa, child, now)
    else if (refused.notify === NOTIFY.CHILD_SA_NOT_FOUND) this.#makeAnew(now)
    else noteRefusal(this.#sa, payloads, refused.reason, refused.byPeer)
  }

  /** RFC 7296 §2.25: it "SHOULD silently delete the Child SA … and send a request to create a new Child SA". */
  #makeAnew(now: Instant): void {
    const { local, remote } = this.child
    closeChild(this.#sa, this.child, { reason: 'the peer does not have it any more', byPeer: true })
    this.#sa.exchanges.begin(createChildTask(this.#sa, { local, remote }), now)
  }
}

/** Names the Child SA by the SPI that we receive by (RFC 7296 §1.3.3). */
function rekeyNotify(receiveSpi: number): Payload {
  const spi = new Writer(4).u32(receiveSpi).finish()
  return { type: 'N', protocol: PROTOCOL.ESP, spi, notify: NOTIFY.REKEY_SA, data: new Uint8Array() }
}

function refusalOf(response: Exclude<ChildResponse, { readonly type: 'agreed' }>): Refused {
  if (response.type === 'refused') return response
  const reason = `the peer wants ${response.group}, which it has been offered`
  return { type: 'refused', reason, byPeer: true, installed: false }
}
