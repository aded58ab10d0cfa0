import type { Instant } from '@causeway/engine'
import { concatBytes } from '@causeway/wire'
import { FRAGMENT_MS, FRAGMENTED_BYTES, FRAGMENTS } from '../limits.ts'
import type { IkeHeader } from '../wire/payload.ts'
import { type Fragment, type OpenedWhole, openedMessage } from './message-protection.ts'

/** A message of which not all fragments have come. */
interface Unfinished {
  readonly header: IkeHeader
  readonly total: number
  readonly fragments: Map<number, Fragment>
  readonly since: Instant
  bytes: number
}

/**
 * Puts one direction's fragments together (RFC 7383 §2.6): requests, or responses, of one IKE SA. It holds one
 * message at a time, that with the highest message id, and takes no fragment of one that was whole before. Give
 * it authentic fragments only; number 1 of an answered request asks for the answer again.
 */
export class Reassembly {
  #unfinished: Unfinished | undefined
  /** Id of the last message that was whole. */
  #finished = -1

  /**
   * `'incomplete'` until the last fragment is there, then the message. `rejected`: dropped, for the count.
   */
  add(header: IkeHeader, fragment: Fragment, now: Instant): OpenedWhole | 'incomplete' {
    this.expire(now)
    const refusal = this.#refuse(header, fragment)
    if (refusal) return { type: 'rejected', reason: refusal }
    const message = this.#begun(header, fragment, now)
    message.fragments.set(fragment.number, fragment)
    message.bytes += fragment.plaintext.length
    if (message.fragments.size < message.total) return 'incomplete'
    this.#unfinished = undefined
    this.#finished = header.messageId
    const parts = inOrder(message)
    return openedMessage(header, parts[0]?.first ?? 0, concatBytes(parts.map(({ plaintext }) => plaintext)))
  }

  /** When the fragments that are held are given up; `undefined`: none are. */
  nextTimeout(): Instant | undefined {
    return this.#unfinished && this.#unfinished.since + FRAGMENT_MS
  }

  /** Lets go of a message that has taken too long. */
  expire(now: Instant): void {
    const deadline = this.nextTimeout()
    if (deadline !== undefined && now >= deadline) this.#unfinished = undefined
  }

  #refuse(header: IkeHeader, { number, total, plaintext }: Fragment): string | undefined {
    if (total > FRAGMENTS) return 'too many fragments'
    if (plaintext.length > FRAGMENTED_BYTES) return 'fragments too long'
    if (header.messageId <= this.#finished) return 'fragment of an older message'
    const held = this.#unfinished
    if (!held || header.messageId > held.header.messageId) return undefined
    if (header.messageId < held.header.messageId) return 'fragment of an older message'
    if (header.exchange !== held.header.exchange) return 'fragment of another exchange'
    if (total > held.total) return undefined
    if (total < held.total) return 'fragment of a smaller total'
    if (held.fragments.has(number)) return 'fragment twice'
    if (held.bytes + plaintext.length <= FRAGMENTED_BYTES) return undefined
    this.#unfinished = undefined
    return 'fragments too long'
  }

  /** A larger total replaces what is held: the peer has sent again, in smaller pieces (RFC 7383 §2.6). */
  #begun(header: IkeHeader, { total }: Fragment, now: Instant): Unfinished {
    const held = this.#unfinished
    if (held && held.header.messageId === header.messageId && held.total === total) return held
    const begun = { header, total, fragments: new Map<number, Fragment>(), since: now, bytes: 0 }
    this.#unfinished = begun
    return begun
  }
}

function inOrder({ fragments }: Unfinished): Fragment[] {
  return [...fragments.values()].sort((a, b) => a.number - b.number)
}
