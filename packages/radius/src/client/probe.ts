import type { CryptoPort } from '@causeway/crypto'
import type { Addressee, WrittenRequest } from './request-plan.ts'
import type { Slot, SlotOwner } from './slot.ts'
import { STATUS_ANSWER_CODES, writeStatusServer } from './status-plan.ts'

/** The question whether a server is there: one Status-Server at a time, which may be sent again. */
export class Probe implements SlotOwner {
  readonly answerCodes: ReadonlySet<number> = STATUS_ANSWER_CODES
  readonly protection = 'none'
  readonly #crypto: Pick<CryptoPort, 'random' | 'hash' | 'hmac'>
  #slot: Slot | undefined
  #sends = 0

  constructor(crypto: Pick<CryptoPort, 'random' | 'hash' | 'hmac'>) {
    this.#crypto = crypto
  }

  get slot(): Slot | undefined {
    return this.#slot
  }

  get isWaiting(): boolean {
    return this.#slot !== undefined
  }

  /** How often it was sent, or tried to be. */
  get sends(): number {
    return this.#sends
  }

  sent(slot: Slot): void {
    this.#slot = slot
    this.#sends++
  }

  end(): void {
    this.#slot?.lane.release(this.#slot)
    this.#slot = undefined
    this.#sends = 0
  }

  version(): number {
    return 0
  }

  write(addressee: Addressee, identifier: number): WrittenRequest {
    return writeStatusServer(this.#crypto, addressee, identifier)
  }

  answered(): void {
    this.end()
  }

  laneLost(): void {
    this.#slot = undefined
  }

  doubted(): void {
    // Counted as a drop; a probe has nobody to tell.
  }
}
