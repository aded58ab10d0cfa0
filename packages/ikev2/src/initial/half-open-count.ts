import { DeadlineQueue, type Instant, SourceCount } from '@causeway/engine'
import type { IpAddress } from '@causeway/wire'

interface Spent {
  readonly address: IpAddress
}

/**
 * Counts half-open IKE SAs, in total and by source prefix. An attempt that came to nothing has cost a key agreement
 * too, so it goes on to count as if it were never finished: who fails at once may not try more often than who is silent.
 */
export class HalfOpenCount extends SourceCount {
  readonly #spent = new DeadlineQueue<Spent>()

  /** One that was added has failed, and counts until then. */
  spend(address: IpAddress, until: Instant): void {
    this.#spent.schedule({ address }, until)
  }

  /** Forgets the failures of long ago. Call it before anything is read. */
  expire(now: Instant): void {
    for (let spent = this.#spent.takeDue(now); spent; spent = this.#spent.takeDue(now))
      this.remove(spent.address)
  }
}
